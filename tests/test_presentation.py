"""Figures as a user reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from codefare.estimate import CostEstimate
from codefare.meter import Progress
from codefare.money import money, price_tag
from codefare.presentation import reached, spent


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0", "free"),
        ("0.00001", "<0.01¢"),
        ("0.0004", "0.04¢"),
        ("0.00098", "0.1¢"),
        ("0.0021", "0.2¢"),
        ("0.0186", "1.9¢"),
        ("0.1249", "12¢"),
        ("0.0996", "10¢"),
        ("0.995", "$1.00"),
        ("1.345", "$1.35"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_money_is_short_and_never_zero_unless_free(usd: str, shown: str) -> None:
    """An amount has one or two significant digits, cents below a dollar, and `free` is nothing but zero."""
    assert money(Decimal(usd)) == shown


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("0.000001", "0.01¢"),
        ("0.00041", "0.05¢"),
        ("0.01001", "1.1¢"),
        ("0.0991", "10¢"),
        ("0.1201", "13¢"),
        ("0.9901", "$1.00"),
        ("2.001", "$2.01"),
    ],
)
def test_a_ceiling_is_never_shown_lower_than_it_is(usd: str, shown: str) -> None:
    """Ceilings are rounded up."""
    assert money(Decimal(usd), up=True) == shown


def test_a_price_tag_has_the_likely_cost_and_the_ceiling() -> None:
    """The menu says both what it will probably cost and what it cannot exceed."""
    cost = CostEstimate(Decimal("0.001"), Decimal("0.002"), Decimal("0.004"), Decimal("0.0102"))
    assert price_tag(cost) == "~0.2¢, ≤ 1.1¢"


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    """What a model costs is never shown as nothing because nobody knows."""
    assert price_tag(None) == "price unknown"


@pytest.mark.parametrize(
    ("usd", "estimated", "said"),
    [
        ("0.003", True, "≈0.3¢ spent"),
        ("0.003", False, "0.3¢ spent"),
        ("0.0000001", True, "<0.01¢ spent"),
        ("0", False, "nothing spent"),
        (None, True, "price unknown"),
    ],
)
def test_what_a_cancelled_request_took(usd: str | None, estimated: bool, said: str) -> None:
    """Our own count is marked, and nothing is nothing."""
    cost = None if usd is None else Decimal(usd)
    assert spent(Progress(1.0, 5, cost, settled=True, estimated=estimated)) == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Progress(1.31, 0, Decimal(0)), "1.3 s · no answer yet"),
        (Progress(2.0, 1200, Decimal("0.001")), "2.0 s · 1,200 tokens · 0.1¢"),
        (Progress(2.0, 12, Decimal(0)), "2.0 s · 12 tokens · free"),
        (Progress(2.0, 12, None), "2.0 s · 12 tokens · price unknown"),
        (Progress(2.0, 0, Decimal(0), waiting="waits 3 s"), "waits 3 s"),
    ],
)
def test_how_far_a_request_is(made: Progress, said: str) -> None:
    """Before the first word nothing is known of its price: that it is free is said of a free model alone."""
    assert reached(made) == said
