"""What an action came to, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.quoting import OFFLINE

if TYPE_CHECKING:
    from codefare.quoting import Quote
    from codefare.tasks.outcome import Outcome
    from codefare_catalog import Usage


@dataclass(frozen=True, slots=True)
class Result:
    """What an action came to.

    `cost_usd` is what it cost now: nothing from the cache; None if the price is unknown. With `estimated` it comes
    of our own count, since the provider reported no usage, or the stream broke before it did. `proof` is what the
    user's own checker says of a fix, "" if there is none. A `joined` one is somebody else's, whose request was under
    way. `lost_usd` went to attempts that failed before it; `detour` tells, each in a sentence, why other models did not
    serve.
    """

    quote: Quote
    outcome: Outcome
    answer: str
    model: str
    provider: str
    usage: Usage | None
    cost_usd: Decimal | None
    cached: bool
    seconds: float
    estimated: bool = False
    proof: str = ""
    joined: bool = False
    lost_usd: Decimal | None = Decimal(0)
    detour: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What was done: `Document Parser.feed`."""
        return self.quote.phrase

    @property
    def model_name(self) -> str:
        """The model's name as a user knows it."""
        choice = self.quote.choice
        return choice.model.name if choice and choice.model.id == self.model else self.model

    @property
    def offline(self) -> bool:
        """Whether the offline engine made it."""
        return self.provider == OFFLINE

    @property
    def above_ceiling(self) -> bool:
        """Whether it cost more than its quote allowed."""
        costs = self.quote.choice.estimate.cost if self.quote.choice else None
        return bool(costs and self.cost_usd is not None and self.cost_usd > costs.ceiling)
