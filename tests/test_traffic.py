"""What one of the user's servers learns, the others know: failures, and requests that are under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.engine import DOCSTRING, document, engine, quoted
from tests.two import two
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.errors import RateLimited
from codefare.tasks.outcome import Edit


@asynccontextmanager
async def opened() -> AsyncIterator[Engine]:
    """Another server of the same user's."""
    made = assemble()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


async def test_an_equal_request_of_another_server_is_waited_for(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Two servers, the same action on the same code: one request; the other's answer comes from the cache."""
    go = asyncio.Event()
    stream = anthropic_stream(DOCSTRING)
    wire.sse(stream[0], go, *stream[1:])
    told: list[str] = []
    waits = asyncio.Event()

    def hear(progress) -> None:
        if progress.waiting:
            told.append(progress.waiting)
            waits.set()

    async with (
        engine(wire, configure, monkeypatch) as first,
        engine(wire, configure, monkeypatch) as second,
    ):
        doc = document(tmp_path)
        quotes = [await quoted(made, doc, "document") for made in (first, second)]
        leading = asyncio.create_task(first.run(quotes[0]))
        await wire.asked.wait()
        following = asyncio.create_task(second.run(quotes[1], progress=hear))
        await asyncio.wait_for(waits.wait(), 60)
        go.set()
        paid, free = await asyncio.gather(leading, following)
    assert len(wire.requests) == 1
    assert told == ["waiting for the same request of another editor or terminal"]
    assert (paid.cached, free.cached) == (False, True)
    assert free.cost_usd == 0
    assert paid.outcome == free.outcome


async def test_if_the_other_server_gives_up_the_answer_is_asked_for(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """The first server's user cancels: the second one's request is sent, and paid by its own agreement."""
    stream = anthropic_stream(DOCSTRING)
    wire.sse(stream[0], asyncio.Event())
    wire.sse(*stream)
    waits = asyncio.Event()
    async with (
        engine(wire, configure, monkeypatch) as first,
        engine(wire, configure, monkeypatch) as second,
    ):
        doc = document(tmp_path)
        quotes = [await quoted(made, doc, "document") for made in (first, second)]
        leading = asyncio.create_task(first.run(quotes[0]))
        await wire.asked.wait()
        following = asyncio.create_task(second.run(quotes[1], progress=lambda _: waits.set()))
        await asyncio.wait_for(waits.wait(), 60)
        leading.cancel()
        result = await following
    assert isinstance(result.outcome, Edit)
    assert not result.cached
    assert len(wire.requests) == 2


async def test_what_failed_is_not_quoted_while_it_rests(configure, monkeypatch, tmp_path) -> None:
    """After a limit with a long wait the next quote is the next model's, in every server, and the route says why."""
    async with two(configure, monkeypatch) as there, opened() as other:
        there.anthropic.refuse(429, {}, retry_after="900")
        there.openai.sse(*openai_stream(DOCSTRING))
        await there.run(document(tmp_path))
        quote = await quoted(there.made, document(tmp_path, "def f(): ..."), "document")
        assert other.endpoints.traffic is not None
        await other.endpoints.traffic.open()
        elsewhere = await quoted(other, document(tmp_path, "def g(): ..."), "document")
    assert quote.promise.model == elsewhere.promise.model == "gpt-6-luna"
    dropped = {(drop.model, drop.provider): drop.reason for drop in quote.route.dropped}
    assert dropped["claude-haiku-4.5", "anthropic"].startswith("rate limited until ")


async def test_a_request_that_is_too_long_for_a_model_does_not_rest_it(
    configure, monkeypatch, tmp_path
) -> None:
    """Another model's larger window serves it; shorter requests go where they went before."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(413)
        there.openai.sse(*openai_stream(DOCSTRING))
        result = await there.run(document(tmp_path))
        quote = await quoted(there.made, document(tmp_path, "def f(): ..."), "document")
    assert result.model == "gpt-6-luna"
    assert quote.promise.model == "claude-haiku-4.5"


async def test_a_limit_of_the_users_own_is_kept(wire, configure, monkeypatch, tmp_path) -> None:
    """One request a minute: the second is not sent, since its turn would come too late."""
    wire.sse(*anthropic_stream(DOCSTRING))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-0123456789")
    configure(
        f"""[models]
use = ["claude-haiku-4.5"]
[providers.anthropic]
base_url = "{wire.url}"
requests_per_minute = 1
"""
    )
    async with opened() as made:
        await made.run(await quoted(made, document(tmp_path), "document"))
        with pytest.raises(RateLimited):
            await made.run(await quoted(made, document(tmp_path, "def f(): ..."), "document"))
    assert len(wire.requests) == 1
