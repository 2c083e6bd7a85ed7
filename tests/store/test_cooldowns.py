"""What one process learned of an offering the others know: each `Traffic` here is as another process has it."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.store.timeline import Timeline

from codefare.errors import (
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    StreamBroken,
)
from codefare.store.place import Place
from codefare.store.traffic import Traffic

Make = Callable[..., Traffic]
KEY = "sk-canary-0123456789"
OPUS = Place("anthropic", "opus", "Anthropic", False, hashlib.sha256(KEY.encode()).digest())
HAIKU = replace(OPUS, wire_id="haiku")
OTHER_KEY = replace(OPUS, access=hashlib.sha256(b"another").digest())
NO_KEY_YET = replace(OPUS, access=None)


def nobody_waits(seconds: float) -> None:
    """Fails if a request would wait."""
    raise AssertionError(seconds)


async def settled(traffic: Traffic) -> Traffic:
    """The same, after what it does in the background."""
    await traffic._shared.read(lambda _: None, late=None)
    return traffic


async def test_nothing_is_known_at_first(make: Make) -> None:
    """No offering rests, and a request enters at once."""
    traffic = make()
    await traffic.open()
    assert traffic.cooldowns.cooling(OPUS) is None
    await traffic.cooldowns.enter(OPUS, "v", nobody_waits)


async def test_a_failure_is_known_to_all(make: Make, timeline: Timeline) -> None:
    """To this process at once, to one that starts when it does, to one that runs at its next look."""
    one, running = make(), make()
    await running.open()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    assert (one.cooldowns.cooling(OPUS) or "").startswith("overloaded: tried again from")
    assert one.cooldowns.cooling(HAIKU) is None
    starting = make()
    await starting.open()
    assert starting.cooldowns.cooling(OPUS) == one.cooldowns.cooling(OPUS)
    assert running.cooldowns.cooling(OPUS) is None  # from memory
    timeline.now += 2
    running.cooldowns.cooling(OPUS)  # looks, for the next time
    await settled(running)
    assert running.cooldowns.cooling(OPUS) is not None
    timeline.now += 13
    assert running.cooldowns.cooling(OPUS) is None


async def test_what_is_of_the_whole_provider(make: Make) -> None:
    """A refused key stops all of a provider's models, and none of another's."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, KeyRefused("x"))
    assert traffic.cooldowns.cooling(OPUS) is not None
    assert traffic.cooldowns.cooling(HAIKU) is not None
    assert traffic.cooldowns.cooling(replace(OPUS, provider="openai")) is None


@pytest.mark.parametrize("error", [KeyRefused("x"), OutOfCredit("x"), Overloaded("x")])
async def test_another_key_is_another_matter(make: Make, error: ProviderError) -> None:
    """At once, when the key changes; and what the new one meets does not hold for the old one."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, error)
    assert traffic.cooldowns.cooling(OTHER_KEY) is None
    await traffic.cooldowns.enter(OTHER_KEY, "v", nobody_waits)
    traffic.cooldowns.passed(OTHER_KEY, 2e9, whole=True)
    assert (await settled(traffic)).cooldowns.cooling(OPUS) is not None


async def test_a_key_that_is_not_known_yet(make: Make, timeline: Timeline) -> None:
    """Where a command would have to run to know the key, a refusal holds for a minute, other failures as usual."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, KeyRefused("x"))
    assert traffic.cooldowns.cooling(NO_KEY_YET) is not None
    timeline.now += 61
    assert traffic.cooldowns.cooling(NO_KEY_YET) is None
    assert traffic.cooldowns.cooling(OPUS) is not None
    await traffic.cooldowns.failed(HAIKU, RateLimited("x", retry_after=300.0))
    timeline.now += 61
    assert traffic.cooldowns.cooling(replace(NO_KEY_YET, wire_id="haiku")) is not None


async def test_one_trial_and_its_success(make: Make, timeline: Timeline) -> None:
    """After the rest one request is let through, the others wait for it; once it is answered, all go."""
    one, two = make(), make()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    timeline.now += 15
    entered = timeline.now
    await one.cooldowns.enter(OPUS, "one", nobody_waits)
    assert one.cooldowns.cooling(OPUS) == "it failed lately, and is being tried again right now"

    async def answered() -> None:
        await timeline.sleep(4)
        one.cooldowns.passed(OPUS, entered, whole=False)
        await settled(one)

    waits: list[float] = []
    got = await timeline.run(two.cooldowns.enter(OPUS, "two", waits.append), answered())
    assert got == [None, None]
    assert timeline.now - entered == pytest.approx(4, abs=0.3)
    assert len(waits) == 1
    await make().cooldowns.enter(OPUS, "three", nobody_waits)
    assert one.cooldowns.cooling(OPUS) is None


