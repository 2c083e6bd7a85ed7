# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codefare.errors import OverBudget, StoreError
from codefare.store import connection as connection_module
from codefare.store.entry import Basis, Entry, Spent
from codefare.store.ledger import UNRECORDED, Ledger
from codefare_catalog import Usage

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Start = Callable[..., "subprocess.Popen[str]"]
Ledgers = Callable[..., Ledger]

# A program that reserves 1 USD some times at once, and tells how often it was let.
RESERVE = """
import asyncio, sys
from decimal import Decimal
from pathlib import Path
from codefare.errors import OverBudget
from codefare.store.entry import Entry
from codefare.store.ledger import Ledger

ENTRY = Entry("document", "documentation", "m", "p", Decimal("0.2"), Decimal(1), "s")

async def once(ledger, budget):
    try:
        return await ledger.reserve(ENTRY, per_day_usd=budget and Decimal(budget))
    except OverBudget:
        return None

async def main(folder, times, budget):
    ledger = Ledger(Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    got = await asyncio.gather(*(once(ledger, budget) for _ in range(int(times))))
    print(len([attempt for attempt in got if attempt]), flush=True)
    sys.stdin.readline()
    await ledger.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None))
"""


def entry(ceiling: str | None = "1", **changes: Any) -> Entry:
    """An attempt with this ceiling in USD."""
    known: dict[str, Any] = {
        "action": "document",
        "task_type": "documentation",
        "model": "claude-haiku-4.5",
        "provider": "anthropic",
        "likely_usd": None if ceiling is None else Decimal(ceiling) / 5,
        "ceiling_usd": None if ceiling is None else Decimal(ceiling),
        "price_source": "a price list",
    }
    return Entry(**(known | changes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger is; not there yet."""
    return tmp_path / "state"


@pytest.fixture
def file(folder: Path) -> Path:
    """The ledger's database."""
    return folder / "ledger.db"


@pytest.fixture
async def ledgers(folder: Path) -> AsyncIterator[Ledgers]:
    """Makes ledgers over the folder, as processes of their own have them, and closes them."""
    made: list[Ledger] = []

    def make(at: Path = folder, *, clock: Callable[[], datetime] = lambda: NOON) -> Ledger:
        made.append(Ledger(at, clock=clock))
        return made[-1]

    yield make
    for ledger in made:
        await ledger.close()


@pytest.fixture
def ledger(ledgers: Ledgers) -> Ledger:
    """A ledger at noon."""
    return ledgers()


def rows(file: Path) -> list[dict[str, Any]]:
    """What is in the ledger."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM attempt ORDER BY rowid")]


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


async def test_a_ceiling_that_does_not_fit_is_refused(ledger: Ledger) -> None:
    """The refusal names what it may cost, what is left and the limit; nothing is reserved."""
    attempt = await ledger.reserve(entry("0.60"), per_day_usd=Decimal(1))
    with pytest.raises(OverBudget) as raised:
        await ledger.reserve(entry("0.50"), per_day_usd=Decimal(1))
    for amount in ("$0.5,", "$0.4 ", "$1,", "$0.6 "):
        assert amount in str(raised.value)
    assert "per_day_usd" in raised.value.remedy
    assert (await ledger.totals(LONG_AGO)).open_attempts == 1
    await ledger.settle(attempt, Usage(), Decimal("0.10"), "complete")
    assert await ledger.reserve(entry("0.90"), per_day_usd=Decimal(1))


async def test_what_is_free_always_fits(ledger: Ledger) -> None:
    """A used-up budget does not stop a model of one's own."""
    await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    assert await ledger.reserve(entry("0"), per_day_usd=Decimal(1))
    assert await ledger.reserve(entry("0"), per_day_usd=Decimal(0))


async def test_an_unknown_price_does_not_fit_in_a_budget(ledger: Ledger) -> None:
    """A budget cannot be kept with a model whose price nobody knows, unless an amount is set aside."""
    with pytest.raises(OverBudget, match="not known"):
        await ledger.reserve(entry(None), per_day_usd=Decimal(100))
    assert await ledger.reserve(entry(None, reserved_usd=Decimal(1)), per_day_usd=Decimal(100))


async def test_a_day_begins_at_the_users_midnight(
    ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yesterday's bills are not in today's budget, and the day is the user's, not that of Greenwich."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")  # 13 hours ahead: midnight is 11:00 UTC
    time.tzset()
    try:
        now = NOON - timedelta(hours=1, minutes=1)
        ledger = ledgers(clock=lambda: now)
        attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
        await ledger.settle(attempt, Usage(), Decimal(1), "complete")
        with pytest.raises(OverBudget):
            await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
        now += timedelta(minutes=1)
        assert (await ledger.today()).cost_usd == 0
        assert await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_a_clock_that_is_set_back_loses_no_bill(ledgers: Ledgers) -> None:
    """What began today is never settled yesterday; what is dated after now counts: no budget twice."""
    midnight = NOON.astimezone().replace(hour=0, minute=0)
    now = midnight + timedelta(minutes=5)
    ledger = ledgers(clock=lambda: now)
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight - timedelta(minutes=10)
    await ledger.settle(attempt, Usage(), Decimal(1), "complete", basis=Basis.USAGE)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight + timedelta(minutes=6)
    assert (await ledger.today()).cost_usd == Decimal(1)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))


async def test_a_bill_counts_on_the_day_it_comes(ledgers: Ledgers) -> None:
    """An attempt over midnight takes from the old day while it runs, and from the new one once it is settled."""
    midnight = NOON.astimezone().replace(hour=0, minute=0)
    now = midnight - timedelta(minutes=1)
    ledger = ledgers(clock=lambda: now)
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight + timedelta(minutes=1)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    await ledger.settle(attempt, Usage(), Decimal("0.25"), "complete")
    assert (await ledger.today()).cost_usd == Decimal("0.25")
    assert (await ledger.totals(midnight - timedelta(days=1))).cost_usd == Decimal("0.25")


async def test_what_is_under_way_at_midnight_counts_on_both_days(ledgers: Ledgers) -> None:
    """A reservation holds until it is settled, whichever day it was made on."""
    now = NOON
    ledger = ledgers(clock=lambda: now)
    await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now += timedelta(minutes=29)
    with pytest.raises(OverBudget):
        await ledgers(clock=lambda: now).reserve(entry("1"), per_day_usd=Decimal(1))


async def test_concurrent_actions_cannot_overspend(folder: Path, start: Start) -> None:
    """Ten actions in two processes, and a budget for three: exactly three are let, on a new ledger."""
    programs = [start(RESERVE, folder, 5, 3) for _ in range(2)]
    await _go(programs)
    counts = [int(await _line(program)) for program in programs]
    assert sum(counts) == 3


async def test_many_processes_may_begin_a_ledger_at_once(folder: Path, start: Start) -> None:
    """Editors that start together on a new machine all record what they spend."""
    programs = [start(RESERVE, folder, 5) for _ in range(6)]
    await _go(programs)
    assert [int(await _line(program)) for program in programs] == [5] * 6


async def test_a_new_ledger_waits_for_who_writes_to_it(ledger: Ledger, file: Path) -> None:
    """SQLite refuses its switch to a write-ahead log at once while anyone writes; the ledger tries until it may."""
    file.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, other.execute, ["ROLLBACK"])
        release.start()
        assert await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
        release.join()


