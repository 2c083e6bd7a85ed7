"""Which model an action goes to, and why: task type x complexity x what is usable -> ranked choices.

The comparison document's own example takes the last candidate for "budget" and calls it the cheapest; for six of ten
task types it is not. Its words are followed here, not that line: the cheapest is the one with the lowest quoted cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.estimate import Estimate, PriceChoice, Workload, estimate, fits
from codefare.source.target import Complexity
from codefare_catalog import Catalog, Model, Offering, TaskType, Tier

if TYPE_CHECKING:
    from datetime import datetime

Usable = Callable[[Model, Offering], str | None]
"""Why an offering cannot be used now (no key, avoided, ...); None if it can."""


class Via(StrEnum):
    """How a choice came to be on the list."""

    CANDIDATE = "candidate"
    LONG_CONTEXT = "long context"
    TIER = "tier"
    ANY = "any usable model"
    USER = "your choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """An offering that could serve.

    `position` counts from 1 in the list it came from; `replaces` is the retired model whose place it takes.
    """

    model: Model
    offering: Offering
    estimate: Estimate
    via: Via
    position: int
    replaces: Model | None = None

    @property
    def likely_cost(self) -> Decimal | None:
        """USD; None where the price is unknown."""
        return self.estimate.cost.likely if self.estimate.cost else None


@dataclass(frozen=True, slots=True)
class Drop:
    """A model, or one provider's offering of it, that is not on the list, and why.

    `replaces` is the retired model whose place it would have taken.
    """

    model: str
    provider: str | None
    reason: str
    too_small: bool = False
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The ranked choices, best first, the one that was taken with its reason, and every drop with its own."""

    task_type: TaskType
    chosen: Choice | None
    ranked: tuple[Choice, ...]
    dropped: tuple[Drop, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Need:
    """What is asked of the router.

    `at` is the instant for lifecycles and prices; `private` allows self-hosted models alone, and `why_private` says
    why; `model` is the user's own choice, which overrides the ranking but not privacy, fit or what is usable.
    """

    task_type: TaskType
    workload: Workload
    complexity: Complexity
    at: datetime
    budget: bool = False
    private: bool = False
    model: Model | None = None
    prices: PriceChoice = "current"
    why_private: str = "private code stays on self-hosted models"


def route(catalog: Catalog, need: Need, usable: Usable) -> Route:
    """Rank what can serve `need` and choose from it."""
    sieve = _Sieve(catalog, need, usable)
    if need.model is not None:
        ranked = sieve.take([need.model.id], Via.USER)
        reason = f"{need.model.name} is your choice"
        return Route(need.task_type, *(_first(ranked)), tuple(sieve.dropped), reason)
    ranked = sieve.take((c.model for c in need.task_type.candidates), Via.CANDIDATE)
    if ranked:
        chosen, reason = _choose(ranked, need)
        return Route(need.task_type, chosen, ranked, tuple(sieve.dropped), reason)
    for models, via, why in _fallbacks(catalog, need.task_type, sieve):
        ranked = sieve.take(models, via)
        if ranked:
            chosen, reason = _choose(ranked, need)
            return Route(need.task_type, chosen, ranked, tuple(sieve.dropped), f"{why}; {reason}")
    reason = f"no model for {need.task_type.name.lower()} can be used"
    return Route(need.task_type, None, (), tuple(sieve.dropped), reason)


def _first(ranked: tuple[Choice, ...]) -> tuple[Choice | None, tuple[Choice, ...]]:
    return (ranked[0] if ranked else None), ranked


def _choose(ranked: tuple[Choice, ...], need: Need) -> tuple[Choice, str]:
    """High -> the first; medium -> the second, or the only one; low or budget -> the lowest likely cost."""
    why = "budget mode" if need.budget else f"{need.complexity.value} complexity"
    if len(ranked) == 1:
        return ranked[0], f"{why}: the only one that can be used"
    if need.budget or need.complexity is Complexity.LOW:
        return min(ranked, key=_cost_order), f"{why}: the cheapest of {len(ranked)}"
    if need.complexity is Complexity.HIGH:
        return ranked[0], f"{why}: the best of {len(ranked)}"
    return ranked[1], f"{why}: the second of {len(ranked)}"


def _cost_order(choice: Choice) -> tuple[bool, Decimal]:
    """Unknown prices last: an unknown price is not a low one. `min` keeps the ranking for ties."""
    likely = choice.likely_cost
    return (likely is None, likely or Decimal(0))


def _fallbacks(
    catalog: Catalog, task_type: TaskType, sieve: _Sieve
) -> Iterator[tuple[Iterable[str], Via, str]]:
    if any(drop.too_small for drop in sieve.dropped):
        long = max(catalog.context_classes.values(), key=lambda c: c.min_tokens)
        yield long.models, Via.LONG_CONTEXT, "too long for the task's own models"
    tiers = _tiers_from(catalog, task_type)
    in_tiers = [member.model for tier in tiers for member in tier.models]
    yield (
        in_tiers,
        Via.TIER,
        "none of the task's own models can be used: one of the same tier or the next up",
    )
    yield catalog.models, Via.ANY, "none of the task's own models can be used: any model that can"


def _tiers_from(catalog: Catalog, task_type: TaskType) -> list[Tier]:
    """The tier of the task type's first candidate that has one, and the next tier up (rank 1 is the top)."""
    tier_of = {m.model: tier for tier in catalog.tiers.values() for m in tier.models}
    own = next((tier_of[c.model] for c in task_type.candidates if c.model in tier_of), None)
    if own is None:
        return []
    up = [tier for tier in catalog.tiers.values() if tier.rank == own.rank - 1]
    return [own, *up]


class _Sieve:
    """Turns model ids into choices, each model once, and keeps the reason of every drop."""

    def __init__(self, catalog: Catalog, need: Need, usable: Usable) -> None:
        self._catalog = catalog
        self._need = need
        self._usable = usable
        self._seen: set[str] = set()
        self.dropped: list[Drop] = []

    def take(self, ids: Iterable[str], via: Via) -> tuple[Choice, ...]:
        choices = []
        for position, id_ in enumerate(ids, 1):
            choice = self._consider(self._catalog.models[id_], via, position)
            if choice is not None:
                choices.append(choice)
        return tuple(choices)

    def _consider(self, named: Model, via: Via, position: int) -> Choice | None:
        if named.id in self._seen:
            return None
        self._seen.add(named.id)
        model = self._catalog.serving(named, self._need.at)
        if model is not named:
            self._drop(named, None, _retirement(named, model))
            if model is None or model.id in self._seen:
                return None
            self._seen.add(model.id)
        replaces = None if model is named else named
        offers = [self._weigh(model, offering, replaces) for offering in model.offerings]
        left = [(offering, size) for offering, size in offers if size is not None]
        if not left:
            return None
        unknown = Decimal("Infinity")
        offering, size = min(left, key=lambda o: o[1].cost.likely if o[1].cost else unknown)
        return Choice(model, offering, size, via, position, replaces)

    def _weigh(
        self, model: Model, offering: Offering, replaces: Model | None
    ) -> tuple[Offering, Estimate | None]:
        need = self._need
        provider = self._catalog.providers[offering.provider]
        if need.private and not provider.self_hosted:
            self._drop(model, offering, need.why_private, replaces)
            return offering, None
        unusable = self._usable(model, offering)
        if unusable is not None:
            self._drop(model, offering, unusable, replaces)
            return offering, None
        size = estimate(
            self._catalog, model, offering, need.workload, at=need.at, prices=need.prices
        )
        misfit = fits(offering, size, need.workload, self._catalog.vocabularies[model.vocabulary])
        if misfit is not None:
            self._drop(model, offering, misfit, replaces, too_small=True)
            return offering, None
        return offering, size

    def _drop(
        self,
        model: Model,
        offering: Offering | None,
        reason: str,
        replaces: Model | None = None,
        *,
        too_small: bool = False,
    ) -> None:
        provider = offering.provider if offering else None
        place_of = replaces.id if replaces else None
        self.dropped.append(Drop(model.id, provider, reason, too_small, place_of))


def _retirement(named: Model, successor: Model | None) -> str:
    day = named.retires_at.isoformat() if named.retires_at else "an unknown day"
    if successor is None:
        return f"retired on {day}, and nothing succeeds it"
    return f"retired on {day}: {successor.name} takes its place"
