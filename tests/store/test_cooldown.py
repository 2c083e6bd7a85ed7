"""How long an offering rests after which failure, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codefare.errors import (
    KeyMissing,
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
    Unreachable,
)
from codefare.store.cooldown import Cooldown, Kind, after_failure, paused

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()


def clock(seconds: float, form: str = "%H:%M") -> str:
    """The user's clock so many seconds from now."""
    return datetime.fromtimestamp(NOW + seconds, UTC).astimezone().strftime(form)


def rest(error: ProviderError, *, self_hosted: bool = False) -> float:
    """How long an offering rests after its first failure, in seconds."""
    return after_failure(None, error, NOW, self_hosted=self_hosted).until - NOW


@pytest.mark.parametrize(
    ("error", "seconds", "own"),
    [
        (RateLimited("", retry_after=12.0), 12, 12),
        (RateLimited("", retry_after=0.0), 1, 1),
        (RateLimited("", retry_after=90.0), 90, 30),
        (RateLimited("", retry_after=1e9), 3600, 30),
        (RateLimited(""), 15, 5),
        (Overloaded(""), 15, 5),
        (Unreachable(""), 15, 5),
        (StreamBroken(""), 15, 5),
        (StreamBroken("", partial=True), 0, 0),
        (RequestRefused(""), 30, 5),
        (OutOfCredit(""), 600, 5),
        (KeyRefused(""), 600, 5),
        (KeyMissing(""), 30, 5),
    ],
)
def test_the_first_failure(error: ProviderError, seconds: float, own: float) -> None:
    """As long as the server asks, within reason; else by what it was. A server of the user's own rests shortly."""
    assert rest(error) == seconds
    assert rest(error, self_hosted=True) == own


@pytest.mark.parametrize(
    ("error", "own", "times"),
    [
        (Overloaded(""), False, [15, 30, 60, 120, 240, 480, 600, 600]),
        (StreamBroken(""), False, [15, 30, 60, 120, 240, 480, 600, 600]),
        (Unreachable(""), False, [15, 30, 60, 120, 120]),
        (Overloaded(""), True, [5, 10, 20, 30, 30]),
        (StreamBroken("", partial=True), False, [0, 30, 60]),
    ],
)
def test_each_trial_that_fails_doubles_it(
    error: ProviderError, own: bool, times: list[float]
) -> None:
    """It rests longer after each failure in a row, up to a bound."""
    cooldown, now, waits = None, NOW, []
    for _ in times:
        cooldown = after_failure(cooldown, error, now, self_hosted=own)
        waits.append(cooldown.until - now)
        now = cooldown.until
    assert waits == times


def test_failures_of_one_moment_count_once() -> None:
    """Ten requests that fail together are one failure."""
    cooldown = None
    for n in range(10):
        cooldown = after_failure(cooldown, Overloaded(""), NOW + n / 10, self_hosted=False)
    assert cooldown is not None
    assert cooldown.failures == 1
    assert cooldown.until == pytest.approx(NOW + 15.9)


def test_a_shorter_wait_does_not_shorten_a_longer_one() -> None:
    """Two servers of a provider may say different things: the longer one is believed."""
    first = after_failure(None, RateLimited("", retry_after=300.0), NOW, self_hosted=False)
    then = after_failure(first, RateLimited("", retry_after=5.0), NOW + 1, self_hosted=False)
    assert then.until == NOW + 300


def test_old_failures_are_forgotten() -> None:
    """An hour after a rest was over, the next failure is the first again."""
    cooldown = Cooldown(Kind.OVERLOADED, NOW - 5000, NOW - 4000, 6)
    assert after_failure(cooldown, Overloaded(""), NOW, self_hosted=False).failures == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.LIMIT, "rate limited until {}"),
        (Kind.CREDIT, "out of credit: tried again from {} on"),
        (Kind.REFUSED_KEY, "its key was refused: tried again from {} on, or with another key"),
        (Kind.OVERLOADED, "overloaded: tried again from {} on"),
        (Kind.UNREACHABLE, "not reachable: tried again from {} on"),
        (Kind.BROKEN, "its answers break off: tried again from {} on"),
    ],
)
def test_what_is_said(kind: Kind, words: str) -> None:
    """The reason, and until when, on the user's clock: rounded up to the minute, to the second if it is near."""
    said = words.format
    assert Cooldown(kind, NOW, NOW + 300, 1).reason(NOW) == said(clock(300))
    assert Cooldown(kind, NOW, NOW + 301, 1).reason(NOW) == said(clock(360))
    assert Cooldown(kind, NOW, NOW + 11.5, 1).reason(NOW) == said(clock(12, "%H:%M:%S"))
    tomorrow = Cooldown(kind, NOW, NOW + 86_400, 1).reason(NOW)
    assert tomorrow == said(clock(86_400, "%H:%M on %Y-%m-%d"))
    assert Cooldown(kind, NOW, NOW + 300, 1).reason(NOW + 300) is None


def test_others_stay_away_from_a_trial() -> None:
    """While one request finds out, there is a reason for all others."""
    cooldown = Cooldown(Kind.OVERLOADED, NOW - 20, NOW - 5, 1, trial=NOW + 30)
    assert cooldown.reason(NOW) == "it failed lately, and is being tried again right now"
    assert cooldown.reason(NOW + 30) is None
    assert cooldown.refusal(NOW) is None


@pytest.mark.parametrize(
    ("kind", "age", "left", "tried"),
    [
        (Kind.LIMIT, 5, 12, True),  # waited for
        (Kind.LIMIT, 5, 300, False),  # the provider has just said so
        (Kind.LIMIT, 61, 300, True),  # it may have changed its mind, and a refusal costs nothing
        (Kind.CREDIT, 5, 500, True),  # the user may have paid
        (Kind.REFUSED_KEY, 5, 500, True),
        (Kind.OVERLOADED, 5, 500, True),
        (Kind.OVERLOADED, 1, 500, True),  # an action knows itself what it has just tried
    ],
)
def test_the_last_resort(kind: Kind, age: float, left: float, tried: bool) -> None:
    """Where nothing else serves, what rests is tried all the same, unless there is no sense in it."""
    cooldown = Cooldown(kind, NOW - age, NOW + left, 1)
    assert cooldown.reason(NOW) is not None
    assert (cooldown.refusal(NOW) is None) == tried


def test_a_pause_is_no_failure() -> None:
    """An answer that says that nothing is left makes a pause; it never shortens a rest, nor counts as a failure."""
    pause = paused(None, 30.0, NOW)
    assert (pause.until - NOW, pause.failures) == (30, 0)
    resting = Cooldown(Kind.OVERLOADED, NOW, NOW + 60, 3)
    assert paused(resting, 30.0, NOW) == resting
    longer = paused(resting, 90.0, NOW)
    assert (longer.kind, longer.until - NOW, longer.failures) == (Kind.LIMIT, 90, 3)
    failed = after_failure(pause, Overloaded(""), NOW + 1, self_hosted=False)
    assert failed.failures == 1
