"""How the actions share out over the catalog's tiers, beside the shares that it aims at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.accounts.account import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.accounts.account import Account, Pairs
    from codefare.store.history import Group
    from codefare_catalog import Catalog, Tier

ENOUGH = 20
"""Actions; with fewer, one of them is a larger share than a target is wide."""

_HUNDRED = Decimal(100)

# What to do, for the dearest tier, those between, and the cheapest that has a target.
_ABOVE = (
    "choose budget mode or a lower complexity for ordinary work",
    "choose budget mode or low complexity for simple work",
    "if answers fall short, choose a higher complexity",
)
_BELOW = (
    "if hard tasks turn out badly, choose high complexity",
    "medium complexity mostly goes here",
    "choose budget mode or low complexity for simple work",
)


@dataclass(frozen=True, slots=True)
class TierShare:
    """The actions that went to a tier, and their cost (in USD).

    `percent` is their share of all actions, None where there are none; `target` is the share that the catalog aims at,
    None for "as needed". `remark` says what to do where it is off.
    """

    id: str
    name: str
    actions: int
    percent: Decimal | None
    cost_usd: Decimal
    target: tuple[int, int] | None
    remark: str


class Tiers:
    """Which tier an attempt went to: as it was written down, else as the catalog has it today."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known = {id_: model.tier for id_, model in catalog.models.items() if model.tier}
        for model in catalog.models.values():
            # A newer model takes the place of the one whose tier it has none of.
            for other in filter(None, (model.successor, model.newer)):
                if model.tier:
                    self._known.setdefault(other, model.tier)

    def of(self, group: Group) -> str:
        """The id of the tier of attempts, "" if their model is in none."""
        return group.tier or self._known.get(group.model, "")

    def shares(self, pairs: Pairs) -> list[TierShare]:
        """Every tier of the catalog, from the top down, and what is in none if there is any."""
        count = sum(each.actions for each in pairs.values())
        tiers = sorted(self._catalog.tiers.values(), key=lambda tier: tier.rank)
        aimed = [tier for tier in tiers if tier.usage]
        shares = []
        for tier in tiers:
            account = merged(tier.id, (each for (_, id_), each in pairs.items() if id_ == tier.id))
            part = _part(account, count)
            remark = _remark(tier, aimed, part) if count >= ENOUGH else ""
            shares.append(_share(tier.id, tier.name, account, part, tier.usage, remark))
        known = {tier.id for tier in tiers}
        rest = merged("", (each for (_, id_), each in pairs.items() if id_ not in known))
        if rest.attempts:
            shares.append(_share("", "no tier", rest, _part(rest, count), None, ""))
        return shares


def _part(account: Account, count: int) -> Decimal | None:
    return _HUNDRED * account.actions / count if count else None


def _share(
    id_: str,
    name: str,
    account: Account,
    part: Decimal | None,
    target: tuple[int, int] | None,
    remark: str,
) -> TierShare:
    return TierShare(id_, name, account.actions, part, account.cost_usd, target, remark)


def _remark(tier: Tier, aimed: Sequence[Tier], percent: Decimal | None) -> str:
    if tier.usage is None or percent is None:
        return ""
    low, high = tier.usage
    place = 0 if tier is aimed[0] else 2 if tier is aimed[-1] else 1
    if percent > high:
        return f"above its target: {_ABOVE[place]}"
    if percent < low:
        return f"below its target: {_BELOW[place]}"
    return ""
