"""A ledger that cannot be written or read: what is spent then, and what is told."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.ledger.attempts import LONG_AGO, Ledgers, entry, rows

from codefare.errors import OverBudget, StoreError
from codefare.store import connection as connection_module
from codefare.store.ledger import UNRECORDED, Ledger
from codefare_catalog import Usage


async def test_a_locked_ledger(ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a budget nothing is spent; without one work goes on; and no bill is lost meanwhile."""
    monkeypatch.setattr(connection_module, "_LOCK_WAIT", 0.05)
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as raised:
            await ledger.reserve(entry(), per_day_usd=Decimal(5))
        assert "held by another program" in str(raised.value)
        assert raised.value.remedy
        assert await ledger.reserve(entry(), per_day_usd=None) == UNRECORDED
        assert ledger.health is not None
        await ledger.settle(attempt, Usage(9), Decimal("0.4"), "complete")
        holder.execute("ROLLBACK")
    spent = await ledger.totals(LONG_AGO)
    assert (spent.cost_usd, spent.usage.input, spent.open_attempts) == (Decimal("0.4"), 9, 0)
    assert ledger.health is None


async def test_a_bill_that_was_late_is_written_at_the_end(
    ledger: Ledger, ledgers: Ledgers, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be settled during the session is, when it closes."""
    monkeypatch.setattr(connection_module, "_LOCK_WAIT", 0.05)
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        await ledger.settle(attempt, Usage(), Decimal("0.4"), "complete")
        holder.execute("ROLLBACK")
    await ledger.close()
    assert (await ledgers().totals(LONG_AGO)).cost_usd == Decimal("0.4")


async def test_a_bill_that_cannot_be_written_at_all_stays_at_its_ceiling(
    ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing ends all the same; the reservation is left, and the log says so."""
    monkeypatch.setattr(connection_module, "_LOCK_WAIT", 0.05)
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        await ledger.settle(attempt, Usage(), Decimal("0.4"), "complete")
        await ledger.close()
        holder.execute("ROLLBACK")
    assert "1 bills could not be recorded" in caplog.text
    assert rows(file)[0]["settled"] is None


@pytest.mark.parametrize("content", [b"not a database, but a text" * 400, os.urandom(20_000)])
async def test_a_damaged_ledger_is_left_alone(
    ledger: Ledger, folder: Path, file: Path, content: bytes
) -> None:
    """What was spent today cannot be read, so a budget cannot be kept; the user decides, not codefare."""
    folder.mkdir()
    file.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged") as raised:
        await ledger.reserve(entry(), per_day_usd=Decimal(5))
    assert str(file) in str(raised.value)
    assert "Move the file away" in raised.value.remedy
    assert await ledger.reserve(entry(), per_day_usd=None) == UNRECORDED
    await ledger.settle(UNRECORDED, Usage(), Decimal(1), "complete")
    assert ledger.health is not None
    assert "not being recorded" in ledger.health
    with pytest.raises(StoreError):
        await ledger.today()
    assert file.read_bytes() == content
    file.unlink()
    assert await ledger.reserve(entry(), per_day_usd=Decimal(5))
    assert ledger.health is None


async def test_an_amount_that_is_no_number_is_damage(ledger: Ledger, file: Path) -> None:
    """A changed cost is not read as nothing."""
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    await ledger.settle(attempt, Usage(), Decimal(1), "complete")
    for cost in ("much", "NaN", "Infinity", b"\x00"):
        with closing(sqlite3.connect(file)) as database, database:
            database.execute("UPDATE attempt SET cost_usd = ?", (cost,))
        with pytest.raises(StoreError, match="is damaged"):
            await ledger.reserve(entry(), per_day_usd=Decimal(50))


async def test_another_versions_ledger_is_left_alone(ledger: Ledger, file: Path) -> None:
    """A ledger of a later codefare is not written to, and the user is told why."""
    await ledger.totals(LONG_AGO)
    await ledger.close()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")
    other = Ledger(file.parent)
    with pytest.raises(StoreError, match="not written by this version"):
        await other.reserve(entry(), per_day_usd=Decimal(5))
    await other.close()


async def test_without_a_folder(ledgers: Ledgers, tmp_path: Path) -> None:
    """Where nothing can be written, a budget stops and no budget goes on."""
    (tmp_path / "file").write_text("not a folder")
    ledger = ledgers(tmp_path / "file" / "state")
    with pytest.raises(StoreError, match="cannot be written"):
        await ledger.reserve(entry(), per_day_usd=Decimal(5))
    assert await ledger.reserve(entry(), per_day_usd=None) == UNRECORDED
    assert ledger.health is not None


async def test_a_ledger_that_is_deleted_in_use_begins_anew(
    ledger: Ledger, folder: Path, file: Path
) -> None:
    """Bills after the deletion are recorded in a new file, not in one that is gone."""
    old = await ledger.reserve(entry(), per_day_usd=None)
    for name in folder.iterdir():
        name.unlink()
    new = await ledger.reserve(entry(), per_day_usd=None)
    assert [(row["id"], row["settled"]) for row in rows(file)] == [(old, None), (new, None)]
    await ledger.settle(old, Usage(), Decimal(1), "complete")
    assert [row["ending"] for row in rows(file)] == ["complete", None]


@pytest.mark.parametrize("how", ["replaced", "copied over"])
async def test_a_ledger_that_is_restored_from_a_backup_keeps_what_is_under_way(
    ledger: Ledger, ledgers: Ledgers, file: Path, how: str
) -> None:
    """The backup is from before the attempt: it is set aside again, and its bill is not lost."""
    before = await ledger.reserve(entry("2"), per_day_usd=None)
    await ledger.settle(before, Usage(), Decimal(2), "complete")
    with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(f"{file}.old")) as old:
        live.backup(old)
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(3))
    if how == "replaced":
        Path(f"{file}.old").replace(file)
        for companion in ("-wal", "-shm"):
            file.with_name(f"{file.name}{companion}").unlink(missing_ok=True)
    else:
        with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(f"{file}.old")) as old:
            old.backup(live)
    if how == "replaced":
        with pytest.raises(OverBudget):
            await ledger.reserve(entry("1"), per_day_usd=Decimal("3.5"))
    await ledger.settle(attempt, Usage(9), Decimal("0.8"), "complete")
    assert (await ledgers().today()).cost_usd == Decimal("2.8")
    assert [row["ending"] for row in rows(file)] == ["complete", "complete"]


async def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    """A late action during shutdown is refused in a user's words; closing twice is fine."""
    await ledger.close()
    await ledger.close()
    with pytest.raises(StoreError, match="shutting down"):
        await ledger.reserve(entry(), per_day_usd=None)
    await ledger.settle("attempt", Usage(), Decimal(0), "complete")
