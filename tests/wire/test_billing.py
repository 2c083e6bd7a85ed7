"""Usage by class, and what it costs: each token in one class, worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.server import Answer
from tests.wire.vendors import (
    ANTHROPIC,
    OLLAMA,
    OPENAI,
    PROVIDERS,
    anthropic_stream,
    at,
    chunk,
    ollama_stream,
    openai_stream,
    price,
    sse,
)

from codefare.providers.base import Billed
from codefare_catalog import Usage, cost

if TYPE_CHECKING:
    from tests.wire.server import WireServer

    from codefare.providers.http import Transport

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


async def test_golden_anthropic(server: WireServer, transport: Transport) -> None:
    """Anthropic's input excludes both cache classes: 1000 fresh, 2000 written, 5000 read, 300 out.

    At 3/15, write 3.75, read 0.30: 0.003 + 0.0075 + 0.0015 + 0.0045 = 0.0165 USD.
    """
    usage = {
        "input_tokens": 1000,
        "cache_creation_input_tokens": 2000,
        "cache_read_input_tokens": 5000,
        "output_tokens": 1,
    }
    server.sse(*anthropic_stream("x", usage=usage, output=300))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert heard.usage == Usage(input=1000, output=300, cache_write=2000, cache_read=5000)
    assert heard.usage.prompt == 8000
    bill = cost(price("3", "15", "3.75", "0.30"), heard.usage, NOON)
    assert bill.low == bill.high == Decimal("0.0165")


async def test_golden_openai(server: WireServer, transport: Transport) -> None:
    """OpenAI's prompt includes cached tokens: 8000 with 5000 cached are 3000 fresh, and 300 out.

    At 2.50/10, read 1.25: 0.0075 + 0.00625 + 0.003 = 0.01675 USD.
    """
    usage = {
        "prompt_tokens": 8000,
        "completion_tokens": 300,
        "total_tokens": 8300,
        "prompt_tokens_details": {"cached_tokens": 5000},
        "completion_tokens_details": {"reasoning_tokens": 100},
    }
    server.sse(*openai_stream("x", usage=usage))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.usage == Usage(input=3000, output=300, cache_read=5000)
    bill = cost(price("2.50", "10", read="1.25"), heard.usage, NOON)
    assert bill.low == Decimal("0.01675")


REPORTS: list[tuple[str, dict[str, Any], Usage]] = [
    # OpenAI's newer models: written tokens are part of the prompt, too.
    (
        "openai",
        {
            "prompt_tokens": 8000,
            "completion_tokens": 300,
            "prompt_tokens_details": {"cached_tokens": 5000, "cache_write_tokens": 2000},
        },
        Usage(1000, 300, 2000, 5000),
    ),
    # DeepSeek: the counters repeat what the details say.
    (
        "deepseek",
        {
            "prompt_tokens": 8000,
            "completion_tokens": 300,
            "prompt_cache_hit_tokens": 5000,
            "prompt_cache_miss_tokens": 3000,
            "prompt_tokens_details": {"cached_tokens": 5000},
        },
        Usage(3000, 300, 0, 5000),
    ),
    (
        "deepseek",
        {
            "prompt_cache_hit_tokens": 5000,
            "prompt_cache_miss_tokens": 3000,
            "completion_tokens": 300,
        },
        Usage(3000, 300, 0, 5000),
    ),
    # Moonshot's own field.
    (
        "moonshot",
        {"prompt_tokens": 8000, "completion_tokens": 300, "cached_tokens": 5000},
        Usage(3000, 300, 0, 5000),
    ),
    # Another's counter means nothing where its row does not name it.
    (
        "openai",
        {"prompt_tokens": 8000, "completion_tokens": 300, "cached_tokens": 5000},
        Usage(8000, 300),
    ),
    # A server that counts cached tokens apart from its prompt.
    (
        "openai",
        {
            "prompt_tokens": 1000,
            "completion_tokens": 300,
            "prompt_tokens_details": {"cached_tokens": 5000},
        },
        Usage(1000, 300, 0, 5000),
    ),
    # Reasoning that only the total includes.
    (
        "openai",
        {
            "prompt_tokens": 1000,
            "completion_tokens": 300,
            "total_tokens": 1700,
            "completion_tokens_details": {"reasoning_tokens": 400},
        },
        Usage(1000, 700),
    ),
    # Reasoning that is included, as it should be.
    (
        "openai",
        {
            "prompt_tokens": 1000,
            "completion_tokens": 700,
            "total_tokens": 1700,
            "completion_tokens_details": {"reasoning_tokens": 400},
        },
        Usage(1000, 700),
    ),
    *(
        (
            "openai",
            {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": details},
            Usage(10, 5),
        )
        for details in (None, 7, [5000])
    ),
    # Without its sum, a report of DeepSeek's has one only if it counts both parts.
    ("deepseek", {"prompt_cache_miss_tokens": 7, "completion_tokens": 3}, Usage(7, 3)),
]


@pytest.mark.parametrize(("provider", "report", "usage"), REPORTS)
async def test_openai_reports(
    server: WireServer, transport: Transport, provider: str, report: dict[str, Any], usage: Usage
) -> None:
    """Each vendor's report comes out with every token in exactly one class."""
    server.sse(*openai_stream("x", usage=report))
    assert (await ask_whole(transport, at(PROVIDERS[provider], server.url))).usage == usage


