"""Models, and the offerings through which providers serve them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal

from codefare_catalog.price import Price, Rate, in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Status = Literal["served", "retiring", "retired"]
Normalisation = Literal["none", "NFC"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a model's tokens are counted.

    `encoding` names a public vocabulary. Where the model's own is not public, `exact` is false and
    a count in `encoding` is multiplied: by `likely` for the estimate, `low` and `high` for its 90 %
    band, `bound` for a ceiling. `framing_fixed` and `framing_per_message` are the tokens that a
    chat request adds around its texts.
    """

    id: str
    encoding: str
    exact: bool
    low: Decimal
    likely: Decimal
    high: Decimal
    bound: Decimal
    normalisation: Normalisation
    framing_fixed: int
    framing_per_message: int
    source: str


@dataclass(frozen=True, slots=True)
class ThinkingTokens:
    """Tokens of a model that cannot be kept from thinking before it answers; billed as output.

    `low` to `high` is the usual band; the request's limit on output needs `max` more than the
    answer alone.
    """

    low: int
    likely: int
    high: int
    max: int


@dataclass(frozen=True, slots=True)
class Offering:
    """A model at a provider at a price: what a request really goes to.

    `prices` are in order of their `since`; `cache_minimum` is the shortest prompt prefix (tokens)
    that the provider caches; `extra_body` is merged into the request body (turning thinking off,
    for one). `thinking` is None where the model does not think, or `extra_body` turns it off.
    """

    model: str
    provider: str
    wire_id: str
    context_window: int
    max_output: int
    prices: tuple[Price, ...]
    aliases: tuple[str, ...] = ()
    cache_minimum: int | None = None
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    thinking: ThinkingTokens | None = None

    def price_at(self, at: datetime) -> Price | None:
        """The price in force at `at` (with a zone; days are UTC)."""
        return in_force(self.prices, at)


@dataclass(frozen=True, slots=True)
class Listed:
    """The row of the comparison document's cost table (2026-02-07): USD per million tokens.

    A cache class is None where the document has none. `context_window` is its text ("200K",
    "32-131K"). `context_text` and `cost_text` are the words of the model's own section, which say
    more ("32,768 tokens (131K tokens for some variants)").
    """

    input: Rate
    output: Rate
    cache_write: Rate | None
    cache_read: Rate | None
    context_window: str
    context_text: str = ""
    cost_text: tuple[str, ...] = ()

    @property
    def price(self) -> Price:
        """These figures as a price that can be quoted with (the setting `prices = "listed"`).

        The document's cache columns stand one class off (its "write" is the true read price), so
        that a quote with listed prices never uses them: cached tokens are billed as fresh input.
        """
        return Price(self.input, self.output, LISTED_SOURCE, LISTED_DATE)


LISTED_SOURCE = "the comparison document of 2026-02-07"
LISTED_DATE = date(2026, 2, 7)


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """Texts of the comparison document, marks kept: "~92% (estimated)". None where it gives none.

    `swe_bench` is the word of its summary table; `notes` hold what only the model's own section
    says.
    """

    humaneval: str | None = None
    mbpp: str | None = None
    swe_bench: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests and tokens per minute as (low, high), and the document's own words for them."""

    text: str
    requests_per_minute: tuple[int, int] | None = None
    tokens_per_minute: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A catalog entry, such as `claude-opus-4.6`.

    `retires_at` is the first day (UTC) on which it no longer answers; `successor` then takes its
    place. `newer` names a newer model that is not forced. The document's figures (`listed`,
    benchmarks and the like) are empty for successors; `tier` is that of the recommended pool, None
    for a model that is not in it.
    """

    id: str
    name: str
    vendor: str
    vocabulary: str
    offerings: tuple[Offering, ...]
    tier: str | None = None
    listed: Listed | None = None
    retires_at: date | None = None
    successor: str | None = None
    newer: str | None = None
    release: str | None = None
    open_weights: bool = False
    strengths: tuple[str, ...] = ()
    best_for: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    speed: str | None = None
    cost_rank: str | None = None
    rate_limits: RateLimits | None = None

    def is_retired(self, at: datetime) -> bool:
        """Whether the model no longer answers at `at` (with a zone)."""
        return self.retires_at is not None and at.astimezone(UTC).date() >= self.retires_at

    def status(self, at: datetime) -> Status:
        """`served`, `retiring` (a day is set) or `retired`."""
        if self.is_retired(at):
            return "retired"
        return "served" if self.retires_at is None else "retiring"
