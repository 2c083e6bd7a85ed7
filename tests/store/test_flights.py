"""Equal requests of several processes: one leads, the others wait for it, whatever becomes of it."""

from __future__ import annotations

import asyncio
import os
import platform
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.timeline import Timeline

from codefare.store.flights import Flights
from codefare.store.traffic import Traffic

Make = Callable[[], Flights]
Start = Callable[..., "subprocess.Popen[str]"]

# A program that leads a flight until it is told to go on, or is killed.
LEAD = """
import asyncio, sys
from pathlib import Path
from codefare.store.traffic import Traffic

async def main(folder):
    traffic = Traffic(Path(folder))
    lead = await traffic.flights.lead("key")
    print("leads" if lead else "follows", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    if lead:
        lead.land()
    await traffic.close()

asyncio.run(main(sys.argv[1]))
"""


@pytest.fixture
def make(make: Callable[..., Traffic]) -> Make:
    """Makes what processes of one user have of it, and closes it."""
    return lambda: make().flights


def flights(folder: Path) -> int:
    """How many are under way."""
    with closing(sqlite3.connect(folder / "state" / "traffic.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM flight").fetchone()
    return int(count)


async def test_one_leads(make: Make) -> None:
    """The first has the lead; nobody else has, in this process or another, until it has landed."""
    one, two = make(), make()
    lead = await one.lead("key")
    assert lead is not None
    assert await one.lead("key") is None
    assert await two.lead("key") is None
    other = await two.lead("another key")
    assert other is not None
    lead.land()
    lead.land()
    await one.wait("key")
    again = await two.lead("key")
    assert again is not None
    lead.land()  # it is another's now
    assert await one.lead("key") is None
    again.land()
    other.land()


async def test_followers_wait_for_the_landing(make: Make, timeline: Timeline) -> None:
    """They look a few times a second, and go on as soon as it has landed."""
    one, two, three = make(), make(), make()
    lead = await one.lead("key")
    assert lead is not None
    started = timeline.now

    async def lands() -> None:
        await timeline.sleep(3)
        lead.land()
        await one.wait("key")

    await timeline.run(two.wait("key"), three.wait("key"), lands())
    # Not at once: the timeline does not wait for the disk. But long before they would take it for dead.
    assert 3 <= timeline.now - started < 10


async def test_nothing_to_wait_for(make: Make, timeline: Timeline) -> None:
    """Where nobody leads, nobody waits."""
    await make().wait("key")
    assert timeline.slept == []


async def test_a_long_flight_is_waited_for(make: Make, timeline: Timeline) -> None:
    """A leader that gives signs of life is not given up, however long it takes."""
    one, two = make(), make()
    lead = await one.lead("key")
    assert lead is not None
    beating = one._beating
    assert beating is not None
    landed = timeline.now + 200

    async def lands() -> None:
        await timeline.sleep(200)
        lead.land()
        await one.wait("key")

    async def follows() -> float:
        await two.wait("key")
        return timeline.now

    async def beats() -> None:
        await asyncio.wait({beating})

    followed, _, _ = await timeline.run(follows(), lands(), beats())
    assert landed <= followed < landed + 1


async def test_a_leader_that_gives_no_sign_of_life(make: Make, timeline: Timeline) -> None:
    """On a machine whose processes cannot be seen, silence for 20 s ends its flight."""
    one, two = make(), make()
    lead = await one.lead("key")
    assert lead is not None
    assert one._beating is not None
    one._beating.cancel()
    started = timeline.now
    await timeline.run(two.wait("key"))
    assert timeline.now - started == pytest.approx(20, abs=0.5)
    assert await two.lead("key") is not None


async def test_a_landing_that_the_file_did_not_take(
    make: Make, timeline: Timeline, tmp_path: Path
) -> None:
    """Held by another program in that moment: nobody waits for it for long, and its own process not at all."""
    one, two = make(), make()
    for key in ("key", "other"):
        lead = await one.lead(key)
        assert lead is not None
        lead.land()
    await one.wait("other")
    with closing(sqlite3.connect(tmp_path / "state" / "traffic.db")) as database, database:
        database.executemany(
            "INSERT INTO flight VALUES (?, ?, ?, ?, 0)",
            [(key, one._owner, platform.node(), os.getpid()) for key in ("key", "other")],
        )
    lead = await one.lead("key")  # which gives signs of life from now on
    assert lead is not None
    assert await two.lead("other") is None
    await timeline.run(timeline.sleep(5))
    await one.wait("nothing")  # after what it gave
    assert await two.lead("other") is not None
    assert await two.lead("key") is None


async def test_leaving_a_block_lands(make: Make) -> None:
    """However the leader's work ends, those who wait go on."""
    one, two = make(), make()
    lead = await one.lead("key")
    assert lead is not None
    with pytest.raises(KeyError), lead:
        raise KeyError
    await one.wait("key")
    assert await two.lead("key") is not None


async def test_closing_lands(tmp_path: Path) -> None:
    """A process that ends in order leaves nothing behind."""
    traffic = Traffic(tmp_path / "state")
    assert await traffic.flights.lead("key") is not None
    assert flights(tmp_path) == 1
    await traffic.close()
    assert flights(tmp_path) == 0


async def test_cancelling_a_leader_to_be(make: Make, tmp_path: Path) -> None:
    """Cancelled while it asks for the lead, it has none."""
    one, two = make(), make()
    await one.wait("key")
    asking = asyncio.ensure_future(one.lead("key"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(one.wait("key"), 60)
    assert flights(tmp_path) == 0
    assert await two.lead("key") is not None


async def test_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    """Each process leads for itself: to ask twice is better than to wait for nothing."""
    (tmp_path / "state" / "traffic.db").mkdir(parents=True)
    one, two = Traffic(tmp_path / "state"), Traffic(tmp_path / "state")
    assert await one.flights.lead("key") is not None
    assert await one.flights.lead("key") is None
    assert await two.flights.lead("key") is not None
    await one.close()
    await two.close()


async def test_a_leader_that_is_killed(tmp_path: Path, start: Start) -> None:
    """Its followers go on within a moment, and one of them leads."""
    leader = start(LEAD, tmp_path / "state")
    assert leader.stdout
    assert await asyncio.to_thread(leader.stdout.readline) == "leads\n"
    traffic = Traffic(tmp_path / "state")
    assert await traffic.flights.lead("key") is None
    waiting = asyncio.ensure_future(traffic.flights.wait("key"))
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    assert not done
    leader.kill()
    await asyncio.to_thread(leader.wait)
    await asyncio.wait_for(waiting, 60)
    lead = await traffic.flights.lead("key")
    assert lead is not None
    lead.land()
    await traffic.close()


async def test_a_leader_in_another_process_lands(tmp_path: Path, start: Start) -> None:
    """Two real processes: the second follows until the first has landed."""
    leader = start(LEAD, tmp_path / "state")
    assert leader.stdout
    assert await asyncio.to_thread(leader.stdout.readline) == "leads\n"
    traffic = Traffic(tmp_path / "state")
    waiting = asyncio.ensure_future(traffic.flights.wait("key"))
    assert await traffic.flights.lead("key") is None
    await asyncio.to_thread(leader.communicate, "go\n")
    await asyncio.wait_for(waiting, 60)
    assert await traffic.flights.lead("key") is not None
    await traffic.close()
