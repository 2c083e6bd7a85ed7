"""Amounts of money as a user reads them."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codefare.estimate import CostEstimate

_HUNDRED = Decimal(100)
_HUNDREDTH = Decimal("0.01")
# Cents: how finely they are told below how many.
_STEPS = (
    (_HUNDREDTH, Decimal("0.1")),
    (Decimal("0.1"), Decimal(10)),
    (Decimal(1), _HUNDRED),
)


def money(usd: Decimal, *, up: bool = False) -> str:
    """An amount as a user reads it: `0.2¢`, `12¢`, `$1.34`; never `0` for what is not free.

    `up` rounds up, for ceilings: what is shown must not be less than what is meant.
    """
    rounding = ROUND_CEILING if up else ROUND_HALF_UP
    cents = usd * _HUNDRED
    if cents == 0:
        return "free"
    if cents < _HUNDREDTH:
        return "0.01¢" if up else "<0.01¢"
    # A figure that rounds up to the next step is written as that step writes it: 10¢, not 10.0¢.
    for step, below in _STEPS:
        shown = cents.quantize(step, rounding)
        if shown < below:
            return f"{shown}¢"
    return f"${usd.quantize(_HUNDREDTH, rounding):,}"


def marked(usd: Decimal, mark: str) -> str:
    """An amount with `mark` before it; what is free or too little to say is that exactly."""
    said = money(usd)
    return f"{mark}{said}" if said[0].isdigit() or said[0] == "$" else said


def about(usd: Decimal) -> str:
    """`~0.2¢`: a likely cost."""
    return marked(usd, "~")


def price_tag(cost: CostEstimate | None) -> str:
    """The likely cost and the ceiling: `~0.2¢, ≤ 1.1¢`."""
    if cost is None:
        return "price unknown"
    if cost.ceiling == 0:
        return "free"
    return f"{about(cost.likely)}, ≤ {money(cost.ceiling, up=True)}"
