"""One row in the ledger for each attempt: reserved, settled, and what it adds up to."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.ledger.attempts import LONG_AGO, NOON, Ledgers, entry, rows

from codefare.store.entry import Basis, Spent
from codefare.store.ledger import Ledger
from codefare_catalog import Usage


async def test_an_attempt_is_reserved_then_settled(ledger: Ledger, file: Path) -> None:
    """One row per attempt: what was quoted, what was used, what it cost and how it ended."""
    known = {
        "purchase": "a purchase",
        "tier": "budget",
        "project": "codefare",
        "scope": "symbol",
        "wire_id": "claude-haiku-4-5-20251001",
        "price": '{"input":"1"}',
    }
    attempt = await ledger.reserve(entry("0.05", **known), per_day_usd=None)
    under_way = await ledger.totals(LONG_AGO)
    assert (under_way.reserved_usd, under_way.open_attempts) == (Decimal("0.05"), 1)
    assert (under_way.cost_usd, under_way.attempts) == (Decimal(0), 0)
    await ledger.settle(
        attempt, Usage(10, 20, 30, 40), Decimal("0.0123"), "complete", basis=Basis.USAGE
    )
    assert await ledger.totals(LONG_AGO) == Spent(
        cost_usd=Decimal("0.0123"),
        reserved_usd=Decimal(0),
        attempts=1,
        open_attempts=0,
        above_ceiling=0,
        unpriced=0,
        usage=Usage(10, 20, 30, 40),
    )
    (row,) = rows(file)
    assert row == {
        "id": attempt,
        "action": "document",
        "task_type": "documentation",
        "model": "claude-haiku-4.5",
        "provider": "anthropic",
        "likely_usd": "0.01",
        "ceiling_usd": "0.05",
        "reserved_usd": "0.05",
        "price_source": "a price list",
        "host": row["host"],
        "pid": os.getpid(),
        "born": row["born"],
        "started": "2026-11-23T12:00:00.000000+00:00",
        "settled": "2026-11-23T12:00:00.000000+00:00",
        "ending": "complete",
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_write_tokens": 30,
        "cache_read_tokens": 40,
        "cost_usd": "0.0123",
        "above_ceiling": 0,
        "number": 1,
        "basis": "usage",
        **known,
    }


async def test_the_attempts_of_one_action_are_numbered(ledger: Ledger, file: Path) -> None:
    """A purchase's attempts count from one, in whichever order those of others come between."""
    for purchase in ("one", "two", "one", ""):
        await ledger.reserve(entry(purchase=purchase), per_day_usd=None)
    found = [(row["purchase"], row["number"]) for row in rows(file)]
    assert found == [("one", 1), ("two", 1), ("one", 2), (rows(file)[-1]["id"], 1)]


@pytest.mark.parametrize("ending", ["def f(): pass", "/home/me/file.py", "", "Complete", "x" * 40])
async def test_an_ending_is_one_word(ledger: Ledger, ending: str) -> None:
    """No message, which might hold code or a path, gets into the ledger as an ending."""
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    with pytest.raises(ValueError, match="one word"):
        await ledger.settle(attempt, Usage(), Decimal(0), ending)


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
@pytest.mark.parametrize("umask", [0, 0o777])
async def test_only_the_owner_can_read_it(
    ledgers: Ledgers, folder: Path, mode: Callable[[Path], int], umask: int
) -> None:
    """What someone spends on what is nobody else's business, whatever the umask."""
    before = os.umask(umask)
    try:
        await ledgers().reserve(entry(), per_day_usd=None)
        files = {name.name: mode(name) for name in folder.iterdir()}
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert files == dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal"), 0o600)


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
async def test_a_ledger_that_others_could_read_is_closed_to_them(
    ledgers: Ledgers, folder: Path, mode: Callable[[Path], int]
) -> None:
    """With what SQLite keeps beside it, while another process has it open."""
    await ledgers().reserve(entry(), per_day_usd=None)
    for file in folder.iterdir():
        file.chmod(0o666)
    await ledgers().reserve(entry(), per_day_usd=None)
    files = {file.name: mode(file) for file in folder.iterdir()}
    assert files == dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal"), 0o600)


