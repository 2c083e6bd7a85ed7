"""What servers, gateways and mocks that people run themselves were seen to do, and how a row of the catalog helps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.server import Answer, WireServer
from tests.wire.vendors import (
    ANTHROPIC,
    DONE,
    LOCAL,
    OPENAI,
    anthropic_stream,
    at,
    chunk,
    openai_stream,
    sse,
)

from codefare.errors import OutOfCredit, Overloaded, ProviderError, RequestRefused, StreamBroken
from codefare.providers.base import Stop
from codefare.providers.probe import LocalProbe
from codefare_catalog import Usage

if TYPE_CHECKING:
    from codefare.providers.http import Transport

_COUNTS = {"prompt_tokens": 25, "completion_tokens": 12, "total_tokens": 37}


def _bare(delta: dict[str, Any], **more: Any) -> bytes:
    """A chunk that has no finish reason at all."""
    return sse({"model": "m", "choices": [{"index": 0, "delta": delta}], **more})


OPENAI_LIKE: dict[str, tuple[tuple[bytes, ...], Usage | None]] = {
    "all in one chunk": ((chunk({"role": "assistant", "content": "Hello."}, "stop"), DONE), None),
    "the reason with the last text": ((chunk({"content": "Hel"}), chunk({"content": "lo."}, "stop"), DONE), None),
    "no reason in other chunks, usage beside an empty delta": (
        (_bare({"content": "Hello."}), chunk({}, "stop"), _bare({}, usage=_COUNTS), DONE),
        Usage(input=25, output=12),
    ),
    "a null usage in each chunk": (
        (chunk({"content": "Hello."}, usage=None), chunk({}, "stop", usage=None), chunk(usage=_COUNTS), DONE),
        Usage(input=25, output=12),
    ),
    "usage with the reason, and no marker": (
        (_bare({"content": "Hello."}), chunk({}, "stop", usage=_COUNTS)),
        Usage(input=25, output=12),
    ),
    "usage of nothing": (
        (chunk({"content": "Hello."}), chunk({}, "stop", usage=dict.fromkeys(_COUNTS, 0)), DONE),
        Usage(),
    ),
}  # fmt: skip


OPENAI_LIKE |= {
    "content in parts": (
        (
            chunk({"role": "assistant", "content": []}),
            chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]}),
            chunk({"content": [{"type": "text", "text": "Hel"}, {"type": "reference", "ids": [1]}]}),
            chunk({"content": "lo."}), chunk({"content": None}, "stop"), DONE,
        ),
        None,
    ),
    "nothing where something could be": (
        (
            sse({"id": None, "model": None, "choices": None, "error": None, "usage": {}}),
            sse({"choices": [{"index": None, "delta": None, "finish_reason": ""}]}),
            sse({"choices": [{"delta": {"role": "assistant", "tool_calls": None, "content": "Hello."}}]}),
            sse({"choices": [{"delta": {}, "finish_reason": "stop"}, {"index": 1, "delta": {"content": "Bye."}}]}),
            sse({"choices": [], "usage": None}), DONE,
        ),
        None,
    ),
    "a reason that is said again": (
        (chunk({"content": "Hello."}), chunk({}, "stop"), chunk({}, "stop"), chunk(usage=_COUNTS), DONE),
        Usage(input=25, output=12),
    ),
    "counts as fractions": (
        (chunk({"content": "Hello."}), chunk({}, "stop", usage={n: float(c) for n, c in _COUNTS.items()}), DONE),
        Usage(input=25, output=12),
    ),
    "half a token": (
        (chunk({"content": "Hello."}), chunk({}, "stop", usage=_COUNTS | {"completion_tokens": 12.5}), DONE), None,
    ),
    "a byte order mark, and a marker with more": (
        (b"\xef\xbb\xbf" + chunk({"content": "Hello."}), chunk({}, "stop"), sse("[DONE] bye")), None,
    ),
    "pings that are no JSON": (
        (sse("pong", "ping"), chunk({"content": "Hello."}), b"event: ping\n\n", chunk({}, "stop"), DONE), None,
    ),
    "events with names": (
        (b"event: chunk\n" + chunk({"content": "Hello."}), b"event: x\n" + chunk({}, "stop"), DONE),
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", OPENAI_LIKE)
async def test_openai_like_streams(server: WireServer, transport: Transport, form: str) -> None:
    """Each of these streams is a whole answer from a server of one's own."""
    pieces, usage = OPENAI_LIKE[form]
    server.sse(*pieces)
    heard = await ask_whole(transport, at(LOCAL, server.url))
    assert (heard.text, heard.end.stop) == ("Hello.", Stop.COMPLETE)
    assert [e.usage for e in heard.bills] == ([usage] if usage is not None else [])


