"""From a quote to its answer: asked about, paid for within the budgets, and past offerings that fail."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from codefare.detour import Detour
from codefare.errors import Declined, NoModel, OverBudget, ProviderError
from codefare.money import price_tag
from codefare.purchase import RISEN, Allowance
from codefare.quoting import Quote, Server
from codefare.store.amount import added

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.consent import Consent
    from codefare.meter import Progress
    from codefare.quoter import Quoter
    from codefare.supply import Answer, Supply

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """Serves one action. Its settings are those of the moment at which it began."""

    supply: Supply
    quoter: Quoter
    progress: Callable[[Progress], None]
    consent: Consent
    spent_usd: Decimal | None = Decimal(0)
    """What the same action took before, on what was asked for first."""

    async def answer(self, quote: Quote) -> tuple[Quote, Answer]:
        """The answer, and the quote of what gave it: another one than was asked for where that failed.

        Raises:
            NoModel: Nothing can serve the action.
            OverBudget: Its ceiling does not fit in the budget, it was quoted as free and its answer is no longer in
                the cache, or its price has risen since; nothing was sent.
            Declined: The user did not agree to the price; nothing was sent.
            ProviderError: The request failed, and what to do.
        """
        found = await self.supply.known(quote, self.quoter)
        if found is not None:
            return quote, found
        if quote.server is Server.OFFLINE:
            return quote, await self.supply.offline(quote, self.quoter)
        if quote.cached:
            # Cleared by another process since the quote, say: neither the user nor the budget agreed to a price.
            raise OverBudget(
                "The answer is no longer in the cache, so that the action is not free any more.",
                remedy="Nothing was sent. Run it again to see its price.",
            )
        if quote.choice is None:
            raise NoModel(
                f"{quote.action.title} needs a model.",
                remedy=f"{quote.limit.reason}."
                if quote.limit
                else f"For {quote.wanted}: {quote.remedy}.",
            )
        await self._confirm(quote)
        held = await self._held(quote)
        if held is None or held.choice is None:
            raise OverBudget(RISEN, remedy="Nothing was sent. Run it again to see its price now.")
        booking = await self.supply.booking(held, self.quoter)
        seconds = self.quoter.endpoints.longest(held.choice.offering)
        return await self._travel(Detour.of(held, booking, seconds, self.spent_usd))

    async def _confirm(self, quote: Quote) -> None:
        """Nothing, if the price is within the limits and the user agrees to it.

        Raises:
            OverBudget: It does not fit in the limit for one action.
            Declined: He does not.
        """
        costs, above = quote.cost, self.quoter.settings.budget.confirm_above_usd
        self._allowance(self.spent_usd).hold(costs.ceiling if costs else None)
        if above is None or (costs is not None and costs.ceiling <= above):
            return
        if not await self.consent.confirm(quote):
            raise Declined(f"{quote.phrase} was not run: its price was not agreed to.")

    async def _held(self, quote: Quote) -> Quote | None:
        """The quote, at a price that holds now: questions stay open for hours. None if he does not want it any more."""
        while not quote.holds(now := self.quoter.clock()):
            quote = quote.priced(now)
            if not await self.consent.instead(quote, RISEN):
                return None
        return quote

    def _allowance(self, spent_usd: Decimal | None) -> Allowance:
        budget = self.quoter.settings.budget
        return Allowance(budget.per_day_usd, budget.per_action_usd, spent_usd)

    async def _travel(self, way: Detour) -> tuple[Quote, Answer]:
        """What the first offering that serves gives."""
        while True:
            try:
                return way.now, await self._serve(way)
            except ProviderError as error:
                way.note(error)
                following = await self._following(way, error)
                if following is None:
                    return way.agreed, await self._without_model(way, error)
                # Not a warning: the user hears of it with the result, in better words.
                log.info("%s: the next offering is asked", type(error).__name__)
                way.now = following
            except OverBudget as over:
                over.spent_usd = added((way.lost_usd, over.spent_usd))
                raise

    async def _serve(self, way: Detour) -> Answer:
        """The answer of the offering that is asked now, from the cache or paid for."""
        answer = await self.supply.known(way.now, self.quoter) if way.said else None
        if answer is None:
            allowance, tell = self._allowance(way.lost_usd), partial(self._tell, way)
            answer = await self.supply.buy(way, self.quoter, allowance, tell)
        lost = added((way.lost_usd, answer.lost_usd))
        return replace(answer, lost_usd=lost, detour=tuple(way.said))

    def _tell(self, way: Detour, made: Progress) -> None:
        """How far it is, and what the action came to: with what was lost before what is asked now."""
        cost_usd = added((way.lost_usd, made.cost_usd))
        # What was lost may be our own count.
        estimated = made.estimated or way.lost_usd != 0
        self.progress(replace(made, cost_usd=cost_usd, estimated=estimated, instead=way.instead))

    async def _following(self, way: Detour, error: ProviderError) -> Quote | None:
        """What to ask after a failure; None if there is nothing, or the user does not want it."""
        following = await way.next(self.quoter) if error.elsewhere else None
        if following is None or not way.is_dearer(following):
            return following
        with way.standing_still():
            wanted = await self.consent.instead(following, way.said[-1])
            held = await self._held(following) if wanted else None
        if held is not None:
            return held
        if following.choice is not None:
            name, price = following.choice.model.name, price_tag(following.cost)
            error.remedy += f" {name} could serve, for more than you agreed to ({price}): choose it if you want that."
        return None

    async def _without_model(self, way: Detour, error: ProviderError) -> Answer:
        """The offline engine's answer, if the user wants that.

        Raises:
            ProviderError: He does not.
        """
        quote = way.agreed
        able = self.quoter.serves_offline(quote.subject, quote.action)
        if not self.quoter.settings.offline_fallback or not able:
            raise way.whole(error)
        log.warning("%s: the offline engine serves instead", type(error).__name__)
        answer = await self.supply.offline(quote, self.quoter)
        return replace(answer, lost_usd=way.lost_usd, detour=tuple(way.said))