@pytest.mark.parametrize(
    "report",
    [
        {"prompt_tokens": "8", "completion_tokens": 1},
        {"prompt_tokens": -1},
        {"prompt_tokens": 2**63, "completion_tokens": 1},  # more than the ledger can hold
        {"x": 1},
    ],
)
async def test_malformed_usage_is_no_usage(
    server: WireServer, transport: Transport, report: dict[str, Any]
) -> None:
    """A report that cannot be read does not cost the user the answer, and is not made up either."""
    server.sse(*openai_stream("x", usage=report))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "x"
    assert not any(isinstance(event, Billed) for event in heard.events)


async def test_usage_in_the_choice(server: WireServer, transport: Transport) -> None:
    """Moonshot's usage inside the choice is found where the catalog says it is, once."""
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "cached_tokens": 40}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}
    server.sse(chunk({"content": "x"}), sse({"choices": [choice]}), sse("[DONE]"))
    row = at(PROVIDERS["moonshot"], server.url)
    heard = await ask_whole(transport, row)
    assert heard.usage == Usage(60, 5, 0, 40)
    server.sse(*openai_stream("x"))  # and where it stands at the top after all
    assert (await ask_whole(transport, row)).usage == Usage(25, 12)


async def test_cumulative_reports_are_not_added_up(
    server: WireServer, transport: Transport
) -> None:
    """Where every chunk carries usage, the last one stands."""
    reports = [
        chunk({"content": "x"}, usage={"prompt_tokens": 100, "completion_tokens": n})
        for n in (1, 2, 3)
    ]
    server.sse(*reports, *openai_stream(usage={"prompt_tokens": 100, "completion_tokens": 3}))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.usage == Usage(100, 3)
    assert sum(isinstance(event, Billed) for event in heard.events) == 3


async def test_anthropic_cumulative_deltas(server: WireServer, transport: Transport) -> None:
    """Anthropic's deltas are cumulative, and newer ones repeat the input classes: nothing is added up."""
    first, *rest = anthropic_stream("x", usage={"input_tokens": 100, "output_tokens": 1}, output=9)
    delta = {
        "type": "message_delta",
        "delta": {},
        "usage": {"input_tokens": 100, "cache_read_input_tokens": 0, "output_tokens": 5},
    }
    server.sse(first, sse(delta), *rest)
    assert (await ask_whole(transport, at(ANTHROPIC, server.url))).usage == Usage(100, 9)


async def test_usage_before_a_cut_is_known(server: WireServer, transport: Transport) -> None:
    """What a broken stream has reported by then is known, so that it can be settled."""
    server.sse(*anthropic_stream("x", usage={"input_tokens": 700, "output_tokens": 1})[:4])
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert heard.error is not None
    assert heard.usage == Usage(700, 1)


@pytest.mark.parametrize(
    ("cost_field", "usd"),
    [
        ("0.00012345", "0.00012345"),
        ("1e-7", "0.0000001"),
        ("3", "3"),
        ("-1", None),
        ("1e400", None),
        ('"0.1"', None),
        ("true", None),
        ('{"total": 1}', None),
    ],
)
async def test_charge_in_usd(
    server: WireServer, transport: Transport, cost_field: str, usd: str | None
) -> None:
    """OpenRouter's charge is kept to the last digit; what is no amount is left out."""
    usage = f'{{"prompt_tokens": 1, "completion_tokens": 1, "cost": {cost_field}}}'
    report = f'data: {{"choices": [], "usage": {usage}}}\n\n'.encode()
    whole = openai_stream("x")
    server.sse(*whole[:-2], report, whole[-1])
    row = PROVIDERS["openrouter"]
    assert (await ask_whole(transport, at(row, server.url))).billed.usd == usd


async def test_cost_of_nobody_knows_what(server: WireServer, transport: Transport) -> None:
    """A field `cost` is a charge in USD only where the provider's row says so."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5}
    server.sse(*openai_stream("x", usage=usage))
    assert (await ask_whole(transport, at(OPENAI, server.url))).billed.usd is None


async def test_charge_with_ones_own_key(server: WireServer, transport: Transport) -> None:
    """With a key of one's own, OpenRouter's cost is only its fee: it is not taken for the charge."""
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.01, "is_byok": True}
    server.sse(*openai_stream("x", usage=usage))
    row = PROVIDERS["openrouter"]
    assert (await ask_whole(transport, at(row, server.url))).billed.usd is None


async def test_ollama_cache(server: WireServer, transport: Transport) -> None:
    """Ollama's prompt count includes what came from its own cache."""
    lines = ollama_stream("x", prompt_eval_count=100, prompt_eval_cached_count=90)
    server.answer(Answer(tuple(lines), headers={"content-type": "application/x-ndjson"}))
    heard = await ask_whole(transport, at(OLLAMA, server.url))
    assert heard.usage == Usage(10, 12, 0, 90)


async def test_attempts_are_billed_apart(server: WireServer, transport: Transport) -> None:
    """A failed attempt's usage comes before the next attempt is announced: they can be told apart."""
    order: list[object] = []
    server.sse(anthropic_stream("x", usage={"input_tokens": 700, "output_tokens": 1})[0])
    server.sse(*anthropic_stream("x", usage={"input_tokens": 700, "output_tokens": 1}))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    order = [type(event).__name__ for event in heard.events]
    assert heard.attempts == [1, 2]
    assert order == ["Billed", "Billed", "Text", "Billed", "End"]
