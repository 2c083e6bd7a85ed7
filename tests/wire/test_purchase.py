"""Attempts and what the ledger holds of them, from the reservation to the bill."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, engine, quoted, run
from tests.wire.hurry import hurried, in_a_hurry
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream

from codefare import presentation
from codefare.engine import Engine
from codefare.errors import KeyMissing, OverBudget, Unreachable
from codefare.meter import Progress
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Limits, Transport
from codefare.quoting import Wish
from codefare.tasks.outcome import Refused


async def test_a_retry_that_does_not_fit_the_budget_is_not_sent(
    server, configure, monkeypatch, tmp_path
) -> None:
    """What the first attempt took leaves too little for a second ceiling: it stays at one request, settled."""
    for _ in range(2):
        server.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
    async with engine(server, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
    assert quote.cost is not None
    limit = f'[budget]\nper_day_usd = "{quote.cost.ceiling}"'
    async with engine(server, configure, monkeypatch, limit) as made:
        with pytest.raises(OverBudget):
            await run(made, document(tmp_path), "document")
        spent = await made.ledger.today()
    assert len(server.requests) == 1
    assert (spent.attempts, spent.open_attempts) == (1, 0)
    assert spent.cost_usd == Decimal("0.00003")


async def test_a_key_that_is_missing_is_no_attempt(
    server, configure, monkeypatch, tmp_path
) -> None:
    """The ledger has a row for each HTTP request, and none for one that never was."""
    command = f"""[providers.deepseek]
base_url = "{server.url}"
api_key_command = ["{sys.executable}", "-c", "raise SystemExit(3)"]
"""
    async with engine(server, configure, monkeypatch, command) as made:
        with pytest.raises(KeyMissing):
            await run(
                made,
                document(tmp_path),
                "document",
                Wish(model=made.catalog.find("deepseek-flash")),
            )
        spent = await made.ledger.today()
    assert server.requests == []
    assert (spent.attempts, spent.open_attempts) == (0, 0)


async def _sent_by(made: Engine, transport: Transport) -> None:
    """Lets the engine send by this transport."""
    await made.endpoints.aclose()
    made.endpoints = Endpoints(made.catalog, made.settings.providers, transport=transport)
    made.quoter = replace(made.quoter, endpoints=made.endpoints)


def test_a_request_that_was_given_up_owes_its_ceiling(configure, monkeypatch, tmp_path) -> None:
    """Who says nothing may have worked all the while: the worst case of both attempts counts against the budget."""

    async def story() -> None:
        async with (
            hurried(Limits()) as (server, transport),
            engine(server, configure, monkeypatch) as made,
        ):
            server.sse(Step.HANG)
            server.sse(Step.COMMENTS)
            await _sent_by(made, transport)
            quote = await quoted(made, document(tmp_path), "document")
            with pytest.raises(Unreachable):
                await made.run(quote)
            spent = await made.ledger.today()
        assert quote.cost is not None
        assert (spent.attempts, spent.open_attempts, len(server.requests)) == (2, 0, 2)
        assert spent.cost_usd == 2 * quote.cost.ceiling
        assert spent.above_ceiling == 0

    in_a_hurry(story)


@pytest.mark.parametrize("report", [{"input_tokens": 0, "output_tokens": 0}, {"no": "counts"}])
async def test_a_bill_of_nothing_is_not_believed(
    server, configure, monkeypatch, tmp_path, report
) -> None:
    """Where a provider reports no token of a prompt or of an answer that there was, our own count is owed."""
    server.sse(*anthropic_stream(DOCSTRING, usage=report, output=0))
    async with engine(server, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
        result = await made.run(quote)
    assert quote.choice is not None
    assert result.usage is not None
    assert result.usage.input == quote.choice.estimate.input.likely
    assert 5 < result.usage.output < 25
    assert result.cost_usd


async def test_a_flood_owes_no_more_than_was_allowed(
    server, configure, monkeypatch, tmp_path
) -> None:
    """A server that sends far more text than the request allows cannot use up a budget with it."""
    server.sse(*anthropic_stream(*("word " * 1000 for _ in range(20)))[:-2], Step.CUT)
    async with engine(server, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
        result = await made.run(quote)
        spent = await made.ledger.today()
    assert isinstance(result.outcome, Refused)
    assert quote.cost is not None
    assert quote.choice is not None
    assert spent.usage.output == quote.choice.estimate.output.max
    assert spent.cost_usd <= quote.cost.ceiling


async def test_nothing_is_owed_for_a_retry_that_was_waited_for(
    server, configure, monkeypatch, tmp_path
) -> None:
    """Cancelled between two attempts, the first is settled and the second was never sent."""
    server.refuse(529)
    waiting = asyncio.Event()

    async def wait_for_ever(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    async with engine(server, configure, monkeypatch) as made:
        await _sent_by(made, Transport(sleep=wait_for_ever))
        task = asyncio.create_task(run(made, document(tmp_path), "document"))
        async with asyncio.timeout(60):
            await waiting.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        spent = await made.ledger.today()
    assert (spent.attempts, spent.open_attempts) == (1, 0)
    assert spent.cost_usd == 0


@pytest.mark.parametrize("sent_again", [False, True])
async def test_what_a_cancelled_request_took_is_told(
    server, configure, monkeypatch, tmp_path, sent_again
) -> None:
    """The last word on its progress is all that is owed: of the attempt that failed, and of the one under way."""
    server.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
    server.sse(*anthropic_stream(DOCSTRING)[:-3], Step.HANG)
    waiting, told = asyncio.Event(), []

    async def wait(_seconds: float) -> None:
        if not sent_again:
            waiting.set()
            await asyncio.Event().wait()

    def progress(made: Progress) -> None:
        told.append(made)
        if sent_again and made.output_tokens > 1:
            waiting.set()

    async with engine(server, configure, monkeypatch) as made:
        await _sent_by(made, Transport(sleep=wait))
        quote = await quoted(made, document(tmp_path), "document")
        task = asyncio.create_task(made.run(quote, progress=progress))
        async with asyncio.timeout(60):
            await waiting.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        spent = await made.ledger.today()
    assert [each.settled for each in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].cost_usd == spent.cost_usd > 0
    assert told[-1].output_tokens == spent.usage.output
    assert (spent.attempts, spent.open_attempts) == (1 + sent_again, 0)


async def test_nothing_is_told_to_be_spent_where_nothing_was_sent(
    server, configure, monkeypatch, tmp_path
) -> None:
    """A budget that does not fit: no attempt, and no cost."""
    told: list[Progress] = []
    async with engine(server, configure, monkeypatch, '[budget]\nper_day_usd = "0.000001"') as made:
        quote = await quoted(made, document(tmp_path), "document")
        with pytest.raises(OverBudget):
            await made.run(quote, progress=told.append)
    assert [(each.settled, each.cost_usd) for each in told] == [(True, Decimal(0))]
    assert presentation.spent(told[0]) == "nothing spent"
