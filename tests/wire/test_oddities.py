"""What servers, gateways and mocks that people run themselves were seen to do, and how a row of the catalog helps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.server import Answer, WireServer
from tests.wire.vendors import (
    DONE,
    LOCAL,
    OPENAI,
    anthropic_stream,
    at,
    chunk,
    sse,
)

from codefare.errors import RequestRefused, StreamBroken
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
