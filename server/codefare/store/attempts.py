"""The ledger's table: one row per HTTP attempt, and the sums over it.

Money is kept as the text of a `Decimal` and added in Python, exactly. Times are ISO 8601 in UTC. A
row names an action, a model, a provider and a project; never code, a prompt, a key or a path.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from codefare.errors import OverBudget
from codefare.store import process, tables
from codefare.store.amount import EXACT, as_text, as_usd, dollars, total
from codefare.store.database import Writing
from codefare.store.entry import Basis, Spent
from codefare_catalog import Usage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from codefare.store.entry import Entry

# Longer than any attempt should take: what is still open then will not be settled by whoever opened it, if it cannot be
# seen whether he lives.
_UNSEEN = timedelta(hours=2)
# The longest that a user can set. A process that lives has its money set aside until then, though its machine slept.
_ALIVE = timedelta(days=1)
_ENDING = re.compile(r"[a-z_]{1,32}")
CRASHED = "crashed"
_CHEAPER = "Take a cheaper model, or"
_LATER = "Wait until tomorrow, or"


def prepare(database: sqlite3.Connection, now: datetime) -> None:
    """Create what is missing, and settle what processes that are gone left open.

    Raises:
        ForeignSchemaError: The database is another version's.
        sqlite3.Error: It cannot be used.
    """
    with Writing(database):
        tables.make(database)
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
        _write(database, attempt, entry, now)
    return attempt


def put_back(database: sqlite3.Connection, under_way: Mapping[str, tuple[Entry, datetime]]) -> None:
    """Write the rows of what is under way that are not there: the file was deleted, or replaced by an older one.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    if not under_way:
        return
    with Writing(database):
        for attempt, (entry, began) in under_way.items():
            found = database.execute("SELECT 1 FROM attempt WHERE id = ?", (attempt,)).fetchone()
            if found is None:
                _write(database, attempt, entry, began)


def settle(
    database: sqlite3.Connection,
    attempt: str,
    *,
    usage: Usage | None,
    cost_usd: Decimal | None,
    basis: Basis | None,
    ending: str,
    now: datetime,
) -> None:
    """Close a row with what it really cost. The first settlement stands, unless it was the sweep's.

    It is never settled before it began, should the clock have been set back meanwhile: its cost
    would go to a day whose budget is over.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    with Writing(database):
        row = database.execute(
            "SELECT ceiling_usd, started FROM attempt WHERE id = ?", (attempt,)
        ).fetchone()
        if row is None:
            return
        ceiling = as_usd(row[0])
        above = cost_usd is not None and ceiling is not None and cost_usd > ceiling
        used = (
            (None, None, None, None)
            if usage is None
            else (usage.input, usage.output, usage.cache_write, usage.cache_read)
        )
        database.execute(
            "UPDATE attempt SET settled = ?, ending = ?, cost_usd = ?, above_ceiling = ?, basis = ?,"
            " input_tokens = ?, output_tokens = ?, cache_write_tokens = ?, cache_read_tokens = ?"
            " WHERE id = ? AND (settled IS NULL OR ending = ?)",
            (
                max(stamp(now), row[1]),
                ending,
                as_text(cost_usd),
                above,
                basis,
                *used,
                attempt,
                CRASHED,
            ),
        )


def _write(database: sqlite3.Connection, attempt: str, entry: Entry, began: datetime) -> None:
    """Insert an open row."""
    purchase = entry.purchase or attempt
    (before,) = database.execute(
        "SELECT count(*) FROM attempt WHERE purchase = ?", (purchase,)
    ).fetchone()
    row = {
        "id": attempt,
        "action": entry.action,
        "task_type": entry.task_type,
        "model": entry.model,
        "provider": entry.provider,
        "likely_usd": as_text(entry.likely_usd),
        "ceiling_usd": as_text(entry.ceiling_usd),
        "reserved_usd": as_text(entry.to_reserve or Decimal(0)),
        "price_source": entry.price_source,
        "host": platform.node(),
        "pid": os.getpid(),
        "born": process.born(os.getpid()),
        "started": stamp(began),
        "purchase": purchase,
        "number": before + 1,
        "tier": entry.tier,
        "project": entry.project,
        "scope": entry.scope,
        "wire_id": entry.wire_id,
        "price": entry.price,
    }
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    database.execute(f"INSERT INTO attempt ({names}) VALUES ({values})", row)  # noqa: S608 - our own names


def totals(database: sqlite3.Connection, since: datetime) -> Spent:
    """The sums over what was settled since an instant, and over what is open.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    settled = database.execute(
        "SELECT cost_usd, above_ceiling, coalesce(input_tokens, 0), coalesce(output_tokens, 0),"
        " coalesce(cache_write_tokens, 0), coalesce(cache_read_tokens, 0)"
        " FROM attempt WHERE settled >= ?",
        (stamp(since),),
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
    return begin_of(now.astimezone().date())


def begin_of(day: date) -> datetime:
    """The instant at which a day begins where the user is.

    That is its midnight, the first one where clocks go back over it (Havana, in autumn); where they skip it (Havana, in
    spring) the moment they do, which Python finds as the second reading of a time that does not exist.
    """
    midnight = datetime.combine(day, time.min)
    begin = midnight.astimezone()
    return begin if begin.date() == day else midnight.replace(fold=1).astimezone()


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
            remedy=f"{_CHEAPER if left else _LATER} raise per_day_usd under [budget] in config.toml.",
        )


def _sweep(database: sqlite3.Connection, now: datetime) -> None:
    """Settle at its ceiling what processes that are gone left open, on the day it was sent.

    Not sooner: it would count for a day that may be over, and its money could be spent again. Should one of them live
    after all, its own settlement replaces this one.
    """
    rows = database.execute(
        "SELECT id, host, pid, born, started FROM attempt WHERE settled IS NULL"
    ).fetchall()
    gone = [
        (CRASHED, Basis.ESTIMATE, attempt)
        for attempt, host, pid, born, started in rows
        if is_gone(host, pid, born, started, now)
    ]
    database.executemany(
        "UPDATE attempt SET settled = started, cost_usd = reserved_usd, ending = ?, basis = ?"
        " WHERE id = ?",
        gone,
    )


def is_gone(host: str, pid: int, born: str | None, started: str, now: datetime) -> bool:
    """Whether nobody will settle an attempt any more that such a process began at this time.

    Gone is a process of this machine that no longer runs, or whose id is another's by now; and whatever is open for too
    long: sooner where it cannot be seen whether it is the same process, as on another machine that shares the folder.
    """
    longest = _UNSEEN
    if host == platform.node():
        if not process.is_running(pid):
            return True
        if born is not None and (running := process.born(pid)) is not None:
            if running != born:
                return True
            longest = _ALIVE
    return started < stamp(now - longest)


def stamp(at: datetime) -> str:
    """The instant as text of one width, so that texts compare as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
