"""What goes into the ledger, and what its sums are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from codefare_catalog import Usage


class Basis(StrEnum):
    """What a cost rests on: the amount that the provider named, the tokens that it reported, or our own count."""

    PROVIDER = "provider"
    USAGE = "usage"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of an attempt before it is sent. Money is in USD; None: the price is not known.

    `likely_usd` and `ceiling_usd` are as they were quoted. `reserved_usd` is what is set aside for
    this attempt, the ceiling if it is not given. `purchase` is the same for all attempts of one
    action. `tier` is the model's, `wire_id` the provider's name for it, `scope` what the action
    works on, `price` the row of the catalog that bills it as JSON, `project` a name and never a
    path; "" where there is none.
    """

    action: str
    task_type: str
    model: str
    provider: str
    likely_usd: Decimal | None
    ceiling_usd: Decimal | None
    price_source: str
    reserved_usd: Decimal | None = None
    purchase: str = ""
    tier: str = ""
    project: str = ""
    scope: str = ""
    wire_id: str = ""
    price: str = ""

    @property
    def to_reserve(self) -> Decimal | None:
        """What is set aside, in USD; None if nobody knows how much that would be."""
        return self.ceiling_usd if self.reserved_usd is None else self.reserved_usd


@dataclass(frozen=True, slots=True)
class Reuse:
    """An answer that came from the cache: what it was asked for, who had answered, and what was paid then (in USD)."""

    action: str
    task_type: str
    model: str
    provider: str
    tier: str
    project: str
    cost_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent since some instant, and what is set aside now (in USD).

    `attempts` are those that ended since then: `above_ceiling` of them cost more than their
    ceiling, `unpriced` of them at a price that is not known. `open_attempts` are under way, in
    every process, and `reserved_usd` is set aside for them. `usage` is what was billed.
    """

    cost_usd: Decimal
    reserved_usd: Decimal
    attempts: int
    open_attempts: int
    above_ceiling: int
    unpriced: int
    usage: Usage
