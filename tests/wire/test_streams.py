"""Streams as the vendors send them, over real HTTP."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.server import Answer, Step, WireServer, event_stream
from tests.wire.vendors import (
    ANTHROPIC,
    DONE,
    LOCAL,
    OLLAMA,
    OPENAI,
    PROVIDERS,
    anthropic_stream,
    at,
    chunk,
    ollama_stream,
    openai_stream,
    request,
    sse,
)

from codefare.errors import (
    Overloaded,
    StreamBroken,
)
from codefare.providers.base import End, Stop
from codefare.providers.http import Transport
from codefare_catalog import Provider, Usage

CHATTY = [p for p in PROVIDERS.values() if p.dialect == "openai"]
NDJSON = {"content-type": "application/x-ndjson"}


async def test_anthropic_answer_streams(server: WireServer, transport: Transport) -> None:
    """Text, usage and the end of an Anthropic stream arrive in order."""
    server.sse(*anthropic_stream("Hello", ", world"))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert heard.text == "Hello, world"
    assert heard.usage == Usage(input=25, output=12)
    assert heard.end == End(Stop.COMPLETE, "end_turn", "claude-x-20260101")
    assert heard.attempts == [1]


async def test_anthropic_request(server: WireServer, transport: Transport) -> None:
    """The request carries version, key and body as the API wants them, and no sampling parameters."""
    server.sse(*anthropic_stream("x"))
    await ask_whole(transport, at(ANTHROPIC, server.url), request(cache_prefix=0))
    (got,) = server.requests
    assert (got.method, got.path) == ("POST", "/v1/messages")
    assert got.headers["x-api-key"].startswith("sk-canary")
    assert got.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in got.headers
    assert got.json == {
        "model": "wire-model",
        "max_tokens": 1000,
        "stream": True,
        "system": [
            {
                "type": "text",
                "text": "You are a careful engineer.",
                "cache_control": {"type": "ephemeral"},
            }
        ],
        "messages": [{"role": "user", "content": "def f(): pass"}],
    }


async def test_openai_answer_streams(server: WireServer, transport: Transport) -> None:
    """Text, usage and the end of a chat completion arrive in order."""
    server.sse(*openai_stream("Hello", ", world"))
    heard = await ask_whole(transport, at(OPENAI, server.url + "/v1"))
    assert heard.text == "Hello, world"
    assert heard.usage == Usage(input=25, output=12)
    assert heard.end == End(Stop.COMPLETE, "stop", "gpt-x-2026")
    (got,) = server.requests
    assert got.path == "/v1/chat/completions"
    assert got.headers["authorization"].startswith("Bearer sk-canary")
    assert got.json["stream_options"] == {"include_usage": True}
    assert [m["role"] for m in got.json["messages"]] == ["system", "user"]


async def test_ollama_answer_streams(server: WireServer, transport: Transport) -> None:
    """Ollama's newline-delimited JSON is read, and asked for with a context that fits."""
    server.answer(Answer(tuple(ollama_stream("Hello", ", world")), headers=NDJSON))
    heard = await ask_whole(transport, at(OLLAMA, server.url + "/v1"))
    assert heard.text == "Hello, world"
    assert heard.usage == Usage(input=25, output=12)
    assert heard.end == End(Stop.COMPLETE, "stop", "m:7b")
    (got,) = server.requests
    assert got.path == "/api/chat"
    assert got.json["options"] == {"num_ctx": 8192, "num_predict": 1000}


async def test_ollama_last_line_without_line_end(server: WireServer, transport: Transport) -> None:
    """The last line of newline-delimited JSON needs no line end."""
    *lines, last = ollama_stream("x")
    server.answer(Answer((*lines, last.rstrip()), headers=NDJSON))
    assert (await ask_whole(transport, at(OLLAMA, server.url))).text == "x"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("provider", "pieces", "headers"),
    [
        (ANTHROPIC, anthropic_stream("naïve 😀 日本語"), None),
        (OPENAI, openai_stream("naïve 😀 日本語"), None),
        (OLLAMA, ollama_stream("naïve 😀 日本語"), NDJSON),
    ],
    ids=["anthropic", "openai", "ollama"],
)
async def test_characters_split_between_chunks(
    server: WireServer,
    transport: Transport,
    provider: Provider,
    pieces: list[bytes],
    headers: dict[str, str] | None,
    size: int,
) -> None:
    """Chunks may end anywhere: inside a character, a field name or a line end."""
    raw = _without_escapes(b"".join(pieces))
    parts = tuple(raw[i : i + size] for i in range(0, len(raw), size))
    answer = event_stream(*parts)
    server.answer(Answer(parts, 200, headers) if headers else answer)
    heard = await ask_whole(transport, at(provider, server.url))
    assert heard.text == "naïve 😀 日本語"