async def test_anthropic_like_stream_without_its_start(
    server: WireServer, transport: Transport
) -> None:
    """A stream that begins with its text is whole if its end is; nobody has told of the prompt then."""
    server.sse(*anthropic_stream("Hel", "lo.")[3:])
    heard = await ask_whole(transport, at(LOCAL, server.url, dialect="anthropic"))
    assert (heard.text, heard.end.stop) == ("Hello.", Stop.COMPLETE)
    assert heard.usage == Usage(input=0, output=12)


async def test_anthropic_like_events_of_later_days(
    server: WireServer, transport: Transport
) -> None:
    """Kinds of events, blocks and deltas that nobody knows yet are passed over, and so are pings of any shape."""
    start, block, _, *rest = anthropic_stream("Hel", "lo.")
    later = {"type": "content_block_delta", "index": 9, "delta": {"type": "later_delta", "x": [1]}}
    empty = {"type": "content_block_start", "index": 9, "content_block": None}
    server.sse(
        sse("", "ping"),
        sse({"type": "weather_report", "delta": 7}, "weather_report"),
        start.replace(b'"usage": {', b'"container": null, "usage": {"iterations": null, '),
        sse("still here", "ping"),
        block,
        sse(empty),
        sse(later),
        *rest,
    )
    heard = await ask_whole(transport, at(ANTHROPIC, server.url))
    assert (heard.text, heard.end.stop) == ("Hello.", Stop.COMPLETE)
    assert heard.usage == Usage(input=25, output=12)


