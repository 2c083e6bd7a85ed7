"""Where the answer to a quote comes from: the cache, a request that is under way, a purchase, the offline engine."""

from __future__ import annotations

import asyncio
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.booking import Booking, project_name, reuse
from codefare.errors import NoModel, OverBudget, ProviderError, Unreachable
from codefare.flight import Flights, Seat
from codefare.meter import Bill, Progress
from codefare.providers.base import Stop
from codefare.providers.offline import answer as offline_answer
from codefare.purchase import Allowance, Purchase, buy
from codefare.quoting import OFFLINE, Quote, Server
from codefare.store.answers import StoredAnswer
from codefare.tasks.outcome import Refused
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from codefare.detour import Detour
    from codefare.quoter import Quoter
    from codefare.settings import Settings
    from codefare.store.answers import AnswerStore
    from codefare.store.flights import Flights as SharedFlights
    from codefare.store.ledger import Ledger

_INCOMPLETE = {
    Stop.LENGTH: "The answer was cut off at its longest allowed length.",
    Stop.REFUSED: "The model declined to answer.",
    Stop.FILTERED: "The provider's content filter stopped the answer.",
    Stop.CONTEXT: "The request is longer than the model's window.",
    Stop.OTHER: "The answer is not complete.",
}


_WAITING = Progress(
    0.0, 0, Decimal(0), waiting="waiting for the same request of another editor or terminal"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, wherever it came from. `estimated`: what was used is our own count, in part at least.

    `refused` is why one that is not whole is not used. `lost_usd` went to attempts that failed before it; `detour`
    tells why other offerings did not serve. Of a `joined` one somebody else pays.
    """

    stored: StoredAnswer
    cached: bool
    seconds: float = 0.0
    estimated: bool = False
    refused: Refused | None = None
    lost_usd: Decimal | None = Decimal(0)
    joined: bool = False
    detour: tuple[str, ...] = ()


class Supply:
    """Brings answers. Equal requests that are under way at once are one request, across the user's processes, too.

    `shared` is what they know of each other's requests; None: nothing.
    """

    def __init__(
        self,
        answers: AnswerStore,
        ledger: Ledger,
        shared: SharedFlights | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._answers = answers
        self._ledger = ledger
        self._clock = clock
        self._shared = shared
        self._flights: Flights[Answer, Progress] = Flights()

    async def known(self, quote: Quote, quoter: Quoter) -> Answer | None:
        """The answer, if it was paid for already; the ledger is told that it need not be paid for again."""
        found = await self._answers.get(quote.key) if quoter.settings.cache.enabled else None
        if found is None:
            return None
        if found.provider != OFFLINE:
            project = await _project(quote, quoter)
            self._ledger.note_reuse(reuse(quote, found, project, quoter.catalog))
        return Answer(found, cached=True)

    async def booking(self, quote: Quote, quoter: Quoter) -> Booking:
        """What all attempts of the action will have in common in the ledger."""
        return Booking.of(await _project(quote, quoter))

    async def offline(self, quote: Quote, quoter: Quoter) -> Answer:
        """The offline engine's answer."""
        document, target = quote.subject.document, quote.target
        text = await asyncio.to_thread(offline_answer, quote.action.id, document, target)
        # As a model would have answered: what is kept holds no secret.
        text = quote.prompt.without(text)
        stored = StoredAnswer(text, OFFLINE, OFFLINE, Usage(), Decimal(0), self._clock(), OFFLINE)
        # Where it stands in for a model, the model's answer is still wanted the next time.
        if quote.server is Server.OFFLINE:
            await self._keep(quote, stored, quoter.settings)
        return Answer(stored, cached=False)

    async def buy(
        self,
        way: Detour,
        quoter: Quoter,
        allowance: Allowance,
        on_progress: Callable[[Progress], None],
    ) -> Answer:
        """The answer of the model that is asked now; that of an equal request under way already, if there is one.

        Raises:
            OverBudget: It does not fit in a budget; it was not sent.
            ProviderError: No answer, not even the beginning of one.
        """
        quote = way.now
        while True:
            joined, seat = self._flights.has(quote.key), Seat(on_progress)
            try:
                answer = await self._flights.join(
                    quote.key, lambda tell: self._buy(quote, quoter, way, allowance, tell), seat
                )
            except OverBudget:
                if not joined:
                    raise
                # That was another's allowance: now by our own.
            except ProviderError as error:
                if joined and error.unsent and way.left > 0:
                    continue  # no time was left for whoever came first; nothing was sent
                # All who wait are given the same one, and each adds to it.
                own = copy(error)
                own.spent_usd = error.spent_usd if seat.pays else Decimal(0)
                raise own from error
            else:
                paid = seat.pays or answer.cached
                return answer if paid else replace(answer, joined=True, lost_usd=Decimal(0))

    async def aclose(self) -> None:
        """End what is under way. What is owed is settled before."""
        await self._flights.aclose()

    async def _buy(
        self,
        quote: Quote,
        quoter: Quoter,
        way: Detour,
        allowance: Allowance,
        tell: Callable[[Progress], None],
    ) -> Answer:
        """Buy it, unless another process of the user's is doing so: then its answer is waited for."""
        shared = self._shared
        # Without a cache its answer would not come here.
        if shared is None or not quoter.settings.cache.enabled:
            return await self._pay(quote, quoter, way, allowance, tell)
        while (lead := await shared.lead(quote.key)) is None:
            tell(_WAITING)
            try:
                async with asyncio.timeout(way.left):
                    await shared.wait(quote.key)
            except TimeoutError:
                raise Unreachable(
                    "Another editor or terminal did not get the same answer in time.",
                    remedy="Try again in a few minutes or use another model.",
                ) from None
            found = await self.known(quote, quoter)
            if found is not None:
                return found
        with lead:
            # It may have come between the last look and the lead.
            found = await self.known(quote, quoter)
            return found or await self._pay(quote, quoter, way, allowance, tell)

    async def _pay(
        self,
        quote: Quote,
        quoter: Quoter,
        way: Detour,
        allowance: Allowance,
        tell: Callable[[Progress], None],
    ) -> Answer:
        choice = quote.choice
        if choice is None:
            raise NoModel("There is no model to ask.")

        def stored(text: str, bill: Bill) -> StoredAnswer:
            return StoredAnswer(
                text,
                choice.model.id,
                choice.offering.provider,
                bill.usage,
                bill.cost_usd,
                self._clock(),
                quote.prompt.template,
            )

        async def keep(text: str, bill: Bill) -> None:
            await self._keep(quote, stored(text, bill), quoter.settings)

        bought = await buy(
            quote,
            choice,
            quoter.request(quote),
            quoter.catalog.vocabularies[choice.model.vocabulary],
            quoter.endpoints,
            self._ledger,
            booking=way.booking,
            allowance=allowance,
            within=way.left,
            clock=self._clock,
            on_progress=tell,
            keep=keep,
        )
        whole = bought.stop is Stop.COMPLETE and bought.text.strip()
        return Answer(
            stored(bought.text, bought.bill),
            cached=False,
            seconds=bought.seconds,
            estimated=bought.bill.estimated,
            refused=None if whole else _incomplete(bought),
            lost_usd=bought.lost_usd,
        )

    async def _keep(self, quote: Quote, stored: StoredAnswer, settings: Settings) -> None:
        if settings.cache.enabled:
            await self._answers.put(quote.key, stored)


async def _project(quote: Quote, quoter: Quoter) -> str:
    """The name of the project that a quote's file is in."""
    return await asyncio.to_thread(project_name, quote.target.path, quoter.settings.roots)


def _incomplete(bought: Purchase) -> Refused:
    """What came is shown, since it may have been billed, and neither used nor kept.

    An answer of nothing is not whole either: kept, it would stand in the way of another one.
    """
    if bought.stop is Stop.COMPLETE:
        return Refused("The model answered nothing.", "Run it again or use another model.")
    if bought.stop is Stop.BROKEN:
        return Refused(bought.reason, f"Nothing was changed. {bought.remedy}", bought.text)
    reason = _INCOMPLETE.get(bought.stop, _INCOMPLETE[Stop.OTHER])
    said = f"{reason} (The provider says: {bought.reason}.)"
    return Refused(said, "Nothing was changed.", bought.text)
