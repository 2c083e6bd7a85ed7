"""Silence, cancelling and closing: what happens to a request that does not end by itself."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from tests.wire.asking import DIALECTS, ask, ask_whole
from tests.wire.hurry import Pause, hurried, hurrying, in_a_hurry
from tests.wire.server import Answer, Step, WireServer
from tests.wire.vendors import ANTHROPIC, OPENAI, anthropic_stream, at, openai_stream, request

from codefare.errors import StreamBroken, Unreachable
from codefare.providers.base import Text
from codefare.providers.http import Limits, Transport


async def _no_sleep(_seconds: float) -> None:
    return


SILENCE = pytest.mark.parametrize(
    "silence", [Step.HANG, Step.COMMENTS], ids=["silent", "keep-alive"]
)


@SILENCE
def test_silence_before_the_first_text(silence: Step) -> None:
    """A server that sends no data is given up after a second try; keep-alive comments are no data."""

    async def story() -> None:
        async with hurried(Limits()) as (server, transport):
            for _ in range(3):
                server.sse(silence)
            heard = await ask(transport, at(OPENAI, server.url))
            assert isinstance(heard.error, Unreachable)
            assert heard.attempts == [1, 2]
            await server.requests[0].gone.wait()
            await server.requests[1].gone.wait()

    in_a_hurry(story)


@SILENCE
def test_silence_after_text(silence: Step) -> None:
    """A stream that falls silent is broken, its text is partial, and nothing is sent again."""

    async def story() -> None:
        async with hurried(Limits()) as (server, transport):
            server.sse(*openai_stream("part")[:2], silence)
            heard = await ask(transport, at(OPENAI, server.url))
            assert heard.text == "part"
            assert isinstance(heard.error, StreamBroken)
            assert heard.error.partial
            assert len(server.requests) == 1

    in_a_hurry(story)


def test_no_headers() -> None:
    """A server that takes the request and never answers is given up, too."""

    async def story() -> None:
        async with hurried(Limits()) as (server, transport):
            server.answer(*(Answer((Step.HANG,), framing="raw") for _ in range(3)))
            heard = await ask(transport, at(OPENAI, server.url))
            assert len(server.requests) == 2
            assert isinstance(heard.error, Unreachable)

    in_a_hurry(story)


def test_data_keeps_the_stream_alive() -> None:
    """A slow stream that does send data lives longer than the idle limit."""

    async def story() -> None:
        limits = Limits()
        async with hurried(limits) as (server, transport):
            server.sse(
                *(step for piece in openai_stream(*"abcdefgh") for step in (Pause(40), piece))
            )
            started = hurrying().time()
            heard = await ask_whole(transport, at(OPENAI, server.url))
            assert heard.text == "abcdefgh"
            assert heard.attempts == [1]
            assert hurrying().time() - started > 5 * limits.idle

    in_a_hurry(story)


@pytest.mark.parametrize("text", ["part", ""], ids=["text", "no text"])
def test_total_deadline_ends_a_stream(text: str) -> None:
    """The total limit ends a stream that goes on and on, and says that it was this limit."""

    async def story() -> None:
        async with hurried(Limits(first=600, idle=600, total=500)) as (server, transport):
            server.sse(*openai_stream(text)[:2], Step.COMMENTS)
            heard = await ask(transport, at(OPENAI, server.url))
            assert isinstance(heard.error, StreamBroken if text else Unreachable)
            assert "in time" in str(heard.error)
            assert len(server.requests) == 1

    in_a_hurry(story)


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI], ids=["anthropic", "openai"])
async def test_closing_the_generator_closes_the_connection(
    server: WireServer, transport: Transport, provider: object
) -> None:
    """Whoever stops listening ends the request at once: the server sees the connection close."""
    anthropic = provider is ANTHROPIC
    pieces = anthropic_stream("one")[:4] if anthropic else openai_stream("one")[:2]
    server.sse(*pieces, Step.HANG)
    row = at(ANTHROPIC if anthropic else OPENAI, server.url)
    stream = transport.stream(row, DIALECTS[row.dialect], request(), None)
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    async with asyncio.timeout(60):
        await server.requests[0].gone.wait()


@pytest.mark.parametrize("when", ["before headers", "before text", "after text"])
async def test_cancelling_closes_the_connection(transport: Transport, when: str) -> None:
    """A cancelled task ends its request at once, whatever it waits for, and is not retried."""
    reached = asyncio.Event()

    class Slow(WireServer):
        async def _reply(self, writer: object, answer: object, recorded: object) -> bool:
            reached.set()
            if when == "before headers":
                await self.requests[-1].gone.wait()
                return False
            return await super()._reply(writer, answer, recorded)  # type: ignore[arg-type] # as given

    async with Slow().running() as slow:
        pieces = openai_stream("part")[:2] if when == "after text" else []
        slow.sse(*pieces, Step.HANG)
        texts: list[str] = []
        told = asyncio.Event()

        async def listen() -> None:
            row = at(OPENAI, slow.url)
            events = transport.stream(row, DIALECTS["openai"], request(), None)
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, Text):
                        texts.append(event.text)
                        told.set()

        task = asyncio.create_task(listen())
        async with asyncio.timeout(60):
            await (told if when == "after text" else reached).wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await slow.requests[0].gone.wait()
        assert len(slow.requests) == 1
        assert texts == (["part"] if when == "after text" else [])


async def test_cancelling_during_a_wait(server: WireServer) -> None:
    """A cancelled task does not come back after its wait for a retry."""
    waiting = asyncio.Event()

    async def wait_for_ever(_seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    transport = Transport(sleep=wait_for_ever)
    server.refuse(500)
    task = asyncio.create_task(ask(transport, at(OPENAI, server.url)))
    async with asyncio.timeout(60):
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await transport.aclose()
    assert len(server.requests) == 1


async def test_many_streams_at_once(server: WireServer, transport: Transport) -> None:
    """Sixty-four streams at once do not disturb each other."""
    for number in range(64):
        server.sse(*openai_stream(f"{number}"))
    heard = await asyncio.gather(*(ask_whole(transport, at(OPENAI, server.url)) for _ in range(64)))
    assert sorted(int(h.text) for h in heard) == list(range(64))


async def test_transport_opens_again_after_closing(
    server: WireServer, transport: Transport
) -> None:
    """Closing twice is fine, and a request after it works."""
    server.sse(*openai_stream("a"))
    await ask_whole(transport, at(OPENAI, server.url))
    await transport.aclose()
    await transport.aclose()
    server.sse(*openai_stream("b"))
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "b"
