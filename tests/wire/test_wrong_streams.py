"""Streams that carry an error, or are not the protocol's, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.server import Answer, Step, WireServer, event_stream
from tests.wire.vendors import (
    ANTHROPIC,
    DONE,
    OLLAMA,
    OPENAI,
    anthropic_stream,
    at,
    chunk,
    openai_stream,
    sse,
)

from codefare.errors import (
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
)
from codefare.providers.base import Billed, End, Stop, Text
from codefare.providers.http import Transport
from codefare_catalog import Provider, Usage

NDJSON = {"content-type": "application/x-ndjson"}

IN_STREAM = [
    ({"type": "overloaded_error", "message": "Overloaded"}, Overloaded, 3),
    ({"type": "api_error", "message": "Internal"}, Overloaded, 3),
    ({"type": "rate_limit_error", "message": "Slow down"}, RateLimited, 3),
    ({"type": "billing_error", "message": "Pay"}, OutOfCredit, 1),
    ({"type": "authentication_error", "message": "Who?"}, KeyRefused, 1),
    ({"type": "invalid_request_error", "message": "No"}, RequestRefused, 1),
    ({"code": 502, "message": "Upstream"}, Overloaded, 3),
    ({"code": "502", "message": "Upstream"}, Overloaded, 3),
    ({"code": 402, "message": "Pay"}, OutOfCredit, 1),
    ({"code": "insufficient_quota", "message": "Pay"}, OutOfCredit, 1),
    ({"code": "context_length_exceeded", "message": "Long"}, RequestRefused, 1),
    ({"message": "something"}, Overloaded, 3),
    ("out of words", Overloaded, 3),
]


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI], ids=["anthropic", "openai"])
@pytest.mark.parametrize(("error", "kind", "attempts"), IN_STREAM)
async def test_error_inside_the_200(
    server: WireServer,
    transport: Transport,
    provider: Provider,
    error: Any,
    kind: type[ProviderError],
    attempts: int,
) -> None:
    """An error inside a 200 is told as the same error by status, and tried again only if it may pass."""
    server.answer(*(event_stream(sse({"type": "error", "error": error})) for _ in range(3)))
    heard = await ask(transport, at(provider, server.url))
    assert type(heard.error) is kind
    assert len(server.requests) == attempts
    assert not heard.error.partial


@pytest.mark.parametrize("provider", [ANTHROPIC, OPENAI], ids=["anthropic", "openai"])
async def test_error_after_text_is_never_retried(
    server: WireServer, transport: Transport, provider: Provider
) -> None:
    """Once text has come, an error ends the request, and the error says that there is a part."""
    whole = anthropic_stream("part") if provider is ANTHROPIC else openai_stream("part")
    error = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
    server.sse(*whole[:4], error)
    heard = await ask(transport, at(provider, server.url))
    assert heard.text == "part"
    assert isinstance(heard.error, Overloaded)
    assert heard.error.partial
    assert len(server.requests) == 1


async def test_choice_error(server: WireServer, transport: Transport) -> None:
    """OpenRouter puts an error into a choice."""
    choice = {"index": 0, "delta": {}, "error": {"code": 429, "message": "busy"}}
    server.answer(*(event_stream(sse({"choices": [choice]})) for _ in range(3)))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, RateLimited)


async def test_ollama_error_inside_the_200(server: WireServer, transport: Transport) -> None:
    """Ollama's error line is an error."""
    line = b'{"error": "llama runner process has terminated"}\n'
    server.answer(*(Answer((line,), headers=NDJSON) for _ in range(3)))
    heard = await ask(transport, at(OLLAMA, server.url))
    assert isinstance(heard.error, Overloaded)
    assert "runner process" in str(heard.error)


@pytest.mark.parametrize(
    "data",
    [
        "not json",
        "[]",
        '"text"',
        '{"choices": NaN}',
        '{"choices": 7}',
        '{"choices": [7]}',
        '{"choices": [{"index": 0, "delta": []}]}',
        '{"choices": [{"index": 0, "delta": {"content": 7}}]}',
        '{"choices": [{"index": [], "delta": {"content": "x"}}]}',
        '{"choices": [{"index": {}, "delta": {"content": "x"}}]}',
        "[" * 100_000,
    ],
)
async def test_what_is_not_the_protocol(
    server: WireServer, transport: Transport, data: str
) -> None:
    """Messages of a wrong shape break the stream, with a remedy; they never raise anything else."""
    server.answer(*(event_stream(sse(data)) for _ in range(3)))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert heard.error.remedy


@pytest.mark.parametrize("code", ["9" * 5000, ["x"], {"x": 1}, "\u00b2", True, -1])
async def test_error_codes_that_are_none(
    server: WireServer, transport: Transport, code: Any
) -> None:
    """An error whose code is no code is an error of the server's, and never raises anything else."""
    server.answer(
        *(event_stream(sse({"error": {"code": code, "message": "boom"}})) for _ in range(3))
    )
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, Overloaded)
    assert "boom" in str(heard.error)


async def test_not_utf8(server: WireServer, transport: Transport) -> None:
    """Bytes that are not UTF-8 break the stream rather than being replaced in someone's code."""
    bad = chunk({"content": "X"}).replace(b"X", b"\xff")
    server.sse(chunk({"content": "fine"}), bad, *openai_stream())
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert heard.text == "fine"


async def test_server_that_stays_open_after_the_end(
    server: WireServer, transport: Transport
) -> None:
    """A server that does not close its stream after the end marker does not hold the answer up."""
    server.sse(*openai_stream("a"), Step.HANG)
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "a"


async def test_every_event_is_one_of_ours(server: WireServer, transport: Transport) -> None:
    """Empty deltas bring no event."""
    server.sse(*openai_stream("a"))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert [type(event) for event in heard.events] == [Text, Billed, End]


async def test_done_marker_is_not_anthropics(server: WireServer, transport: Transport) -> None:
    """A gateway's `[DONE]` does not end a message of Anthropic's: only `message_stop` makes it whole."""
    whole = anthropic_stream("x")
    server.sse(*whole[:-1], DONE, whole[-1])
    assert (await ask_whole(transport, at(ANTHROPIC, server.url))).end.stop is Stop.COMPLETE
    server.sse(*whole[:-1], DONE)
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert isinstance(heard.error, StreamBroken)


async def test_what_a_refusal_took_is_known(server: WireServer, transport: Transport) -> None:
    """What came before a refusal is billed: its usage is told with it."""
    server.sse(*anthropic_stream("I", reason="refusal", output=3))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert heard.end.stop is Stop.REFUSED
    assert heard.usage == Usage(input=25, output=3)


async def test_the_users_own_reason(server: WireServer, transport: Transport) -> None:
    """A word of a server of the user's own means what his row says."""
    row = at(OPENAI, server.url, finish_reasons={"eos": "complete", "stop": "length"})
    for reason, stop in (("eos", Stop.COMPLETE), ("stop", Stop.LENGTH)):
        server.sse(*openai_stream("x", finish=reason))
        assert (await ask_whole(transport, row)).end.stop is stop
