"""Requests of several processes keep one limit together: real SQLite, each `Traffic` as a process of its own has it."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.store.test_pacing import fullest
from tests.store.timeline import Timeline

from codefare.errors import RateLimited
from codefare.store.limiter import Limiter, Load
from codefare.store.pacing import WINDOW, Limit
from codefare.store.traffic import Traffic

Make = Callable[[], Traffic]
Start = Callable[..., "subprocess.Popen[str]"]
FEW = Limit("anthropic", 10, 1000)

# A program that asks for a place some times at once, and prints the place of each that it gets at once.
ADMIT = """
import asyncio, sys
from pathlib import Path
from codefare.errors import RateLimited
from codefare.store.limiter import Load
from codefare.store.pacing import Limit
from codefare.store.traffic import Traffic

async def once(traffic):
    try:
        await traffic.limiter.admit([Limit("p", 7)], Load(1, 1), who="P", longest=0)
    except RateLimited:
        return 0
    return 1

async def main(folder):
    traffic = Traffic(Path(folder))
    await traffic.open()
    print("ready", flush=True)
    sys.stdin.readline()
    print(sum(await asyncio.gather(*(once(traffic) for _ in range(5)))), flush=True)
    await traffic.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_what_fits_is_sent_at_once(make: Make, timeline: Timeline) -> None:
    """Nobody waits while there is room, and nothing is told of a wait."""
    told: list[float] = []
    for _ in range(10):
        await make().limiter.admit([FEW], Load(50, 100), who="Anthropic", on_wait=told.append)
    assert timeline.slept == told == []


async def test_two_processes_share_one_limit(make: Make, timeline: Timeline) -> None:
    """What one has sent the other counts, and waits for; the wait is told."""
    one, two = make().limiter, make().limiter
    started = timeline.now
    for _ in range(10):
        await one.admit([FEW], Load(1, 1), who="Anthropic")
    timeline.now += 50
    told: list[float] = []
    await timeline.run(two.admit([FEW], Load(1, 1), who="Anthropic", on_wait=told.append))
    assert timeline.now == started + WINDOW
    assert told == [WINDOW - 50]


async def test_a_wait_that_is_too_long_is_not_begun(make: Make, timeline: Timeline) -> None:
    """It is refused at once, says how long it would be, and takes no place from others."""
    limiter = make().limiter
    await limiter.admit([FEW], Load(600, 1000), who="Anthropic")
    timeline.now += 30
    with pytest.raises(RateLimited, match="Anthropic takes no more requests") as refused:
        await limiter.admit([FEW], Load(1, 1), who="Anthropic", longest=20.0)
    assert refused.value.retry_after == WINDOW - 30
    assert refused.value.elsewhere
    assert timeline.slept == []
    timeline.now += WINDOW - 30
    await limiter.admit([FEW], Load(600, 1000), who="Anthropic", longest=0.0)


async def test_a_prompt_that_never_fits(make: Make) -> None:
    """More tokens than a whole minute has: no wait would help, and what to do is said."""
    with pytest.raises(RateLimited, match=r"about 1,001 tokens, and Anthropic takes 1,000") as no:
        await make().limiter.admit([FEW], Load(1001, 1500), who="Anthropic")
    assert no.value.retry_after is None
    assert "smaller" in no.value.remedy


async def test_an_answer_that_might_be_too_long_has_a_minute_for_itself(
    make: Make, timeline: Timeline
) -> None:
    """Where only the longest answer would not fit, the request goes alone."""
    limiter = make().limiter
    await limiter.admit([FEW], Load(500, 9000), who="Anthropic")
    with pytest.raises(RateLimited):
        await limiter.admit([FEW], Load(1, 1), who="Anthropic")


