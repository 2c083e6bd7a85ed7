"""The prices of an offering at any instant, from one day and hour to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.wire.vendors import price

from codefare.tariff import Tariff
from codefare_catalog import Usage

MONDAY = datetime(2026, 12, 7, tzinfo=UTC)


def test_a_ceiling_covers_a_price_that_comes_into_force_soon() -> None:
    """Twelve minutes before a day on which everything costs twice as much, the ceiling is that day's."""
    old = price("1", "5")
    new = replace(price("2", "10"), since=(MONDAY + timedelta(days=1)).date())
    tariff = Tariff((old, new))
    usage = Usage(input=1_000_000)
    night = MONDAY + timedelta(hours=23, minutes=48)
    assert tariff.ceiling(usage, night, night + timedelta(minutes=15)) == 2
    assert tariff.ceiling(usage, night, night + timedelta(minutes=11)) == 1
    assert tariff.cost(usage, night) == 1
    assert tariff.cost(usage, night + timedelta(minutes=12)) == 2


def test_a_ceiling_covers_the_old_price_where_the_new_one_is_lower() -> None:
    """What is sent before midnight is billed by the old one."""
    old = price("2", "10")
    new = replace(price("1", "5"), since=(MONDAY + timedelta(days=1)).date())
    night = MONDAY + timedelta(hours=23, minutes=48)
    usage = Usage(input=1_000_000)
    assert Tariff((old, new)).ceiling(usage, night, night + timedelta(minutes=15)) == 2


def test_without_a_price_nothing_is_known_of_it() -> None:
    """Neither a cost nor a ceiling: never nothing."""
    assert Tariff().cost(Usage(input=1), MONDAY) is None
    assert Tariff().ceiling(Usage(input=1), MONDAY, MONDAY) is None


def test_the_dearest_way_to_bill_a_prompt_is_covered() -> None:
    """A prompt that is long enough to be kept may be billed as a cache write; a shorter one may not."""
    row = replace(price("2", "10"), cache_write=price("2.5", "10").input)
    tariff = Tariff((row,), cache_minimum=1000)
    assert tariff.ceiling(Usage(input=1_000_000), MONDAY, MONDAY) == Decimal("2.5")
    assert tariff.ceiling(Usage(input=999), MONDAY, MONDAY) == Decimal("0.001998")


def test_the_source_of_a_price_is_said_with_the_day_of_its_check() -> None:
    """A figure of the comparison document has no other day than the document's."""
    row = price("2", "10")
    assert Tariff((row,)).source(MONDAY) == f"{row.source}, checked {row.checked.isoformat()}"
    assert Tariff((row,), listed=True).source(MONDAY) == row.source
    assert Tariff().source(MONDAY) == "no price known"
