"""The way of one action past offerings that fail, down the ranking."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.errors import sentence
from codefare.store.amount import added
from codefare.store.cooldown import is_of_provider, kind_of
from codefare.store.place import ALL
from codefare.tasks import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.booking import Booking
    from codefare.errors import ProviderError
    from codefare.quoter import Quoter
    from codefare.quoting import Quote

MOST_OFFERINGS = 3
"""How many are asked for one action: each may take three attempts."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """What a model's offering failed with, in a sentence, and what to do about it."""

    model: str
    sentence: str
    remedy: str


@dataclass(slots=True)
class Detour:
    """What was agreed to, what is asked now, and what failed before it.

    `until` is the deadline for all of it, an instant of the event loop. `lost_usd` is what failed attempts took all
    the same; None if a price is not known.
    """

    agreed: Quote
    now: Quote
    booking: Booking
    until: float
    lost_usd: Decimal | None
    _failures: list[_Failure] = field(default_factory=list)
    _failed: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(
        cls, quote: Quote, booking: Booking, seconds: float, lost_usd: Decimal | None = Decimal(0)
    ) -> Detour:
        """The way as it was quoted: no detour yet.

        In the ledger it is one purchase, wherever it leads, and all of it takes so many seconds at most.
        """
        return cls(quote, quote, booking, _now() + seconds, lost_usd)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.until - _now()

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """The deadline is for those who are asked to serve: the time in which the user thinks is not counted."""
        began = _now()
        yield
        self.until += _now() - began

    def note(self, error: ProviderError) -> None:
        """The offering that is asked now has failed."""
        choice = self.now.choice
        if choice is None:
            return
        offering = choice.offering
        wire_id = ALL if is_of_provider(kind_of(error)) else offering.wire_id
        self._failed.add((offering.provider, wire_id))
        self.lost_usd = added((self.lost_usd, error.spent_usd))
        self._failures.append(_Failure(choice.model.name, sentence(str(error)), error.remedy))

    @property
    def said(self) -> list[str]:
        """Each failure in a sentence, with its model."""
        return [f"{one.model}: {one.sentence}" for one in self._failures]

    @property
    def instead(self) -> str:
        """The name of the model that is asked now in place of what was agreed to; "" if that is asked itself."""
        return self.now.choice.model.name if self._failures and self.now.choice else ""

    async def next(self, quoter: Quoter) -> Quote | None:
        """What the same wish comes to without the offerings that failed; None if nothing is left, or enough was asked.

        Raises:
            TargetError: The user's settings keep codefare away from the file by now.
        """
        if len(self._failures) >= MOST_OFFERINGS or self.left <= 0:
            return None
        # Whatever has to be read anew, or counted in a large file, holds nobody up.
        ask = Ask(self.agreed.action.id, self.agreed.subject)
        quote = await asyncio.to_thread(
            quoter.draft, ask, self.agreed.wish, frozenset(self._failed)
        )
        return quote if quote.choice is not None else None

    def is_dearer(self, quote: Quote) -> bool:
        """Whether the action may cost more by `quote`, with all that was lost, than was agreed to."""
        agreed, costs = self.agreed.cost, quote.cost
        if agreed is None:  # the price was not known, and is no better known now
            return costs is None
        if costs is None or self.lost_usd is None:
            return True
        return costs.ceiling + self.lost_usd > agreed.ceiling

    def whole(self, error: ProviderError) -> ProviderError:
        """The error that ends the way, with all that failed before it: in its text, and in what it took.

        Its remedy says what to do about each.
        """
        error.spent_usd = self.lost_usd
        if len(self._failures) > 1:
            error.args = (" ".join(self._told()),)
            before = [one.remedy for one in self._failures[:-1]]
            error.remedy = " ".join(dict.fromkeys(filter(None, (*before, error.remedy))))
        return error

    def _told(self) -> list[str]:
        """The failures, each once with all models that had it."""
        models: dict[str, list[str]] = {}
        for one in self._failures:
            models.setdefault(one.sentence, []).append(one.model)
        return [f"{', '.join(names)}: {failure}" for failure, names in models.items()]


def _now() -> float:
    return asyncio.get_running_loop().time()