async def test_a_cancelled_wait_gives_its_place_back(make: Make, timeline: Timeline) -> None:
    """Those who came later move up."""
    one, two = make().limiter, make().limiter
    await one.admit([FEW], Load(1, 1000), who="Anthropic")
    timeline.now += 45
    waiting = asyncio.ensure_future(one.admit([FEW], Load(1, 1000), who="Anthropic"))

    async def cancel() -> None:
        await timeline.sleep(2)
        waiting.cancel()

    async def wait() -> bool:
        await asyncio.wait({waiting})
        await one._shared.read(lambda _: None, late=None)  # what it gave back is written
        return waiting.cancelled()

    later = two.admit([FEW], Load(1, 1000), who="Anthropic")
    cancelled, _, _ = await timeline.run(wait(), cancel(), timeline.at(timeline.now + 3, later))
    assert cancelled
    assert timeline.now == 1_000_000.0 + WINDOW


async def test_what_was_really_used_counts(make: Make, timeline: Timeline) -> None:
    """A request that took less than it might have leaves the rest to others, who wait no longer."""
    one, two = make().limiter, make().limiter
    name = await one.admit([FEW], Load(100, 1000), who="Anthropic")
    timeline.now += 42

    async def settle() -> None:
        await timeline.sleep(5)
        one.settle(name, 150)
        await one._shared.read(lambda _: None, late=None)

    await timeline.run(two.admit([FEW], Load(1, 850), who="Anthropic"), settle())
    assert 1_000_047.0 <= timeline.now <= 1_000_048.0


async def test_any_arrivals_from_three_processes(
    make: Make, timeline: Timeline, record_property
) -> None:
    """Any sizes at random times, some cancelled as they wait: no minute is too full, and the limit is used."""
    rng = random.Random(7)  # noqa: S311 - the same arrivals each time
    limiters = [make().limiter for _ in range(3)]
    sent: list[tuple[float, int]] = []
    ends: Counter[str] = Counter()
    waiting: set[asyncio.Task[None]] = set()
    start = timeline.now

    async def one(at: float, limiter: Limiter, prompt: int) -> None:
        await timeline.sleep(at - timeline.now)
        task = asyncio.current_task()
        assert task is not None
        waiting.add(task)
        try:
            await limiter.admit([FEW], Load(prompt, prompt * 2), who="Anthropic")
            sent.append((timeline.now, prompt * 2))
            ends["sent"] += 1
        except RateLimited:
            ends["refused"] += 1
        except asyncio.CancelledError:
            ends["cancelled"] += 1
        finally:
            waiting.discard(task)

    async def cancels() -> None:
        for _ in range(30):
            await timeline.sleep(10)
            for task in sorted(waiting, key=id)[:1]:
                task.cancel()

    jobs = [
        one(start + rng.uniform(0, 300), rng.choice(limiters), rng.choice([5, 10, 50, 300]))
        for _ in range(200)
    ]
    await timeline.run(cancels(), *jobs)
    requests, tokens = fullest(sent)
    assert requests <= 10
    assert tokens <= 1000
    assert ends.total() == 200
    assert ends["cancelled"]
    record_property("counted", ["requests of three processes at one limit", dict(ends)])
    assert ends["sent"] >= 0.8 * 10 * 5  # ten a minute, for five minutes


async def test_a_clock_set_back_does_not_block(make: Make, timeline: Timeline) -> None:
    """Places of a future that is no longer one are forgotten."""
    limiter = make().limiter
    for _ in range(10):
        await limiter.admit([FEW], Load(1, 1), who="Anthropic")
    timeline.now -= 86_400
    await limiter.admit([FEW], Load(1, 1), who="Anthropic", longest=0.0)


async def test_no_limit_needs_no_file(make: Make, tmp_path: Path) -> None:
    """A server of the user's own, without limits, is not even counted."""
    await make().limiter.admit([], Load(1, 1), who="Ollama")
    assert not (tmp_path / "state" / "traffic.db").exists()


def test_processes_together_keep_the_limit(tmp_path: Path, start: Start) -> None:
    """Three real processes that ask five times each at once get seven places."""
    programs = [start(ADMIT, tmp_path / "state") for _ in range(3)]
    for program in programs:
        assert program.stdout
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin
        program.stdin.write("go\n")
        program.stdin.flush()
    got = [int(p.stdout.readline()) for p in programs if p.stdout]
    assert sum(got) == 7
    with closing(sqlite3.connect(tmp_path / "state" / "traffic.db")) as database:
        assert database.execute("SELECT count(*) FROM passage").fetchone() == (7,)
