"""Equal requests are one: it is paid for once, belongs to nobody who waits for it, and ends with the last of them."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, quoted
from tests.two import two
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream

from codefare.errors import ProviderError
from codefare.presentation import receipt
from codefare.tasks.outcome import Edit


async def test_equal_requests_are_paid_for_once(configure, monkeypatch, tmp_path) -> None:
    """Two files with the same code, asked for at once: one request, two edits, one bill."""
    go = asyncio.Event()
    stream = anthropic_stream(DOCSTRING)
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(stream[0], go, *stream[1:])
        doc = document(tmp_path)
        first = asyncio.create_task(there.run(doc))
        await there.anthropic.asked.wait()
        second = asyncio.create_task(there.run(doc.copy()))
        await there.joined_by(2)
        go.set()
        paid, joined = await asyncio.gather(first, second)
        spent = await there.made.ledger.today()
    assert len(there.anthropic.requests) == 1
    assert (paid.joined, joined.joined) == (False, True)
    assert (paid.cost_usd, joined.cost_usd) == (Decimal("0.000085"), Decimal(0))
    assert paid.outcome == joined.outcome
    assert spent.cost_usd == Decimal("0.000085")
    assert "the same request was under way" in receipt(joined)


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_who_gives_up_does_not_end_the_others_request(
    configure, monkeypatch, tmp_path, cancelled
) -> None:
    """Whether the first or the second goes away: the other one gets the answer."""
    go = asyncio.Event()
    stream = anthropic_stream(DOCSTRING)
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(stream[0], go, *stream[1:])
        doc = document(tmp_path)
        both = [asyncio.create_task(there.run(doc))]
        await there.anthropic.asked.wait()
        quote = await quoted(there.made, doc.copy(), "document")
        both.append(asyncio.create_task(there.made.run(quote)))
        await there.joined_by(2)
        both[cancelled].cancel()
        with pytest.raises(asyncio.CancelledError):
            await both[cancelled]
        assert not there.anthropic.requests[0].gone.is_set()
        go.set()
        left = await both[1 - cancelled]
    assert isinstance(left.outcome, Edit)
    assert len(there.anthropic.requests) == 1


async def test_the_last_who_gives_up_ends_the_request(configure, monkeypatch, tmp_path) -> None:
    """When nobody waits any more the connection closes, and what was used is settled before the last one is let go."""
    stream = anthropic_stream(DOCSTRING)
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(*stream[:4], Step.HANG)
        doc = document(tmp_path)
        both = [asyncio.create_task(there.run(doc))]
        await there.anthropic.asked.wait()
        quote = await quoted(there.made, doc.copy(), "document")
        both.append(asyncio.create_task(there.made.run(quote)))
        await there.joined_by(2)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        spent = await there.made.ledger.today()
        await asyncio.wait_for(there.anthropic.requests[0].gone.wait(), 60)
    assert (spent.attempts, spent.open_attempts) == (1, 0)


async def test_all_who_wait_hear_of_the_failure(configure, monkeypatch, tmp_path) -> None:
    """A request that fails fails for all who joined it, and is not sent again for each."""
    go = asyncio.Event()
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(go, Step.CUT)
        for _ in range(2):
            there.anthropic.refuse(529)
        there.openai.refuse(400)
        doc = document(tmp_path)
        first = asyncio.create_task(there.run(doc))
        await there.anthropic.asked.wait()
        second = asyncio.create_task(there.run(doc.copy()))
        await there.joined_by(2)
        go.set()
        ends = await asyncio.gather(first, second, return_exceptions=True)
    assert all(isinstance(end, ProviderError) for end in ends)
    assert len(there.anthropic.requests) == 3
