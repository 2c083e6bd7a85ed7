"""What providers bill now, and where each figure was read."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from codefare_catalog import Catalog, Price

CHECKED = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "provider", "wire_id", "rates", "limits"),
    [
        # input, output, cache write, its one-hour form, cache read; window, longest answer
        (
            "claude-opus-4.6",
            "anthropic",
            "claude-opus-4-6",
            "5 25 6.25 10 0.50",
            (1_000_000, 128_000),
        ),
        (
            "claude-sonnet-4.5",
            "anthropic",
            "claude-sonnet-4-5",
            "3 15 3.75 6 0.30",
            (200_000, 64_000),
        ),
        ("claude-haiku-4.5", "anthropic", "claude-haiku-4-5", "1 5 1.25 2 0.10", (200_000, 64_000)),
        ("gpt-4-turbo", "openai", "gpt-4-turbo", "10 30 - - -", (128_000, 4_096)),
        ("gpt-4o", "openai", "gpt-4o-2024-11-20", "2.50 10 - - 1.25", (128_000, 16_384)),
        ("gpt-3.5-turbo", "openai", "gpt-3.5-turbo", "0.50 1.50 - - -", (16_385, 4_096)),
        (
            "deepseek-coder-v2.5",
            "deepseek",
            "deepseek-coder",
            "0.14 0.28 - - 0.014",
            (128_000, 4_096),
        ),
        ("deepseek-v3", "deepseek", "deepseek-chat", "0.28 0.42 - - 0.028", (131_072, 8_192)),
        (
            "qwen-2.5-coder-32b",
            "dashscope",
            "qwen2.5-coder-32b-instruct",
            "0.287 0.861 - - -",
            (131_072, 8_192),
        ),
        (
            "qwen-2.5-coder-32b",
            "openrouter",
            "qwen/qwen-2.5-coder-32b-instruct",
            "0.66 1.00 - - -",
            (32_768, 32_768),
        ),
        ("qwen-2.5-coder-32b", "local", "qwen2.5-coder:32b", "0 0 - - -", (32_768, 8_192)),
        (
            "qwen-2.5-coder-7b",
            "dashscope",
            "qwen2.5-coder-7b-instruct",
            "0.144 0.287 - - -",
            (131_072, 8_192),
        ),
        ("qwen-2.5-coder-7b", "local", "qwen2.5-coder:7b", "0 0 - - -", (32_768, 8_192)),
        ("glm-4.7", "zai", "glm-4.7", "0.60 2.20 0 - 0.11", (200_000, 128_000)),
        ("kimi-k2", "moonshot", "kimi-k2-0905-preview", "0.60 2.50 - - 0.15", (262_144, 262_144)),
        ("claude-opus-5.5", "anthropic", "claude-opus-5-5", "4 20 5 8 0.20", (1_000_000, 128_000)),
        (
            "claude-sonnet-5.5",
            "anthropic",
            "claude-sonnet-5-5",
            "2 10 2.50 4 0.10",
            (1_000_000, 128_000),
        ),
        (
            "claude-haiku-5.5",
            "anthropic",
            "claude-haiku-5-5",
            "0.10 0.50 0.125 0.20 0.01",
            (1_000_000, 128_000),
        ),
        ("gpt-5.6-sol", "openai", "gpt-5.6-sol", "4 20 5 - 0.40", (1_050_000, 128_000)),
        ("gpt-5.6-terra", "openai", "gpt-5.6-terra", "2 12 2.50 - 0.20", (1_050_000, 128_000)),
        ("gpt-6-luna", "openai", "gpt-6-luna", "0.10 0.50 0.125 - 0.01", (1_050_000, 128_000)),
        (
            "deepseek-flash",
            "deepseek",
            "deepseek-flash",
            "0.15 0.60 - - 0.003",
            (1_000_000, 393_216),
        ),
        (
            "deepseek-v4-pro",
            "deepseek",
            "deepseek-v4-pro",
            "0.66 1.98 - - 0.022",
            (1_000_000, 393_216),
        ),
        (
            "qwen3-coder-flash",
            "dashscope",
            "qwen3-coder-flash",
            "0.30 1.50 - - 0.08",
            (1_000_000, 65_536),
        ),
        (
            "qwen3-coder-plus",
            "dashscope",
            "qwen3-coder-plus",
            "1.00 5.00 - - 0.10",
            (1_000_000, 65_536),
        ),
        ("glm-5.3-flash", "zai", "glm-5.3-flash", "0.15 0.50 0 - 0.03", (1_000_000, 128_000)),
        ("kimi-k2.7-code", "moonshot", "kimi-k2.7-code", "0.95 4.00 - - 0.19", (262_144, 262_144)),
    ],
)
def test_current_offerings(
    catalog: Catalog, model: str, provider: str, wire_id: str, rates: str, limits: tuple[int, int]
) -> None:
    """The makers' own offerings, as two public price sources had them on 2026-11-23."""
    [offering] = [o for o in catalog.models[model].offerings if o.provider == provider]
    price = offering.price_at(CHECKED)
    assert price is not None
    found = (price.input, price.output, price.cache_write, price.cache_write_1h, price.cache_read)
    assert [(r.low, r.high) if r else None for r in found] == [
        None if figure == "-" else (Decimal(figure), Decimal(figure)) for figure in rates.split()
    ]
    assert offering.wire_id == wire_id
    assert (offering.context_window, offering.max_output) == limits


