"""A provider that means harm, or is broken as if it did: what it sends reaches neither memory nor another answer."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import aclosing

import pytest
from tests.wire.asking import DIALECTS, ask, ask_whole
from tests.wire.server import Answer, Step, WireServer, event_stream, framed, head
from tests.wire.vendors import OPENAI, at, chunk, openai_stream, request

from codefare.errors import Overloaded, RequestRefused, StreamBroken
from codefare.providers.base import End, Text
from codefare.providers.http import Transport

MIB = 2**20
BOMB = 48 * MIB
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


def _spaces(times: int, packer: Callable[[bytes], bytes]) -> bytes:
    packed = b" " * BOMB
    for _ in range(times):
        packed = packer(packed)
    return packed


async def test_what_follows_an_answer_is_not_the_answer_to_the_next_request(
    server: WireServer, transport: Transport
) -> None:
    """A server that sends a whole answer too much, in the same breath: each request gets its own."""
    first = event_stream(*openai_stream("the first"))
    body = b"".join(openai_stream("what nobody asked for"))
    stale = Answer((body,), headers=first.headers, framing="length")
    everything = b"".join(
        (head(first), framed(b"".join(first.steps)), b"0\r\n\r\n", head(stale), body)  # type: ignore[arg-type]
    )
    server.answer(Answer((everything, Step.HANG), framing="raw"))
    server.sse(*openai_stream("the second"))
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "the first"
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "the second"
    assert len({asked.connection for asked in server.requests}) == 2


async def test_cookies_are_not_kept(server: WireServer, transport: Transport) -> None:
    """What a server wants to know again is not sent to it, nor to another that stands at the same address."""
    server.sse(*openai_stream("a"), set_cookie="who=you; Path=/")
    server.sse(*openai_stream("b"))
    for _ in range(2):
        await ask_whole(transport, at(OPENAI, server.url))
    async with WireServer().running() as other:  # a cookie holds for all ports of a host
        other.sse(*openai_stream("d"))
        await ask_whole(transport, at(OPENAI, other.url))
        asked = [*server.requests, *other.requests]
    assert len(asked) == 3
    assert not [each for each in asked if "cookie" in each.headers]


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("packed", PACKERS)
async def test_a_bomb_is_unpacked_piece_by_piece(
    server: WireServer, transport: Transport, packed: str, times: int, status: int
) -> None:
    """However often it is packed: no more is ever in memory than the longest event, or the longest error."""
    kind = "text/event-stream" if status == 200 else "application/json"
    headers = {"content-type": kind, "content-encoding": ", ".join([packed] * times)}
    answer = Answer((_spaces(times, PACKERS[packed]),), status, headers)
    server.answer(*[answer] * 3)
    tracemalloc.start()
    try:
        heard = await ask(transport, at(OPENAI, server.url))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(heard.error, StreamBroken if status == 200 else Overloaded)
    assert heard.attempts == ([1] if status == 200 else [1, 2, 3])
    assert most < BOMB // 3
    server.forget()


async def test_many_small_events_leave_everybody_else_his_turn(
    server: WireServer, transport: Transport
) -> None:
    """Thousands of events in one packet of the network do not hold up the editor's requests."""
    one = chunk({"content": "a"})
    packed = gzip.compress(one * (MIB // len(one)) + b"".join(openai_stream("x")))
    assert len(packed) < 16 * 1024
    server.sse(packed, content_encoding="gzip")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    provider = at(OPENAI, server.url)
    events = transport.stream(provider, DIALECTS[provider.dialect], request(), None)
    async with aclosing(events):
        assert isinstance(await anext(events), Text)
        task = asyncio.create_task(others())
        assert [type(event) async for event in events][-1] is End
        task.cancel()
    assert turns > 60


@pytest.mark.parametrize(("comments", "error"), [(60, type(None)), (100, RequestRefused)])
async def test_comments_are_no_stream(
    server: WireServer, transport: Transport, comments: int, error: type[Exception]
) -> None:
    """Where no type says that it is one, 64 KB of comments may stand before a stream, but not 100."""
    comment = b": " + b"x" * 1020 + b"\n\n"
    server.answer(Answer((comment * comments, *openai_stream("late")), framing="close"))
    heard = await ask(transport, at(OPENAI, server.url))
    assert type(heard.error) is error
    assert heard.text == ("late" if heard.error is None else "")
    assert heard.attempts == [1]


@pytest.mark.parametrize(("tokens", "room"), [(1000, MIB), (64_000, 128 * 64_000)])
async def test_an_answer_without_an_end_is_given_up(
    server: WireServer, transport: Transport, tokens: int, room: int
) -> None:
    """Text is taken as far as so many tokens can reach, and a megabyte in any case; the rest is not waited for."""
    piece = "word " * 20_000
    pieces = [chunk({"content": piece})] * (room // len(piece) + 2)
    server.sse(*pieces, Step.HANG)
    heard = await ask(transport, at(OPENAI, server.url), request(max_tokens=tokens))
    assert isinstance(heard.error, StreamBroken)
    assert heard.error.partial
    assert "longer than any answer" in str(heard.error)
    assert room - len(piece) < len(heard.text) <= room
    assert heard.attempts == [1]
