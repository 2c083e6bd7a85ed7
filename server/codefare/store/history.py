"""What the ledger holds, read without writing to it: it is not created, mended or waited for."""

# ruff: noqa: S608 - the names in queries are our own

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from codefare.errors import StoreError
from codefare.store import tables
from codefare.store.amount import BETWEEN
from codefare.store.attempts import CRASHED, is_gone, stamp
from codefare.store.database import trouble_of
from codefare.store.entry import Basis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

_LOCK_WAIT = 1.0  # seconds; readers only wait for a program that holds the whole file

# An attempt as it is settled, or as it will be: its process is gone.
_WHEN = "coalesce(one.settled, one.started)"
_COST = "CASE WHEN one.settled IS NULL THEN one.reserved_usd ELSE one.cost_usd END"
_ENDING = f"CASE WHEN one.settled IS NULL THEN '{CRASHED}' ELSE one.ending END"
_ESTIMATED = (
    f"(one.settled IS NOT NULL AND one.basis = '{Basis.ESTIMATE}' AND one.ending <> '{CRASHED}')"
)


class Key(StrEnum):
    """What attempts can be grouped by: columns of the table, and the days of whoever asks."""

    MODEL = "model"
    TASK_TYPE = "task_type"
    TIER = "tier"
    PROJECT = "project"
    PROVIDER = "provider"
    ACTION = "action"
    DAY = "day"


class Group(NamedTuple):
    """HTTP attempts that are over and have the same key, tier, model and ending. None: not recorded.

    `key` is a day as `2026-11-26`, None where the row's time is none. `costs` are those that are known, as
    `amount.whole_of` reads them, `priced` is how many. `actions` are the purchases whose last attempt is among these.
    """

    key: str | None
    tier: str | None
    model: str
    ending: str
    attempts: int
    actions: int
    costs: str | None
    priced: int
    input_tokens: int
    output_tokens: int
    cache_write_tokens: int
    cache_read_tokens: int
    above_ceiling: int
    estimated: int


@dataclass(frozen=True, slots=True)
class History:
    """What was settled since some instant, in groups, and what is set aside for attempts under way.

    Money is text, as in the rows. An attempt whose process is gone counts as the next writer will settle it: crashed,
    at its ceiling. `today_usd` was settled since a midnight, and `ahead` attempts are dated after now. `reused` holds
    what was paid for each answer that came from the cache; None where nobody wrote that down. `there` tells whether
    there is a ledger at all.
    """

    groups: Sequence[Group] = ()
    today_usd: Sequence[str | None] = ()
    ahead: int = 0
    reserved_usd: Sequence[str] = ()
    reused: Sequence[str | None] | None = None
    there: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """The instants (with a zone) that matter to who reads: from when on (None: all), today's midnight, and now."""

    since: datetime | None
    midnight: datetime
    now: datetime


def read(file: Path, key: Key, span: Span) -> History:
    """The ledger's rows, summed up by SQLite as far as it can: it has no exact decimals. Blocks; never writes.

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
            return _read(database, key, span)
    except (sqlite3.Error, OSError) as error:
        trouble = trouble_of(error)
        raise StoreError(f"The ledger {file} {trouble}.", remedy=trouble.remedy) from error


def _read(database: sqlite3.Connection, key: Key, span: Span) -> History:
    (any_table,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not any_table:  # begun this moment
        return History()
    tables.check(database)
    there = tables.columns(database)
    born = "born" if "born" in there else "NULL"
    under_way = database.execute(
        f"SELECT id, reserved_usd, host, pid, {born}, started FROM attempt WHERE settled IS NULL"
    ).fetchall()
    gone = {
        id_
        for id_, _, host, pid, born, started in under_way
        if is_gone(host, pid, born, started, span.now)
    }
    at = {
        "gone": json.dumps([*gone]),
        "since": "" if span.since is None else stamp(span.since),
        "midnight": stamp(span.midnight),
        "now": stamp(span.now),
    }
    today = database.execute(
        f"SELECT {_COST} FROM attempt one WHERE {_over('one', 'midnight')}", at
    )
    (ahead,) = database.execute(
        f"SELECT count(*) FROM attempt one WHERE {_over('one', 'now')} AND {_WHEN} > :now", at
    ).fetchone()
    reused = None
    if tables.columns(database, "reuse"):
        notes = database.execute("SELECT cost_usd FROM reuse WHERE at >= :since", at)
        reused = [cost for (cost,) in notes]
    return History(
        groups=[Group._make(row) for row in database.execute(_grouped(key, there), at)],
        today_usd=[cost for (cost,) in today],
        ahead=ahead,
        reserved_usd=[reserved for id_, reserved, *_ in under_way if id_ not in gone],
        reused=reused,
    )


def _over(row: str, since: str) -> str:
    """That a row is over, and has been since an instant."""
    return (
        f"({row}.settled >= :{since} OR {row}.settled IS NULL AND {row}.started >= :{since}"
        f" AND {row}.id IN (SELECT value FROM json_each(:gone)))"
    )


def _grouped(key: Key, there: frozenset[str]) -> str:
    """The query whose rows are groups, whichever version made the table."""

    def known(name: str, otherwise: str = "NULL") -> str:
        return f"one.{name}" if name in there else otherwise

    # The user's days, as the C library knows them: it is asked by Python, too.
    by = f"date({_WHEN}, 'localtime')" if key is Key.DAY else known(key.value)
    ends = "count(*)"
    if "purchase" in there:
        order = "(coalesce({0}.number, 0), coalesce({0}.settled, {0}.started), {0}.rowid)"
        ends = f"""sum(NOT EXISTS (
            SELECT 1 FROM attempt other WHERE other.purchase = one.purchase AND one.purchase <> ''
            AND {order.format("other")} > {order.format("one")} AND {_over("other", "since")}))"""
    tokens = ("input_tokens", "output_tokens", "cache_write_tokens", "cache_read_tokens")
    estimated = f"count(CASE WHEN {_ESTIMATED} THEN 1 END)" if "basis" in there else "0"
    return f"""
        SELECT {by}, {known("tier")}, one.model, {_ENDING}, count(*), {ends},
            group_concat({_COST}, char({ord(BETWEEN)})), count({_COST}),
            {", ".join(f"sum(coalesce(one.{name}, 0))" for name in tokens)},
            sum(one.above_ceiling <> 0), {estimated}
        FROM attempt one WHERE {_over("one", "since")} GROUP BY 1, 2, 3, 4
    """