def tiers(price: Price) -> list[tuple[int, str]]:
    """Thresholds with the rates above them: input, output, cache write, its one-hour form, read."""
    return [
        (
            tier.above_tokens,
            " ".join(
                str(rate.high) if rate else "-"
                for rate in (
                    tier.input,
                    tier.output,
                    tier.cache_write,
                    tier.cache_write_1h,
                    tier.cache_read,
                )
            ),
        )
        for tier in price.long_prompt
    ]


def test_tiers_for_long_prompts(catalog: Catalog) -> None:
    """Six models cost more for long prompts, wherever they are bought."""
    expected = {
        "claude-haiku-5.5": [(100_000, "0.50 2.50 0.625 1.00 0.05")],
        "gpt-5.6-sol": [(272_000, "8 30 10 - 0.80")],
        "gpt-5.6-terra": [(272_000, "4 18 5 - 0.40")],
        "gpt-6-luna": [(272_000, "0.20 0.75 0.25 - 0.02")],
        "qwen3-coder-flash": [
            (32_000, "0.50 2.50 - - 0.12"),
            (128_000, "0.80 4.00 - - 0.20"),
            (256_000, "1.60 9.60 - - 0.40"),
        ],
        "qwen3-coder-plus": [
            (32_000, "1.80 9.00 - - 0.18"),
            (128_000, "3.00 15.00 - - 0.30"),
            (256_000, "6.00 60.00 - - 0.60"),
        ],
    }
    for model in catalog.models.values():
        for offering in model.offerings:
            for price in offering.prices:
                assert tiers(price) == expected.get(model.id, [])


def test_every_price_says_where_and_when_it_was_read(catalog: Catalog) -> None:
    """No offering is without a price, no price without a source and the day it was checked."""
    for model in catalog.models.values():
        assert model.offerings
        for offering in model.offerings:
            assert offering.prices
            for price in offering.prices:
                assert len(price.source) > 10
                assert price.checked == date(2026, 11, 23)
                assert price.since is None or price.since <= price.checked


def test_only_self_hosted_models_are_free(catalog: Catalog) -> None:
    """A price of zero is one of the user's own machines', and their only price."""
    for model in catalog.models.values():
        for offering in model.offerings:
            own = catalog.providers[offering.provider].self_hosted
            for price in offering.prices:
                assert (price.input.high == price.output.high == 0) == own
                assert own or price.input.low * price.output.low > 0


