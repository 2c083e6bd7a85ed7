"""What providers say of their rate limits in the headers of each answer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Anthropic's names (https://docs.anthropic.com/en/api/rate-limits) and OpenAI's
# (https://platform.openai.com/docs/guides/rate-limits), which many others have taken over.
_ANTHROPIC = ("requests", "tokens", "input-tokens", "output-tokens")
_OPENAI = ("requests", "tokens")
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(d|h|ms|m|us|µs|ns|s)")
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_LONGEST = 366 * 86400.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one limit: `limit` and `remaining` of requests or tokens, all of it again in `reset` seconds."""

    of_requests: bool
    limit: float | None
    remaining: float
    reset: float

    def wait_for(self, amount: float) -> float:
        """Seconds until `amount` is left: limits fill up evenly (both vendors say so), up to their size."""
        missing = min(amount, math.inf if self.limit is None else self.limit) - self.remaining
        if missing <= 0:
            return 0.0
        if self.limit is None or self.limit <= self.remaining:
            return self.reset
        return self.reset * min(1.0, missing / (self.limit - self.remaining))


def allowances(headers: Mapping[str, str], now: datetime) -> list[Allowance]:
    """The limits that an answer tells of; `now` (with a zone) is the server's time."""
    found = []
    for prefix, names in (("anthropic-ratelimit", _ANTHROPIC), ("x-ratelimit", _OPENAI)):
        for name in names:
            if prefix == "x-ratelimit":
                limit, remaining, until = (
                    f"{prefix}-{word}-{name}" for word in ("limit", "remaining", "reset")
                )
                reset = duration(headers.get(until))
            else:
                limit, remaining, until = (
                    f"{prefix}-{name}-{word}" for word in ("limit", "remaining", "reset")
                )
                moment = _timestamp(headers.get(until))
                reset = None if moment is None else max(0.0, (moment - now).total_seconds())
            left = number(headers.get(remaining))
            if left is not None and reset is not None:
                requests = name == "requests"
                found.append(Allowance(requests, number(headers.get(limit)), left, reset))
    return found


def pause_after(headers: Mapping[str, str], now: datetime, tokens: int) -> float:
    """Seconds until another request of so many tokens fits into what an answer says is left; 0 if it does."""
    waits = [a.wait_for(1 if a.of_requests else tokens) for a in allowances(headers, now)]
    return max(waits, default=0.0)


def server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    """The server's own time if it tells, so that a wrong clock here does not matter; else `now`."""
    return http_date(headers.get("date")) or now


def duration(text: str | None) -> float | None:
    """Seconds of a duration such as `6m0s`, `1.5s` or `120ms`, or of a plain number; None of anything else."""
    plain = number(text)
    if plain is None:
        if text is None or not text or _DURATION.sub("", text):
            return None
        plain = sum(float(count) * _SECONDS[unit] for count, unit in _DURATION.findall(text))
    return plain if plain <= _LONGEST else None


def number(text: str | None) -> float | None:
    """A number that is not negative; None of anything else."""
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def http_date(text: str | None) -> datetime | None:
    """A date as HTTP writes it."""
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
