"""Amounts of money as the ledger keeps them: the text of a `Decimal` in USD, added exactly."""

from __future__ import annotations

import sqlite3
from decimal import Context, Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

EXACT = Context(prec=100)  # no sum of bills has as many digits
BETWEEN = "\n"
"""What stands between the amounts that SQLite put into one text; it stands in no amount."""


def as_text(usd: Decimal | None) -> str | None:
    """The amount as it stands in a row; None stays None: not known."""
    return None if usd is None else str(usd)


def as_usd(text: str | None) -> Decimal | None:
    """The amount of a row.

    Raises:
        sqlite3.DatabaseError: It is not one: the row was not written by us, or has changed since.
    """
    try:
        amount = None if text is None else Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        amount = Decimal("NaN")
    if amount is not None and not amount.is_finite():
        raise sqlite3.DatabaseError("an amount that is not a number")
    return amount


def total(texts: Iterable[str | None]) -> Decimal:
    """The exact sum of the amounts that are known.

    Raises:
        sqlite3.DatabaseError: One is not an amount.
    """
    with localcontext(EXACT):
        return sum((as_usd(text) or Decimal(0) for text in texts), Decimal(0))


def whole_of(joined: str | None, count: int) -> Decimal:
    """The exact sum of so many amounts in one text; None is the text of none.

    Raises:
        sqlite3.DatabaseError: One is not an amount.
    """
    amounts = joined.split(BETWEEN) if joined is not None else []
    if len(amounts) != count:
        raise sqlite3.DatabaseError("an amount that is not a number")
    try:
        with localcontext(EXACT):
            whole = sum(map(Decimal, amounts), Decimal(0))
    except InvalidOperation:
        whole = Decimal("NaN")
    return as_usd(str(whole)) or Decimal(0)


def added(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum in USD; None if one of the amounts is not known."""
    whole = Decimal(0)
    with localcontext(EXACT):
        for amount in amounts:
            if amount is None:
                return None
            whole += amount
    return whole


def dollars(usd: Decimal) -> str:
    """The amount as a user reads it, exact: `$0.25`."""
    return f"${usd.normalize(EXACT):f}"