def _without_escapes(raw: bytes) -> bytes:
    return raw.replace(
        json.dumps("naïve 😀 日本語").encode(),
        json.dumps("naïve 😀 日本語", ensure_ascii=False).encode(),
    )


@pytest.mark.parametrize("size", [1, 64, 10_000])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
async def test_line_ends(
    server: WireServer, transport: Transport, line_end: bytes, size: int
) -> None:
    """All three line ends of the SSE standard work, also when a chunk ends between CR and LF."""
    raw = b"".join(openai_stream("a", "b")).replace(b"\n", line_end)
    server.sse(*(raw[i : i + size] for i in range(0, len(raw), size)))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "ab"


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
async def test_unicode_separators_are_text(
    server: WireServer, transport: Transport, separator: str
) -> None:
    """Characters at which Python splits lines stay inside their JSON text."""
    text = f"a{separator}b"
    escaped = json.dumps(text) if ord(separator) < 0x20 else json.dumps(text, ensure_ascii=False)
    first = f'data: {{"choices": [{{"index": 0, "delta": {{"content": {escaped}}}}}]}}\n\n'
    server.sse(first.encode(), *openai_stream())
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == text


async def test_comments_names_ids_and_byte_order_mark(
    server: WireServer, transport: Transport
) -> None:
    """What else an event stream may hold does not disturb: comments, ids, retry, a byte order mark."""
    first = b"\xef\xbb\xbf" + chunk({"content": "first "})
    noise = b": OPENROUTER PROCESSING\n\nid: 7\nretry: 10\n\nevent: x\ndata:\n\n"
    server.sse(first, noise, *openai_stream("ok"))
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "first ok"


async def test_surrogate_halves_in_two_messages(server: WireServer, transport: Transport) -> None:
    """An emoji that a server splits between two JSON messages is put together."""
    halves = [
        rb'data: {"choices": [{"index": 0, "delta": {"content": "x\ud83d"}}]}' + b"\n\n",
        rb'data: {"choices": [{"index": 0, "delta": {"content": "\ude00y"}}]}' + b"\n\n",
    ]
    server.sse(*halves, *openai_stream())
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "x😀y"


async def test_half_a_character_is_broken(server: WireServer, transport: Transport) -> None:
    """Half a character that nothing completes is a broken answer, not a broken file."""
    half = rb'data: {"choices": [{"index": 0, "delta": {"content": "\ude00y"}}]}' + b"\n\n"
    server.sse(chunk({"content": "x"}), half, *openai_stream())
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert heard.error.partial


async def test_half_a_character_at_the_end(server: WireServer, transport: Transport) -> None:
    """An answer that ends with half a character never counts as ended."""
    half = rb'data: {"choices": [{"index": 0, "delta": {"content": "x\ud83d"}}]}' + b"\n\n"
    server.sse(half, *openai_stream())
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert not any(isinstance(event, End) for event in heard.events)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compressed_stream(server: WireServer, transport: Transport, encoding: str) -> None:
    """A compressed stream is read."""
    raw = b"".join(openai_stream("squeezed"))
    packed = gzip.compress(raw) if encoding == "gzip" else zlib.compress(raw)
    server.sse(packed[:20], packed[20:], **{"content-encoding": encoding})
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "squeezed"


