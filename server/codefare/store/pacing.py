"""When a request may be sent so that no minute holds more than a provider allows: planning, no clock and no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = 61.0
"""Seconds: a minute, and some for what lies between our clock and the provider's."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many requests and tokens (prompt and answer) a minute may hold; None: as many as one likes.

    `bucket` names what they are counted together for: a provider, or one of its models.
    """

    bucket: str
    requests: int | None = None
    tokens: int | None = None


Sent = tuple[float, int]
"""When a request was sent, or will be (seconds), and its tokens."""


def earliest(now: float, tokens: int, lanes: Sequence[tuple[Limit, Sequence[Sent]]]) -> float:
    """The first instant from `now` on at which a request fits, whatever is planned before and after it.

    Nothing that has its place already is moved, so that none waits longer for one that came later; and one that fits
    into a gap takes it, so that none waits for a larger one that could not be sent yet anyway.

    Args:
        now: Seconds, on the clock of what was sent.
        tokens: What the request may take; one that is more than a limit counts as the limit.
        lanes: Each limit that holds, with what counts for it, in the order of time.
    """
    at = now
    while True:
        later = max((_fits_from(at, tokens, limit, sent) for limit, sent in lanes), default=at)
        if later <= at:
            return at
        at = later


def _fits_from(at: float, tokens: int, limit: Limit, sent: Sequence[Sent]) -> float:
    """`at` if the request fits there under one limit, else a later instant before which it does not.

    A window that ends at some instant holds what was sent less than its length before. Those that matter hold `at`, and
    end there or at something that is planned for later. If one is too full, the request has to come so late that enough
    of what that window begins with is over.
    """
    most = limit.tokens
    own = tokens if most is None else min(tokens, most)
    near = [(t, n) for t, n in sent if t + WINDOW > at and at + WINDOW > t]
    ends = [at, *(t for t, _ in near if t > at)]
    first = last = held = 0
    for end in ends:
        while last < len(near) and near[last][0] <= end:
            held += near[last][1]
            last += 1
        while first < last and near[first][0] + WINDOW <= end:
            held -= near[first][1]
            first += 1
        leaving, count, total = first, last - first, held
        while leaving < last and (
            (limit.requests is not None and count + 1 > limit.requests)
            or (most is not None and total + own > most)
        ):
            count, total = count - 1, total - near[leaving][1]
            leaving += 1
        if leaving > first:
            return near[leaving - 1][0] + WINDOW
    return at