async def test_sums_are_exact(ledger: Ledger) -> None:
    """Ten times ten cents is a dollar, and the eighteenth decimal of a large sum is still right."""
    for cost in ["0.1"] * 10 + ["1000000000000", "0.000000000000000001"]:
        attempt = await ledger.reserve(entry(), per_day_usd=None)
        await ledger.settle(attempt, Usage(), Decimal(cost), "complete")
    assert str((await ledger.totals(LONG_AGO)).cost_usd) == "1000000000001.000000000000000001"


async def test_a_bill_above_its_ceiling_is_marked(ledger: Ledger, file: Path) -> None:
    """Every broken promise is on record; a bill that reaches its ceiling is none."""
    for cost in ("1", "1.000001"):
        attempt = await ledger.reserve(entry("1"), per_day_usd=None)
        await ledger.settle(attempt, Usage(), Decimal(cost), "complete")
    assert [row["above_ceiling"] for row in rows(file)] == [0, 1]
    assert (await ledger.totals(LONG_AGO)).above_ceiling == 1


async def test_an_unknown_price_is_not_a_price_of_nothing(ledger: Ledger, file: Path) -> None:
    """What nobody knows the price of is counted as such."""
    attempt = await ledger.reserve(entry(None), per_day_usd=None)
    await ledger.settle(attempt, None, None, "length")
    spent = await ledger.totals(LONG_AGO)
    assert (spent.unpriced, spent.attempts, spent.cost_usd) == (1, 1, Decimal(0))
    assert rows(file)[0]["cost_usd"] is None
    assert rows(file)[0]["input_tokens"] is None


async def test_the_first_settlement_stands(ledger: Ledger) -> None:
    """Settling twice does not bill twice, nor change the bill; an id that is not there does nothing."""
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    await ledger.settle(attempt, Usage(1), Decimal("0.5"), "complete")
    await ledger.settle(attempt, Usage(2), Decimal("0.9"), "cancelled")
    await ledger.settle("no such attempt", Usage(2), Decimal("0.9"), "cancelled")
    spent = await ledger.totals(LONG_AGO)
    assert (spent.cost_usd, spent.usage.input) == (Decimal("0.5"), 1)


async def test_a_cancel_while_reserving_leaves_nothing_open(
    ledger: Ledger, file: Path, gate: threading.Event
) -> None:
    """Who cancels before anything was sent owes nothing and holds nothing back."""
    running = threading.Event()

    def slow_clock() -> datetime:
        running.set()
        gate.wait()
        return NOON

    await ledger.totals(LONG_AGO)
    ledger._clock = slow_clock
    begun = asyncio.create_task(ledger.reserve(entry(), per_day_usd=None))
    queued = asyncio.create_task(ledger.reserve(entry(), per_day_usd=None))
    await asyncio.to_thread(running.wait)
    for task in (begun, queued):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    gate.set()
    spent = await ledger.totals(LONG_AGO)
    assert (spent.open_attempts, spent.cost_usd) == (0, Decimal(0))
    assert [row["ending"] for row in rows(file)] == ["cancelled"]


async def test_a_cancel_while_the_ledger_refuses_is_not_reported(
    ledger: Ledger, file: Path, gate: threading.Event
) -> None:
    """That there is no money for what nobody wants any more is no failure to print in a user's terminal."""
    reported: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: reported.append(context["message"])
    )
    running = threading.Event()

    def slow_clock() -> datetime:
        running.set()
        gate.wait()
        return NOON

    await ledger.totals(LONG_AGO)
    ledger._clock = slow_clock
    refused = asyncio.create_task(ledger.reserve(entry(), per_day_usd=Decimal("0.01")))
    await asyncio.to_thread(running.wait)
    file.unlink()
    file.mkdir()
    failing = asyncio.create_task(ledger.totals(LONG_AGO))
    await asyncio.sleep(0)
    for task in (refused, failing):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    del task, refused, failing
    gate.set()
    await ledger.close()
    gc.collect()
    assert not reported
    assert "cannot be" in (ledger.health or "")


async def test_a_settlement_is_written_though_the_user_cancels(
    ledger: Ledger, gate: threading.Event
) -> None:
    """A cancelled stream is settled at what it used."""
    attempt = await ledger.reserve(entry(), per_day_usd=None)
    ledger._worker.submit(gate.wait)
    task = asyncio.create_task(ledger.settle(attempt, Usage(3), Decimal("0.3"), "cancelled"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert (await ledger.totals(LONG_AGO)).cost_usd == Decimal("0.3")
