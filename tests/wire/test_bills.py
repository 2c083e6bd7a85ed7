"""Golden bills: what a provider reports, and the USD that stand in the ledger for it, worked by hand.

Through the real path: a server that sends what the vendor sends, the dialect, the purchase, the settled row.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from tests.wire.hurry import HurryingLoop
from tests.wire.server import Answer, Step, event_stream
from tests.wire.shop import Shop, Ware, shop
from tests.wire.vendors import (
    ANTHROPIC,
    DONE,
    OLLAMA,
    OPENAI,
    PROVIDERS,
    anthropic_stream,
    chunk,
    ollama_stream,
    openai_stream,
    price,
    rate,
    sse,
)

from codefare.providers.base import Stop
from codefare_catalog import LongPrompt, Peak, Usage

_SONNET = price("3", "15", "3.75", "0.30")
_LONG = replace(
    _SONNET,
    long_prompt=(LongPrompt(200_000, rate("6"), rate("22.50"), rate("7.50"), None, rate("0.60")),),
)
_DEEPSEEK = price("0.28", "0.42", read="0.028")
_ALWAYS = Peak(((time(0), time(23, 59, 59, 999_999)),), frozenset(range(7)), Decimal(2))

WARES = {
    "anthropic": Ware(ANTHROPIC, _SONNET),
    "without cache rates": Ware(ANTHROPIC, price("3", "15")),
    "long prompts": Ware(ANTHROPIC, _LONG),
    "openai": Ware(OPENAI, price("2.50", "10", read="1.25")),
    "openai with writes": Ware(OPENAI, price("1.25", "10", "1.5625", "0.125")),
    "deepseek": Ware(PROVIDERS["deepseek"], _DEEPSEEK),
    "deepseek at peak": Ware(PROVIDERS["deepseek"], replace(_DEEPSEEK, peak=_ALWAYS)),
    "openrouter": Ware(PROVIDERS["openrouter"], price("3", "15")),
    "moonshot": Ware(PROVIDERS["moonshot"], price("0.60", "2.50", read="0.15")),
    "ollama": Ware(OLLAMA, price("1", "2", read="0.10")),
}


@dataclass(frozen=True)
class Vector:
    """What a ware's provider sends in one whole answer, and what it comes to."""

    ware: str
    name: str
    answer: Answer
    usage: Usage
    usd: str

    def __str__(self) -> str:
        return f"{self.ware}: {self.name}"


def messages(fresh: int, written: int, read: int, output: int) -> Answer:
    """An Anthropic answer with these counts."""
    usage = {
        "input_tokens": fresh,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "output_tokens": 1,
    }
    return event_stream(*anthropic_stream("x", usage=usage, output=output))


def completion(prompt: int, output: int, **more: Any) -> Answer:
    """A chat completion with these counts."""
    usage = {"prompt_tokens": prompt, "completion_tokens": output, **more}
    return event_stream(*openai_stream("x", usage=usage))