async def test_one_trial_and_its_failure(make: Make, timeline: Timeline) -> None:
    """If the trial fails, those who waited for it go elsewhere, and the rest doubles."""
    one, two = make(), make()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    timeline.now += 15
    await one.cooldowns.enter(OPUS, "one", nobody_waits)

    async def fails() -> None:
        await timeline.sleep(4)
        await one.cooldowns.failed(OPUS, Overloaded("x"))

    with pytest.raises(Overloaded, match="nothing was sent") as refused:
        await timeline.run(two.cooldowns.enter(OPUS, "two", lambda _: None), fails())
    assert refused.value.elsewhere
    timeline.now += 29
    assert one.cooldowns.cooling(OPUS) is not None
    timeline.now += 1
    assert one.cooldowns.cooling(OPUS) is None


async def test_a_trial_that_takes_too_long(make: Make, timeline: Timeline) -> None:
    """Nobody waits for another's trial for more than 20 s, and a trial whose process crashed is over after a minute."""
    one, two = make(), make()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    timeline.now += 15
    started = timeline.now
    await one.cooldowns.enter(OPUS, "one", nobody_waits)
    with pytest.raises(Overloaded):
        await timeline.run(two.cooldowns.enter(OPUS, "two", lambda _: None))
    assert timeline.now - started == pytest.approx(20, abs=0.3)
    timeline.now = started + 60
    await two.cooldowns.enter(OPUS, "two", nobody_waits)


async def test_a_trial_that_was_cancelled(make: Make, timeline: Timeline) -> None:
    """It leaves its place to the next at once."""
    one, two = make(), make()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    timeline.now += 15
    await one.cooldowns.enter(OPUS, "one", nobody_waits)
    one.cooldowns.leave("one")
    await settled(one)
    await two.cooldowns.enter(OPUS, "two", nobody_waits)


async def test_a_short_limit_is_waited_for(make: Make, timeline: Timeline) -> None:
    """The user's only key, and 12 s to wait: a request waits and then goes."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, RateLimited("x", retry_after=12.0))
    timeline.now += 3
    assert traffic.cooldowns.cooling(OPUS, last_resort=True) is None
    waits: list[float] = []
    started = timeline.now
    assert await timeline.run(traffic.cooldowns.enter(OPUS, "v", waits.append)) == [None]
    assert waits == [9.0]
    assert timeline.now - started == 9.0


async def test_a_long_limit_is_not_waited_for(make: Make, timeline: Timeline) -> None:
    """Nothing is sent that the provider said it would refuse; a minute later somebody may insist."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, RateLimited("x", retry_after=300.0))
    timeline.now += 10
    with pytest.raises(RateLimited, match=r"Anthropic: rate limited until .*; nothing was sent\."):
        await traffic.cooldowns.enter(OPUS, "v", nobody_waits)
    assert traffic.cooldowns.cooling(OPUS, last_resort=True) is not None
    timeline.now += 60
    assert traffic.cooldowns.cooling(OPUS) is not None
    assert traffic.cooldowns.cooling(OPUS, last_resort=True) is None
    await traffic.cooldowns.enter(OPUS, "v", nobody_waits)


async def test_only_what_came_after_a_failure_can_end_it(make: Make, timeline: Timeline) -> None:
    """An answer to a request from before a limit was met does not say that it is over."""
    traffic = make()
    before = timeline.now
    timeline.now += 1
    await traffic.cooldowns.failed(OPUS, RateLimited("x", retry_after=60.0))
    traffic.cooldowns.passed(OPUS, before, whole=True)
    assert (await settled(traffic)).cooldowns.cooling(OPUS) is not None
    traffic.cooldowns.passed(OPUS, timeline.now, whole=True)
    assert (await settled(traffic)).cooldowns.cooling(OPUS) is None


async def test_answers_that_break_off_need_a_whole_one(make: Make, timeline: Timeline) -> None:
    """A first piece of text is no proof where it was the middle that broke."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, StreamBroken("x"))
    traffic.cooldowns.passed(OPUS, timeline.now, whole=False)
    assert (await settled(traffic)).cooldowns.cooling(OPUS) is not None
    traffic.cooldowns.passed(OPUS, timeline.now, whole=True)
    assert (await settled(traffic)).cooldowns.cooling(OPUS) is None


async def test_a_pause_stands_until_it_is_over(make: Make, timeline: Timeline) -> None:
    """Nothing left for 30 s: others go elsewhere meanwhile, and then all go, without a trial."""
    traffic = make()
    traffic.cooldowns.pause(OPUS, 30.0)
    traffic.cooldowns.passed(OPUS, timeline.now, whole=True)
    assert "rate limited until" in ((await settled(traffic)).cooldowns.cooling(OPUS) or "")
    timeline.now += 30
    for number in range(3):
        await traffic.cooldowns.enter(OPUS, str(number), nobody_waits)


async def test_whoever_was_turned_away_looks_elsewhere(make: Make, timeline: Timeline) -> None:
    """For a few seconds, in this process alone: there was nothing wrong with the offering."""
    one, two = make(), make()
    await one.open()
    one.cooldowns.turn_away(OPUS, 5.0)
    assert "rate limited" in (one.cooldowns.cooling(OPUS) or "")
    assert two.cooldowns.cooling(OPUS) is None
    timeline.now += 5
    assert one.cooldowns.cooling(OPUS) is None


async def test_a_clock_set_back(make: Make, timeline: Timeline) -> None:
    """Failures of a future that is no longer one do not hold."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, OutOfCredit("x"))
    timeline.now -= 86_400
    assert traffic.cooldowns.cooling(OPUS) is None


