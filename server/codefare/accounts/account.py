"""Sums over attempts: one account for each day, model, task type, ..., and one for all."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.store.amount import EXACT, whole_of
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codefare.store.history import Group


class GroupBy(StrEnum):
    """What attempts can be put together by."""

    DAY = "day"
    MODEL = "model"
    TASK = "task"
    TIER = "tier"
    PROJECT = "project"
    PROVIDER = "provider"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Account:
    """What some attempts took (in USD), and how they went.

    `actions` are the purchases whose last attempt is among them: over all accounts they add up, as everything does.
    `key` is None for what an earlier codefare did not write down. `endings` counts the attempts by how they ended.
    Besides those that crashed, whose ceiling counts, `estimated` rest on our own count, `above_ceiling` cost more than
    they were allowed to, and the price of `unpriced` is not known: their cost is not in the sum.
    """

    key: str | None
    cost_usd: Decimal
    actions: int
    attempts: int
    usage: Usage
    endings: Counter[str]
    estimated: int
    above_ceiling: int
    unpriced: int


class Sums:
    """An account that grows. To be used with enough digits for exact sums: `localcontext(EXACT)`."""

    def __init__(self) -> None:
        self.cost_usd = Decimal(0)
        self.actions = self.attempts = 0
        self.tokens = [0, 0, 0, 0]
        self.endings: Counter[str] = Counter()
        self.estimated = self.above_ceiling = self.unpriced = 0

    def add(self, group: Group) -> None:
        """Take attempts in.

        Raises:
            sqlite3.DatabaseError: A cost is no amount, or a count no number.
        """
        counts = group[-6:]
        if not all(isinstance(count, int) for count in counts):
            raise sqlite3.DatabaseError("a count that is not a number")
        self.cost_usd += whole_of(group.costs, group.priced)
        self.unpriced += group.attempts - group.priced
        self.actions += group.actions
        self.attempts += group.attempts
        *tokens, above_ceiling, estimated = counts
        self.tokens = [a + b for a, b in zip(self.tokens, tokens, strict=True)]
        self.endings[group.ending] += group.attempts
        self.above_ceiling += above_ceiling
        self.estimated += estimated

    def merge(self, other: Sums) -> None:
        """Take all in that another one has."""
        self.cost_usd += other.cost_usd
        self.actions += other.actions
        self.attempts += other.attempts
        self.tokens = [a + b for a, b in zip(self.tokens, other.tokens, strict=True)]
        self.endings += other.endings
        self.above_ceiling += other.above_ceiling
        self.estimated += other.estimated
        self.unpriced += other.unpriced


Pairs = dict[tuple[str | None, str], Sums]
"""Sums by key and tier."""


def summed(groups: Iterable[Group], by: GroupBy, tier_of: Callable[[Group], str]) -> Pairs:
    """The sums over groups of attempts.

    Raises:
        sqlite3.DatabaseError: A row holds what is no amount, no count or no time.
    """
    sums: defaultdict[tuple[str | None, str], Sums] = defaultdict(Sums)
    with localcontext(EXACT):
        for group in groups:
            if group.key is None and by is GroupBy.DAY:
                raise sqlite3.DatabaseError("a time that is none")
            tier = tier_of(group)
            sums[tier if by is GroupBy.TIER else group.key, tier].add(group)
    return sums


def merged(key: str | None, sums: Iterable[Sums]) -> Account:
    """What several sums are together."""
    whole = Sums()
    with localcontext(EXACT):
        for each in sums:
            whole.merge(each)
    return Account(
        key=key,
        cost_usd=whole.cost_usd,
        actions=whole.actions,
        attempts=whole.attempts,
        usage=Usage(*whole.tokens),
        endings=whole.endings,
        estimated=whole.estimated,
        above_ceiling=whole.above_ceiling,
        unpriced=whole.unpriced,
    )


def lines(pairs: Pairs, by: GroupBy) -> list[Account]:
    """One account for each key: days in their order, all else from the dearest down."""
    groups: defaultdict[str | None, list[Sums]] = defaultdict(list)
    for (key, _), each in pairs.items():
        groups[key].append(each)
    made = [merged(key, group) for key, group in groups.items()]
    if by is GroupBy.DAY:
        return sorted(made, key=lambda one: one.key or "")
    return sorted(made, key=lambda one: (-one.cost_usd, -one.attempts, one.key or ""))
