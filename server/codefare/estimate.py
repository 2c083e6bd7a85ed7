"""What a request would take on an offering: tokens, and what they cost. Pure arithmetic, nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from codefare.tariff import Tariff
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
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from codefare.tasks.prompt import Prompt

PriceChoice = Literal["current", "listed"]

# A quote is read, thought over, and run: its ceiling must hold for a peak hour that starts in between, and for the
# time that the request itself may take.
QUOTE_HOLDS = timedelta(minutes=15)
# Between the decision to send and the provider's clock.
_A_MOMENT = timedelta(minutes=1)

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
    """A workload on an offering: its tokens and its cost. `cost` is None where the price is unknown, never $0.

    `price` is the one of the `tariff` that holds at the instant of the estimate.
    """

    input: TokenCount
    output: Output
    cost: CostEstimate | None
    price: Price | None
    price_source: str
    tariff: Tariff = field(default_factory=Tariff)

    def priced(self, at: datetime) -> Estimate:
        """The same tokens at the prices of an instant (with a zone), with the ceiling for 15 minutes from then on."""
        price, ceiling = self.tariff.at(at), self.ceiling(at, at + QUOTE_HOLDS)
        costs = None
        if price is not None and ceiling is not None:
            low = Usage(input=self.input.low, output=self.output.low)
            likely = Usage(input=self.input.likely, output=self.output.likely)
            high = Usage(input=self.input.high, output=self.output.high)
            costs = CostEstimate(
                low=cost(price, low, at).low,
                likely=cost(price, likely, at).likely,
                high=cost(price, high, at).high,
                ceiling=ceiling,
            )
        return replace(self, cost=costs, price=price, price_source=self.tariff.source(at))

    def ceiling(self, start: datetime, end: datetime) -> Decimal | None:
        """The most that it can cost in USD if it is sent between two instants; None if the price is not known."""
        most = Usage(input=self.input.bound, output=self.output.max)
        return self.tariff.ceiling(most, start, end)

    def holds(self, at: datetime) -> bool:
        """Whether its ceiling holds for what is sent at `at`, or a moment later; also where no price is known."""
        now = self.ceiling(at, at + _A_MOMENT)
        return self.cost is None or now is None or now <= self.cost.ceiling


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
    tariff = _tariff(catalog, model, offering, prices)
    return Estimate(tokens, output, None, None, tariff.source(at), tariff).priced(at)


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


def _tariff(catalog: Catalog, model: Model, offering: Offering, prices: PriceChoice) -> Tariff:
    self_hosted = catalog.providers[offering.provider].self_hosted
    listed = model.listed.price if model.listed is not None else None
    if listed is not None and ((prices == "listed" and not self_hosted) or not offering.prices):
        return Tariff((listed,), offering.cache_minimum, listed=True)
    return Tariff(offering.prices, offering.cache_minimum)
