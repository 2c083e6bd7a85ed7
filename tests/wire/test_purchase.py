"""Attempts and what the ledger holds of them, from the reservation to the bill."""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal

import pytest
from tests.test_engine import DOCSTRING, document, engine, quoted, run
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream

from codefare.errors import KeyMissing, OverBudget
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Transport


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
                made.wish("high", "deepseek-flash", budget=None),
            )
        spent = await made.ledger.today()
    assert server.requests == []
    assert (spent.attempts, spent.open_attempts) == (0, 0)


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
        await made.endpoints.aclose()
        made.endpoints = Endpoints(
            made.catalog, made.settings.providers, transport=Transport(sleep=wait_for_ever)
        )
        task = asyncio.create_task(run(made, document(tmp_path), "document"))
        async with asyncio.timeout(5):
            await waiting.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        spent = await made.ledger.today()
    assert (spent.attempts, spent.open_attempts) == (1, 0)
    assert spent.cost_usd == 0
