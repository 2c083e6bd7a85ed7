"""Sums over attempts: one account for each day, model, task type, ..., and one for all."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.store.amount import EXACT, as_usd
from codefare.store.attempts import CRASHED, begin_of, stamp
from codefare.store.entry import Basis
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codefare.store.history import Attempt


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

    def add(self, one: Attempt, *, ends: bool) -> None:
        """Take an attempt in; `ends` tells whether it is the last of its purchase.

        Raises:
            sqlite3.DatabaseError: Its cost is no amount.
        """
        cost = as_usd(one.cost_usd)
        if cost is None:
            self.unpriced += 1
        else:
            self.cost_usd += cost
        self.actions += ends
        self.attempts += 1
        tokens = self.tokens
        tokens[0] += one.input_tokens
        tokens[1] += one.output_tokens
        tokens[2] += one.cache_write_tokens
        tokens[3] += one.cache_read_tokens
        self.endings[one.ending] += 1
        self.above_ceiling += bool(one.above_ceiling)
        self.estimated += one.basis == Basis.ESTIMATE and one.ending != CRASHED

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


def summed(attempts: Iterable[Attempt], by: GroupBy, tier_of: Callable[[Attempt], str]) -> Pairs:
    """The sums over attempts, each of which is looked at once.

    Raises:
        sqlite3.DatabaseError: A row holds what is no amount or no time.
    """
    key, last = _key(by, tier_of), last_attempts(attempts)
    sums: defaultdict[tuple[str | None, str], Sums] = defaultdict(Sums)
    with localcontext(EXACT):
        for one in attempts:
            sums[key(one), tier_of(one)].add(one, ends=one.id in last)
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


def last_attempts(attempts: Iterable[Attempt]) -> frozenset[str]:
    """The ids of the last attempt of each purchase; one that no purchase is recorded of stands for itself."""
    last: dict[str, Attempt] = {}
    for one in attempts:
        purchase = one.purchase or one.id
        other = last.get(purchase)
        if other is None or (one.number or 0) >= (other.number or 0):
            last[purchase] = one
    return frozenset(one.id for one in last.values())


def _key(by: GroupBy, tier_of: Callable[[Attempt], str]) -> Callable[[Attempt], str | None]:
    keys: dict[GroupBy, Callable[[Attempt], str | None]] = {
        GroupBy.DAY: _Days().of,
        GroupBy.MODEL: lambda one: one.model,
        GroupBy.TASK: lambda one: one.task_type,
        GroupBy.TIER: tier_of,
        GroupBy.PROJECT: lambda one: one.project,
        GroupBy.PROVIDER: lambda one: one.provider,
        GroupBy.ACTION: lambda one: one.action,
    }
    return keys[by]


class _Days:
    """The user's days; to convert each of many times would take longer than all else."""

    def __init__(self) -> None:
        self._day = self._begin = self._end = ""

    def of(self, attempt: Attempt) -> str:
        """The day on which an attempt counts, as `2026-11-26`: from one midnight of the user's to the next."""
        if not self._begin <= attempt.settled < self._end:
            try:
                day = datetime.fromisoformat(attempt.settled).astimezone().date()
                begin, end = begin_of(day), begin_of(day + timedelta(1))
            except (ValueError, OverflowError, OSError) as error:
                raise sqlite3.DatabaseError("a time that is none") from error
            self._day, self._begin, self._end = day.isoformat(), stamp(begin), stamp(end)
        return self._day
