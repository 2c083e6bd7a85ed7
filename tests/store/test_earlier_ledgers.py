"""A ledger that an earlier codefare began, and may still be writing to."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codefare.store.entry import Basis, Entry, Reuse
from codefare.store.ledger import Ledger
from codefare_catalog import Usage

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
FIRST = Path(__file__).parent / "ledgers" / "version-1.db"
ENTRY = Entry("document", "documentation", "m", "p", Decimal("0.2"), Decimal(1), "s", project="x")

# As the first version writes a row and settles it, word for word.
INSERT = (
    "INSERT INTO attempt (id, action, task_type, model, provider, likely_usd,"
    " ceiling_usd, reserved_usd, price_source, host, pid, started)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
UPDATE = (
    "UPDATE attempt SET settled = ?, ending = ?, cost_usd = ?, above_ceiling = ?,"
    " input_tokens = ?, output_tokens = ?, cache_write_tokens = ?, cache_read_tokens = ?"
    " WHERE id = ? AND (settled IS NULL OR ending = ?)"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger that the first version wrote."""
    file = tmp_path / "ledger.db"
    shutil.copy(FIRST, file)
    return file


def rows(file: Path) -> list[dict[str, Any]]:
    """What is in the ledger."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM attempt ORDER BY rowid")]


async def test_the_first_version_is_read_and_added_to(file: Path) -> None:
    """Every old row stays as it was, what it did not know is null, and new rows stand beside it."""
    before = rows(file)
    ledger = Ledger(file.parent, clock=lambda: LATER)
    spent = await ledger.totals(LONG_AGO)
    assert (spent.attempts, spent.cost_usd, spent.above_ceiling) == (5, Decimal("0.031074"), 1)
    assert (spent.open_attempts, spent.reserved_usd) == (1, Decimal("0.5"))
    attempt = await ledger.reserve(ENTRY, per_day_usd=Decimal(2))
    await ledger.settle(attempt, Usage(5), Decimal("0.5"), "complete", basis=Basis.PROVIDER)
    ledger.note_reuse(Reuse("a", "t", "m", "p", "budget", "x", Decimal("0.5")))
    await ledger.close()
    *old, new = rows(file)
    new_columns = dict.fromkeys(new.keys() - before[0].keys())
    assert len(new_columns) == 9
    assert old == [row | new_columns for row in before]
    assert (new["project"], new["number"], new["basis"]) == ("x", 1, "provider")


async def test_both_versions_write_to_one_ledger(file: Path) -> None:
    """An editor that still runs the first version goes on: its rows count, and it settles what it began."""
    values = [
        "a",
        "t",
        "m",
        "p",
        "0.1",
        "1",
        "1",
        "s",
        "elsewhere",
        1,
        LATER.isoformat(timespec="microseconds"),
    ]
    with closing(sqlite3.connect(file, isolation_level=None)) as earlier:
        earlier.execute(INSERT, ("before", *values))
        ledger = Ledger(file.parent, clock=lambda: LATER)
        await ledger.open()
        mine = await ledger.reserve(ENTRY, per_day_usd=None)
        earlier.execute(INSERT, ("after", *values))
        for attempt in ("before", "after"):
            now = LATER.isoformat(timespec="microseconds")
            used = (1, 2, 3, 4)
            earlier.execute(UPDATE, (now, "complete", "0.25", 0, *used, attempt, "crashed"))
        await ledger.settle(mine, Usage(5), Decimal("0.5"), "complete", basis=Basis.USAGE)
        assert (await ledger.totals(LATER)).cost_usd == Decimal(1)
        # The first version looks at this number, and refuses a ledger with another one.
        assert earlier.execute("PRAGMA user_version").fetchone() == (1,)
        await ledger.close()
    assert [row["project"] for row in rows(file)][-3:] == [None, "x", None]


async def test_two_that_come_together_add_to_it_once(file: Path) -> None:
    """Editors that start at the same moment after an update all find the same ledger."""
    ledgers = [Ledger(file.parent, clock=lambda: LATER) for _ in range(8)]
    found = await asyncio.gather(*(ledger.reserve(ENTRY, per_day_usd=None) for ledger in ledgers))
    for ledger in ledgers:
        assert ledger.health is None
        await ledger.close()
    assert {row["id"] for row in rows(file)} >= set(found)
    assert len(set(found)) == 8
