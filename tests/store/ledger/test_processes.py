"""One ledger for many processes: none overspends, and what a killed one had reserved is paid."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.ledger.attempts import LONG_AGO, NOON, Ledgers, entry, rows

from codefare.errors import OverBudget
from codefare.store.ledger import Ledger
from codefare_catalog import Usage

linux = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="when a process began, as Linux tells it"
)
Start = Callable[..., "subprocess.Popen[str]"]

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
    tomorrow = ledgers(clock=lambda: NOON + timedelta(days=1, minutes=1))
    assert await tomorrow.reserve(entry("1"), per_day_usd=Decimal(1))
    assert rows(file)[0]["ending"] == "crashed"
    assert (await ledger.totals(NOON)).cost_usd == Decimal(1)
    await ledger.settle(attempt, Usage(7), Decimal("0.2"), "complete")
    assert (await ledger.totals(NOON)).cost_usd == Decimal("0.2")
    assert rows(file)[0]["ending"] == "complete"


@linux
async def test_what_a_living_process_set_aside_stays_so_over_midnight(
    ledgers: Ledgers, file: Path
) -> None:
    """Its machine slept, or its limits are long: it will be billed today, so that today's budget holds its ceiling."""
    ledger = ledgers()
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    tomorrow = ledgers(clock=lambda: NOON + timedelta(hours=23))
    with pytest.raises(OverBudget, match="set aside"):
        await tomorrow.reserve(entry("0.5"), per_day_usd=Decimal(1))
    ledger._clock = lambda: NOON + timedelta(hours=23)
    await ledger.settle(attempt, Usage(7), Decimal("0.9"), "complete")
    assert (await tomorrow.today()).cost_usd == Decimal("0.9")
    assert [row["ending"] for row in rows(file)] == ["complete"]


@linux
async def test_a_process_that_nobody_buries_is_gone(
    ledgers: Ledgers, folder: Path, file: Path, start: Start
) -> None:
    """In containers nobody may ask how an orphan ended, which leaves its id: its money is not set aside for it."""
    program = start(RESERVE, folder, 1)
    await _go([program])
    assert int(await _line(program)) == 1
    program.kill()
    await asyncio.to_thread(os.waitid, os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
    os.kill(program.pid, 0)  # its id is still there
    spent = await ledgers(clock=lambda: datetime.now(UTC)).totals(LONG_AGO)
    assert (spent.open_attempts, spent.cost_usd) == (0, Decimal(1))
    assert rows(file)[0]["ending"] == "crashed"


@linux
async def test_an_id_that_another_process_has_by_now_is_no_sign_of_life(
    ledgers: Ledgers, folder: Path, file: Path, start: Start
) -> None:
    """What a killed process had reserved is settled at once, though its id runs again."""
    program = start(RESERVE, folder, 1)
    await _go([program])
    assert int(await _line(program)) == 1
    program.kill()
    await asyncio.to_thread(program.wait)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE attempt SET pid = ?", (os.getpid(),))
    spent = await ledgers(clock=lambda: datetime.now(UTC)).totals(LONG_AGO)
    assert (spent.open_attempts, spent.cost_usd) == (0, Decimal(1))


async def test_what_another_machine_left_open_is_settled_after_two_hours(
    ledgers: Ledgers, file: Path
) -> None:
    """Nobody here sees whether it runs; no attempt should take as long."""
    await ledgers().reserve(entry("1"), per_day_usd=None)
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE attempt SET host = 'elsewhere'")
    for minutes, settled in ((119, False), (121, True)):
        later = ledgers(clock=lambda minutes=minutes: NOON + timedelta(minutes=minutes))
        assert ((await later.today()).open_attempts == 0) == settled


async def test_where_no_birth_is_told_two_hours_are_long(ledgers: Ledgers, file: Path) -> None:
    """Of a row of an earlier codefare, or on a system without that, nobody knows whether its process is the same."""
    await ledgers().reserve(entry("1"), per_day_usd=None)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE attempt SET born = NULL")
    soon = await ledgers(clock=lambda: NOON + timedelta(minutes=119)).totals(LONG_AGO)
    assert soon.open_attempts == 1
    later = await ledgers(clock=lambda: NOON + timedelta(minutes=121)).totals(LONG_AGO)
    assert (later.open_attempts, later.cost_usd) == (0, Decimal(1))


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
