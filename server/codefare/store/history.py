"""What the ledger holds, read without writing to it: it is not created, mended or waited for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from codefare.errors import StoreError
from codefare.store import tables
from codefare.store.attempts import CRASHED, is_gone, stamp
from codefare.store.database import trouble_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

_LOCK_WAIT = 1.0  # seconds; readers only wait for a program that holds the whole file

_COLUMNS = (
    *("id", "purchase", "number", "action", "task_type", "model", "provider", "tier", "project"),
    *("started", "settled", "ending", "basis", "cost_usd", "above_ceiling"),
    *("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens"),
)
_ZERO = frozenset(_COLUMNS[-5:])


class Attempt(NamedTuple):
    """One HTTP attempt that is over. Money and times are text, as in the row; None: not known, or not recorded.

    `settled` is when it counts. One whose process is gone stands here as the next writer will settle it: crashed, at
    its ceiling.
    """

    id: str
    purchase: str | None
    number: int | None
    action: str
    task_type: str
    model: str
    provider: str
    tier: str | None
    project: str | None
    started: str
    settled: str
    ending: str
    basis: str | None
    cost_usd: str | None
    above_ceiling: int
    input_tokens: int
    output_tokens: int
    cache_write_tokens: int
    cache_read_tokens: int


@dataclass(frozen=True, slots=True)
class History:
    """What was settled since some instant, in the order of time, and what is set aside for attempts under way.

    `reused` holds what was paid for each answer that came from the cache since then; None where nobody wrote that down.
    `there` tells whether there is a ledger at all.
    """

    attempts: Sequence[Attempt] = ()
    reserved_usd: Sequence[str] = ()
    reused: Sequence[str | None] | None = None
    there: bool = True


def read(file: Path, since: datetime | None, now: datetime) -> History:
    """The ledger's rows since an instant (with a zone), or all of them. Blocks; never writes.

    Raises:
        StoreError: There is a ledger, and it cannot be read.
    """
    try:
        if not file.exists():
            return History(there=False)
        # Not `immutable`: others write meanwhile.
        with closing(
            sqlite3.connect(
                f"{file.as_uri()}?mode=ro", uri=True, timeout=_LOCK_WAIT, isolation_level=None
            )
        ) as database:
            database.execute("BEGIN")  # all that is read is of one moment
            return _read(database, "" if since is None else stamp(since), now)
    except (sqlite3.Error, OSError) as error:
        trouble = trouble_of(error)
        raise StoreError(f"The ledger {file} {trouble}.", remedy=trouble.remedy) from error


def _read(database: sqlite3.Connection, since: str, now: datetime) -> History:
    (any_table,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not any_table:  # begun this moment
        return History()
    tables.check(database)
    there = tables.columns(database)
    known = [_expression(name, there) for name in _COLUMNS]
    wanted = f"SELECT {', '.join(known)} FROM attempt"  # noqa: S608 - our own names
    settled = database.execute(f"{wanted} WHERE settled >= ? ORDER BY settled", (since,))
    attempts = [Attempt._make(row) for row in settled]
    under_way = database.execute(
        f"SELECT id, reserved_usd, host, pid, {_expression('born', there)}, started"  # noqa: S608 - our own names
        " FROM attempt WHERE settled IS NULL"
    ).fetchall()
    gone = {
        id_
        for id_, _, host, pid, born, started in under_way
        if is_gone(host, pid, born, started, now)
    }
    if gone:
        rows = database.execute(f"{wanted} WHERE settled IS NULL").fetchall()
        reserved = {row[0]: row[1] for row in under_way}
        attempts += [
            one._replace(settled=one.started, ending=CRASHED, cost_usd=reserved[one.id])
            for one in map(Attempt._make, rows)
            if one.id in gone and one.started >= since
        ]
        attempts.sort(key=lambda one: one.settled)
    reused = None
    if tables.columns(database, "reuse"):
        notes = database.execute("SELECT cost_usd FROM reuse WHERE at >= ?", (since,))
        reused = [cost for (cost,) in notes]
    return History(attempts, [row[1] for row in under_way if row[0] not in gone], reused)


def _expression(name: str, there: frozenset[str]) -> str:
    """A column of the table, whichever version made it."""
    if name not in there:
        return f"NULL AS {name}"
    return f"coalesce({name}, 0)" if name in _ZERO else name
