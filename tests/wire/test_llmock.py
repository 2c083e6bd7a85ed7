"""llmock as the judge: whether each fault that it makes is met as a good client meets it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from llmock.pytest_plugin import LLMock
from llmock.testing import LLMockServer
from tests.wire.asking import ask, ask_whole
from tests.wire.peer import Peer

from codefare.errors import (
    KeyRefused,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
    Unreachable,
)
from codefare.providers.base import End, Stop
from codefare.providers.http import Limits, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PATHS = {"openai": "/v1", "anthropic": "/anthropic"}
# llmock watches the real time: waits that it does not ask for are a tenth as long.
SCALE = 0.1


@pytest.fixture(scope="module")
def listening() -> Iterator[LLMockServer]:
    """One server for all tests of this module."""
    with LLMockServer() as server:
        yield server


@pytest.fixture
def judge(listening: LLMockServer) -> Iterator[LLMock]:
    """The server with no fault and no memory; it judges what it saw at the end."""
    judge = LLMock(listening).reset()
    yield judge
    judge.assert_resilient(strict=True)


@pytest.fixture(params=["openai", "anthropic"])
def peer(judge: LLMock, request: pytest.FixtureRequest) -> Peer:
    """Llmock in each dialect."""
    return Peer("llmock", request.param, judge.url + PATHS[request.param], "some-model")


@pytest.fixture
async def hasty(judge: LLMock) -> AsyncIterator[Transport]:
    """A transport whose waits are a tenth as long."""
    async with _transport(judge, Limits()) as transport:
        yield transport


@pytest.fixture
async def impatient(judge: LLMock) -> AsyncIterator[Transport]:
    """The same, which soon gives up a server that says nothing."""
    async with _transport(judge, Limits(first=0.4, idle=0.2)) as transport:
        yield transport


@asynccontextmanager
async def _transport(judge: LLMock, limits: Limits) -> AsyncIterator[Transport]:
    async def sleep(seconds: float) -> None:
        # It takes a retry for one only if the request before is over on its side, too.
        await asyncio.to_thread(lambda: judge.requests)
        await asyncio.sleep(seconds * SCALE)

    transport = Transport(limits, sleep=sleep, chance=lambda: 0.0)
    yield transport
    await transport.aclose()


@pytest.fixture
async def punctual() -> AsyncIterator[Transport]:
    """A transport that waits as long as it is asked to."""
    transport = Transport()
    yield transport
    await transport.aclose()


async def test_no_fault(judge: LLMock, peer: Peer, hasty: Transport) -> None:
    """Without a fault one request brings the whole answer."""
    judge.reply("Hello there.")
    heard = await ask_whole(hasty, peer.provider, peer.request("x"))
    assert heard.text == "Hello there."
    assert heard.end.stop is Stop.COMPLETE
    assert len(judge.requests) == 1


async def test_rate_limit(judge: LLMock, peer: Peer, punctual: Transport) -> None:
    """The wait of a 429 is kept."""
    judge.rate_limit(times=2, retry_after=0.2)
    assert (await ask_whole(punctual, peer.provider, peer.request("x"))).attempts == [1, 2, 3]


async def test_quota(judge: LLMock, peer: Peer, punctual: Transport) -> None:
    """The second request of a minute that allows one is refused, and a wait of a minute is left to others."""
    judge.limits(rpm=1)
    await ask_whole(punctual, peer.provider, peer.request("x"))
    heard = await ask(punctual, peer.provider, peer.request("y"))
    assert isinstance(heard.error, RateLimited)
    assert heard.error.retry_after is not None
    assert heard.attempts == [1]
    judge.reset()  # to give up at once what would take a minute is not what it calls resilient


@pytest.mark.parametrize("status", [408, 409, 500, 502])
async def test_failures_that_pass(judge: LLMock, peer: Peer, hasty: Transport, status: int) -> None:
    """What may pass is sent again."""
    judge.fail(status)
    heard = await ask_whole(hasty, peer.provider, peer.request("x"))
    assert [type(error) for error in heard.retried] == [Overloaded]


@pytest.mark.parametrize("status", [503, 504, 529])
async def test_failures_that_say_when(
    judge: LLMock, peer: Peer, punctual: Transport, status: int
) -> None:
    """A server that cannot serve and says when it can is believed."""
    judge.fail(status, retry_after=0.2)
    heard = await ask_whole(punctual, peer.provider, peer.request("x"))
    assert [type(error) for error in heard.retried] == [Overloaded]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RequestRefused), (401, KeyRefused), (403, RequestRefused), (404, RequestRefused)],
)
async def test_refusals(
    judge: LLMock, peer: Peer, hasty: Transport, status: int, kind: type[ProviderError]
) -> None:
    """What would be refused again is sent once."""
    judge.fail(status)
    heard = await ask(hasty, peer.provider, peer.request("x"))
    assert type(heard.error) is kind
    assert len(judge.requests) == 1


async def test_outage(judge: LLMock, peer: Peer, hasty: Transport) -> None:
    """An outage is told after three requests, with growing waits between them."""
    judge.outage(status=500)
    heard = await ask(hasty, peer.provider, peer.request("x"))
    assert isinstance(heard.error, Overloaded)
    assert len(judge.requests) == 3


async def test_context_overflow(judge: LLMock, peer: Peer, hasty: Transport) -> None:
    """A prompt that is too long is told as such, once."""
    judge.context_overflow()
    heard = await ask(hasty, peer.provider, peer.request("x"))
    assert isinstance(heard.error, RequestRefused)
    assert len(judge.requests) == 1


@pytest.mark.parametrize("kept", [0, 1, 3])
@pytest.mark.parametrize("fault", ["disconnect", "truncate", "corrupt"])
async def test_broken_streams(
    judge: LLMock, peer: Peer, hasty: Transport, fault: str, kept: int
) -> None:
    """A stream that breaks before its first text is asked for again, one that breaks later is told as partial."""
    judge.reply("Many words that come in many pieces, one after the other.", times=None)
    if fault == "corrupt":  # it goes on with its stream after that: let it see that nobody listens
        judge.pace(30)
    getattr(judge, fault)(after_chunks=kept)
    heard = await ask(hasty, peer.provider, peer.request("x"))
    if heard.error is None:
        assert heard.attempts == [1, 2]
        assert heard.end.stop is Stop.COMPLETE
        return
    assert isinstance(heard.error, (StreamBroken, Unreachable))
    assert heard.error.partial
    assert heard.text
    assert not any(isinstance(event, End) for event in heard.events)
    judge.reset()  # what has come is shown, and not asked for twice: llmock would rather see that


async def test_stall(judge: LLMock, peer: Peer, impatient: Transport) -> None:
    """A stream that stops is given up."""
    judge.reply("Many words that come in many pieces, one after the other.", times=None)
    judge.stall(after_chunks=4, seconds=3)
    heard = await ask(impatient, peer.provider, peer.request("x"))
    assert isinstance(heard.error, StreamBroken)
    assert heard.error.timed_out


async def test_slow_first_token(judge: LLMock, peer: Peer, impatient: Transport) -> None:
    """A first token that never comes is waited for twice at most."""
    judge.slow_first_token(3, times=None)
    heard = await ask(impatient, peer.provider, peer.request("x"))
    assert isinstance(heard.error, Unreachable)
    assert heard.attempts == [1, 2]


async def test_delay(judge: LLMock, peer: Peer, punctual: Transport) -> None:
    """A server that takes its time is waited for."""
    judge.delay(0.1)
    assert (await ask_whole(punctual, peer.provider, peer.request("x"))).attempts == [1]
