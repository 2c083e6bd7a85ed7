"""The ledger's table: one row per HTTP attempt, and the sums over it.

Money is kept as the text of a `Decimal` and added in Python, exactly. Times are ISO 8601 in UTC. A
row names an action, a model and a provider; never code, a prompt, a key or a path.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from codefare.errors import OverBudget
from codefare.store.amount import EXACT, as_text, as_usd, dollars, total
from codefare.store.database import ForeignSchemaError, Writing
from codefare.store.process import is_running
from codefare_catalog import Usage

if TYPE_CHECKING:
    import sqlite3

_SCHEMA = 1
_TABLE = """
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    task_type TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    likely_usd TEXT,
    ceiling_usd TEXT,
    reserved_usd TEXT NOT NULL,
    price_source TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    settled TEXT,
    ending TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_write_tokens INTEGER,
    cache_read_tokens INTEGER,
    cost_usd TEXT,
    above_ceiling INTEGER NOT NULL DEFAULT 0
)
"""
_INDEX = "CREATE INDEX attempt_settled ON attempt (settled)"

# Longer than the total deadline of any attempt: what is still open then will not be settled by
# whoever opened it.
_ABANDONED = timedelta(minutes=30)
_ENDING = re.compile(r"[a-z_]{1,32}")
CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of an attempt before it is sent. Money is in USD; None: the price is not known.

    `likely_usd` and `ceiling_usd` are as they were quoted. `reserved_usd` is what is set aside for
    this attempt, the ceiling if it is not given.
    """

    action: str
    task_type: str
    model: str
    provider: str
    likely_usd: Decimal | None
    ceiling_usd: Decimal | None
    price_source: str
    reserved_usd: Decimal | None = None

    @property
    def to_reserve(self) -> Decimal | None:
        """What is set aside, in USD; None if nobody knows how much that would be."""
        return self.ceiling_usd if self.reserved_usd is None else self.reserved_usd


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent since some instant, and what is set aside now (in USD).

    `attempts` are those that ended since then: `above_ceiling` of them cost more than their
    ceiling, `unpriced` of them at a price that is not known. `open_attempts` are under way, in
    every process, and `reserved_usd` is set aside for them. `usage` is what was billed.
    """

    cost_usd: Decimal
    reserved_usd: Decimal
    attempts: int
    open_attempts: int
    above_ceiling: int
    unpriced: int
    usage: Usage


def prepare(database: sqlite3.Connection, now: datetime) -> None:
    """Create the table if the database is new, and settle what processes that are gone left open.

    Raises:
        ForeignSchemaError: The database is another version's.
        sqlite3.Error: It cannot be used.
    """
    with Writing(database):
        (version,) = database.execute("PRAGMA user_version").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            database.execute(_TABLE)
            database.execute(_INDEX)
            database.execute(f"PRAGMA user_version = {_SCHEMA}")
        elif version != _SCHEMA:
            raise ForeignSchemaError(f"schema {version}")
        _sweep(database, now)


def reserve(
    database: sqlite3.Connection, entry: Entry, per_day_usd: Decimal | None, now: datetime
) -> str:
    """Write an open row, if what it sets aside fits in what is left of the day's budget.

    Returns:
        The row's id.

    Raises:
        OverBudget: It does not fit.
        sqlite3.Error: The database cannot be used.
    """
    with Writing(database):
        _sweep(database, now)
        amount = entry.to_reserve
        if per_day_usd is not None:
            _check(database, amount, per_day_usd, now)
        # Not a running number, which a ledger begun anew would give out again.
        attempt = secrets.token_hex(16)
        database.execute(
            "INSERT INTO attempt (id, action, task_type, model, provider, likely_usd,"
            " ceiling_usd, reserved_usd, price_source, host, pid, started)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                attempt,
                entry.action,
                entry.task_type,
                entry.model,
                entry.provider,
                as_text(entry.likely_usd),
                as_text(entry.ceiling_usd),
                as_text(amount or Decimal(0)),
                entry.price_source,
                platform.node(),
                os.getpid(),
                _stamp(now),
            ),
        )
    return attempt


def settle(
    database: sqlite3.Connection,
    attempt: str,
    *,
    usage: Usage | None,
    cost_usd: Decimal | None,
    ending: str,
    now: datetime,
) -> None:
    """Close a row with what it really cost. The first settlement stands, unless it was the sweep's.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    with Writing(database):
        row = database.execute(
            "SELECT ceiling_usd FROM attempt WHERE id = ?", (attempt,)
        ).fetchone()
        ceiling = as_usd(row[0]) if row else None
        above = cost_usd is not None and ceiling is not None and cost_usd > ceiling
        used = (
            (None, None, None, None)
            if usage is None
            else (usage.input, usage.output, usage.cache_write, usage.cache_read)
        )
        database.execute(
            "UPDATE attempt SET settled = ?, ending = ?, cost_usd = ?, above_ceiling = ?,"
            " input_tokens = ?, output_tokens = ?, cache_write_tokens = ?, cache_read_tokens = ?"
            " WHERE id = ? AND (settled IS NULL OR ending = ?)",
            (
                _stamp(now),
                ending,
                as_text(cost_usd),
                above,
                *used,
                attempt,
                CRASHED,
            ),
        )


