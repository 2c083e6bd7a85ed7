"""aimock as the server: faithful streams of both dialects, and the faults that it can be told to have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.oracle import complaints
from tests.wire.peer import Aimock, Peer, aimock

from codefare.errors import (
    OutOfCredit,
    Overloaded,
    RateLimited,
    RequestRefused,
    StreamBroken,
    Unreachable,
)
from codefare.providers.base import End, Stop
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wire.conftest import Clock

    from codefare.providers.http import Transport

LONG = "One word after another makes a long answer of many pieces. " * 4


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    """One server for all tests of this module."""
    with aimock(tmp_path_factory.mktemp("aimock")) as server:
        yield server


@pytest.fixture(params=["openai", "anthropic"])
def peer(running: Aimock, request: pytest.FixtureRequest) -> Iterator[Peer]:
    """Aimock in each dialect; what it was asked is checked at the end."""
    path = "/v1" if request.param == "openai" else ""
    yield Peer("aimock", request.param, running.url + path, "some-model")
    for entry in running.journal():
        body = {name: value for name, value in entry["body"].items() if name[0] != "_"}
        if entry["path"].endswith("/chat/completions"):  # the other dialect is recorded translated
            assert complaints(entry["path"], json.dumps(body).encode()) == []


def says(content: str = "Fine.", **more: Any) -> dict[str, Any]:
    """Any request is answered so."""
    return {"match": {}, "response": {"content": content, **more}}


def fails(status: int, message: str = "no", **more: Any) -> dict[str, Any]:
    """The first request fails so."""
    response = {"error": {"message": message, **more.pop("error", {})}, "status": status, **more}
    return {"match": {"sequenceIndex": 0}, "response": response}


async def test_whole_answer_with_usage(running: Aimock, peer: Peer, transport: Transport) -> None:
    """The text comes whole, in pieces, and the counts are those of the server."""
    usage = {"prompt_tokens": 12, "completion_tokens": 3, "input_tokens": 12, "output_tokens": 3}
    running.script(says(LONG, usage=usage))
    heard = await ask_whole(transport, peer.provider, peer.request("x"))
    assert heard.text == LONG
    assert heard.usage == Usage(12, 3)
    assert heard.end.stop is Stop.COMPLETE
    assert heard.end.model == "some-model"


async def test_thinking(running: Aimock, peer: Peer, transport: Transport) -> None:
    """Thinking is told as progress, and is no part of the answer."""
    running.script(says("42", reasoning="Let me think about it for a while."))
    heard = await ask_whole(transport, peer.provider, peer.request("x"))
    assert heard.text == "42"
    assert heard.thinking > 0


@pytest.mark.parametrize(
    ("reason", "stop"), [("length", Stop.LENGTH), ("content_filter", Stop.FILTERED)]
)
async def test_answers_that_are_not_whole(
    running: Aimock, peer: Peer, transport: Transport, reason: str, stop: Stop
) -> None:
    """What was cut or kept back does not count as whole in either dialect."""
    running.script(says("half of it", finishReason=reason))
    heard = await ask_whole(transport, peer.provider, peer.request("x"))
    if peer.dialect == "openai" or reason == "length":
        assert heard.end.stop is stop
    else:  # Anthropic has no such reason
        assert heard.end.stop is not Stop.LENGTH


async def test_rate_limit(running: Aimock, peer: Peer, transport: Transport, clock: Clock) -> None:
    """After a 429 the wait that the server asks for is kept, and the answer comes."""
    running.script(fails(429, "slow", error={"type": "rate_limit_error"}, retryAfter=7), says())
    heard = await ask_whole(transport, peer.provider, peer.request("x"))
    assert heard.text == "Fine."
    assert clock.waits == [7.0]
    assert [type(error) for error in heard.retried] == [RateLimited]


async def test_rate_limit_that_stays(
    running: Aimock, peer: Peer, transport: Transport, clock: Clock
) -> None:
    """A limit that does not end is told after three requests."""
    running.script(says())
    running.chaos(rateLimitRate=1)
    heard = await ask(transport, peer.provider, peer.request("x"))
    assert isinstance(heard.error, RateLimited)
    assert heard.attempts == [1, 2, 3]
    assert clock.waits == [1.0, 1.0]


async def test_overloaded(running: Aimock, peer: Peer, transport: Transport) -> None:
    """A 529 passes."""
    running.script(fails(529, "Overloaded", error={"type": "overloaded_error"}), says())
    heard = await ask_whole(transport, peer.provider, peer.request("x"))
    assert heard.text == "Fine."
    assert [type(error) for error in heard.retried] == [Overloaded]


async def test_no_credit(running: Aimock, peer: Peer, transport: Transport) -> None:
    """A 429 that means an empty account is not sent again."""
    error = {"type": "insufficient_quota", "code": "insufficient_quota"}
    running.script(fails(429, "You exceeded your quota", error=error), says())
    heard = await ask(transport, peer.provider, peer.request("x"))
    assert isinstance(heard.error, OutOfCredit)
    assert heard.attempts == [1]


@pytest.mark.parametrize("kept", [1, 2, 4])
async def test_cut_in_the_middle(
    running: Aimock, peer: Peer, transport: Transport, kept: int
) -> None:
    """A stream that ends after some pieces is never whole; before the first text it is asked for again."""
    running.script(says(LONG) | {"truncateAfterChunks": kept, "latency": 5})
    heard = await ask(transport, peer.provider, peer.request("x"))
    # It may reset the connection before its first piece has left it.
    assert isinstance(heard.error, (StreamBroken, Unreachable))
    assert not any(isinstance(event, End) for event in heard.events)
    assert heard.attempts == ([1] if heard.text else [1, 2, 3])
    assert LONG.startswith(heard.text)


async def test_malformed_json(running: Aimock, peer: Peer, transport: Transport) -> None:
    """What is no JSON, and no stream, is an error that says where to look."""
    running.script(says())
    running.chaos(malformedRate=1)
    heard = await ask(transport, peer.provider, peer.request("x"))
    assert isinstance(heard.error, RequestRefused)
    assert "base_url" in heard.error.remedy


async def test_connection_closed(running: Aimock, peer: Peer, transport: Transport) -> None:
    """A server that hangs up is asked three times in all."""
    running.script(says())
    running.chaos(disconnectRate=1)
    heard = await ask(transport, peer.provider, peer.request("x"))
    assert heard.error is not None
    assert heard.attempts == [1, 2, 3]
