"""Prices as catalog files write them."""

from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from codefare_catalog.price import LongPrompt, Peak, Price
from codefare_catalog.rows import Amount, RateField, Row, Tokens, Words, wrong

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class RatesRow(Row):
    """The rates of every class."""

    input: RateField
    output: RateField
    cache_write: RateField | None = None
    cache_write_1h: RateField | None = None
    cache_read: RateField | None = None

    @property
    def highest(self) -> tuple[Decimal, Decimal, Decimal]:
        """USD for fresh input, what is written to the cache, and output, at their high ends."""
        return self.input.high, (self.cache_write or self.input).high, self.output.high

    @model_validator(mode="after")
    def _cached_is_not_dearer(self) -> Self:
        """A ceiling counts every token as fresh."""
        if self.cache_read is not None and self.cache_read.high > self.input.high:
            raise wrong("cache_read must not be dearer than input")
        return self


class LongPromptRow(RatesRow):
    """A tier of `long_prompt`."""

    above_tokens: Tokens

    def build(self) -> LongPrompt:
        """The catalog's own type."""
        return LongPrompt(
            self.above_tokens,
            self.input,
            self.output,
            self.cache_write,
            self.cache_write_1h,
            self.cache_read,
        )


class PeakRow(Row):
    """The table `peak`: windows of UTC hours that do not cross midnight, weekdays, and a factor."""

    hours: Annotated[list[Annotated[tuple[time, time], Field(strict=False)]], Field(min_length=1)]
    weekdays: Annotated[list[Weekday], Field(min_length=1)]
    factor: Amount

    @model_validator(mode="after")
    def _windows_open_before_they_close(self) -> Self:
        for opens, closes in self.hours:
            if opens >= closes:
                raise wrong(
                    f"hours must open before they close, both on one day: {opens} to {closes}"
                )
        return self

    def build(self) -> Peak:
        """The catalog's own type."""
        days = frozenset(_WEEKDAYS.index(day) for day in self.weekdays)
        return Peak(tuple(self.hours), days, self.factor)


class PriceRow(RatesRow):
    """An entry of an offering's `prices`."""

    since: date | None = None
    long_prompt: list[LongPromptRow] = Field(default_factory=list)
    peak: PeakRow | None = None
    source: Words
    checked: date

    @model_validator(mode="after")
    def _tiers_climb(self) -> Self:
        """A ceiling counts too many tokens: a longer prompt must not be cheaper."""
        steps = [(0, self.highest)]
        steps += [(tier.above_tokens, tier.highest) for tier in self.long_prompt]
        for (above, rates), (above_next, rates_next) in pairwise(steps):
            cheaper = any(rate > next_ for rate, next_ in zip(rates, rates_next, strict=True))
            if above >= above_next or cheaper:
                raise wrong("long_prompt must be in order of above_tokens, no tier cheaper")
        return self

    def build(self) -> Price:
        """The catalog's own type."""
        return Price(
            input=self.input,
            output=self.output,
            source=self.source,
            checked=self.checked,
            cache_write=self.cache_write,
            cache_write_1h=self.cache_write_1h,
            cache_read=self.cache_read,
            since=self.since,
            long_prompt=tuple(tier.build() for tier in self.long_prompt),
            peak=self.peak.build() if self.peak else None,
        )
