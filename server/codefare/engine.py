"""The whole path of an action: quote it, run it. Knows no editor and no terminal."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from codefare.errors import NoModel, OverBudget, ProviderError, TargetError, WrongUse
from codefare.guard import verify
from codefare.offered import OfferedCatalog
from codefare.providers.base import Request, Stop
from codefare.providers.offline import ENGINE_VERSION, SERVES
from codefare.providers.offline import answer as offline_answer
from codefare.purchase import Progress, buy
from codefare.quoting import OFFLINE, Quote, Server, Terms, Wish, draft_quote
from codefare.source.target import Complexity
from codefare.store.answers import StoredAnswer, answer_key
from codefare.tasks import TASKS
from codefare.tasks.outcome import Outcome, Refused
from codefare.tokens import count_request
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codefare.providers.endpoints import Endpoints
    from codefare.settings import Settings
    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.store.answers import AnswerStore
    from codefare.store.ledger import Ledger
    from codefare_catalog import Catalog, Model, Offering

log = logging.getLogger(__name__)

_INCOMPLETE = {
    Stop.LENGTH: "The answer was cut off at its longest allowed length.",
    Stop.REFUSED: "The model declined to answer.",
    Stop.FILTERED: "The provider's content filter stopped the answer.",
    Stop.CONTEXT: "The request is longer than the model's window.",
    Stop.OTHER: "The answer is not complete.",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an action came to. `cost_usd` is what it cost now: nothing from the cache; None if the price is unknown."""

    quote: Quote
    outcome: Outcome
    answer: str
    model: str
    provider: str
    usage: Usage | None
    cost_usd: Decimal | None
    cached: bool
    seconds: float

    @property
    def title(self) -> str:
        """What was done: `Document Parser.feed`."""
        return f"{self.quote.action.title} {self.quote.target.label}"

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


@dataclass(frozen=True, slots=True)
class _Answer:
    """A complete answer, wherever it came from."""

    stored: StoredAnswer
    cached: bool
    seconds: float = 0.0


