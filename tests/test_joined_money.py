"""Who pays, who is told, and what is kept, where several wait for one request or somebody gives it up."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, quoted
from tests.two import CHEAPEST, Asked, two
from tests.wire.hurry import hurrying, in_a_hurry
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.errors import OutOfCredit, OverBudget
from codefare.presentation import receipt
from codefare.tasks.outcome import Edit

STREAM = anthropic_stream(DOCSTRING)
PROMPT = Decimal("0.00003")  # what a stream costs that is cut after its first message


async def test_what_a_joined_request_lost_is_told_once(configure, monkeypatch, tmp_path) -> None:
    """Two wait for a request that fails and costs something: their receipts together are the ledger's sum."""
    go = asyncio.Event()
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(STREAM[0], go, Step.CUT)
        for _ in range(2):
            there.anthropic.sse(STREAM[0], Step.CUT)
        there.openai.sse(*openai_stream(DOCSTRING))
        doc = document(tmp_path)
        first = asyncio.create_task(there.run(doc))
        await there.anthropic.asked.wait()
        second = asyncio.create_task(there.run(doc.copy()))
        await there.joined_by(2)
        go.set()
        results = await asyncio.gather(first, second)
        spent = await there.made.ledger.today()
    assert sorted(result.lost_usd or 0 for result in results) == [0, 3 * PROMPT]
    told = sum((result.cost_usd or 0) + (result.lost_usd or 0) for result in results)
    assert told == spent.cost_usd


async def test_each_who_waits_has_an_error_of_his_own(configure, monkeypatch, tmp_path) -> None:
    """What is added to the remedy for the one is not added to the other's, too."""
    go = asyncio.Event()
    async with two(configure, monkeypatch) as there:
        there.openai.sse(go, Step.CUT)
        there.openai.refuse(402)
        doc = document(tmp_path)
        first = asyncio.create_task(there.run(doc, CHEAPEST))
        await there.openai.asked.wait()
        second = asyncio.create_task(there.run(doc.copy(), CHEAPEST))
        await there.joined_by(2)
        go.set()
        ends = await asyncio.gather(first, second, return_exceptions=True)
    for end in ends:
        assert isinstance(end, OutOfCredit)
        assert end.text.count("could serve, for more than you agreed to") == 1
    assert ends[0] is not ends[1]


async def test_who_is_left_pays(configure, monkeypatch, tmp_path) -> None:
    """If the one who began the request gives it up, its price stands in the receipt of the one who goes on."""
    go = asyncio.Event()
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(STREAM[0], go, *STREAM[1:])
        doc = document(tmp_path)
        first = asyncio.create_task(there.run(doc))
        await there.anthropic.asked.wait()
        second = asyncio.create_task(there.run(doc.copy()))
        await there.joined_by(2)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        go.set()
        result = await second
        spent = await there.made.ledger.today()
    assert not result.joined
    assert result.cost_usd == spent.cost_usd > 0


async def test_anothers_limit_is_not_mine(configure, monkeypatch, tmp_path) -> None:
    """The retry of who began does not fit in his limit; who joined has none, and asks for himself."""
    go = asyncio.Event()
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(STREAM[0], go, Step.CUT)
        there.anthropic.sse(*STREAM)
        doc = document(tmp_path)
        quotes = [await quoted(there.made, one, "document") for one in (doc, doc.copy())]
        cost = quotes[0].cost
        assert cost is not None
        settings = there.made.settings
        tight = replace(settings.budget, per_action_usd=cost.ceiling + Decimal("0.00001"))
        there.made.adopt(replace(settings, budget=tight))
        first = asyncio.create_task(there.made.run(quotes[0]))
        await there.anthropic.asked.wait()
        there.made.adopt(settings)
        second = asyncio.create_task(there.made.run(quotes[1]))
        await there.joined_by(2)
        go.set()
        limited, free = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(limited, OverBudget)
    assert not isinstance(free, BaseException)
    assert not free.joined
    assert free.lost_usd == 0


async def test_a_display_that_fails_costs_nobody_the_answer(
    configure, monkeypatch, tmp_path
) -> None:
    """Progress that cannot be shown, on a closed terminal say, ends no paid request and leaves no bill open."""

    def fail(_progress: object) -> None:
        raise BrokenPipeError

    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(*STREAM)
        quote = await quoted(there.made, document(tmp_path), "document")
        result = await there.made.run(quote, progress=fail)
        spent = await there.made.ledger.today()
    assert isinstance(result.outcome, Edit)
    assert (spent.attempts, spent.open_attempts) == (1, 0)


async def test_what_failed_is_told_where_the_offline_engine_serves(
    configure, monkeypatch, tmp_path
) -> None:
    """The stand-in is free; what the models took before it is in its receipt."""
    async with two(configure, monkeypatch, "offline_fallback = true") as there:
        for _ in range(3):
            there.anthropic.sse(STREAM[0], Step.CUT)
        there.openai.refuse(402)
        result = await there.run(document(tmp_path))
    assert result.offline
    assert result.lost_usd == 3 * PROMPT
    assert "more for attempts that failed" in receipt(result)
    assert "no model was asked" not in receipt(result)


class Slow(Asked):
    """A user who thinks for an hour."""

    async def instead(self, quote, failure) -> bool:
        """Answers late."""
        await hurrying().pass_by(3600)
        return await super().instead(quote, failure)


def test_the_users_own_time_is_not_counted(configure, monkeypatch, tmp_path) -> None:
    """The deadline is for the providers: who takes longer to say yes gets what he said yes to."""

    async def story() -> None:
        async with two(configure, monkeypatch) as there:
            there.openai.refuse(402)
            there.anthropic.sse(*STREAM)
            result = await there.run(document(tmp_path), CHEAPEST, Slow())
        assert result.model == "claude-haiku-4.5"

    in_a_hurry(story)


async def test_a_second_choice_within_the_limit_of_one_action(
    configure, monkeypatch, tmp_path
) -> None:
    """What is offered where a retry does not fit counts what the first attempt took."""
    async with two(configure, monkeypatch) as there:
        doc = document(tmp_path)
        quote = await quoted(there.made, doc, "document")
        haiku = quote.cost
    assert haiku is not None
    limit = f'[budget]\nper_action_usd = "{haiku.ceiling + PROMPT / 2}"'
    async with two(configure, monkeypatch, limit) as there:
        there.anthropic.sse(STREAM[0], Step.CUT)
        quote = await quoted(there.made, doc, "document")
        with pytest.raises(OverBudget) as raised:
            await there.made.run(quote)
        assert raised.value.spent_usd == PROMPT
        fitting = await there.made.affordable(quote, raised.value.spent_usd)
        assert fitting
        assert "claude-haiku-4.5" not in [one.promise.model for one in fitting]
        there.openai.sse(*openai_stream(DOCSTRING))
        luna = next(one for one in fitting if one.promise.model == "gpt-6-luna")
        result = await there.made.run(luna, spent_usd=raised.value.spent_usd)
    assert result.lost_usd == PROMPT