async def test_nothing_is_asked_for_that_cannot_be_unpacked(
    server: WireServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where brotli and zstandard are installed, httpx would ask for them, too."""
    monkeypatch.setattr("httpx._client.ACCEPT_ENCODING", "gzip, deflate, br, zstd")
    server.sse(*openai_stream("plain"))
    assert (await ask_whole(transport, at(OPENAI, server.url))).text == "plain"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


async def test_corrupt_compression(server: WireServer, transport: Transport) -> None:
    """A stream that cannot be decompressed is broken, and tried again."""
    server.sse(b"this is not gzip", **{"content-encoding": "gzip"})
    server.sse(*openai_stream("second"))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "second"
    assert isinstance(heard.retried[0], StreamBroken)


@pytest.mark.parametrize(
    ("provider", "pieces"),
    [(ANTHROPIC, anthropic_stream("Hello", " you")), (OPENAI, openai_stream("Hello", " you"))],
    ids=["anthropic", "openai"],
)
@pytest.mark.parametrize("clean", [True, False], ids=["clean end", "cut"])
async def test_cut_at_every_event(
    server: WireServer, provider: Provider, pieces: list[bytes], *, clean: bool
) -> None:
    """Wherever a stream ends before its end marker, it is broken; what came is marked as partial."""
    for kept in range(len(pieces)):
        transport = Transport(sleep=_no_sleep)
        steps = (*pieces[:kept], *(() if clean else (Step.CUT,)))
        server.answer(*(event_stream(*steps) for _ in range(3)))
        heard = await ask(transport, at(provider, server.url))
        await transport.aclose()
        assert isinstance(heard.error, StreamBroken), kept
        assert heard.error.partial == bool(heard.text)
        assert not any(isinstance(event, End) for event in heard.events)
        # Before the first text it is sent again, after it never.
        assert len(heard.attempts) == (1 if heard.text else 3)
        server._queue.clear()


async def _no_sleep(_seconds: float) -> None:
    return


async def test_ollama_cut_at_every_line(server: WireServer) -> None:
    """An answer of Ollama's without its `done` line is broken."""
    pieces = ollama_stream("Hello", " you")
    for kept in range(len(pieces)):
        transport = Transport(sleep=_no_sleep)
        server.answer(*(Answer(tuple(pieces[:kept]), headers=NDJSON) for _ in range(3)))
        heard = await ask(transport, at(OLLAMA, server.url))
        await transport.aclose()
        assert isinstance(heard.error, StreamBroken), kept
        server._queue.clear()


async def test_hosted_without_done_marker(server: WireServer, transport: Transport) -> None:
    """No vendor's answer is whole without `[DONE]`, whatever else came: it may have been cut."""
    for provider in CHATTY:
        if not provider.ends_without_marker:
            server.sse(*openai_stream("ok")[:-1])
            heard = await ask(transport, at(provider, server.url))
            assert isinstance(heard.error, StreamBroken), provider.id


async def test_self_hosted_without_done_marker(server: WireServer, transport: Transport) -> None:
    """A self-hosted server may leave out `[DONE]` if finish reason and usage came; no other may."""
    server.sse(*openai_stream("ok")[:-1])
    heard = await ask_whole(transport, at(LOCAL, server.url))
    assert heard.end.stop is Stop.COMPLETE


async def test_finish_without_reason_is_broken(server: WireServer, transport: Transport) -> None:
    """`[DONE]` without a finish reason does not make an answer whole."""
    server.sse(chunk({"content": "x"}), DONE)
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, StreamBroken)


async def test_message_stop_without_reason_is_broken(
    server: WireServer, transport: Transport
) -> None:
    """`message_stop` without a stop reason does not make an answer whole."""
    pieces = anthropic_stream("x")
    server.sse(*pieces[:-2], pieces[-1])
    heard = await ask(transport, at(ANTHROPIC, server.url))
    assert isinstance(heard.error, StreamBroken)


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", Stop.COMPLETE),
        ("max_tokens", Stop.LENGTH),
        ("refusal", Stop.REFUSED),
        ("model_context_window_exceeded", Stop.CONTEXT),
        ("tool_use", Stop.OTHER),
        ("pause_turn", Stop.OTHER),
        ("stop_sequence", Stop.OTHER),
        ("of_tomorrow", Stop.OTHER),
    ],
)
async def test_anthropic_stop_reasons(
    server: WireServer, transport: Transport, reason: str, stop: Stop
) -> None:
    """Only `end_turn` is a whole answer; a reason of tomorrow is not."""
    server.sse(*anthropic_stream("x", reason=reason))
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert (heard.end.stop, heard.end.reason) == (stop, reason)