_BUSY = {"type": "overloaded_error", "message": "Busy"}
# What an event that is called an error says, and what the user is told of it.
NAMED: dict[str, tuple[object, type[ProviderError], str]] = {
    "Anthropic's": ({"type": "error", "error": _BUSY}, Overloaded, "(529): Busy."),
    "without its type": ({"error": _BUSY}, Overloaded, "(529): Busy."),
    "bare": ({"code": "insufficient_quota", "message": "Empty"}, OutOfCredit, ": Empty."),
    "a word": ("Busy", Overloaded, ": Busy."),
    "a number": (503, Overloaded, "cannot serve now."),
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("form", NAMED)
async def test_an_event_that_is_called_an_error(
    server: WireServer, transport: Transport, dialect: str, form: str
) -> None:
    """An event is an error by its name, too: its words are told, and what came before it is broken."""
    data, kind, said = NAMED[form]
    row = {"openai": OPENAI, "anthropic": ANTHROPIC}[dialect]
    texts = {"openai": openai_stream("Hel")[:2], "anthropic": anthropic_stream("Hel")[:4]}[dialect]
    server.sse(*texts, sse(data, "error"))
    heard = await ask(transport, at(row, server.url))
    assert type(heard.error) is kind
    assert str(heard.error).endswith(said)
    assert (heard.text, heard.error.partial) == ("Hel", True)


# Refusals in shapes of gateways, and how the words that they hold are told.
SHAPES: dict[str, tuple[int, bytes, str]] = {
    "Google's list": (400, b'[{"error": {"code": 400, "message": "Bad field", "status": "X"}}]', "Bad field"),
    "Cloudflare's list": (400, b'{"success": false, "errors": [{"code": 7003, "message": "No route"}]}', "No route"),
    "a flag": (400, b'{"error": true, "message": "No such thing"}', "No such thing"),
    "null beside it": (400, b'{"error": null, "detail": "No such thing"}', "No such thing"),
    "a sentence": (413, b"Request Entity\r\n Too Large\n", "Request Entity Too Large"),
    "an empty list": (400, b"[]", "refused the request (400)"),
    "a list of nothing": (400, b'{"errors": []}', "refused the request (400)"),
    "a page": (400, b"<html><body>No</body></html>", "refused the request (400)"),
    "half of it": (400, b'{"error": {"mess', "refused the request (400)"),
    "bytes": (400, bytes(range(256)), "refused the request (400)"),
    "characters of a terminal": (400, b"No\x1b[31m", "refused the request (400)"),
}  # fmt: skip


@pytest.mark.parametrize("form", SHAPES)
async def test_refusals_of_gateways(server: WireServer, transport: Transport, form: str) -> None:
    """The words of a refusal are told in whichever shape they come, and nothing that is no sentence."""
    status, body, said = SHAPES[form]
    server.answer(Answer((body,), status, {}, "length"))
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert str(heard.error).rstrip(".").endswith(said)


REFUSED: dict[str, dict[str, Any]] = {
    "OpenAI's": {"error": {"message": "Unrecognized request argument supplied: stream_options"}},
    "FastAPI's": {
        "detail": [
            {
                "type": "extra_forbidden",
                "loc": ["body", "stream_options"],
                "msg": "Extra inputs are not permitted: SECRET",
                "input": {"include_usage": "SECRET"},
            }
        ]
    },
    "a line's": {"detail": "unknown field stream_options"},
}


@pytest.mark.parametrize("form", REFUSED)
async def test_a_field_that_is_refused(server: WireServer, transport: Transport, form: str) -> None:
    """Whoever refuses `stream_options` is told as such, with the row that leaves it out; with that row it serves."""
    server.refuse(422, REFUSED[form])
    provider = at(LOCAL, server.url)
    heard = await ask(transport, provider)
    assert isinstance(heard.error, RequestRefused)
    assert "stream_options" in heard.error.text
    assert "SECRET" not in heard.error.text
    assert 'omit = ["stream_options"] in [providers.local]' in heard.error.remedy

    server.sse(*OPENAI_LIKE["all in one chunk"][0])
    heard = await ask_whole(transport, replace(provider, omit=("stream_options",)))
    assert heard.text == "Hello."
    assert [sorted(got.json) for got in server.requests] == [
        ["max_tokens", "messages", "model", "stream", "stream_options"],
        ["max_tokens", "messages", "model", "stream"],
    ]


async def test_the_other_name_of_the_limit(server: WireServer, transport: Transport) -> None:
    """A server that wants the answer's limit under its other name is told with the field that says so."""
    said = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.refuse(400, {"error": {"message": said, "code": "unsupported_parameter"}})
    heard = await ask(transport, at(OPENAI, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert "max_tokens_field" in heard.error.remedy


async def test_a_server_of_ones_own_that_refuses(server: WireServer, transport: Transport) -> None:
    """A refusal without more sends whoever runs the server to its models and its log, not to us."""
    server.refuse(400, {"status": "failure", "message": "No connected db."})
    heard = await ask(transport, at(LOCAL, server.url))
    assert isinstance(heard.error, RequestRefused)
    assert "No connected db" in heard.error.text
    assert "log" in heard.error.remedy
    assert "report" not in heard.error.remedy


async def test_an_answer_that_ends_for_another(server: WireServer, transport: Transport) -> None:
    """A server that ends one answer where the next is asked for has not finished it, and can be told not to."""
    server.sse(chunk({"content": "Hel"}), DONE)
    heard = await ask(transport, at(LOCAL, server.url))
    assert isinstance(heard.error, StreamBroken)
    assert (heard.text, heard.error.partial) == ("Hel", True)
    assert "interrupt_requests" in heard.error.remedy


@pytest.mark.parametrize("status", [401, 404])
async def test_a_list_of_models_that_is_kept_back(
    server: WireServer, transport: Transport, status: int
) -> None:
    """A server that is there and does not tell its models is not said to be absent, until it tells them."""
    server.paths["/v1/models"] = Answer(
        (b"{}",), status, {"content-type": "application/json"}, "length"
    )
    probe = LocalProbe(transport, base_url=server.url + "/v1", environ={})
    await probe.refresh()
    assert probe.refusal == status
    server.paths["/v1/models"] = Answer(
        (b'{"data": [{"id": "m"}]}',), 200, {"content-type": "application/json"}, "length"
    )
    await probe.refresh()
    assert probe.refusal is None


async def test_a_list_kept_back_by_one_that_is_gone(transport: Transport) -> None:
    """What a server answered once is not said of it after it has ended."""
    async with WireServer().running() as server:
        probe = LocalProbe(transport, base_url=server.url + "/v1", environ={})
        await probe.refresh()
        assert probe.refusal is not None
    await probe.refresh()
    assert probe.refusal is None
