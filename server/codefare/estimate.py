"""What a request would take on an offering: tokens, and what they cost. Pure arithmetic, nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from codefare.tokens import TokenCount, count_request, scaled
from codefare_catalog import (
    Catalog,
    Model,
    Offering,
    Price,
    ThinkingTokens,
    Usage,
    Vocabulary,
    cost,
    highest_cost,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from codefare.tasks.prompt import Prompt

PriceChoice = Literal["current", "listed"]

# A quote is read, thought over, and run: its ceiling must hold for a peak hour that starts in between, and for the
# time that the request itself may take.
QUOTE_HOLDS = timedelta(minutes=15)


_NO_THINKING = ThinkingTokens(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Output:
    """Tokens of the answer: the likely number, its 90 % band, and the most that the request allows."""

    low: int
    likely: int
    high: int
    max: int


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """USD: the likely cost, its band, and the ceiling that no bill at this price exceeds."""

    low: Decimal
    likely: Decimal
    high: Decimal
    ceiling: Decimal


@dataclass(frozen=True, slots=True)
class Workload:
    """What a request needs, whichever model serves it.

    `input` counts its prompt in a vocabulary; `output` is in tokens of o200k, the yardstick of the catalog's shapes.
    """

    input: Callable[[Vocabulary], TokenCount]
    output: Output

    @classmethod
    def of_prompt(cls, prompt: Prompt) -> Workload:
        """The workload of a prompt that is ready to be sent; each vocabulary counts it once."""
        counted: dict[str, TokenCount] = {}

        def counts(vocabulary: Vocabulary) -> TokenCount:
            if vocabulary.id not in counted:
                counted[vocabulary.id] = count_request(vocabulary, (prompt.system, prompt.user))
            return counted[vocabulary.id]

        output = Output(
            prompt.output_low, prompt.output_likely, prompt.output_high, prompt.output_max
        )
        return cls(counts, output)

    @classmethod
    def of_tokens(cls, tokens: int, output: Output) -> Workload:
        """A workload of so many prompt tokens, in any vocabulary."""
        return cls(lambda _: TokenCount.of(tokens), output)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A workload on an offering: its tokens and its cost. `cost` is None where the price is unknown, never $0."""

    input: TokenCount
    output: Output
    cost: CostEstimate | None
    price: Price | None
    price_source: str


def estimate(
    catalog: Catalog,
    model: Model,
    offering: Offering,
    workload: Workload,
    *,
    at: datetime,
    prices: PriceChoice = "current",
) -> Estimate:
    """What `workload` takes on `offering` if sent at `at` (with a zone) or within 15 minutes of it.

    With `prices="listed"` the figures of the comparison document are used where the model has them and the provider
    is not one of the user's own machines, which cost nothing either way.
    """
    vocabulary = catalog.vocabularies[model.vocabulary]
    tokens = workload.input(vocabulary)
    output = _output(offering, workload.output, vocabulary)
    price, source = _price(catalog, model, offering, at, prices)
    if price is None:
        return Estimate(tokens, output, None, None, source)
    usage = Usage(input=tokens.likely, output=output.likely)
    ceiling_usage = Usage(input=tokens.bound, output=output.max)
    until = at + QUOTE_HOLDS
    costs = CostEstimate(
        low=cost(price, Usage(input=tokens.low, output=output.low), at).low,
        likely=cost(price, usage, at).likely,
        high=cost(price, Usage(input=tokens.high, output=output.high), at).high,
        ceiling=_ceiling(price, ceiling_usage, at, until, offering.cache_minimum),
    )
    return Estimate(tokens, output, costs, price, source)


def fits(
    offering: Offering, needed: Estimate, workload: Workload, vocabulary: Vocabulary
) -> str | None:
    """Why the request does not fit the offering's window or output limit; None if it does."""
    answer = scaled(workload.output.high, vocabulary.high)
    if offering.thinking is not None:
        answer += offering.thinking.high
    if answer > offering.max_output:
        return f"the answer may need {answer:,} tokens, it writes at most {offering.max_output:,}"
    total = needed.input.high + needed.output.max
    if total > offering.context_window:
        return f"needs {total:,} tokens, its window holds {offering.context_window:,}"
    return None


def _output(offering: Offering, wanted: Output, vocabulary: Vocabulary) -> Output:
    """The answer in the model's own tokens, with the thinking that it cannot be kept from."""
    thinking = offering.thinking or _NO_THINKING
    most = offering.max_output
    return Output(
        low=min(scaled(wanted.low, vocabulary.low) + thinking.low, most),
        likely=min(scaled(wanted.likely, vocabulary.likely) + thinking.likely, most),
        high=min(scaled(wanted.high, vocabulary.high) + thinking.high, most),
        max=min(scaled(wanted.max, vocabulary.high) + thinking.max, most),
    )


def _ceiling(
    price: Price, usage: Usage, start: datetime, until: datetime, cache_minimum: int | None
) -> Decimal:
    """The dearest way in which the provider can bill these tokens: its cache writes may cost more than fresh input."""
    dearest = highest_cost(price, usage, start, until)
    if price.cache_write is not None and usage.input >= (cache_minimum or 0):
        written = Usage(cache_write=usage.input, output=usage.output)
        dearest = max(dearest, highest_cost(price, written, start, until))
    return dearest


def _price(
    catalog: Catalog, model: Model, offering: Offering, at: datetime, prices: PriceChoice
) -> tuple[Price | None, str]:
    self_hosted = catalog.providers[offering.provider].self_hosted
    if prices == "listed" and model.listed is not None and not self_hosted:
        return model.listed.price, model.listed.price.source
    price = offering.price_at(at)
    if price is not None:
        return price, f"{price.source}, checked {price.checked.isoformat()}"
    if model.listed is not None:
        return model.listed.price, model.listed.price.source
    return None, "no price known"
