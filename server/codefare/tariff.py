"""What an offering's tokens cost at any instant: prices change on a day, and with the hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from codefare_catalog import Price, Usage, cost, highest_cost, in_force

if TYPE_CHECKING:
    from decimal import Decimal

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of an offering, in the order in which they come into force; none if nobody knows them.

    `cache_minimum` are the tokens from which on the provider keeps a prompt, None where it does so by itself. `listed`
    tells that they are the comparison document's figures.
    """

    prices: tuple[Price, ...] = ()
    cache_minimum: int | None = None
    listed: bool = False

    def at(self, instant: datetime) -> Price | None:
        """The price that holds then; None if it is not known."""
        return in_force(self.prices, instant)

    def source(self, instant: datetime) -> str:
        """Where the price that holds then was read, and when it was checked."""
        price = self.at(instant)
        if price is None:
            return "no price known"
        return (
            price.source if self.listed else f"{price.source}, checked {price.checked.isoformat()}"
        )

    def cost(self, usage: Usage, instant: datetime) -> Decimal | None:
        """What `usage` costs in USD if it is sent then, at the high end; None if it is not known."""
        price = self.at(instant)
        return None if price is None else cost(price, usage, instant).high

    def ceiling(self, usage: Usage, start: datetime, end: datetime) -> Decimal | None:
        """The most that these tokens can cost in USD if they are sent between two instants; None if it is not known.

        That is the dearest price and hour between them, and the dearest way in which the provider can bill the prompt:
        its cache writes may cost more than fresh input.
        """
        prices = [price for price in map(self.at, _turns(start, end)) if price is not None]
        return max((self._dearest(price, usage, start, end) for price in prices), default=None)

    def _dearest(self, price: Price, usage: Usage, start: datetime, end: datetime) -> Decimal:
        dearest = highest_cost(price, usage, start, end)
        if price.cache_write is not None and usage.input >= (self.cache_minimum or 0):
            written = Usage(cache_write=usage.input, output=usage.output)
            dearest = max(dearest, highest_cost(price, written, start, end))
        return dearest


def _turns(start: datetime, end: datetime) -> list[datetime]:
    """The instants between these two, both included, from which on another price may hold."""
    turns = [start]
    midnight = datetime.combine(start.astimezone(UTC).date(), time(), UTC) + _DAY
    while midnight <= end:
        turns.append(midnight)
        midnight += _DAY
    return turns
