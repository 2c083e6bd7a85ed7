"""What tokens cost: rates, prices, usage by class, and the one function that multiplies them.

All money is exact `Decimal` in USD; rates are USD per million tokens; token counts are `int`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MILLION = Decimal(1_000_000)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per million tokens; `low` and `high` differ where a source gives a range."""

    low: Decimal
    high: Decimal

    @property
    def is_range(self) -> bool:
        """Whether the source gave two figures."""
        return self.low != self.high

    @property
    def likely(self) -> Decimal:
        """The middle of the range."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class LongPrompt:
    """The rates of the whole request once its prompt is longer than `above_tokens`.

    Rates, not factors on the base price: Alibaba's steps (0.30, 0.50, 0.80, 1.60) are no exact
    multiples.
    """

    above_tokens: int
    input: Rate
    output: Rate
    cache_write: Rate | None = None
    cache_write_1h: Rate | None = None
    cache_read: Rate | None = None


@dataclass(frozen=True, slots=True)
class Peak:
    """A factor on every class between these hours (UTC) on these weekdays (Monday is 0)."""

    hours: tuple[tuple[time, time], ...]
    weekdays: frozenset[int]
    factor: Decimal

    def applies(self, at: datetime) -> bool:
        """Whether `at` (with a zone) lies in a peak window; a window excludes its end."""
        utc = at.astimezone(UTC)
        clock = utc.time()
        return utc.weekday() in self.weekdays and any(a <= clock < b for a, b in self.hours)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether any instant from `start` to `end` lies in a peak window."""
        if self.applies(start) or self.applies(end):
            return True
        day = start.astimezone(UTC).date()
        last = end.astimezone(UTC).date()
        while day <= last:
            for opens, _ in self.hours:
                instant = datetime.combine(day, opens, UTC)
                if start <= instant <= end and day.weekday() in self.weekdays:
                    return True
            day += _DAY
        return False


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider bills for one model from `since` on.

    A class without a rate is billed as fresh input. `long_prompt` holds the tiers for longer
    prompts, in order of their thresholds. `source` names where the figures were read and `checked`
    the day they were.
    """

    input: Rate
    output: Rate
    source: str
    checked: date
    cache_write: Rate | None = None
    cache_write_1h: Rate | None = None
    cache_read: Rate | None = None
    since: date | None = None
    long_prompt: tuple[LongPrompt, ...] = ()
    peak: Peak | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens by billing class. `input` is fresh input only: it excludes both cache classes."""

    input: int = 0
    output: int = 0
    cache_write: int = 0
    cache_read: int = 0

    @property
    def prompt(self) -> int:
        """All tokens of the prompt, whichever way they are billed."""
        return self.input + self.cache_write + self.cache_read


@dataclass(frozen=True, slots=True)
class Cost:
    """USD; `low` and `high` differ only where the price is a range."""

    low: Decimal
    high: Decimal

    @property
    def likely(self) -> Decimal:
        """The middle of the range."""
        return (self.low + self.high) / 2


FREE = Cost(Decimal(0), Decimal(0))


def in_force(prices: Sequence[Price], at: datetime) -> Price | None:
    """The price that holds at `at` (with a zone; days are UTC).

    The last whose `since` has come; the first if none has.
    """
    day = at.astimezone(UTC).date()
    come = [price for price in prices if price.since is None or price.since <= day]
    if come:
        return come[-1]
    return prices[0] if prices else None


def cost(price: Price, usage: Usage, at: datetime) -> Cost:
    """What `usage` costs in USD at `price` for a request sent at the instant `at` (with a zone).

    Each token is billed in exactly one class. Peak hours and long-prompt tiers apply to the whole
    request.
    """
    peak = price.peak.factor if price.peak and price.peak.applies(at) else Decimal(1)
    return _cost(price, usage, peak)


def highest_cost(price: Price, usage: Usage, start: datetime, end: datetime) -> Decimal:
    """The most that `usage` can cost in USD if sent between `start` and `end`: for ceilings."""
    peak = Decimal(1)
    if price.peak and price.peak.overlaps(start, end):
        peak = max(peak, price.peak.factor)
    return _cost(price, usage, peak).high


def _cost(price: Price, usage: Usage, peak: Decimal) -> Cost:
    rates: Price | LongPrompt = price
    for tier in price.long_prompt:
        if usage.prompt > tier.above_tokens:
            rates = tier
    classes = (
        (usage.input, rates.input),
        (usage.cache_write, rates.cache_write or rates.input),
        (usage.cache_read, rates.cache_read or rates.input),
        (usage.output, rates.output),
    )
    low = sum((tokens * rate.low for tokens, rate in classes), Decimal(0))
    high = sum((tokens * rate.high for tokens, rate in classes), Decimal(0))
    return Cost(peak * low / MILLION, peak * high / MILLION)
