"""Models, offerings and vocabularies as catalog files write them."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from codefare_catalog.model import (
    Benchmarks,
    Listed,
    Model,
    Offering,
    RateLimits,
    ThinkingTokens,
    Vocabulary,
)
from codefare_catalog.price_rows import PriceRow
from codefare_catalog.rows import (
    Amount,
    Count,
    Lines,
    RateField,
    Row,
    Span,
    Tokens,
    Words,
    in_order,
    plain,
    wrong,
)

_ONE = Decimal(1)
# The public vocabularies whose counts were checked against the reference tokenizers.
Encoding = Literal["cl100k_base", "o200k_base", "deepseek_v3", "qwen3", "glm4", "kimi_k2"]


class VocabularyRow(Row):
    """A table `vocabularies.<id>`. An exact one needs no factors, any other needs all four."""

    encoding: Encoding
    exact: bool
    low: Amount = _ONE
    likely: Amount = _ONE
    high: Amount = _ONE
    bound: Amount = _ONE
    normalisation: Literal["none", "NFC"] = "none"
    framing_fixed: Count
    framing_per_message: Count
    source: Words

    @model_validator(mode="after")
    def _factors_fit(self) -> Self:
        factors = (self.low, self.likely, self.high, self.bound)
        if self.exact:
            if any(factor != _ONE for factor in factors):
                raise wrong("low, likely, high and bound are 1 where exact is true")
        elif not self.model_fields_set.issuperset({"low", "likely", "high", "bound"}):
            raise wrong("needs low, likely, high and bound where exact is false")
        elif self.low == 0 or not in_order(*factors):
            raise wrong("needs 0 < low <= likely <= high <= bound")
        return self

    def build(self, id_: str) -> Vocabulary:
        """The catalog's own type."""
        return Vocabulary(
            id=id_,
            encoding=self.encoding,
            exact=self.exact,
            low=self.low,
            likely=self.likely,
            high=self.high,
            bound=self.bound,
            normalisation=self.normalisation,
            framing_fixed=self.framing_fixed,
            framing_per_message=self.framing_per_message,
            source=self.source,
        )


class ListedRow(Row):
    """The table `listed`: the comparison document's figures."""

    input: RateField
    output: RateField
    cache_write: RateField | None = None
    cache_read: RateField | None = None
    context_window: Words
    context_text: str = ""
    cost_text: Lines = ()

    def build(self) -> Listed:
        """The catalog's own type."""
        return Listed(
            self.input,
            self.output,
            self.cache_write,
            self.cache_read,
            self.context_window,
            self.context_text,
            self.cost_text,
        )


class BenchmarksRow(Row):
    """The table `benchmarks`."""

    humaneval: Words | None = None
    mbpp: Words | None = None
    swe_bench: Words | None = None
    notes: Lines = ()

    def build(self) -> Benchmarks:
        """The catalog's own type."""
        return Benchmarks(self.humaneval, self.mbpp, self.swe_bench, self.notes)


class RateLimitsRow(Row):
    """The table `rate_limits`."""

    text: Words
    requests_per_minute: Span | None = None
    tokens_per_minute: Span | None = None

    def build(self) -> RateLimits:
        """The catalog's own type."""
        return RateLimits(self.text, self.requests_per_minute, self.tokens_per_minute)


class ThinkingRow(Row):
    """The table `thinking` of an offering."""

    low: Count
    likely: Count
    high: Count
    max: Count

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not in_order(self.low, self.likely, self.high, self.max):
            raise wrong("needs low <= likely <= high <= max")
        return self

    def build(self) -> ThinkingTokens:
        """The catalog's own type."""
        return ThinkingTokens(self.low, self.likely, self.high, self.max)


class OfferingRow(Row):
    """A table `models.<id>.offerings.<provider>`."""

    wire_id: Words
    aliases: Lines = ()
    context_window: Tokens
    max_output: Tokens
    cache_minimum: Count | None = None
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extra_body: dict[str, Any] = Field(default_factory=dict)
    thinking: ThinkingRow | None = None
    prices: list[PriceRow] = Field(default_factory=list)

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.max_output > self.context_window:
            raise wrong("max_output must fit in context_window")
        days = [price.since or date.min for price in self.prices]
        if any(day >= later for day, later in pairwise(days)):
            raise wrong("prices must be in order of since; only the first may have none")
        return self

    def build(self, model: str, provider: str) -> Offering:
        """The catalog's own type."""
        return Offering(
            model=model,
            provider=provider,
            wire_id=self.wire_id,
            context_window=self.context_window,
            max_output=self.max_output,
            prices=tuple(price.build() for price in self.prices),
            aliases=self.aliases,
            cache_minimum=self.cache_minimum,
            max_tokens_field=self.max_tokens_field,
            extra_body=plain(self.extra_body),
            thinking=self.thinking.build() if self.thinking else None,
        )


class ModelRow(Row):
    """A table `models.<id>`."""

    name: Words
    vendor: Words
    vocabulary: Words
    offerings: dict[str, OfferingRow] = Field(default_factory=dict)
    listed: ListedRow | None = None
    retires_at: date | None = None
    successor: Words | None = None
    newer: Words | None = None
    release: Words | None = None
    open_weights: bool = False
    strengths: Lines = ()
    best_for: Lines = ()
    notes: Lines = ()
    benchmarks: BenchmarksRow = Field(default_factory=BenchmarksRow)
    speed: Words | None = None
    cost_rank: Words | None = None
    rate_limits: RateLimitsRow | None = None

    @model_validator(mode="after")
    def _successor_has_its_day(self) -> Self:
        if self.successor is not None and self.retires_at is None:
            raise wrong(
                "a successor needs retires_at, the day on which it takes over; else use newer"
            )
        return self

    def build(self, id_: str, tier: str | None) -> Model:
        """The catalog's own type. `tier` is the tier that lists this model."""
        return Model(
            id=id_,
            name=self.name,
            vendor=self.vendor,
            vocabulary=self.vocabulary,
            offerings=tuple(row.build(id_, key) for key, row in self.offerings.items()),
            tier=tier,
            listed=self.listed.build() if self.listed else None,
            retires_at=self.retires_at,
            successor=self.successor,
            newer=self.newer,
            release=self.release,
            open_weights=self.open_weights,
            strengths=self.strengths,
            best_for=self.best_for,
            notes=self.notes,
            benchmarks=self.benchmarks.build(),
            speed=self.speed,
            cost_rank=self.cost_rank,
            rate_limits=self.rate_limits.build() if self.rate_limits else None,
        )
