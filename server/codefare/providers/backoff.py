"""How long to wait before a request is sent again."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FIRST = 0.5
_LONGEST = 8.0
_JITTER = 0.25
_ANTHROPIC_LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")


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
    times (RFC 3339) of those `anthropic-ratelimit-*` limits that have nothing left. `now` carries a
    zone; the server's own `date` is used in its place if it sent one, so that a wrong clock here
    does not matter.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    now = _http_date(headers.get("date")) or now
    after = headers.get("retry-after")
    seconds = _number(after)
    if seconds is not None:
        return seconds
    date = _http_date(after)
    if date is not None:
        return max(0.0, (date - now).total_seconds())
    resets = [
        (reset - now).total_seconds()
        for limit in _ANTHROPIC_LIMITS
        if headers.get(f"anthropic-ratelimit-{limit}-remaining") == "0"
        and (reset := _timestamp(headers.get(f"anthropic-ratelimit-{limit}-reset"))) is not None
    ]
    return max(0.0, *resets) if resets else None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _http_date(text: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime  # 25 ms at start-up, for an answer that is rare

    try:
        date = parsedate_to_datetime(text) if text is not None else None
    except (ValueError, OverflowError):  # a year of twenty digits
        return None
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date


def _timestamp(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text is not None else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
