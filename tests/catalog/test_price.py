"""What tokens cost, by hand: every expected figure is worked out beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from codefare_catalog import (
    FREE,
    Catalog,
    Cost,
    Offering,
    Peak,
    Price,
    Rate,
    Usage,
    cost,
    highest_cost,
)

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BEIJING = timezone(timedelta(hours=8))
ANTHROPIC_USAGE = Usage(input=1000, cache_write=2000, cache_read=5000, output=300)
# prompt 8000, of which 5000 cached; completion 300
OPENAI_USAGE = Usage(input=3000, cache_read=5000, output=300)


def price_of(catalog: Catalog, model: str, provider: str) -> Price:
    """The price in force on MONDAY."""
    [offering] = [o for o in catalog.models[model].offerings if o.provider == provider]
    price = offering.price_at(MONDAY)
    assert price is not None
    return price


def usd(text: str) -> Cost:
    """A cost that is no range."""
    return Cost(Decimal(text), Decimal(text))


def rate(low: str, high: str | None = None) -> Rate:
    """A rate, or a range."""
    return Rate(Decimal(low), Decimal(high or low))


@pytest.mark.parametrize(
    ("model", "provider", "usage", "expected"),
    [
        # 1000 x 5 + 2000 x 6.25 + 5000 x 0.50 + 300 x 25 = 5000 + 12500 + 2500 + 7500
        ("claude-opus-4.6", "anthropic", ANTHROPIC_USAGE, "0.0275"),
        # 1000 x 3 + 2000 x 3.75 + 5000 x 0.30 + 300 x 15 = 3000 + 7500 + 1500 + 4500
        ("claude-sonnet-4.5", "anthropic", ANTHROPIC_USAGE, "0.0165"),
        # 1000 x 0.10 + 2000 x 0.125 + 5000 x 0.01 + 300 x 0.50 = 100 + 250 + 50 + 150
        ("claude-haiku-5.5", "anthropic", ANTHROPIC_USAGE, "0.00055"),
        # 3000 x 2.50 + 5000 x 1.25 + 300 x 10 = 7500 + 6250 + 3000
        ("gpt-4o", "openai", OPENAI_USAGE, "0.01675"),
        # 3000 x 4 + 5000 x 0.40 + 300 x 20 = 12000 + 2000 + 6000
        ("gpt-5.6-sol", "openai", OPENAI_USAGE, "0.02"),
        # no cached price, so all as fresh: 8000 x 10 + 300 x 30 = 80000 + 9000
        ("gpt-4-turbo", "openai", OPENAI_USAGE, "0.089"),
        # no write price: (1000 + 2000) x 0.95 + 5000 x 0.19 + 300 x 4 = 2850 + 950 + 1200
        ("kimi-k2.7-code", "moonshot", ANTHROPIC_USAGE, "0.005"),
        ("qwen-2.5-coder-32b", "local", ANTHROPIC_USAGE, "0"),
    ],
)
def test_bills_each_token_in_one_class(
    catalog: Catalog, model: str, provider: str, usage: Usage, expected: str
) -> None:
    """Fresh, written, read and written-out tokens are billed once each, exactly."""
    price = price_of(catalog, model, provider)
    assert cost(price, usage, MONDAY) == usd(expected)
    assert highest_cost(price, usage, MONDAY, MONDAY) == Decimal(expected)


def test_no_tokens_cost_nothing(catalog: Catalog) -> None:
    """An empty usage is free at any price."""
    assert cost(price_of(catalog, "claude-opus-4.6", "anthropic"), Usage(), MONDAY) == FREE


def test_the_prompt_is_all_that_was_sent() -> None:
    """Both cache classes are part of the prompt."""
    assert ANTHROPIC_USAGE.prompt == 8000
    assert OPENAI_USAGE.prompt == 8000


def test_a_range_gives_a_range(catalog: Catalog) -> None:
    """The listed Qwen price of 0.20-0.60 / 0.40-1.20 bounds the cost from both sides."""
    listed = catalog.models["qwen-2.5-coder-32b"].listed
    assert listed is not None
    # 10000 x 0.20 + 1000 x 0.40 = 2400; 10000 x 0.60 + 1000 x 1.20 = 7200
    expected = Cost(Decimal("0.0024"), Decimal("0.0072"))
    usage = Usage(input=10_000, output=1000)
    assert cost(listed.price, usage, MONDAY) == expected
    assert expected.likely == Decimal("0.0048")
    assert highest_cost(listed.price, usage, MONDAY, MONDAY) == expected.high
    assert listed.input.is_range
    assert listed.input.likely == Decimal("0.40")


def test_listed_prices_leave_the_cache_columns_out(catalog: Catalog) -> None:
    """The document's cache columns stand one class off: cached tokens are billed as fresh ones."""
    listed = catalog.models["claude-opus-4.6"].listed
    assert listed is not None
    # 8000 x 15 + 300 x 75 = 120000 + 22500
    assert cost(listed.price, ANTHROPIC_USAGE, MONDAY) == usd("0.1425")
    assert listed.price.checked == date(2026, 2, 7)
    assert "2026-02-07" in listed.price.source
    assert not listed.input.is_range


