"""The whole path of an action: quote it, run it. Knows no editor and no terminal."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.consent import Consent, Unasked
from codefare.gate import checked
from codefare.guard import verify
from codefare.offered import OfferedCatalog
from codefare.quoter import Quoter
from codefare.quoting import Quote, Wish
from codefare.result import Result
from codefare.service import Service
from codefare.source.target import LARGE
from codefare.supply import Answer, Supply
from codefare.tasks import Ask
from codefare.tasks.outcome import Outcome, Refused
from codefare.trial import tried

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from codefare.meter import Progress
    from codefare.providers.endpoints import Endpoints
    from codefare.settings import Settings
    from codefare.store.answers import AnswerStore
    from codefare.store.ledger import Ledger
    from codefare.tasks import Subject, Task
    from codefare.tasks.surroundings import Surroundings
    from codefare_catalog import Catalog

log = logging.getLogger(__name__)

UNLIMITED = Decimal("Infinity")


class Engine:
    """Quotes and runs actions. One for each user session; safe to use from many tasks of one event loop."""

    def __init__(
        self,
        catalog: Catalog,
        tasks: Mapping[str, Task],
        around: Surroundings,
        settings: Settings,
        endpoints: Endpoints,
        answers: AnswerStore,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.quoter = Quoter(OfferedCatalog(catalog, endpoints), tasks, endpoints, settings, clock)
        self.around = around
        self.endpoints = endpoints
        self.answers = answers
        self.ledger = ledger
        self._looking: asyncio.Task[object] | None = None
        traffic = endpoints.traffic
        self._supply = Supply(answers, ledger, traffic.flights if traffic else None, clock)

    @property
    def catalog(self) -> Catalog:
        """All models: the catalog's, and those that a local server has beyond them."""
        return self.quoter.catalog

    @property
    def settings(self) -> Settings:
        """The settings that hold for what is quoted and run from now on."""
        return self.quoter.settings

    def adopt(self, settings: Settings) -> None:
        """Let other settings hold from now on."""
        self.quoter = replace(self.quoter, settings=settings)
        self.around.adopt(settings)

    async def open(self) -> None:
        """Open the stores and look for local servers, so that no quote has to wait for it."""
        await asyncio.gather(self.answers.open(), self.endpoints.warm_up())

    async def close(self) -> None:
        """End what is under way and close the stores. What is owed is settled before."""
        self.around.close()
        await self._supply.aclose()
        await self.endpoints.aclose()
        await self.answers.close()
        await self.ledger.close()

    async def quotes(self, asks: Sequence[Ask], *, wish: Wish | None = None) -> list[Quote]:
        """The quotes of what is asked, in the same order.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        return await self._quotes(asks, wish or Wish())

    async def quote(self, ask: Ask, *, wish: Wish | None = None) -> Quote:
        """The quote of one action.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        (quote,) = await self._quotes([ask], wish or Wish())
        return quote

    async def siblings(self, ask: Ask) -> list[Quote]:
        """The same on every model that can serve it: the task's own ranking first, then the others, cheapest first.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        quoter = self.quoter
        models = await asyncio.to_thread(quoter.alternatives, ask)
        return [await self.quote(ask, wish=Wish(model=model)) for model in models]

    async def read_again(self, result: Result, subject: Subject) -> Outcome:
        """What an answer means for a subject that has changed since; the guard looks at it anew."""
        quote = replace(result.quote, subject=subject)
        return await asyncio.to_thread(_read, self._task(quote), quote, result.answer)

    async def destination(self, quote: Quote) -> Path | None:
        """The other file that the action would write to, if it writes to one; it looks at the disk."""
        return await asyncio.to_thread(self._task(quote).destination, quote.subject)

    async def run(
        self,
        quote: Quote,
        *,
        progress: Callable[[Progress], None] = lambda _: None,
        consent: Consent | None = None,
        spent_usd: Decimal | None = Decimal(0),
    ) -> Result:
        """Run what was quoted. Its document must not change meanwhile: quote a copy.

        Where the offering fails, the next one down the ranking is asked; if that may cost more than was quoted, only
        with the user's consent. A request that is under way already is joined. `spent_usd` is what the same action took
        before on what was asked for first; it counts for the limit for one action, and is told with the result.

        Raises:
            NoModel: Nothing can serve the action.
            OverBudget: Its ceiling does not fit in the budget, or it was quoted as free and its answer is no longer in
                the cache; nothing was sent.
            Declined: The user did not agree to the price; nothing was sent.
            ProviderError: The request failed, and what to do.
        """
        service = Service(self._supply, self.quoter, progress, consent or Unasked(), spent_usd)
        served, answer = await service.answer(quote)
        if (refused := answer.refused) is not None:
            refused = replace(refused, answer=_restored(served, refused.answer))
            return self._made(served, answer, refused)
        return await self._result(served, answer)

    async def affordable(self, quote: Quote, spent_usd: Decimal | None = Decimal(0)) -> list[Quote]:
        """The same action on the models that fit in what is left of the budgets, cheapest first; none dearer.

        `spent_usd` is what the action took already; None if nobody knows, and then nothing fits in a limit for it.

        Raises:
            StoreError: The ledger cannot be used.
        """
        budget = self.settings.budget
        limits = []
        if budget.per_action_usd is not None:
            if spent_usd is None:
                return []
            limits.append(budget.per_action_usd - spent_usd)
        if budget.per_day_usd is not None:
            spent = await self.ledger.today()
            limits.append(budget.per_day_usd - spent.cost_usd - spent.reserved_usd)
        most = min(limits, default=UNLIMITED)
        quotes = await self.siblings(Ask(quote.action.id, quote.subject))
        fitting = [(q.cost, q) for q in quotes if q.cost is not None and q.cost.ceiling <= most]
        return [q for _, q in sorted(fitting, key=lambda one: (one[0].ceiling, one[0].likely))]

    async def _quotes(self, asks: Sequence[Ask], wish: Wish) -> list[Quote]:
        if self.endpoints.probe.is_stale:
            # For the next quote: this one is answered from memory.
            self._looking = asyncio.create_task(self.endpoints.probe.refresh())
        quoter = self.quoter  # the settings of one moment, for all of them
        if waiting := quoter.unprepared(asks):
            await asyncio.to_thread(quoter.prepare, waiting)

        large = any(len(ask.subject.target.text) > LARGE for ask in asks)
        if large:
            quotes = await asyncio.to_thread(quoter.drafts, asks, wish)
        else:
            quotes = quoter.drafts(asks, wish)
        if not self.settings.cache.enabled:
            return quotes
        known = await self.answers.has([quote.key for quote in quotes])
        return [replace(quote, cached=quote.key in known) for quote in quotes]

    def _task(self, quote: Quote) -> Task:
        return self.quoter.tasks[quote.action.id]

    async def _result(self, quote: Quote, answer: Answer) -> Result:
        text = _restored(quote, answer.stored.text)
        outcome = await asyncio.to_thread(_read, self._task(quote), quote, text)
        outcome, proof = await tried(self.settings, quote.subject, outcome, text)
        if isinstance(outcome, Refused) and not outcome.stands and self.settings.cache.enabled:
            # It comes with the result and is shown; from the cache it would only be refused again.
            await self.answers.forget(quote.key)
        return self._made(quote, answer, outcome, proof)

    def _made(self, quote: Quote, answer: Answer, outcome: Outcome, proof: str = "") -> Result:
        stored = answer.stored
        return Result(
            quote,
            outcome,
            _restored(quote, stored.text),
            stored.model,
            stored.provider,
            stored.usage,
            Decimal(0) if answer.cached or answer.joined else stored.cost_usd,
            answer.cached,
            answer.seconds,
            answer.estimated,
            proof,
            answer.joined,
            answer.lost_usd,
            answer.detour,
        )


def _read(task: Task, quote: Quote, answer: str) -> Outcome:
    """Off the loop: the guard parses the whole file."""
    subject = quote.subject
    outcome = verify(task.read(answer, subject), subject.document, subject.target, answer)
    return checked(outcome, quote.prompt, answer)


def _restored(quote: Quote, answer: str) -> str:
    """An answer with the secrets that were not sent; what is stored never holds them."""
    return quote.prompt.restored(answer, as_json=quote.action.result == "findings")