def _moonshot() -> Answer:
    usage = {"prompt_tokens": 8000, "completion_tokens": 300, "cached_tokens": 5000}
    choice = {"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}
    return event_stream(chunk({"content": "x"}), sse({"choices": [choice]}), DONE)


def _ollama() -> Answer:
    lines = ollama_stream(
        "x", prompt_eval_count=8000, prompt_eval_cached_count=5000, eval_count=300
    )
    return Answer(tuple(lines), headers={"content-type": "application/x-ndjson"})


def _cumulative() -> Answer:
    whole = anthropic_stream("x", usage={"input_tokens": 1000, "output_tokens": 1}, output=300)
    early = {
        "type": "message_delta",
        "delta": {},
        "usage": {"input_tokens": 1000, "output_tokens": 90},
    }
    return event_stream(*whole[:3], sse(early), sse(early), *whole[3:])


def _in_each_chunk() -> Answer:
    counts = [{"prompt_tokens": 8000, "completion_tokens": n} for n in (100, 200, 300)]
    pieces = (chunk({"content": "x"}, usage=each) for each in counts)
    return event_stream(*pieces, *openai_stream("x", usage=counts[-1]))


VECTORS = [
    # 1000 x 3 + 2000 x 3.75 + 5000 x 0.30 + 300 x 15 = 3000 + 7500 + 1500 + 4500 = 16500 millionths
    Vector(
        "anthropic", "all classes", messages(1000, 2000, 5000, 300),
        Usage(1000, 300, 2000, 5000), "0.0165",
    ),
    # 1000 x 3 + 300 x 15 = 3000 + 4500
    Vector("anthropic", "fresh", messages(1000, 0, 0, 300), Usage(1000, 300), "0.0075"),
    # 2000 x 3.75 + 300 x 15 = 7500 + 4500
    Vector("anthropic", "written", messages(0, 2000, 0, 300), Usage(0, 300, 2000), "0.012"),
    # 5000 x 0.30 + 300 x 15 = 1500 + 4500
    Vector("anthropic", "read", messages(0, 0, 5000, 300), Usage(0, 300, 0, 5000), "0.006"),
    # the last report stands: 1000 x 3 + 300 x 15 = 7500, not 90 or 180 more
    Vector("anthropic", "counts so far", _cumulative(), Usage(1000, 300), "0.0075"),
    # a class without a rate is billed as fresh: 8000 x 3 + 300 x 15 = 24000 + 4500
    Vector(
        "without cache rates", "all classes", messages(1000, 2000, 5000, 300),
        Usage(1000, 300, 2000, 5000), "0.0285",
    ),
    # 200,000 are not above 200,000: 100000 x 3 + 40000 x 3.75 + 60000 x 0.30 + 1000 x 15
    # = 300000 + 150000 + 18000 + 15000
    Vector(
        "long prompts", "at the step", messages(100_000, 40_000, 60_000, 1000),
        Usage(100_000, 1000, 40_000, 60_000), "0.483",
    ),
    # one more, and the whole request is dearer: 100001 x 6 + 40000 x 7.50 + 60000 x 0.60 + 1000 x 22.50
    # = 600006 + 300000 + 36000 + 22500
    Vector(
        "long prompts", "above it", messages(100_001, 40_000, 60_000, 1000),
        Usage(100_001, 1000, 40_000, 60_000), "0.958506",
    ),
    # 3000 x 2.50 + 5000 x 1.25 + 300 x 10 = 7500 + 6250 + 3000
    Vector(
        "openai", "cached", completion(8000, 300, prompt_tokens_details={"cached_tokens": 5000}),
        Usage(3000, 300, 0, 5000), "0.01675",
    ),
    # 8000 x 2.50 + 300 x 10 = 20000 + 3000
    Vector("openai", "fresh", completion(8000, 300), Usage(8000, 300), "0.023"),
    Vector("openai", "a report in each chunk", _in_each_chunk(), Usage(8000, 300), "0.023"),
    # 1000 x 2.50 + 700 x 10 = 2500 + 7000, with 400 of reasoning among the 700 ...
    Vector(
        "openai", "reasoning inside",
        completion(1000, 700, total_tokens=1700, completion_tokens_details={"reasoning_tokens": 400}),
        Usage(1000, 700), "0.0095",
    ),
    # ... and beside 300
    Vector(
        "openai", "reasoning apart",
        completion(1000, 300, total_tokens=1700, completion_tokens_details={"reasoning_tokens": 400}),
        Usage(1000, 700), "0.0095",
    ),
    # 1000 x 1.25 + 2000 x 1.5625 + 5000 x 0.125 + 300 x 10 = 1250 + 3125 + 625 + 3000
    Vector(
        "openai with writes", "all classes",
        completion(
            8000, 300, prompt_tokens_details={"cached_tokens": 5000, "cache_write_tokens": 2000}
        ),
        Usage(1000, 300, 2000, 5000), "0.008",
    ),
    # 3000 x 0.28 + 5000 x 0.028 + 300 x 0.42 = 840 + 140 + 126
    Vector(
        "deepseek", "hits and misses",
        completion(
            8000, 300, prompt_cache_hit_tokens=5000, prompt_cache_miss_tokens=3000,
            prompt_tokens_details={"cached_tokens": 5000},
        ),
        Usage(3000, 300, 0, 5000), "0.001106",
    ),
    # twice as much
    Vector(
        "deepseek at peak", "hits and misses",
        completion(8000, 300, prompt_cache_hit_tokens=5000, prompt_cache_miss_tokens=3000),
        Usage(3000, 300, 0, 5000), "0.002212",
    ),
    # what it says, not 1000 x 3 + 300 x 15
    Vector("openrouter", "its charge", completion(1000, 300, cost=0.00123), Usage(1000, 300), "0.00123"),
    Vector("openrouter", "no charge", completion(1000, 300, cost=0), Usage(1000, 300), "0"),
    # a fee alone, where the host bills the user: 3000 + 4500
    Vector(
        "openrouter", "its fee for one's own key", completion(1000, 300, cost=0.0001, is_byok=True),
        Usage(1000, 300), "0.0075",
    ),
    # 3000 x 0.60 + 5000 x 0.15 + 300 x 2.50 = 1800 + 750 + 750
    Vector("moonshot", "in the choice", _moonshot(), Usage(3000, 300, 0, 5000), "0.0033"),
    # 3000 x 1 + 5000 x 0.10 + 300 x 2 = 3000 + 500 + 600
    Vector("ollama", "its cache", _ollama(), Usage(3000, 300, 0, 5000), "0.0041"),
]  # fmt: skip


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    """One shop with all of these wares."""
    with asyncio.Runner(loop_factory=HurryingLoop) as runner:
        stack = AsyncExitStack()
        folder = tmp_path_factory.mktemp("ledger")
        yield runner, runner.run(stack.enter_async_context(shop(folder, WARES)))
        runner.run(stack.aclose())


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_golden_bill(stand, record_property, vector: Vector) -> None:
    """Each token is billed once, in its class, at the price that holds: to the last digit, in the ledger as well."""
    runner, made = stand
    made.server.answer(vector.answer)
    bought = runner.run(made.buy(vector.ware))
    assert bought.purchase is not None
    assert bought.purchase.stop is Stop.COMPLETE
    assert bought.purchase.bill.usage == vector.usage
    assert not bought.purchase.bill.estimated
    assert bought.purchase.bill.cost_usd == Decimal(vector.usd)
    assert bought.told[-1].cost_usd == bought.spent.cost_usd == Decimal(vector.usd)
    assert bought.spent.usage == vector.usage
    assert (bought.spent.attempts, bought.spent.open_attempts) == (1, 0)
    record_property("counted", ["golden bills", {vector.ware: 1}])


def _prompt_usd(made: Shop, ware: str, usd_per_million: int) -> Decimal:
    """What the prompt costs by our own count, where nobody reports it."""
    choice = made.quote(ware).choice
    assert choice is not None
    return Decimal(choice.estimate.input.likely * usd_per_million) / 1_000_000


REPORTED = {"input_tokens": 1000, "cache_read_input_tokens": 5000, "output_tokens": 1}


@pytest.mark.parametrize("how", ["cut", "stalled", "cancelled"])
def test_a_broken_anthropic_answer(stand, how: str) -> None:
    """The prompt as it was reported at the start, and the two tokens of text that came.

    1000 x 3 + 5000 x 0.30 + 2 x 15 = 3000 + 1500 + 30 millionths.
    """
    runner, made = stand
    pieces = anthropic_stream("hello", " world", usage=REPORTED)[:5]
    made.server.answer(event_stream(*pieces, Step.CUT if how == "cut" else Step.HANG))
    bought = runner.run(made.buy("anthropic", cancel_at=2 if how == "cancelled" else None))
    assert bought.spent.usage == Usage(1000, 2, 0, 5000)
    assert bought.spent.cost_usd == bought.told[-1].cost_usd == Decimal("0.00453")
    assert (bought.spent.attempts, bought.spent.open_attempts) == (1, 0)
    assert isinstance(bought.error, asyncio.CancelledError) == (how == "cancelled")


@pytest.mark.parametrize("how", ["cut", "stalled", "cancelled"])
def test_a_broken_chat_completion(stand, how: str) -> None:
    """Nothing is reported before the end: the prompt by our own count, and two tokens at 10 USD a million."""
    runner, made = stand
    pieces = openai_stream("hello", " world")[:3]
    made.server.answer(event_stream(*pieces, Step.CUT if how == "cut" else Step.HANG))
    bought = runner.run(made.buy("openai", cancel_at=2 if how == "cancelled" else None))
    prompt = _prompt_usd(made, "openai", 25) / 10
    assert bought.spent.cost_usd == bought.told[-1].cost_usd == prompt + Decimal("0.00002")
    assert bought.spent.usage.output == 2
    assert bought.told[-1].estimated


def test_a_report_before_a_cut_is_believed(stand) -> None:
    """The usage has come, the end marker has not: 3000 x 2.50 + 5000 x 1.25 + 300 x 10, and the answer is broken."""
    runner, made = stand
    usage = {
        "prompt_tokens": 8000,
        "completion_tokens": 300,
        "prompt_tokens_details": {"cached_tokens": 5000},
    }
    made.server.answer(event_stream(*openai_stream("x", usage=usage)[:-1], Step.CUT))
    bought = runner.run(made.buy("openai"))
    assert bought.purchase.stop is Stop.BROKEN
    assert bought.spent.cost_usd == Decimal("0.01675")


def test_an_answer_without_a_report(stand) -> None:
    """A whole answer whose provider reports nothing is billed by our own count, and says so."""
    runner, made = stand
    pieces = openai_stream("hello", " world")
    made.server.answer(event_stream(*pieces[:-2], pieces[-1]))
    bought = runner.run(made.buy("openai"))
    assert bought.purchase.stop is Stop.COMPLETE
    assert bought.purchase.bill.estimated
    prompt = _prompt_usd(made, "openai", 25) / 10
    assert bought.spent.cost_usd == prompt + Decimal("0.00002")


def test_attempts_are_billed_apart(stand) -> None:
    """What the first attempt reported is its own: the second, which reports nothing, is billed by our own count.

    The first: 1000 x 3 + 5000 x 0.30 + 1 x 15 = 4515 millionths. The second: our prompt, and two tokens at 15.
    """
    runner, made = stand
    first = event_stream(*anthropic_stream("x", usage=REPORTED)[:2], Step.CUT)
    silent = anthropic_stream("hello", " world", usage={"none": 0})
    silent[-2] = silent[-2].replace(b'"output_tokens"', b'"others"')
    made.server.answer(first, event_stream(*silent))
    bought = runner.run(made.buy("anthropic"))
    assert bought.purchase.stop is Stop.COMPLETE
    second = _prompt_usd(made, "anthropic", 3) + Decimal("0.00003")
    assert bought.purchase.bill.cost_usd == second
    assert bought.purchase.lost_usd == Decimal("0.004515")
    assert bought.spent.cost_usd == Decimal("0.004515") + second


def test_silence_owes_the_ceiling_of_each_attempt(stand) -> None:
    """Given up twice: the provider may have worked all the while, twice."""
    runner, made = stand
    made.server.answer(event_stream(Step.HANG), event_stream(Step.COMMENTS))
    bought = runner.run(made.buy("openai"))
    ceiling = made.quote("openai").cost.ceiling
    assert bought.spent.cost_usd == 2 * ceiling
    assert bought.spent.attempts == len(bought.requests) == 2


def test_silence_after_the_prompt_was_reported(stand) -> None:
    """The prompt costs what was reported, and the answer all that was allowed: the model may have thought on.

    1000 x 3 + 5000 x 0.30 = 4500 millionths, and 15 for each token that was allowed; twice.
    """
    runner, made = stand
    reported = anthropic_stream("x", usage=REPORTED)[0]
    made.server.answer(event_stream(reported, Step.HANG), event_stream(reported, Step.COMMENTS))
    bought = runner.run(made.buy("anthropic"))
    allowed = made.quote("anthropic").choice.estimate.output.max
    assert bought.spent.usage == Usage(2000, 2 * allowed, 0, 10_000)
    assert bought.spent.cost_usd == 2 * (Decimal("0.0045") + allowed * Decimal("0.000015"))


def test_thinking_that_led_to_nothing(stand) -> None:
    """What a model thought before its stream was cut is owed, by our own count, and not counted again for the next.

    400 letters are about 100 tokens: 100 x 10 millionths, and two tokens of the second answer's text.
    """
    runner, made = stand
    thought = chunk({"reasoning_content": "x" * 400})
    pieces = openai_stream("hello", " world")
    made.server.answer(event_stream(thought, Step.CUT), event_stream(*pieces[:-2], pieces[-1]))
    bought = runner.run(made.buy("openai"))
    prompt = _prompt_usd(made, "openai", 25) / 10
    assert bought.purchase.lost_usd == prompt + Decimal("0.001")
    assert bought.purchase.bill.cost_usd == prompt + Decimal("0.00002")


ABSURD: list[dict[str, Any]] = [
    {"prompt_tokens": 10**11, "completion_tokens": 12},
    {"prompt_tokens": 25, "completion_tokens": 10**11},
    {
        "prompt_tokens": 25,
        "completion_tokens": 12,
        "prompt_tokens_details": {"cached_tokens": 10**11},
    },
    {"prompt_tokens": 10**30, "completion_tokens": 10**30},
    {"prompt_tokens": -25, "completion_tokens": -12},
    {"prompt_tokens": 2.5, "completion_tokens": "12"},
    {
        "prompt_tokens": 25,
        "completion_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 10**11},
        "total_tokens": 37 + 10**11,
    },
]


@pytest.mark.parametrize("report", ABSURD)
def test_absurd_reports_are_not_believed(stand, report: dict[str, Any]) -> None:
    """Counts that no model can take or give do not use up a budget: our own are owed, and said to be estimated."""
    runner, made = stand
    made.server.answer(event_stream(*openai_stream("hello", " world", usage=report)))
    bought = runner.run(made.buy("openai"))
    assert bought.purchase.stop is Stop.COMPLETE
    assert bought.purchase.bill.estimated
    assert bought.spent.cost_usd == _prompt_usd(made, "openai", 25) / 10 + Decimal("0.00002")
    assert bought.spent.above_ceiling == 0