async def test_a_killed_process_pays_its_ceiling(
    ledgers: Ledgers, folder: Path, file: Path, start: Start
) -> None:
    """What a process that was killed had reserved may have been billed: it counts in full, as a crash."""
    program = start(RESERVE, folder, 1)
    await _go([program])
    assert int(await _line(program)) == 1
    alive = await ledgers(clock=lambda: datetime.now(UTC)).totals(LONG_AGO)
    assert (alive.open_attempts, alive.attempts) == (1, 0)
    program.kill()
    await asyncio.to_thread(program.wait)
    later = ledgers(clock=lambda: datetime.now(UTC))
    spent = await later.totals(LONG_AGO)
    assert (spent.open_attempts, spent.cost_usd) == (0, Decimal(1))
    (row,) = rows(file)
    assert (row["ending"], row["settled"]) == ("crashed", row["started"])
    with pytest.raises(OverBudget):
        await later.reserve(entry("1"), per_day_usd=Decimal("1.5"))


async def test_what_is_open_for_too_long_is_settled_on_its_own_day(
    ledgers: Ledgers, file: Path
) -> None:
    """An old reservation weighs on the day it was made, and its true bill still replaces it."""
    ledger = ledgers()
    attempt = await ledger.reserve(entry("1"), per_day_usd=None)
    tomorrow = ledgers(clock=lambda: NOON + timedelta(days=1))
    assert await tomorrow.reserve(entry("1"), per_day_usd=Decimal(1))
    assert rows(file)[0]["ending"] == "crashed"
    assert (await ledger.totals(NOON)).cost_usd == Decimal(1)
    await ledger.settle(attempt, Usage(7), Decimal("0.2"), "complete")
    assert (await ledger.totals(NOON)).cost_usd == Decimal("0.2")
    assert rows(file)[0]["ending"] == "complete"


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
    await ledger.settle(old, Usage(), Decimal(1), "complete")
    assert [(row["id"], row["settled"]) for row in rows(file)] == [(new, None)]


async def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    """A late action during shutdown is refused in a user's words; closing twice is fine."""
    await ledger.close()
    await ledger.close()
    with pytest.raises(StoreError, match="shutting down"):
        await ledger.reserve(entry(), per_day_usd=None)
    await ledger.settle("attempt", Usage(), Decimal(0), "complete")


async def _line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    line = await asyncio.to_thread(program.stdout.readline)
    if not line:
        assert program.stderr is not None
        pytest.fail(await asyncio.to_thread(program.stderr.read))
    return line


async def _go(programs: list[subprocess.Popen[str]]) -> None:
    """Let programs that wait at their first input go together."""
    for program in programs:
        assert await _line(program) == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