async def test_what_a_later_codefare_knows_does_no_harm(make: Make, tmp_path: Path) -> None:
    """A kind of failure that is not known here holds for nothing, and hides nothing that is."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, OutOfCredit("x"))
    with closing(sqlite3.connect(tmp_path / "state" / "traffic.db")) as file, file:
        file.execute(
            "INSERT INTO cooldown SELECT provider, 'other', access, 'a new kind', since, until, 1, 0, '' FROM cooldown"
        )
    other = make()
    await other.open()
    assert "out of credit" in (other.cooldowns.cooling(OPUS) or "")


async def test_the_file_is_the_users_own_and_holds_no_secret(
    make: Make, tmp_path: Path, mode: Callable[[Path], int]
) -> None:
    """Mode 0600; neither the key nor its plain hash nor a server's words are in it."""
    traffic = make()
    await traffic.cooldowns.failed(OPUS, KeyRefused("SECRET WORDS", remedy="SECRET REMEDY"))
    await traffic.close()
    file = tmp_path / "state" / "traffic.db"
    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700
    content = b"".join(f.read_bytes() for f in file.parent.iterdir())
    assert b"anthropic" in content
    assert OPUS.access
    for secret in (KEY.encode(), OPUS.access[:8], OPUS.access.hex()[:16].encode(), b"SECRET"):
        assert secret not in content
    assert KEY not in repr(OPUS)


async def test_a_damaged_file_is_begun_anew(make: Make, tmp_path: Path) -> None:
    """What was in it was of use for minutes: it is put aside, and all goes on."""
    file = tmp_path / "state" / "traffic.db"
    file.parent.mkdir(mode=0o700)
    file.write_bytes(b"no database, " * 1000)
    one, two = make(), make()
    await one.cooldowns.failed(OPUS, Overloaded("x"))
    await two.open()
    assert two.cooldowns.cooling(OPUS) is not None
    assert one.health is None


async def test_a_file_that_cannot_be_used(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One process goes on for itself; the log says so once, and `health` what to do."""
    (tmp_path / "state" / "traffic.db").mkdir(parents=True)
    traffic = make()
    with caplog.at_level(logging.WARNING, "codefare"):
        await traffic.open()
        await traffic.cooldowns.failed(OPUS, Overloaded("x"))
        await traffic.cooldowns.failed(HAIKU, Overloaded("x"))
    assert traffic.cooldowns.cooling(OPUS) is not None
    assert traffic.cooldowns.cooling(HAIKU) is not None
    assert len(caplog.records) == 1
    assert "Make its folder writable" in (traffic.health or "")


async def test_a_file_that_another_program_holds(make: Make, tmp_path: Path) -> None:
    """It is waited for shortly, once: then this process goes on for itself."""
    traffic, first = make(patience=0.5), make()
    await first.open()
    with closing(sqlite3.connect(tmp_path / "state" / "traffic.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await traffic.cooldowns.enter(OPUS, "v", nobody_waits)
        await traffic.cooldowns.failed(OPUS, Overloaded("x"))
        assert traffic.cooldowns.cooling(OPUS) is not None
        assert "held by another program" in (traffic.health or "")
    # Not tried again at once: to wait for it each time would hold up each action.
    await traffic.cooldowns.failed(HAIKU, Overloaded("x"))
    await first.open()
    assert first.cooldowns.cooling(HAIKU) is None
    assert traffic.cooldowns.cooling(HAIKU) is not None


async def test_another_versions_file(make: Make, tmp_path: Path) -> None:
    """It is left alone, and done without."""
    file = tmp_path / "state" / "traffic.db"
    file.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE other (x)")
        database.execute("PRAGMA user_version = 99")
    traffic = make()
    await traffic.cooldowns.failed(OPUS, Overloaded("x"))
    assert traffic.cooldowns.cooling(OPUS) is not None
    assert "this version of codefare" in (traffic.health or "")


async def test_after_closing(make: Make) -> None:
    """What a request still tells while all ends is let go, and nothing fails."""
    traffic = make()
    await traffic.open()
    await traffic.close()
    await traffic.close()
    await traffic.cooldowns.failed(OPUS, Overloaded("x"))
    traffic.cooldowns.pause(OPUS, 5)
    traffic.limiter.give_back("x")
    await traffic.cooldowns.enter(OPUS, "v", nobody_waits)
