"""A server that does not stream: what came whole is worth what the stream would have been worth."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import Heard, ask
from tests.wire.cases import DIALECTS
from tests.wire.server import Answer, Step, WireServer
from tests.wire.vendors import (
    ANTHROPIC,
    DONE,
    OLLAMA,
    OPENAI,
    PROVIDERS,
    at,
    chunk,
    sse,
    whole_answer,
)

from codefare.errors import KeyRefused, Overloaded, RequestRefused, StreamBroken
from codefare.providers.answer import LARGEST
from codefare.providers.base import Billed, Stop
from codefare_catalog import Provider, Usage

if TYPE_CHECKING:
    from codefare.providers.http import Transport

_ROWS = {"openai": OPENAI, "anthropic": ANTHROPIC, "ollama": OLLAMA}


def _whole(document: dict[str, Any]) -> Answer:
    body = json.dumps(document).encode()
    return Answer((body,), 200, {"content-type": "application/json"}, "length")


def _anthropic(document: dict[str, Any]) -> Answer:
    """The stream that says the same, as Anthropic sends it."""
    usage, reason = document["usage"], document["stop_reason"]
    start = {"type": "message", "model": document["model"], "content": [], "stop_reason": None}
    first = usage | {"output_tokens": 1}
    messages: list[dict[str, Any]] = [
        {"type": "message_start", "message": start | {"usage": first}}
    ]
    for index, block in enumerate(document["content"]):
        kind = block["type"]
        delta = {"type": f"{kind}_delta", kind: block.get(kind)}
        empty = {"type": kind, kind: ""} if isinstance(block.get(kind), str) else block
        messages.append({"type": "content_block_start", "index": index, "content_block": empty})
        messages.append({"type": "content_block_delta", "index": index, "delta": delta})
    end = {"stop_reason": reason}
    messages += [{"type": "message_delta", "delta": end, "usage": usage}, {"type": "message_stop"}]
    return Answer(tuple(map(sse, messages)), 200, {"content-type": "text/event-stream"})


def _openai(document: dict[str, Any]) -> Answer:
    """The stream that says the same, as OpenAI sends it."""
    choice = document["choices"][0]
    usage = {"model": document["model"], "choices": [], "usage": document.get("usage")}
    pieces = (chunk(choice["message"]), chunk({}, choice["finish_reason"]), sse(usage), DONE)
    return Answer(pieces, 200, {"content-type": "text/event-stream"})


def _ollama(document: dict[str, Any]) -> Answer:
    """The stream that says the same, as Ollama sends it."""
    said = {"model": document["model"], "message": document["message"], "done": False}
    end = document | {"message": {"role": "assistant", "content": ""}}
    lines = tuple(json.dumps(line).encode() + b"\n" for line in (said, end))
    return Answer(lines, 200, {"content-type": "application/x-ndjson"})


_STREAMS = {"openai": _openai, "anthropic": _anthropic, "ollama": _ollama}


def _chat(**message: Any) -> dict[str, Any]:
    document = whole_answer("openai", "Hello.")
    document["choices"][0]["message"] |= message
    return document


def _counted(**usage: Any) -> dict[str, Any]:
    document = whole_answer("openai", "Hello.")
    return document | {"usage": document["usage"] | usage}


def _ended(dialect: str, reason: str | None) -> dict[str, Any]:
    document = whole_answer(dialect, "Hello.")
    if dialect == "openai":
        document["choices"][0]["finish_reason"] = reason
        return document
    return document | {"stop_reason" if dialect == "anthropic" else "done_reason": reason}


def _blocks(*blocks: dict[str, Any], **usage: int) -> dict[str, Any]:
    document = whole_answer("anthropic", "")
    return document | {"content": list(blocks), "usage": document["usage"] | usage}


_THOUGHT = {"type": "thinking", "thinking": "Let me see.", "signature": "x"}
_TEXT = {"type": "text", "text": "Hello."}
SAME: dict[str, tuple[str, dict[str, Any]]] = {
    **{f"{dialect}'s own": (dialect, whole_answer(dialect, "Hello.")) for dialect in DIALECTS},
    **{
        f"{dialect}, ended by {reason}": (dialect, _ended(dialect, reason))
        for dialect in DIALECTS
        for reason in ("length", "max_tokens", "content_filter", "tool_calls", "refusal", "later", None)
    },
    **{
        f"half a character of {dialect}": (dialect, whole_answer(dialect, "x \ud83d y"))
        for dialect in DIALECTS
    },
    "a refusal": ("openai", _chat(content=None, refusal="I cannot help with that.")),
    "reasoning": ("openai", _chat(reasoning_content="Let me see.")),
    "reasoning under its other name": ("openai", _chat(reasoning="Let me see.")),
    "content in parts": ("openai", _chat(content=[_TEXT, {"type": "image_url"}, _TEXT])),
    "thinking in parts": (
        "openai",
        _chat(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, _TEXT]),
    ),
    "no content": ("openai", _chat(content=None)),
    "a tool's call": ("openai", _chat(content=None, tool_calls=[{"id": "x", "function": {}}])),
    "cached tokens": ("openai", _counted(prompt_tokens_details={"cached_tokens": 20})),
    "no usage": ("openai", whole_answer("openai", "Hello.") | {"usage": None}),
    "a usage of nothing": ("openai", _counted(prompt_tokens=0, completion_tokens=0)),
    "a usage that cannot be": ("openai", _counted(prompt_tokens=-5, completion_tokens="12")),
    "counts as fractions": ("openai", _counted(prompt_tokens=25.0, completion_tokens=12.0)),
    "half a token": ("openai", _counted(completion_tokens=12.5)),
    "thinking": ("anthropic", _blocks(_THOUGHT, _TEXT)),
    "several blocks": ("anthropic", _blocks(_TEXT, {"type": "redacted_thinking", "data": "x"}, _TEXT)),
    "the cache's classes": (
        "anthropic",
        _blocks(_TEXT, cache_creation_input_tokens=2000, cache_read_input_tokens=5000),
    ),
    "no block at all": ("anthropic", _blocks()),
    "local thinking": (
        "ollama",
        whole_answer("ollama", "") | {"message": {"content": "Hello.", "thinking": "Let me see."}},
    ),
}  # fmt: skip


def _told(heard: Heard) -> dict[str, Any]:
    """Everything that a stream and a whole answer must agree on."""
    return {
        "text": heard.text,
        "thinking": heard.thinking,
        "bill": heard.bills[-1] if heard.bills else None,
        "end": None if heard.error else heard.end,
        "error": type(heard.error),
        "partial": heard.error is not None and heard.error.partial,
        "attempts": heard.attempts,
    }


@pytest.mark.parametrize("form", SAME)
async def test_the_same_as_the_stream(server: WireServer, transport: Transport, form: str) -> None:
    """Text, thinking, bill and end are those of the stream that would have said the same."""
    dialect, document = SAME[form]
    provider = at(_ROWS[dialect], server.url)
    server.answer(_STREAMS[dialect](document))
    streamed = _told(await ask(transport, provider))
    server.forget()
    server.answer(_whole(document))
    whole = _told(await ask(transport, provider))
    assert whole == streamed
    assert streamed["attempts"] == [1]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "read"), [("x \ud83d y", "x "), ("x \ud83d", "x "), ("\ude00 y", ""), ("\ud83d", "")]
)
async def test_half_a_character_is_paid_once(
    server: WireServer, transport: Transport, dialect: str, text: str, read: str
) -> None:
    """A text that cannot be written was made and is billed: what stands before is shown, and none is asked for anew."""
    server.answer(_whole(whole_answer(dialect, text)))
    heard = await ask(transport, at(_ROWS[dialect], server.url))
    assert isinstance(heard.error, StreamBroken)
    assert (heard.text, heard.usage, heard.attempts) == (read, Usage(input=25, output=12), [1])


async def test_what_it_brings(server: WireServer, transport: Transport) -> None:
    """The text, the whole bill and the model are read, and it is complete where it says that it is."""
    models = {"openai": "gpt-x-2026", "anthropic": "claude-x-20260101", "ollama": "m:7b"}
    for dialect, model in models.items():
        server.answer(_whole(whole_answer(dialect, "Hello.")))
        heard = await ask(transport, at(_ROWS[dialect], server.url))
        assert (heard.text, heard.error) == ("Hello.", None)
        assert heard.usage == Usage(input=25, output=12)
        assert (heard.end.stop, heard.end.model) == (Stop.COMPLETE, model)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_half_a_count(server: WireServer, transport: Transport, dialect: str) -> None:
    """A document that breaks off in a count says nothing of what was used: 2 may have been 25."""
    raw = json.dumps(whole_answer(dialect, "Hello.")).encode()
    server.answer(Answer((raw[: raw.index(b": 25") + 3], Step.CUT)))
    heard = await ask(transport, at(_ROWS[dialect], server.url))
    assert isinstance(heard.error, StreamBroken)
    assert (heard.text, heard.bills) == ("Hello.", [])


@pytest.mark.parametrize(
    "body",
    [b'{"choices": [', b'{"x": \xff\xff}', b"{oops}", b'{"x": "' + b"y" * LARGEST],
    ids=["half", "no text", "no JSON", "too large"],
)
async def test_what_cannot_be_read_may_be_billed(
    server: WireServer, transport: Transport, body: bytes
) -> None:
    """Half of a document, or one that is no text, may hide an answer that was paid for; a sentence does not."""
    server.answer(*[Answer((body,))] * 2)
    heard = await ask(transport, at(OPENAI, server.url))
    assert heard.error is not None
    assert heard.error.timed_out
    server.forget()
    server.answer(Answer((b"Please log in.",)))
    heard = await ask(transport, at(OPENAI, server.url))
    assert heard.error is not None
    assert not heard.error.timed_out


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("headers", [{"content-type": "application/json"}, {}])
async def test_what_is_cut_before_it_begins(
    server: WireServer, transport: Transport, dialect: str, headers: dict[str, str]
) -> None:
    """The headers of a JSON document come when it is made and may be billed: once more at most. Others say nothing."""
    made = bool(headers)
    server.answer(*[Answer((Step.CUT,), headers=headers)] * (2 if made else 3))
    heard = await ask(transport, at(_ROWS[dialect], server.url))
    assert isinstance(heard.error, StreamBroken)
    assert heard.error.timed_out is made
    assert heard.attempts == ([1, 2] if made else [1, 2, 3])


async def test_the_price_that_it_tells(server: WireServer, transport: Transport) -> None:
    """A charge is the exact figure of the document, and Moonshot's place for the usage is looked at."""
    document = _counted(cost=0.00010000000000000001)
    server.answer(
        Answer((json.dumps(document).replace("0.0001", "0.00010000000000000001").encode(),))
    )
    heard = await ask(transport, at(PROVIDERS["openrouter"], server.url))
    assert heard.billed == Billed(Usage(input=25, output=12), "0.00010000000000000001")

    document = whole_answer("openai", "Hello.")
    document["choices"][0]["usage"] = document.pop("usage")
    server.answer(_whole(document))
    heard = await ask(transport, at(PROVIDERS["moonshot"], server.url))
    assert heard.usage == Usage(input=25, output=12)


