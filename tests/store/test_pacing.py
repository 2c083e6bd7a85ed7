"""Whatever is asked for, no minute holds more than its limit, and nobody waits for ever."""

from __future__ import annotations

import bisect
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codefare.store.pacing import WINDOW, Limit, Sent, earliest

MINUTE = 60.0


def fullest(sent: list[Sent], seconds: float = MINUTE) -> tuple[int, int]:
    """The most requests and the most tokens that any window of this length holds, its end not included."""
    sent = sorted(sent)
    times = [t for t, _ in sent]
    most = tokens = 0
    for first, start in enumerate(times):
        last = bisect.bisect_left(times, start + seconds)
        most = max(most, last - first)
        tokens = max(tokens, sum(n for _, n in sent[first:last]))
    return most, tokens


def plan(
    arrivals: list[Sent], limit: Limit, longest: float = math.inf
) -> tuple[list[Sent], list[float]]:
    """What is sent if each arrival takes its place and gives up when it is too far away; and all waits."""
    sent: list[Sent] = []
    waits = []
    for now, tokens in sorted(arrivals, key=lambda a: a[0]):
        at = earliest(now, tokens, [(limit, sorted(sent))])
        waits.append(at - now)
        if at - now <= longest:
            sent.append((at, min(tokens, limit.tokens or tokens)))
    return sent, waits


arrivals_ = st.lists(
    st.tuples(st.floats(0, 200).map(lambda t: round(t, 2)), st.integers(1, 150)), max_size=40
)


@settings(max_examples=150, deadline=None)
@given(
    arrivals_,
    st.none() | st.integers(1, 6),
    st.none() | st.integers(1, 120),
    st.sampled_from([math.inf, 20.0]),
)
def test_no_minute_holds_more_than_its_limit(
    arrivals: list[Sent], requests: int | None, tokens: int | None, longest: float
) -> None:
    """Whatever the arrivals, the limits, and whether those that would wait for long give up."""
    sent, _ = plan(arrivals, Limit("b", requests, tokens), longest)
    most_requests, most_tokens = fullest(sent)
    assert most_requests <= (requests or math.inf)
    assert most_tokens <= (tokens or math.inf)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-60, 90).map(lambda t: round(t, 1)), st.integers(1, 60))),
    st.integers(1, 100),
    st.integers(1, 5),
    st.integers(30, 120),
)
def test_the_first_place_that_is_free(
    planned: list[Sent], tokens: int, requests: int, most: int
) -> None:
    """The place is the first of all that exist, as trying each in turn finds it."""
    limit = Limit("b", requests, most)
    sent: list[Sent] = []  # only what was allowed stands there
    for at, own in sorted(planned):
        sent.append((earliest(at, own, [(limit, sorted(sent))]), min(own, most)))
    sent.sort()
    own = min(tokens, most)

    def free(at: float) -> bool:
        around = sorted([*sent, (at, own)])
        ends = [t for t, _ in around if at <= t < at + WINDOW]
        windows = [[n for t, n in around if t <= end < t + WINDOW] for end in ends]
        return all(len(w) <= requests and sum(w) <= most for w in windows)

    tried = sorted({0.0, *(t + WINDOW for t, _ in sent if t + WINDOW > 0)})
    assert earliest(0.0, tokens, [(limit, sent)]) == next(filter(free, tried))


@pytest.mark.parametrize(
    ("requests", "tokens", "size"), [(30, None, 1), (None, 3000, 100), (60, 5000, 90)]
)
def test_the_limit_is_used(
    requests: int | None, tokens: int | None, size: int, record_property
) -> None:
    """Where more is asked for than is allowed, nearly all that is allowed is sent."""
    limit = Limit("b", requests, tokens)
    allowed = min(requests or math.inf, (tokens or math.inf) // size)
    minutes = 10
    arrivals = [(n * 0.5, size) for n in range(minutes * 120)]
    sent, _ = plan(arrivals, limit, longest=20.0)
    share = sum(t < minutes * MINUTE for t, _ in sent) / (allowed * minutes)
    record_property("told", f"rate limiter: {share:.0%} of what is allowed is sent ({limit})")
    assert 0.95 <= share <= 1.0


def test_large_and_small_wait_for_neither() -> None:
    """A small request takes a gap that a large one cannot use, and never the place that the large one has."""
    limit = Limit("b", None, 100)
    before = [(0.0, 60)]
    large = earliest(1.0, 90, [(limit, before)])
    assert large == WINDOW  # when all before it is over
    planned = [*before, (large, 90)]
    assert earliest(2.0, 10, [(limit, planned)]) == 2.0
    assert (
        earliest(2.0, 11, [(limit, planned)]) == large + WINDOW
    )  # any earlier, and the large one would have to move


def test_nobody_starves() -> None:
    """In a flood of small requests a large one waits no longer than what came before it takes."""
    rng = random.Random(4)  # noqa: S311 - the same arrivals each time
    limit = Limit("b", 20, 1000)
    arrivals = [(rng.uniform(0, 600), rng.choice([10, 20, 900, 1000])) for _ in range(300)]
    _, waits = plan(arrivals, limit)
    ahead = 0
    for (_, tokens), wait in zip(sorted(arrivals, key=lambda a: a[0]), waits, strict=True):
        # Two windows for each one's worth of tokens and requests before it: what does not fit in one leaves a gap.
        bound = WINDOW * (1 + 2 * math.ceil(ahead / 1000) + 1)
        assert wait <= bound
        ahead += max(tokens, 50)


def test_several_limits_at_once() -> None:
    """Of a provider's limit and a model's, both hold."""
    provider, model = Limit("p", 2, None), Limit("p/m", None, 100)
    lanes = [(provider, [(0.0, 0), (5.0, 0)]), (model, [(10.0, 100)])]
    assert earliest(20.0, 1, lanes) == 10.0 + WINDOW
    assert earliest(20.0, 1, lanes[:1]) == WINDOW
    assert earliest(20.0, 1, []) == 20.0


def test_what_was_larger_than_expected_is_waited_for() -> None:
    """A correction may leave a minute too full: nothing is added to it, and the rest is not held up."""
    limit = Limit("b", None, 100)
    assert earliest(10.0, 1, [(limit, [(0.0, 500)])]) == WINDOW
    assert earliest(10.0, 100, [(limit, [(0.0, 500), (5.0, 1)])]) == 5.0 + WINDOW
