"""The budget of a day: what fits in it, and on which day an attempt counts."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.store.ledger.attempts import LONG_AGO, NOON, Ledgers, entry

from codefare.errors import OverBudget
from codefare.store.entry import Basis
from codefare.store.ledger import Ledger
from codefare_catalog import Usage


async def test_a_ceiling_that_does_not_fit_is_refused(ledger: Ledger) -> None:
    """The refusal names what it may cost, what is left and the limit; nothing is reserved."""
    attempt = await ledger.reserve(entry("0.60"), per_day_usd=Decimal(1))
    with pytest.raises(OverBudget) as raised:
        await ledger.reserve(entry("0.50"), per_day_usd=Decimal(1))
    for amount in ("$0.5,", "$0.4 ", "$1,", "$0.6 "):
        assert amount in str(raised.value)
    assert "per_day_usd" in raised.value.remedy
    assert (await ledger.totals(LONG_AGO)).open_attempts == 1
    await ledger.settle(attempt, Usage(), Decimal("0.10"), "complete")
    assert await ledger.reserve(entry("0.90"), per_day_usd=Decimal(1))


async def test_what_is_free_always_fits(ledger: Ledger) -> None:
    """A used-up budget does not stop a model of one's own."""
    await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    assert await ledger.reserve(entry("0"), per_day_usd=Decimal(1))
    assert await ledger.reserve(entry("0"), per_day_usd=Decimal(0))


async def test_an_unknown_price_does_not_fit_in_a_budget(ledger: Ledger) -> None:
    """A budget cannot be kept with a model whose price nobody knows, unless an amount is set aside."""
    with pytest.raises(OverBudget, match="not known"):
        await ledger.reserve(entry(None), per_day_usd=Decimal(100))
    assert await ledger.reserve(entry(None, reserved_usd=Decimal(1)), per_day_usd=Decimal(100))


async def test_a_day_begins_at_the_users_midnight(
    ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yesterday's bills are not in today's budget, and the day is the user's, not that of Greenwich."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")  # 13 hours ahead: midnight is 11:00 UTC
    time.tzset()
    try:
        now = NOON - timedelta(hours=1, minutes=1)
        ledger = ledgers(clock=lambda: now)
        attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
        await ledger.settle(attempt, Usage(), Decimal(1), "complete")
        with pytest.raises(OverBudget):
            await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
        now += timedelta(minutes=1)
        assert (await ledger.today()).cost_usd == 0
        assert await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_a_clock_that_is_set_back_loses_no_bill(ledgers: Ledgers) -> None:
    """What began today is never settled yesterday; what is dated after now counts: no budget twice."""
    midnight = NOON.astimezone().replace(hour=0, minute=0)
    now = midnight + timedelta(minutes=5)
    ledger = ledgers(clock=lambda: now)
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight - timedelta(minutes=10)
    await ledger.settle(attempt, Usage(), Decimal(1), "complete", basis=Basis.USAGE)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight + timedelta(minutes=6)
    assert (await ledger.today()).cost_usd == Decimal(1)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))


async def test_a_bill_counts_on_the_day_it_comes(ledgers: Ledgers) -> None:
    """An attempt over midnight takes from the old day while it runs, and from the new one once it is settled."""
    midnight = NOON.astimezone().replace(hour=0, minute=0)
    now = midnight - timedelta(minutes=1)
    ledger = ledgers(clock=lambda: now)
    attempt = await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now = midnight + timedelta(minutes=1)
    with pytest.raises(OverBudget):
        await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    await ledger.settle(attempt, Usage(), Decimal("0.25"), "complete")
    assert (await ledger.today()).cost_usd == Decimal("0.25")
    assert (await ledger.totals(midnight - timedelta(days=1))).cost_usd == Decimal("0.25")


async def test_what_is_under_way_at_midnight_counts_on_both_days(ledgers: Ledgers) -> None:
    """A reservation holds until it is settled, whichever day it was made on."""
    now = NOON
    ledger = ledgers(clock=lambda: now)
    await ledger.reserve(entry("1"), per_day_usd=Decimal(1))
    now += timedelta(minutes=29)
    with pytest.raises(OverBudget):
        await ledgers(clock=lambda: now).reserve(entry("1"), per_day_usd=Decimal(1))