def test_newer_models_want_another_field_for_the_longest_answer(catalog: Catalog) -> None:
    """OpenAI's and Moonshot's own servers take max_completion_tokens, everybody else max_tokens."""
    found = {
        (model.id, offering.provider)
        for model in catalog.models.values()
        for offering in model.offerings
        if offering.max_tokens_field == "max_completion_tokens"
    }
    assert found == {
        ("gpt-4o", "openai"),
        ("gpt-5.6-sol", "openai"),
        ("gpt-5.6-terra", "openai"),
        ("gpt-6-luna", "openai"),
        ("kimi-k2.7-code", "moonshot"),
    }


def test_smallest_prefixes_that_are_cached(catalog: Catalog) -> None:
    """Below these lengths a provider ignores a request to cache, without a word."""
    minima = {
        model.id: offering.cache_minimum
        for model in catalog.models.values()
        for offering in model.offerings
        if offering.cache_minimum is not None and offering.provider != "openrouter"
    }
    assert minima == {
        "claude-opus-4.6": 4096,
        "claude-haiku-4.5": 4096,
        "claude-sonnet-4.5": 1024,
        "gpt-4o": 1024,
        "claude-opus-5.5": 512,
        "claude-sonnet-5.5": 512,
        "claude-haiku-5.5": 512,
        "gpt-5.6-sol": 1024,
        "gpt-5.6-terra": 1024,
        "gpt-6-luna": 1024,
    }


def test_thinking_is_off_or_counted(catalog: Catalog) -> None:
    """A model that thinks unless told not to is told so; one that cannot be told has room for it."""
    off = {
        ("claude-sonnet-5.5", "anthropic"): {"thinking": {"type": "between_tools"}},
        ("claude-haiku-5.5", "anthropic"): {"thinking": {"type": "disabled"}},
        ("gpt-5.6-sol", "openai"): {"reasoning_effort": "none"},
        ("gpt-5.6-terra", "openai"): {"reasoning_effort": "none"},
        ("gpt-6-luna", "openai"): {"reasoning_effort": "none"},
        ("deepseek-flash", "deepseek"): {"thinking": {"type": "disabled"}},
        ("deepseek-v4-pro", "deepseek"): {"thinking": {"type": "disabled"}},
        ("glm-4.7", "zai"): {"thinking": {"type": "disabled"}},
    }
    short = {
        ("claude-opus-5.5", "anthropic"): {"output_config": {"effort": "low"}},
        ("glm-5.3-flash", "zai"): {"reasoning_effort": "low"},
        ("kimi-k2.7-code", "moonshot"): {},
    }
    offerings = {(m.id, o.provider): o for m in catalog.models.values() for o in m.offerings}
    direct = {key: o for key, o in offerings.items() if key[1] != "openrouter"}
    assert {key: o.extra_body for key, o in direct.items() if o.extra_body} == {
        key: body for key, body in {**off, **short}.items() if body
    }
    assert {key for key, o in direct.items() if o.thinking} == set(short)
    resold = {key[0]: o.extra_body for key, o in offerings.items() if key[1] == "openrouter"}
    efforts = {id_: body["reasoning"]["effort"] for id_, body in resold.items() if len(body) > 1}
    assert efforts == {
        "glm-4.7": "none",
        "claude-opus-5.5": "low",
        "claude-sonnet-5.5": "low",
        "claude-haiku-5.5": "none",
        "gpt-5.6-sol": "none",
        "gpt-5.6-terra": "none",
        "gpt-6-luna": "none",
        "deepseek-flash": "none",
        "glm-5.3-flash": "low",
    }
    for (id_, provider), offering in offerings.items():
        if provider == "openrouter":
            thinks = efforts.get(id_) == "low" or (id_, "moonshot") in short
            assert (offering.thinking is not None) == thinks
        if offering.thinking:
            assert 0 < offering.thinking.likely < offering.thinking.max < offering.max_output
