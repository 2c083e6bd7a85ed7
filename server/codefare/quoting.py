"""What an action would cost, before it runs. Everything is computed here, from memory: nothing leaves the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.errors import OverBudget
from codefare.estimate import CostEstimate, Estimate, PriceChoice, Workload
from codefare.gate import Cleared
from codefare.routing import Choice, Need, Route, Usable, route
from codefare.source.target import Complexity, Measure, Scope, Target

if TYPE_CHECKING:
    from datetime import datetime

    from codefare.project.limits import Limit
    from codefare.tasks import Subject, Task
    from codefare_catalog import Action, Catalog, Model, Offering, TaskType

_NOTHING = CostEstimate(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
_UNKNOWN = Decimal("Infinity")
OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a line of the menu says: the model, None for no model, and the ceiling in USD, None if it is not known."""

    model: str | None
    ceiling_usd: Decimal | None


class Server(StrEnum):
    """Who would serve the action."""

    MODEL = "model"
    OFFLINE = "offline"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, beyond what the settings say. None leaves it to the settings."""

    complexity: Complexity | None = None
    budget: bool | None = None
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a quote at its moment: the instant, the prices, privacy, and whether the offline engine serves.

    `limit` is why not every model may see the file; `keys` are the user's own, which no prompt holds.
    """

    at: datetime
    prices: PriceChoice = "current"
    private: bool = False
    offline: bool = False
    limit: Limit | None = None
    keys: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one action on one subject; `phrase` is its line in a menu.

    `server` says who would serve it. With a model, `route.chosen` is what it goes to. Without one, `recommended` is
    what the router would take if every provider could be used, and `missing` what to set for it. `key` names the answer
    in the cache; `cached` tells that it is there, and then the action is free. `wish` is what the user asked for, with
    the settings where he said nothing: should the offering fail, another one is looked for by it. `resting` is why
    nothing should be sent to it for the moment, though it is the choice: nothing else can serve, or the user named it.
    `limit` is why not every model may see the file.
    """

    action: Action
    task_type: TaskType
    subject: Subject
    phrase: str
    measure: Measure
    budget: bool
    prompt: Cleared
    route: Route
    server: Server
    at: datetime
    recommended: Choice | None = None
    missing: str = ""
    key: str = ""
    cached: bool = False
    wish: Wish = field(default_factory=Wish)
    resting: str = ""
    limit: Limit | None = None

    @property
    def target(self) -> Target:
        """What the action works on."""
        return self.subject.target

    @property
    def choice(self) -> Choice | None:
        """What a request goes to; None for the offline engine and for nobody."""
        return self.route.chosen

    @property
    def estimate(self) -> Estimate | None:
        """Tokens and cost of the choice, or of the recommendation where there is no choice."""
        shown = self.choice or self.recommended
        return shown.estimate if shown else None

    @property
    def cost(self) -> CostEstimate | None:
        """USD for running the action now: nothing when cached or offline; None if unknown or if nobody serves it."""
        if self.cached or self.server is Server.OFFLINE:
            return _NOTHING
        return self.choice.estimate.cost if self.choice else None

    def priced(self, at: datetime) -> Quote:
        """The same on the same offering, at the prices of another instant (with a zone)."""
        chosen = self.route.chosen
        if chosen is None:
            return replace(self, at=at)
        chosen = replace(chosen, estimate=chosen.estimate.priced(at))
        return replace(self, at=at, route=replace(self.route, chosen=chosen))

    def holds(self, at: datetime) -> bool:
        """Whether what is sent at this instant costs no more than its ceiling."""
        return self.choice is None or self.choice.estimate.holds(at)

    @property
    def promise(self) -> Promise:
        """What its line in the menu says. Where nobody serves it says that nothing will be paid."""
        if self.choice is None or self.cached:
            return Promise(None, Decimal(0))
        return Promise(self.choice.model.id, self.cost.ceiling if self.cost else None)

    def keeps(self, promise: Promise) -> bool:
        """Whether the action is no dearer than the user was told, and goes where he was told if it costs something."""
        now = self.promise
        ceiling = _UNKNOWN if now.ceiling_usd is None else now.ceiling_usd
        agreed = _UNKNOWN if promise.ceiling_usd is None else promise.ceiling_usd
        elsewhere = now.model != promise.model and ceiling > 0
        return ceiling <= agreed and not elsewhere

    def hold_to(self, promise: Promise) -> None:
        """Nothing, if the action keeps what the user was told.

        Raises:
            OverBudget: It does not; the menu has to be opened again.
        """
        if not self.keeps(promise):
            raise OverBudget(
                "The price is not what the menu said any more.",
                remedy="Nothing was sent. Open the menu again to see the new price.",
            )

    @property
    def reason(self) -> str:
        """Why it is served this way, in words."""
        if self.server is Server.MODEL:
            return f"{self.route.reason} ({self.measure.reason}){self._despite}"
        served = (
            "no model can be used"
            if self.server is Server.NOBODY
            else "offline engine, no model asked"
        )
        return (
            f"{served}; {self.limit.reason if self.limit else f'for {self.wanted}: {self.remedy}'}"
        )

    @property
    def resting_briefly(self) -> str:
        """`resting` in a few words: `overloaded`."""
        return re.split(": |, ", self.resting, maxsplit=1)[0]

    @property
    def _despite(self) -> str:
        if not self.resting:
            return ""
        why = "since you named it" if self.wish.model else "since nothing else can serve"
        return f"; tried all the same, {why}: {self.resting}"

    @property
    def wanted(self) -> str:
        """The name of the recommended model."""
        return self.recommended.model.name if self.recommended else "a model"

    @property
    def remedy(self) -> str:
        """What to do so that a model serves, as short as a menu wants it: `set ANTHROPIC_API_KEY`; or why none may."""
        if self.limit is not None:
            return self.limit.brief
        return self.missing.removeprefix("no key: ")


def draft_quote(
    catalog: Catalog,
    task: Task,
    subject: Subject,
    *,
    wish: Wish,
    terms: Terms,
    usable: Usable,
) -> Quote:
    """The quote without a look into the answer cache."""
    target, action, prompt = subject.target, task.row, Cleared(task.prompt(subject), terms.keys)
    measure = target.measure
    if wish.complexity is not None:
        measure = Measure(wish.complexity, "set by you")
    task_type = catalog.task_types[_task_type(action, target)]
    need = Need(
        task_type=task_type,
        workload=Workload.of_prompt(prompt),
        complexity=measure.complexity,
        at=terms.at,
        budget=bool(wish.budget),
        private=terms.private,
        model=wish.model,
        prices=terms.prices,
    )
    limit = terms.limit
    if limit is not None and limit.closed:
        usable = _nobody(limit.reason)
    elif limit is not None:
        need = replace(need, private=True, why_private=limit.reason)
    routed = route(catalog, need, usable)
    recommended, missing = None, ""
    server = Server.MODEL
    if routed.chosen is None:
        # Whoever names a model wants its answer, not a stand-in's.
        server = Server.OFFLINE if terms.offline and wish.model is None else Server.NOBODY
        recommended = route(catalog, need, every_provider(catalog, private=need.private)).chosen
        missing = limit.reason if limit else _missing(recommended, routed, usable)
    return Quote(
        action=action,
        task_type=task_type,
        subject=subject,
        phrase=task.phrase(subject),
        measure=measure,
        budget=need.budget,
        prompt=prompt,
        route=routed,
        server=server,
        at=terms.at,
        recommended=recommended,
        missing=missing,
        wish=wish,
        limit=limit,
    )


def every_provider(catalog: Catalog, *, private: bool) -> Usable:
    """As if each provider had a key.

    A server of the user's own counts where nothing else serves the model, or where code must stay private: it costs
    nothing, but only somebody who runs it can say that it is there.
    """

    def usable(model: Model, offering: Offering) -> str | None:
        if private or not catalog.providers[offering.provider].self_hosted:
            return None
        hosted = any(not catalog.providers[o.provider].self_hosted for o in model.offerings)
        return "a server of your own counts once it answers" if hosted else None

    return usable


def _nobody(reason: str) -> Usable:
    return lambda _model, _offering: reason


def _task_type(action: Action, target: Target) -> str:
    small = target.scope in {Scope.SYMBOL, Scope.SELECTION}
    return action.task_type if small else action.file_task_type


def _missing(recommended: Choice | None, routed: Route, usable: Usable) -> str:
    if recommended is not None:
        return usable(recommended.model, recommended.offering) or "it became usable just now"
    reasons = [drop.reason for drop in routed.dropped]
    return reasons[0] if reasons else "the catalog has no model for it"