ERRORS: dict[str, tuple[Provider, dict[str, Any], type[Exception], str, int]] = {
    "beside no choice": (
        OPENAI, {"choices": [], "error": {"message": "Busy", "code": 503}}, Overloaded, "(503): Busy.", 3,
    ),
    "in the choice": (
        PROVIDERS["openrouter"],
        {"choices": [{"message": {"content": ""}, "error": {"code": 503, "message": "Busy"}}]},
        Overloaded, "(503): Busy.", 3,
    ),
    "without a message": (OPENAI, {"error": {"type": "overloaded_error"}}, Overloaded, "(529).", 3),
    "beside a flag": (
        OPENAI, {"error": True, "message": "No.", "code": 400}, RequestRefused, "(400): No.", 1,
    ),
    "in a list": (
        OPENAI, {"success": False, "errors": [{"code": 401, "message": "Bad"}]}, KeyRefused, "(401): Bad.", 1,
    ),
    "Anthropic's": (
        ANTHROPIC,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}},
        Overloaded, "(529): Busy.", 3,
    ),
    "Ollama's": (OLLAMA, {"error": "model is busy"}, Overloaded, ": model is busy.", 3),
}  # fmt: skip


@pytest.mark.parametrize("form", ERRORS)
async def test_an_error_with_a_good_status(
    server: WireServer, transport: Transport, form: str
) -> None:
    """An error inside a 200 is one: its words are told, and it is tried again if it may pass."""
    row, document, kind, said, requests = ERRORS[form]
    server.answer(*[_whole(document)] * 4)
    heard = await ask(transport, at(row, server.url))
    assert type(heard.error) is kind
    assert str(heard.error).endswith(said)
    assert len(heard.attempts) == requests
