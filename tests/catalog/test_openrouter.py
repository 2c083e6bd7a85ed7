"""OpenRouter passes requests on to hosts of its choice: what it may bill, and where it is bound."""

from datetime import UTC, datetime
from decimal import Decimal

from codefare_catalog import Catalog, Rate

CHECKED = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_openrouter_passes_the_makers_price_on(catalog: Catalog) -> None:
    """But for two open models, whose hosts set their own: the same rates, windows and limits."""
    compared = 0
    for model in catalog.models.values():
        offers = {offering.provider: offering for offering in model.offerings}
        resold = offers.pop("openrouter", None)
        if resold is None or model.id in {"qwen-2.5-coder-32b", "deepseek-flash"}:
            continue
        direct = model.offerings[0]
        here, there = resold.price_at(CHECKED), direct.price_at(CHECKED)
        assert here is not None
        assert there is not None
        assert (here.input, here.output, here.cache_write, here.cache_read) == (
            there.input,
            there.output,
            there.cache_write,
            there.cache_read,
        )
        assert resold.context_window == direct.context_window
        assert resold.max_output == direct.max_output
        assert resold.wire_id.split("/")[1].replace(".", "-") == model.id.replace(".", "-")
        compared += 1
    assert compared == 13


def test_openrouter_may_not_bill_more_than_the_catalog_says(catalog: Catalog) -> None:
    """The request names the catalog's rates as its limit, so that a ceiling holds at any host."""
    offerings = [
        o for m in catalog.models.values() for o in m.offerings if o.provider == "openrouter"
    ]
    assert len(offerings) == 15
    for offering in offerings:
        price = offering.price_at(CHECKED)
        assert price is not None
        limit = offering.extra_body["provider"]["max_price"]
        assert Decimal(str(limit["prompt"])) == price.input.high
        assert Decimal(str(limit["completion"])) == price.output.high


def test_a_host_that_undercuts_is_a_range(catalog: Catalog) -> None:
    """DeepSeek Flash at OpenRouter: from what was seen up to DeepSeek's own price at peak."""
    [offering] = [
        o for o in catalog.models["deepseek-flash"].offerings if o.provider == "openrouter"
    ]
    price = offering.price_at(CHECKED)
    assert price is not None
    assert offering.wire_id == "deepseek/deepseek-v4.1-flash"
    assert price.input == Rate(Decimal("0.21"), Decimal("0.30"))
    assert price.output == Rate(Decimal("0.84"), Decimal("1.20"))
