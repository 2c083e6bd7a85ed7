"""From what the user points at to a quote: the catalog, the settings and what is reachable, brought together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.errors import NoModel, TargetError
from codefare.project.limits import Paths
from codefare.providers.base import Request
from codefare.providers.offline import ENGINE_VERSION, serves
from codefare.quoting import OFFLINE, Quote, Terms, Wish, draft_quote
from codefare.store.answers import answer_key
from codefare.store.place import ALL
from codefare.tasks import Ask, Subject
from codefare.tasks.brief import NOTHING, Brief
from codefare.tokens import YARDSTICK, count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from codefare.offered import OfferedCatalog
    from codefare.providers.endpoints import Endpoints
    from codefare.settings import Settings
    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks import Task
    from codefare_catalog import Action, Catalog, Model, Offering

_UNKNOWN = Decimal("Infinity")
# Words, numbers, marks, spaces and letters of other alphabets: what each needs is made at the first of its kind.
_SAMPLE = "The QuickFox's 12345 items,\n\n   are lazy_dogs — ünïcödé 漢字\t{}\n"


@dataclass(frozen=True, slots=True)
class Quoter:
    """Makes quotes, from memory alone, and the request that a quote stands for.

    Other settings make another quoter. `clock` gives the instant, with a zone, that prices and lifecycles hold for.
    """

    offered: OfferedCatalog
    tasks: Mapping[str, Task]
    endpoints: Endpoints
    settings: Settings
    clock: Callable[[], datetime]
    paths: Paths = field(default_factory=Paths)

    @property
    def catalog(self) -> Catalog:
        """All models: the catalog's, and those that a local server has beyond them."""
        return self.offered.current

    def asks(
        self,
        document: Document,
        target: Target,
        *,
        cursor: Span | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> list[Ask]:
        """What makes sense at a place, in the catalog's order.

        `target` is what the place means; `cursor` where exactly it is, if not there; `diagnostics` are those of the
        place.
        """
        at = cursor or target.span
        return [
            Ask(id_, subject)
            for id_, task in self.tasks.items()
            for subject in task.offers(document, at, target, diagnostics)
        ]

    def ask(
        self,
        action: str,
        document: Document,
        target: Target,
        *,
        cursor: Span | None = None,
        brief: Brief = NOTHING,
    ) -> Ask:
        """One action at a place.

        Raises:
            TargetError: It does not make sense there.
        """
        task = self.tasks[action]
        aimed = task.aim(document, cursor or target.span, target, brief)
        subject = Subject(document, aimed, brief)
        if objection := task.objection(subject):
            raise TargetError(
                f"{task.row.title} does not work on {aimed.label}: {objection}.",
                remedy=task.remedy(subject),
            )
        return Ask(action, subject)

    def prepare(self, asks: Sequence[Ask]) -> None:
        """Read what the prompts need from the disk: not for an event loop."""
        for ask in asks:
            self.paths.look(ask.subject.target.path, self.settings.roots)
            self.tasks[ask.action].prepare(ask.subject)

    def unprepared(self, asks: Sequence[Ask]) -> list[Ask]:
        """Those whose prompts need something from the disk."""
        return [ask for ask in asks if not self._is_prepared(ask)]

    def _is_prepared(self, ask: Ask) -> bool:
        known = self.paths.knows(ask.subject.target.path, self.settings.roots)
        return known and self.tasks[ask.action].is_prepared(ask.subject)

    def drafts(self, asks: Sequence[Ask], wish: Wish) -> list[Quote]:
        """The quotes of some actions, without a look into the answer cache; what is usable is asked once for all.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        known: dict[tuple[str, str, str], str | None] = {}
        return [self.draft(ask, wish, known=known) for ask in asks]

    def draft(
        self,
        ask: Ask,
        wish: Wish,
        failed: AbstractSet[tuple[str, str]] = frozenset(),
        known: dict[tuple[str, str, str], str | None] | None = None,
    ) -> Quote:
        """The quote of an action, without a look into the answer cache.

        `failed` are offerings (provider, wire id or ALL) that could not serve it just now.
        `known` remembers which (model, provider, wire id) are usable, and why others are not, among quotes of one
        moment.

        Raises:
            TargetError: The user's settings keep codefare away from the file.
        """
        settings, subject = self.settings, ask.subject
        document, target, task = subject.document, subject.target, self.tasks[ask.action]
        if settings.is_never(target.path):
            raise TargetError(
                f"{document.name} is on your list of files that no action works on.",
                remedy="The list is `never` under [privacy] in your config.toml.",
            )

        # A model that the user named is asked even if it failed lately.
        insist = wish.model is not None
        remembered = {} if known is None or insist else known

        def usable(model: Model, offering: Offering) -> str | None:
            where = offering.provider
            if failed and not failed.isdisjoint({(where, offering.wire_id), (where, ALL)}):
                return "it failed just now"
            key = model.id, offering.provider, offering.wire_id
            if key not in remembered:
                remembered[key] = self.usable(model, offering, last_resort=insist)
            return remembered[key]

        private = settings.is_private(target.path)
        offline = self.serves_offline(subject, task.row)
        terms = Terms(
            self.clock(),
            settings.prices,
            private,
            offline,
            self.paths.limit(target.path, settings),
            self.endpoints.ready_keys(),
        )
        wish = self._settled(wish)
        quote = draft_quote(self.catalog, task, subject, wish=wish, terms=terms, usable=usable)
        if quote.choice is None and self.endpoints.any_rests:
            # What failed lately may serve again: better than nothing.
            insist, remembered = True, {}
            tried = draft_quote(self.catalog, task, subject, wish=wish, terms=terms, usable=usable)
            quote = tried if tried.choice is not None else quote
        return replace(quote, key=self._key(document, quote), resting=self._resting(quote))

    def _resting(self, quote: Quote) -> str:
        """Why nothing should be sent to what a quote goes to; "" if nothing speaks against it."""
        if quote.choice is None or not self.endpoints.any_rests:
            return ""
        return self.endpoints.unusable(quote.choice.offering, quote.at) or ""

    def alternatives(self, ask: Ask) -> list[Model]:
        """The models that can serve what is asked: the task's own in their ranking, then the others, cheapest first.

        One that retired stands for its successor, which is here once.
        """
        routed = self.draft(ask, Wish())
        found = {choice.model.id: choice.model for choice in routed.route.ranked}
        others: dict[str, tuple[Decimal, Model]] = {}
        for model in self.catalog.models.values():
            # For what cannot serve nothing is counted, which would load its vocabulary.
            if model.id in found or not self._may_serve(model):
                continue
            quote = self.draft(ask, Wish(model=model))
            if quote.choice is not None and quote.choice.model.id not in found:
                usd = quote.cost.likely if quote.cost else _UNKNOWN
                others[quote.choice.model.id] = usd, quote.choice.model
        ranked = sorted(others.values(), key=lambda other: (other[0], other[1].id))
        return [*found.values(), *(model for _, model in ranked)]

    def request(self, quote: Quote) -> Request:
        """What would be sent for a quote.

        Raises:
            NoModel: It goes to no model.
        """
        choice = quote.choice
        if choice is None:
            raise NoModel("There is no model to ask.")
        prompt, size = quote.prompt, choice.estimate
        return Request(
            choice.offering,
            prompt.system,
            prompt.user,
            max_tokens=size.output.max,
            input_tokens=size.input.likely,
            borders=prompt.borders,
        )

    def serves_offline(self, subject: Subject, row: Action) -> bool:
        """Whether the offline engine can do it: it reads code, not what somebody wants of it."""
        return not row.prompt and subject.brief == NOTHING and serves(row.id, subject.target)

    def warm_up(self) -> None:
        """Load the vocabularies of the models that can be used.

        Each takes 50 ms, and half a second on a busy machine, most of it at its first count: not for an event loop.
        """
        vocabularies = self.catalog.vocabularies
        encodings = {
            vocabularies[model.vocabulary].encoding
            for model in self.catalog.models.values()
            if self._may_serve(model)
        }
        for encoding in (YARDSTICK, *sorted(encodings - {YARDSTICK})):
            count(encoding, _SAMPLE)

    def usable(
        self,
        model: Model,
        offering: Offering,
        at: datetime | None = None,
        *,
        last_resort: bool = False,
    ) -> str | None:
        """Why the user's settings, keys and servers do not allow an offering; None if they do.

        `at` (with a zone) is the instant for its lifecycle, now if not given; keys and servers are those of now. With
        `last_resort` what failed lately counts as far as there is sense in trying.
        """
        models = self.settings.models
        if model.id in models.avoid:
            return "your settings avoid it"
        if models.use and model.id not in models.use:
            return "it is not among the models that your settings name"
        return self.endpoints.unusable(offering, at or self.clock(), last_resort=last_resort)

    def _may_serve(self, model: Model) -> bool:
        return any(
            self.usable(model, offering, last_resort=True) is None for offering in model.offerings
        )

    def _settled(self, wish: Wish) -> Wish:
        """`wish` with the settings where it says nothing."""
        settings = self.settings
        budget = settings.budget_mode if wish.budget is None else wish.budget
        return Wish(wish.complexity or settings.complexity, budget, wish.model)

    def _key(self, document: Document, quote: Quote) -> str:
        """The answer's name in the cache; it changes whenever anything that makes the answer does."""
        if quote.choice is not None:
            sent = self.endpoints.fingerprint(self.request(quote))
            return answer_key(sent, quote.prompt.template)
        target = quote.target
        seen = {
            "engine": ENGINE_VERSION,
            "action": quote.action.id,
            "file": str(target.path),
            "language": target.language,
            "text": document.digest,
            "span": list(target.span),
        }
        return answer_key(seen, OFFLINE)
