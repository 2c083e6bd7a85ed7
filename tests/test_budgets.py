"""Budgets: what does not fit is not sent, and both figures are shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine import document, engine, quoted, run

from codefare.errors import OverBudget


async def test_what_does_not_fit_the_days_budget_is_not_sent(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """The ceiling is reserved before anything leaves the machine."""
    async with engine(wire, configure, monkeypatch, '[budget]\nper_day_usd = "0.0001"') as made:
        with pytest.raises(OverBudget):
            await run(made, document(tmp_path), "document")
    assert wire.requests == []


async def test_what_is_dearer_than_an_action_may_be_is_not_sent(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """The limit for one action counts the ceiling, not the likely cost."""
    async with engine(wire, configure, monkeypatch, '[budget]\nper_action_usd = "0.005"') as made:
        quote = await quoted(made, document(tmp_path), "document")
        assert quote.cost is not None
        assert quote.cost.likely < Decimal("0.005") < quote.cost.ceiling
        with pytest.raises(OverBudget, match="limit for one action"):
            await made.run(quote)
    assert wire.requests == []


async def test_a_limit_wants_a_price_that_is_known(wire, configure, monkeypatch, tmp_path) -> None:
    """Without a price no budget can be kept; the user is told to give one, not to raise the limit."""
    async with engine(wire, configure, monkeypatch, '[budget]\nper_action_usd = "1"') as made:
        quote = await quoted(made, document(tmp_path), "document")
        assert quote.choice is not None
        size = replace(quote.choice.estimate, cost=None, price=None)
        unpriced = replace(
            quote, route=replace(quote.route, chosen=replace(quote.choice, estimate=size))
        )
        with pytest.raises(OverBudget, match="price is not known") as refused:
            await made.run(unpriced)
    assert "Give its price in catalog.toml" in refused.value.text
    assert wire.requests == []


async def test_a_limit_that_is_missed_by_little_is_shown_to_the_digit(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Both figures are exact: rounded, the ceiling could look lower than the limit that it breaks."""
    async with engine(wire, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
    assert quote.cost is not None
    ceiling = quote.cost.ceiling
    limit = ceiling - Decimal("0.00000001")
    async with engine(
        wire, configure, monkeypatch, f'[budget]\nper_action_usd = "{limit}"'
    ) as made:
        with pytest.raises(OverBudget) as refused:
            await made.run(quote)
    assert f"${ceiling.normalize():f}, and your limit" in refused.value.text
    assert f"is ${limit.normalize():f}." in refused.value.text
