"""The official SDKs and codefare post the same request to one server: what differs is known, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import KEY, ask_whole
from tests.wire.vendors import ANTHROPIC, OPENAI, anthropic_stream, at, openai_stream, request

if TYPE_CHECKING:
    from tests.wire.server import Recorded, WireServer

    from codefare.providers.base import Request
    from codefare.providers.http import Transport

# Of the connection or of the client itself: nothing that a vendor decides by.
_OF_THE_CLIENT = ("user-agent", "x-stainless-", "host", "content-length")
# We say that we want a stream; the SDKs say JSON, and are sent a stream all the same.
_STREAM = {"accept": ("text/event-stream", "application/json")}
# The newer version refuses sampling parameters, of which we send none; both ways to give the key are served. The older
# version and header are understood by more of those who imitate the API: we stay with them. A row may name another
# version in its `headers`.
_OLDER = {
    "anthropic-version": ("2023-06-01", "2026-10-21"),
    "x-api-key": (KEY, None),
    "authorization": (None, f"Bearer {KEY}"),
}


def _headers(recorded: Recorded) -> dict[str, str]:
    return {k: v for k, v in recorded.headers.items() if not k.startswith(_OF_THE_CLIENT)}


def _differences(ours: Recorded, theirs: Recorded) -> dict[str, tuple[str | None, str | None]]:
    """The headers that differ: ours and theirs."""
    mine, other = _headers(ours), _headers(theirs)
    names = mine.keys() | other.keys()
    return {n: (mine.get(n), other.get(n)) for n in names if mine.get(n) != other.get(n)}


def _requests() -> list[Any]:
    quiet = {"reasoning_effort": "none"}
    newer = replace(request().offering, max_tokens_field="max_completion_tokens", extra_body=quiet)
    return [
        pytest.param(request(), id="plain"),
        pytest.param(request(system=""), id="no system"),
        pytest.param(request(user='é \u2028 😀 \\ " \n\t漢字'), id="characters"),
        pytest.param(request(offering=newer), id="newer"),
    ]


@pytest.mark.parametrize("asked", _requests())
async def test_openai(server: WireServer, transport: Transport, asked: Request) -> None:
    """The openai SDK sends the same body to the same path, with the same headers but for `accept`."""
    import openai

    server.sse(*openai_stream("x"))
    await ask_whole(transport, at(OPENAI, f"{server.url}/v1"), asked)
    server.sse(*openai_stream("x"))
    async with openai.AsyncOpenAI(api_key=KEY, base_url=f"{server.url}/v1") as client:
        stream = await client.chat.completions.create(**server.requests[0].json)
        async for _ in stream:
            pass
    ours, theirs = server.requests
    assert (ours.method, ours.path, ours.json) == (theirs.method, theirs.path, theirs.json)
    assert _differences(ours, theirs) == _STREAM


@pytest.mark.parametrize(
    "asked",
    [p for p in _requests() if p.id != "newer"]
    + [
        pytest.param(request(cache_prefix=0), id="system kept"),
        pytest.param(request(borders=(3, 8, 13), cache_prefix=8), id="parts kept"),
    ],
)
async def test_anthropic(server: WireServer, transport: Transport, asked: Request) -> None:
    """The anthropic SDK sends the same body to the same path; its version and its way to give the key are newer."""
    import anthropic

    server.sse(*anthropic_stream("x"))
    await ask_whole(transport, at(ANTHROPIC, server.url), asked)
    server.sse(*anthropic_stream("x"))
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=server.url) as client:
        stream = await client.messages.create(**server.requests[0].json)
        async for _ in stream:
            pass
    ours, theirs = server.requests
    assert (ours.method, ours.path, ours.json) == (theirs.method, theirs.path, theirs.json)
    assert _differences(ours, theirs) == _STREAM | _OLDER


async def test_another_version(server: WireServer, transport: Transport) -> None:
    """A row's headers name another version of the API."""
    newer = at(ANTHROPIC, server.url, headers={"anthropic-version": "2026-10-21"})
    server.sse(*anthropic_stream("x"))
    await ask_whole(transport, newer)
    assert server.requests[0].headers["anthropic-version"] == "2026-10-21"
