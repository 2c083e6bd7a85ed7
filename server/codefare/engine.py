"""The whole path of an action: quote it, run it. Knows no editor and no terminal."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.errors import NoModel, OverBudget, ProviderError
from codefare.guard import verify
from codefare.offered import OfferedCatalog
from codefare.providers.base import Stop
from codefare.providers.offline import answer as offline_answer
from codefare.purchase import Progress, Purchase, buy
from codefare.quoter import Quoter
from codefare.quoting import OFFLINE, Quote, Server, Wish
from codefare.result import Result
from codefare.source.target import LARGE
from codefare.store.amount import dollars
from codefare.store.answers import StoredAnswer
from codefare.tasks.outcome import Edit, Outcome, Refused
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from codefare.providers.endpoints import Endpoints
    from codefare.settings import Settings
    from codefare.store.answers import AnswerStore
    from codefare.store.ledger import Ledger
    from codefare.tasks import Ask, Subject, Task
    from codefare.tasks.surroundings import Surroundings
    from codefare_catalog import Catalog

log = logging.getLogger(__name__)

_INCOMPLETE = {
    Stop.LENGTH: "The answer was cut off at its longest allowed length.",
    Stop.REFUSED: "The model declined to answer.",
    Stop.FILTERED: "The provider's content filter stopped the answer.",
    Stop.CONTEXT: "The request is longer than the model's window.",
    Stop.OTHER: "The answer is not complete.",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, wherever it came from. `estimated`: what was used is our own count, in part at least."""

    stored: StoredAnswer
    cached: bool
    seconds: float = 0.0
    estimated: bool = False


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
        self._clock = clock
        self._looking: asyncio.Task[object] | None = None

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
        self, quote: Quote, *, progress: Callable[[Progress], None] = lambda _: None
    ) -> Result:
        """Run what was quoted. Its document must not change meanwhile: quote a copy.

        Raises:
            NoModel: Nothing can serve the action.
            OverBudget: Its ceiling does not fit in the budget, or it was quoted as free and its answer is no longer in
                the cache; nothing was sent.
            ProviderError: The request failed, and what to do.
        """
        found = await self.answers.get(quote.key) if self.settings.cache.enabled else None
        if found is not None:
            return await self._result(quote, _Answer(found, cached=True))
        if quote.server is Server.OFFLINE:
            return await self._result(quote, await self._offline(quote))
        if quote.cached:
            # Cleared by another process since the quote, say: neither the user nor the budget agreed to a price.
            raise OverBudget(
                "The answer is no longer in the cache, so that the action is not free any more.",
                remedy="Nothing was sent. Run it again to see its price.",
            )
        if quote.choice is None:
            raise NoModel(
                f"{quote.action.title} needs a model.",
                remedy=f"For {quote.wanted}: {quote.remedy}.",
            )
        self._check_budget(quote)
        try:
            return await self._ask(quote, progress)
        except ProviderError as error:
            if not self.settings.offline_fallback or not self.quoter.serves_offline(
                quote.subject, quote.action
            ):
                raise
            log.warning("%s: the offline engine serves instead", type(error).__name__)
            return await self._result(quote, await self._offline(quote))

    async def _quotes(self, asks: Sequence[Ask], wish: Wish) -> list[Quote]:
        if self.endpoints.probe.is_stale:
            # For the next quote: this one is answered from memory.
            self._looking = asyncio.create_task(self.endpoints.probe.refresh())
        quoter = self.quoter  # the settings of one moment, for all of them
        if waiting := quoter.unprepared(asks):
            await asyncio.to_thread(quoter.prepare, waiting)

        def drafts() -> list[Quote]:
            return [quoter.draft(ask, wish) for ask in asks]

        large = any(len(ask.subject.target.text) > LARGE for ask in asks)
        quotes = await asyncio.to_thread(drafts) if large else drafts()
        if not self.settings.cache.enabled:
            return quotes
        known = await self.answers.has([quote.key for quote in quotes])
        return [replace(quote, cached=quote.key in known) for quote in quotes]

    def _check_budget(self, quote: Quote) -> None:
        limit, costs = self.settings.budget.per_action_usd, quote.cost
        if limit is None:
            return
        if costs is None:
            raise OverBudget(
                f"The price is not known, and your limit for one action is {dollars(limit)}.",
                remedy="Give its price in catalog.toml, or take another model.",
            )
        if costs.ceiling > limit:
            raise OverBudget(
                f"The price may reach {dollars(costs.ceiling)}, and your limit for one action is {dollars(limit)}.",
                remedy="Choose budget mode, a smaller selection, or raise per_action_usd in config.toml.",
            )

    async def _offline(self, quote: Quote) -> _Answer:
        document, target = quote.subject.document, quote.target
        text = await asyncio.to_thread(offline_answer, quote.action.id, document, target)
        stored = StoredAnswer(text, OFFLINE, OFFLINE, Usage(), Decimal(0), self._clock(), OFFLINE)
        # Where it stands in for a model, the model's answer is still wanted the next time.
        if quote.server is Server.OFFLINE:
            await self._keep(quote, stored)
        return _Answer(stored, cached=False)

    async def _ask(self, quote: Quote, progress: Callable[[Progress], None]) -> Result:
        choice = quote.choice
        if choice is None:
            raise NoModel("There is no model to ask.")
        bought = await buy(
            quote,
            choice,
            self.quoter.request(quote),
            self.catalog.vocabularies[choice.model.vocabulary],
            self.endpoints,
            self.ledger,
            per_day_usd=self.settings.budget.per_day_usd,
            on_progress=progress,
        )
        provider = choice.offering.provider
        stored = StoredAnswer(
            bought.text,
            choice.model.id,
            provider,
            bought.bill.usage,
            bought.bill.cost_usd,
            self._clock(),
            quote.prompt.template,
        )
        answer = _Answer(stored, False, bought.seconds, bought.bill.estimated)
        if bought.stop is Stop.COMPLETE and bought.text.strip():
            # Before anything else is done with it: a paid answer is never lost.
            await self._keep(quote, stored)
            return await self._result(quote, answer)
        return self._made(quote, answer, _incomplete(bought))

    async def _keep(self, quote: Quote, stored: StoredAnswer) -> None:
        if self.settings.cache.enabled:
            await self.answers.put(quote.key, stored)

    def _task(self, quote: Quote) -> Task:
        return self.quoter.tasks[quote.action.id]

    async def _result(self, quote: Quote, answer: _Answer) -> Result:
        outcome = await asyncio.to_thread(_read, self._task(quote), quote, answer.stored.text)
        outcome, proof = await self._tried(quote, outcome, answer)
        if isinstance(outcome, Refused) and not outcome.stands and self.settings.cache.enabled:
            # It comes with the result and is shown; from the cache it would only be refused again.
            await self.answers.forget(quote.key)
        return self._made(quote, answer, outcome, proof)

    async def _tried(self, quote: Quote, outcome: Outcome, answer: _Answer) -> tuple[Outcome, str]:
        """A fix, tried on a shadow copy with the user's own checker, if there is one; with what that said.

        One that leaves the diagnostic there, or brings new ones, is refused.
        """
        subject = quote.subject
        path, said = subject.target.path, subject.brief.diagnostic
        checker = self.settings.checker(subject.target.language)
        if checker is None or path is None or said is None or not isinstance(outcome, Edit):
            return outcome, ""
        from codefare.checking import VerdictKind, check  # only for those who configured one

        old = subject.document.text
        new = old[: outcome.span.start] + outcome.new + old[outcome.span.end :]
        verdict = await check(checker, path, old, new, said)
        if verdict.kind in {VerdictKind.STILL_THERE, VerdictKind.NEW_COMPLAINTS}:
            reason = f"A trial on a copy speaks against it ({verdict.text})."
            refused = Refused(reason, "Nothing was changed.", answer.stored.text)
            return refused, verdict.text
        return outcome, verdict.text

    def _made(self, quote: Quote, answer: _Answer, outcome: Outcome, proof: str = "") -> Result:
        stored = answer.stored
        return Result(
            quote,
            outcome,
            stored.text,
            stored.model,
            stored.provider,
            stored.usage,
            Decimal(0) if answer.cached else stored.cost_usd,
            answer.cached,
            answer.seconds,
            answer.estimated,
            proof,
        )


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


def _read(task: Task, quote: Quote, answer: str) -> Outcome:
    """Off the loop: the guard parses the whole file."""
    subject = quote.subject
    return verify(task.read(answer, subject), subject.document, subject.target, answer)