@pytest.mark.parametrize(
    ("at", "in_peak"),
    [
        (datetime(2026, 11, 23, 0, 59, 59, 999_999, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 3, 59, 59, 999_999, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 4, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 23, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 10, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 27, 9, 59, tzinfo=UTC), True),  # a Friday
        (datetime(2026, 11, 28, 2, 0, tzinfo=UTC), False),  # a Saturday
        (datetime(2026, 11, 29, 2, 0, tzinfo=UTC), False),  # a Sunday
        (datetime(2026, 11, 23, 9, 0, tzinfo=BEIJING), True),  # 01:00 UTC
        (datetime(2026, 11, 23, 8, 59, tzinfo=BEIJING), False),
    ],
)
def test_peak_hours_double_every_class(catalog: Catalog, at: datetime, in_peak: bool) -> None:
    """DeepSeek bills double from 01 to 04 and from 06 to 10 UTC on weekdays, the ends excluded."""
    price = price_of(catalog, "deepseek-flash", "deepseek")
    # 3000 x 0.15 + 5000 x 0.003 + 300 x 0.60 = 450 + 15 + 180
    expected = Decimal("0.00129") if in_peak else Decimal("0.000645")
    assert cost(price, OPENAI_USAGE, at) == Cost(expected, expected)
    assert highest_cost(price, OPENAI_USAGE, at, at) == expected


@pytest.mark.parametrize(
    ("start", "end", "reaches_peak"),
    [
        # from before a window to its first instant
        (datetime(2026, 11, 23, 0, 45, tzinfo=UTC), datetime(2026, 11, 23, 1, 0, tzinfo=UTC), True),
        # between the two windows of a day
        (
            datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
            datetime(2026, 11, 23, 5, 59, tzinfo=UTC),
            False,
        ),
        # over a whole window
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), datetime(2026, 11, 23, 11, 0, tzinfo=UTC), True),
        # out of a window
        (
            datetime(2026, 11, 23, 9, 59, tzinfo=UTC),
            datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
            True,
        ),
        # from Friday's last window to the minute before Monday's first
        (
            datetime(2026, 11, 27, 10, 0, tzinfo=UTC),
            datetime(2026, 11, 30, 0, 59, tzinfo=UTC),
            False,
        ),
        # over Monday's first window and back out of it, in days of another zone
        (
            datetime(2026, 11, 29, 23, 0, tzinfo=BEIJING),
            datetime(2026, 11, 30, 12, 30, tzinfo=BEIJING),
            True,
        ),
    ],
)
def test_a_ceiling_meets_every_peak_on_the_way(
    catalog: Catalog, start: datetime, end: datetime, reaches_peak: bool
) -> None:
    """The highest cost between two instants is the peak's wherever one of them lies in a peak window."""
    price = price_of(catalog, "deepseek-v4-pro", "deepseek")
    # 3000 x 0.66 + 5000 x 0.022 + 300 x 1.98 = 1980 + 110 + 594
    expected = Decimal("0.005368") if reaches_peak else Decimal("0.002684")
    assert highest_cost(price, OPENAI_USAGE, start, end) == expected