@pytest.mark.parametrize(
    ("provider", "reason", "stop"),
    [
        *((p.id, "stop", Stop.COMPLETE) for p in CHATTY),
        *((p.id, "length", Stop.LENGTH) for p in CHATTY),
        *((p.id, "content_filter", Stop.FILTERED) for p in CHATTY),
        *((p.id, "tool_calls", Stop.OTHER) for p in CHATTY),
        *((p.id, "of_tomorrow", Stop.OTHER) for p in CHATTY),
        ("zai", "sensitive", Stop.FILTERED),
        ("zai", "model_context_window_exceeded", Stop.CONTEXT),
        ("openai", "sensitive", Stop.OTHER),
    ],
)
async def test_openai_finish_reasons(
    server: WireServer, transport: Transport, provider: str, reason: str, stop: Stop
) -> None:
    """Only `stop` is a whole answer, whoever says it; a vendor's own word means what its row says."""
    server.sse(*openai_stream("x", finish=reason))
    heard = await ask_whole(transport, at(PROVIDERS[provider], server.url))
    assert (heard.end.stop, heard.end.reason) == (stop, reason)


async def test_what_was_cut_is_not_made_whole(server: WireServer, transport: Transport) -> None:
    """A server that says `length`, and `stop` after it, has not sent a whole answer."""
    cut, whole = openai_stream("x", finish="length"), openai_stream(finish="stop")
    server.sse(*cut[:-2], *whole[-3:])
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.end.stop is Stop.LENGTH


@pytest.mark.parametrize(
    ("provider", "reason"),
    [
        ("zai", "network_error"),
        ("deepseek", "insufficient_system_resource"),
        ("openrouter", "error"),
    ],
)
async def test_giving_up_is_a_failure(
    server: WireServer, transport: Transport, provider: str, reason: str
) -> None:
    """A server that gives up is tried again before the first text, and its usage is known after it."""
    server.sse(*openai_stream(finish=reason))
    server.sse(*openai_stream("x", finish=reason))
    heard = await ask(transport, at(PROVIDERS[provider], server.url))
    assert heard.attempts == [1, 2]
    assert isinstance(heard.error, Overloaded)
    assert heard.error.partial
    assert heard.usage == Usage(input=25, output=12)


@pytest.mark.parametrize(("reason", "stop"), [("length", Stop.LENGTH), ("load", Stop.OTHER)])
async def test_ollama_done_reasons(
    server: WireServer, transport: Transport, reason: str, stop: Stop
) -> None:
    """Only `stop` is a whole answer of Ollama's."""
    server.answer(Answer(tuple(ollama_stream("x", done_reason=reason)), headers=NDJSON))
    assert (await ask_whole(transport, at(OLLAMA, server.url))).end.stop is stop


async def test_refusal_is_told_but_never_complete(server: WireServer, transport: Transport) -> None:
    """A refusal's words can be read, and the answer counts as refused though its finish reason is `stop`."""
    server.sse(chunk({"refusal": "I cannot help."}), *openai_stream())
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "I cannot help."
    assert heard.end.stop is Stop.REFUSED


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_openai_thinking(server: WireServer, transport: Transport, name: str) -> None:
    """Thinking is progress, not part of the answer."""
    server.sse(chunk({name: "let me think " * 4}), *openai_stream("42"))
    heard = await ask_whole(transport, at(OPENAI, server.url))
    assert heard.text == "42"
    assert heard.thinking == 13


async def test_anthropic_thinking_and_unknown_types(
    server: WireServer, transport: Transport
) -> None:
    """Thinking is progress; types and deltas that are not known are passed over."""
    deltas: list[dict[str, Any]] = [
        {"type": "thinking_delta", "thinking": "hm" * 10},
        {"type": "signature_delta", "signature": "abc"},
        {"type": "delta_of_tomorrow", "data": 1},
    ]
    extra = [sse({"type": "content_block_delta", "index": 0, "delta": d}) for d in deltas]
    first, *rest = anthropic_stream("42")
    server.sse(first, *extra, sse({"type": "event_of_tomorrow"}), *rest)
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert (heard.text, heard.thinking) == ("42", 5)
