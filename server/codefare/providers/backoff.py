"""How long to wait before a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.providers.allowance import allowances, http_date, number, server_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_FIRST = 0.5
_LONGEST = 8.0
_JITTER = 0.25


def backoff(retry: int, random: Callable[[], float]) -> float:
    """Seconds before retry number `retry` (from 1): 0.5, 1, 2, 4, 8, 8, …, less up to a quarter.

    The vendors' own clients wait as long; the jitter keeps several editors from coming back at
    once.
    """
    wait: float = min(_FIRST * 2.0 ** (retry - 1), _LONGEST)
    return wait * (1 - _JITTER * random())


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the server asks to wait, from its answer's headers; None if it does not say.

    Read in this order: `retry-after-ms`, `retry-after` (seconds or an HTTP date), and the reset
    times of those `anthropic-ratelimit-*` (RFC 3339) and `x-ratelimit-*` (`6m0s`) limits that have
    nothing left. `now` carries a zone; the server's own `date` is used in its place if it sent one,
    so that a wrong clock here does not matter.
    """
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    now = server_time(headers, now)
    after = headers.get("retry-after")
    seconds = number(after)
    if seconds is not None:
        return seconds
    date = http_date(after)
    if date is not None:
        return max(0.0, (date - now).total_seconds())
    resets = [each.reset for each in allowances(headers, now) if each.remaining == 0]
    return max(resets) if resets else None