def totals(database: sqlite3.Connection, since: datetime) -> Spent:
    """The sums over what was settled since an instant, and over what is open.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    settled = database.execute(
        "SELECT cost_usd, above_ceiling, coalesce(input_tokens, 0), coalesce(output_tokens, 0),"
        " coalesce(cache_write_tokens, 0), coalesce(cache_read_tokens, 0)"
        " FROM attempt WHERE settled >= ?",
        (_stamp(since),),
    ).fetchall()
    open_rows = database.execute(
        "SELECT reserved_usd FROM attempt WHERE settled IS NULL"
    ).fetchall()
    return Spent(
        cost_usd=total(cost for cost, *_ in settled),
        reserved_usd=total(reserved for (reserved,) in open_rows),
        attempts=len(settled),
        open_attempts=len(open_rows),
        above_ceiling=sum(1 for row in settled if row[1]),
        unpriced=sum(1 for row in settled if row[0] is None),
        usage=Usage(*(sum(row[column] for row in settled) for column in range(2, 6))),
    )


def is_ending(word: str) -> bool:
    """Whether this may stand in the ledger as an ending: one word, so never a text with code."""
    return _ENDING.fullmatch(word) is not None


def day_start(now: datetime) -> datetime:
    """The midnight before `now` where the user is, also on a day on which clocks change."""
    return datetime.combine(now.astimezone().date(), time.min).astimezone()


def _check(
    database: sqlite3.Connection, amount: Decimal | None, per_day_usd: Decimal, now: datetime
) -> None:
    """Raise OverBudget if `amount` does not fit in what all processes left of today's budget."""
    if amount is None:
        raise OverBudget(
            "The price of this model is not known, so that a budget cannot be kept with it.",
            remedy="Give its price in catalog.toml, or take another model.",
        )
    spent = totals(database, day_start(now))
    with localcontext(EXACT):
        left = max(per_day_usd - spent.cost_usd - spent.reserved_usd, Decimal(0))
    if amount > left:  # what costs nothing always fits
        held = f", {dollars(spent.reserved_usd)} of it set aside for what is under way" * bool(
            spent.reserved_usd
        )
        raise OverBudget(
            f"This may cost up to {dollars(amount)}, and {dollars(left)} is left of today's"
            f" budget of {dollars(per_day_usd)}{held}.",
            remedy="Take a cheaper model, or raise per_day_usd under [budget] in config.toml.",
        )


def _sweep(database: sqlite3.Connection, now: datetime) -> None:
    """Settle at its ceiling what processes that are gone left open, on the day it was sent.

    Gone is a process of this machine that no longer runs; and whatever is open for too long, as
    process ids are reused and other machines may share the folder. Should the process live after
    all, its own settlement replaces this one.
    """
    here = platform.node()
    rows = database.execute(
        "SELECT id, host, pid, started FROM attempt WHERE settled IS NULL"
    ).fetchall()
    gone = [
        (CRASHED, attempt)
        for attempt, host, pid, started in rows
        if (host == here and not is_running(pid)) or started < _stamp(now - _ABANDONED)
    ]
    database.executemany(
        "UPDATE attempt SET settled = started, cost_usd = reserved_usd, ending = ? WHERE id = ?",
        gone,
    )


def _stamp(at: datetime) -> str:
    """The instant as text of one width, so that texts compare as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