class Engine:
    """Quotes and runs actions. One for each user session; safe to use from many tasks of one event loop."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Settings,
        endpoints: Endpoints,
        answers: AnswerStore,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._offered = OfferedCatalog(catalog, endpoints)
        self.settings = settings
        self.endpoints = endpoints
        self.answers = answers
        self.ledger = ledger
        self._clock = clock
        self._looking: asyncio.Task[object] | None = None

    @property
    def catalog(self) -> Catalog:
        """All models: the catalog's, and those that a local server has beyond them."""
        return self._offered.current

    async def open(self) -> None:
        """Open the stores and look for local servers, so that no quote has to wait for it."""
        await asyncio.gather(self.answers.open(), self.endpoints.warm_up())

    async def close(self) -> None:
        """End what is under way and close the stores. What is owed is settled before."""
        await self.endpoints.aclose()
        await self.answers.close()
        await self.ledger.close()

    def wish(
        self, complexity: str | None, model: str | None, *, budget: bool | None = None
    ) -> Wish:
        """A user's words as a wish.

        Raises:
            WrongUse: There is no such model.
        """
        chosen = None
        if model is not None:
            chosen = self.catalog.find(model)
            if chosen is None:
                near = get_close_matches(model, self.catalog.models, 1)
                hint = f"Did you mean {near[0]}?" if near else "`codefare models` lists them."
                raise WrongUse(f"There is no model {model!r}.", remedy=hint)
        return Wish(Complexity(complexity) if complexity else None, budget, chosen)

    def check_action(self, action: str) -> None:
        """Nothing if there is such an action.

        Raises:
            WrongUse: There is none; the message names those that there are.
        """
        known = [known for known in self.catalog.actions if known in TASKS]
        if action not in known:
            near = get_close_matches(action, known, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise WrongUse(
                f"There is no action {action!r}.", remedy=f"{hint}Known are: {', '.join(known)}."
            )

    async def quotes(
        self, document: Document, target: Target, *, wish: Wish | None = None
    ) -> list[Quote]:
        """The quotes of every action that makes sense for `target`, in the catalog's order.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        tasks = [action for action in self.catalog.actions if action in TASKS]
        serving = [action for action in tasks if TASKS[action].serves(target)]
        return await self._with_cache(self._draft(document, target, a, wish) for a in serving)

    async def quote(
        self, document: Document, target: Target, action: str, *, wish: Wish | None = None
    ) -> Quote:
        """The quote of one action.

        Raises:
            WrongUse: There is no such action.
            TargetError: It does not make sense here, or the user's settings keep codefare away from the file.
        """
        self.check_action(action)
        if not TASKS[action].serves(target):
            title = self.catalog.actions[action].title
            raise TargetError(
                f"{title} does not work on {target.label}.",
                remedy="Put the cursor in a function or class, or select code.",
            )
        (quote,) = await self._with_cache([self._draft(document, target, action, wish)])
        return quote

    def hold_to(self, quote: Quote, terms: Mapping[str, Any]) -> None:
        """Refuse a quote that is dearer than, or goes elsewhere than, what the user agreed to.

        Raises:
            OverBudget: The terms are not met; nothing was sent.
        """
        if not terms or quote.cost is None:
            return
        agreed = terms.get("ceiling_usd")
        served_by = quote.choice.model.id if quote.choice else None
        dearer = agreed is not None and quote.cost.ceiling > Decimal(str(agreed))
        elsewhere = quote.cost.ceiling > 0 and served_by != terms.get("model")
        if dearer or elsewhere:
            raise OverBudget(
                "The price is not what the menu said any more.",
                remedy="Nothing was sent. Open the menu again to see the new price.",
            )

    async def run(
        self,
        document: Document,
        quote: Quote,
        *,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Result:
        """Run what was quoted. `document` must not change meanwhile: give it a copy.

        Raises:
            NoModel: Nothing can serve the action.
            OverBudget: Its ceiling does not fit in the budget; nothing was sent.
            ProviderError: The request failed, and what to do.
        """
        found = await self.answers.get(quote.key) if self.settings.cache.enabled else None
        if found is not None:
            return await self._result(document, quote, _Answer(found, cached=True))
        if quote.server is Server.OFFLINE:
            return await self._result(document, quote, await self._offline(document, quote))
        if quote.choice is None:
            raise NoModel(
                f"{quote.action.title} needs a model.",
                remedy=f"{quote.missing[:1].upper()}{quote.missing[1:]}.",
            )
        self._check_budget(quote)
        try:
            return await self._ask(document, quote, progress)
        except ProviderError as error:
            if error.partial or not self.settings.offline_fallback or quote.action.id not in SERVES:
                raise
            log.warning("%s: the offline engine serves instead", type(error).__name__)
            return await self._result(document, quote, await self._offline(document, quote))

    def _draft(self, document: Document, target: Target, action: str, wish: Wish | None) -> Quote:
        settings = self.settings
        if settings.is_never(target.path):
            raise TargetError(
                f"{target.label} is on your list of files that no action works on.",
                remedy="The list is `never` under [privacy] in your config.toml.",
            )
        private = settings.is_private(target.path)
        terms = Terms(self._clock(), settings.prices, private, SERVES)
        catalog = self.catalog
        row = catalog.actions[action]
        prompt = TASKS[action].prompt(document, target, row)
        quote = draft_quote(
            catalog,
            row,
            target,
            prompt,
            wish=self._wish(wish or Wish()),
            terms=terms,
            usable=self.usable,
        )
        return replace(quote, key=self._key(document, quote))

    def _wish(self, wish: Wish) -> Wish:
        """`wish` with the settings where it says nothing."""
        settings = self.settings
        budget = settings.budget_mode if wish.budget is None else wish.budget
        return Wish(wish.complexity or settings.complexity, budget, wish.model)

    def usable(self, model: Model, offering: Offering) -> str | None:
        """Why the user's settings, keys and servers do not allow an offering now; None if they do."""
        settings = self.settings.models
        if model.id in settings.avoid:
            return "your settings avoid it"
        if settings.use and model.id not in settings.use:
            return "it is not among the models that your settings name"
        return self.endpoints.unusable(offering, self._clock())

    def _key(self, document: Document, quote: Quote) -> str:
        """The answer's name in the cache; it changes whenever anything that makes the answer does."""
        if quote.choice is not None:
            return answer_key(
                self.endpoints.fingerprint(self._request(quote)), quote.prompt.template
            )
        target = quote.target
        seen = {
            "engine": ENGINE_VERSION,
            "action": quote.action.id,
            "file": str(target.path),
            "language": target.language,
            "text": document.text,
            "span": list(target.span),
        }
        return answer_key(seen, OFFLINE)

    def _request(self, quote: Quote) -> Request:
        choice = quote.choice
        if choice is None:
            raise NoModel("There is no model to ask.")
        prompt, size = quote.prompt, choice.estimate
        shortest = choice.offering.cache_minimum
        prefix = count_request(self.catalog.vocabularies[choice.model.vocabulary], (prompt.system,))
        return Request(
            choice.offering,
            prompt.system,
            prompt.user,
            max_tokens=size.output.max,
            input_tokens=size.input.likely,
            cache_prefix=shortest is not None and prefix.low >= shortest,
        )

    async def _with_cache(self, drafts: Iterable[Quote]) -> list[Quote]:
        if self.endpoints.probe.is_stale:
            # For the next quote: this one is answered from memory.
            self._looking = asyncio.create_task(self.endpoints.probe.refresh())
        quotes = list(drafts)
        if not self.settings.cache.enabled:
            return quotes
        known = await self.answers.has([quote.key for quote in quotes])
        return [replace(quote, cached=quote.key in known) for quote in quotes]

    def _check_budget(self, quote: Quote) -> None:
        limit, costs = self.settings.budget.per_action_usd, quote.cost
        if limit is None:
            return
        if costs is None or costs.ceiling > limit:
            most = "is not known" if costs is None else f"may reach ${costs.ceiling:.4f}"
            raise OverBudget(
                f"The price {most}, and your limit for one action is ${limit}.",
                remedy="Choose budget mode, a smaller selection, or raise per_action_usd in config.toml.",
            )

    async def _offline(self, document: Document, quote: Quote) -> _Answer:
        text = await asyncio.to_thread(offline_answer, quote.action.id, document, quote.target)
        stored = StoredAnswer(text, OFFLINE, OFFLINE, Usage(), Decimal(0), self._clock(), OFFLINE)
        # Where it stands in for a model, the model's answer is still wanted the next time.
        if quote.server is Server.OFFLINE:
            await self._keep(quote, stored)
        return _Answer(stored, cached=False)

    async def _ask(
        self, document: Document, quote: Quote, progress: Callable[[Progress], None]
    ) -> Result:
        choice = quote.choice
        if choice is None:
            raise NoModel("There is no model to ask.")
        bought = await buy(
            quote,
            choice,
            self._request(quote),
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
        answer = _Answer(stored, cached=False, seconds=bought.seconds)
        if bought.stop is Stop.COMPLETE:
            # Before anything else is done with it: a paid answer is never lost.
            await self._keep(quote, stored)
            return await self._result(document, quote, answer)
        reason = _INCOMPLETE.get(bought.stop, _INCOMPLETE[Stop.OTHER])
        refused = Refused(
            f"{reason} (The provider says: {bought.reason}.)", "Nothing was changed.", bought.text
        )
        return self._made(quote, answer, refused)

    async def _keep(self, quote: Quote, stored: StoredAnswer) -> None:
        if self.settings.cache.enabled:
            await self.answers.put(quote.key, stored)

    async def _result(self, document: Document, quote: Quote, answer: _Answer) -> Result:
        outcome = await asyncio.to_thread(_read, document, quote, answer.stored.text)
        return self._made(quote, answer, outcome)

    def _made(self, quote: Quote, answer: _Answer, outcome: Outcome) -> Result:
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
        )


def _read(document: Document, quote: Quote, answer: str) -> Outcome:
    """Off the loop: the guard parses the whole file."""
    outcome = TASKS[quote.action.id].read(answer, document, quote.target)
    return verify(outcome, document, quote.target, answer)