def test_a_cheaper_window_never_lowers_a_ceiling(catalog: Catalog) -> None:
    """A factor below one is a discount for some hours: the ceiling does not count on it."""
    discount = Peak(
        ((datetime.min.time(), datetime.max.time()),), frozenset(range(7)), Decimal("0.5")
    )
    price = replace(price_of(catalog, "gpt-4o", "openai"), peak=discount)
    assert cost(price, OPENAI_USAGE, MONDAY) == usd("0.008375")
    assert highest_cost(price, OPENAI_USAGE, MONDAY, MONDAY) == Decimal("0.01675")


@pytest.mark.parametrize(
    ("model", "provider", "usage", "expected"),
    [
        # at the threshold: 100000 x 0.10 + 1000 x 0.50
        ("claude-haiku-5.5", "anthropic", Usage(input=100_000, output=1000), "0.0105"),
        # one more, and all of it costs five times as much: 100001 x 0.50 + 1000 x 2.50
        ("claude-haiku-5.5", "anthropic", Usage(input=100_001, output=1000), "0.0525005"),
        # cached tokens count too: 1 x 0.50 + 50000 x 0.625 + 50000 x 0.05 + 1000 x 2.50
        (
            "claude-haiku-5.5",
            "anthropic",
            Usage(input=1, cache_write=50_000, cache_read=50_000, output=1000),
            "0.0362505",
        ),
        # 272001 x 0.20 + 1000 x 0.75
        ("gpt-6-luna", "openai", Usage(input=272_001, output=1000), "0.0551502"),
        # 200000 x 8 + 72001 x 0.80 + 1000 x 30
        (
            "gpt-5.6-sol",
            "openai",
            Usage(input=200_000, cache_read=72_001, output=1000),
            "1.6876008",
        ),
        # three tiers: 32000 x 1 + 100 x 5; 32001 x 1.80 + 100 x 9; 128001 x 3 + 100 x 15
        ("qwen3-coder-plus", "dashscope", Usage(input=32_000, output=100), "0.0325"),
        ("qwen3-coder-plus", "dashscope", Usage(input=32_001, output=100), "0.0585018"),
        ("qwen3-coder-plus", "dashscope", Usage(input=128_001, output=100), "0.385503"),
        # a write without a price is fresh in its own tier: 256001 x 6 + 100 x 60
        ("qwen3-coder-plus", "dashscope", Usage(cache_write=256_001, output=100), "1.542006"),
    ],
)
def test_long_prompts_reprice_the_whole_request(
    catalog: Catalog, model: str, provider: str, usage: Usage, expected: str
) -> None:
    """Above a threshold every token of the request, answer included, costs the tier's rates."""
    assert cost(price_of(catalog, model, provider), usage, MONDAY) == usd(expected)


def offering_with(*prices: Price) -> Offering:
    """An offering of nothing in particular, at these prices."""
    return Offering("m", "p", "m-1", context_window=10, max_output=10, prices=prices)


def test_the_last_price_that_has_come_is_in_force() -> None:
    """Prices are dated in UTC days; before the first day the first price stands for what came before."""
    old = Price(rate("5"), rate("30"), "list", date(2026, 11, 23), since=date(2026, 7, 1))
    new = replace(old, input=rate("4"), since=date(2026, 8, 21))
    offering = offering_with(old, new)
    assert offering.price_at(datetime(2026, 6, 1, tzinfo=UTC)) is old
    assert offering.price_at(datetime(2026, 8, 20, 23, 59, tzinfo=UTC)) is old
    assert offering.price_at(datetime(2026, 8, 21, tzinfo=UTC)) is new
    # 07:59 on the 21st in Beijing is still the 20th in UTC
    assert offering.price_at(datetime(2026, 8, 21, 7, 59, tzinfo=BEIJING)) is old
    assert offering_with(replace(old, since=None)).price_at(MONDAY) is not None


def test_an_offering_without_prices_has_none() -> None:
    """An unknown price is None, never zero."""
    assert offering_with().price_at(MONDAY) is None
