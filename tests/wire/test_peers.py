"""Servers that nobody here wrote: what holds with any that speaks one of the dialects.

`CODEFARE_PEER` adds one that is running already. Nothing here may know the words or the counts of a certain server.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from llmock.testing import LLMockServer
from tests.wire.asking import DIALECTS, KEY, ask, ask_whole
from tests.wire.peer import OwnPeer, Peer, aimock, own_peers
from tests.wire.relay import Relay

from codefare.errors import StreamBroken
from codefare.providers.base import Billed, End, Stop, Text
from codefare.providers.http import Limits, Transport
from codefare.providers.keys import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from codefare_catalog import Provider, Usage

OWN = own_peers()
ENDS = {"openai": b"data: [DONE]", "anthropic": b"event: message_stop"}
AWKWARD = "Say hello. \u2028 \x85 \U0001f600 \\u2028 e\u0301 \u05d0 \ufeff"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The servers that this module starts, by name."""
    with LLMockServer() as llmock, aimock(tmp_path_factory.mktemp("aimock")) as mock:
        yield {"aimock": mock.url, "llmock": llmock.url}


@pytest.fixture(
    params=[
        ("aimock", "openai", "/v1"),
        ("aimock", "anthropic", ""),
        ("llmock", "openai", "/v1"),
        ("llmock", "anthropic", "/anthropic"),
        *OWN,
    ],
    ids=lambda param: param.name if isinstance(param, Peer) else "-".join(param[:2]),
)
def peer(request: pytest.FixtureRequest) -> Peer:
    """Each server, in each dialect that it speaks."""
    if isinstance(request.param, Peer):
        return request.param
    name, dialect, path = request.param
    servers: dict[str, str] = request.getfixturevalue("servers")
    return Peer(name, dialect, servers[name] + path, "gpt-4o" if dialect == "openai" else "claude")


@pytest.fixture
async def patient() -> AsyncIterator[Transport]:
    """A transport that sends once, with time for a small machine's model."""
    transport = Transport(Limits(retries=0))
    yield transport
    await transport.aclose()


def _is_sound(usage: Usage) -> bool:
    return min(usage.input, usage.output, usage.cache_write, usage.cache_read) >= 0


@pytest.mark.parametrize("user", ["Say hello.", AWKWARD], ids=["plain", "awkward"])
async def test_a_whole_answer(peer: Peer, patient: Transport, user: str) -> None:
    """An answer comes in pieces and has an end; what was billed is told in whole numbers, or not at all."""
    heard = await ask_whole(patient, peer.provider, peer.request(user))
    assert heard.end.stop in {Stop.COMPLETE, Stop.LENGTH}
    assert heard.text or heard.thinking
    assert sum(isinstance(event, End) for event in heard.events) == 1
    assert all(_is_sound(e.usage) for e in heard.events if isinstance(e, Billed))


async def test_a_short_limit(peer: Peer, patient: Transport) -> None:
    """An answer that the limit cut says so: what is longer than allowed never counts as whole."""
    request = peer.request("Count from one to one hundred in words.", max_tokens=8)
    heard = await ask_whole(patient, peer.provider, request)
    reports = [e.usage.output for e in heard.events if isinstance(e, Billed)]
    if heard.end.stop is Stop.LENGTH and reports:
        assert reports[-1] <= request.max_tokens


async def test_several_at_once(peer: Peer, patient: Transport) -> None:
    """Answers that come at the same time do not mix."""
    requests = [peer.request(f"Say the number {n}.") for n in range(4)]
    heard = await asyncio.gather(*(ask_whole(patient, peer.provider, r) for r in requests))
    assert all(each.end.stop in {Stop.COMPLETE, Stop.LENGTH} for each in heard)


async def test_whoever_stops_listening_hangs_up(peer: Peer, patient: Transport) -> None:
    """A request that is given up after its first event closes the connection at once."""
    # Held before its end: a connection whose answer is over may be kept.
    held = Relay(peer.base_url, cut_before=ENDS[peer.dialect], holds=True)
    async with held.running() as relay:
        provider = _through(peer, relay)
        events = patient.stream(
            provider, DIALECTS[peer.dialect], peer.request("Write a long story."), Secret(KEY)
        )
        async with aclosing(events):
            async for _ in events:
                break
        if relay.whole and not relay.cut:
            pytest.skip("it does not stream: nothing was left to give up")
        await asyncio.wait_for(relay.gone.wait(), 60)


async def test_cut_before_its_end_marker(peer: Peer, patient: Transport) -> None:
    """An answer of which all came but the end marker is broken: it is never taken for a whole one."""
    async with Relay(peer.base_url, cut_before=ENDS[peer.dialect]).running() as relay:
        heard = await ask(patient, _through(peer, relay), peer.request("Say hello."))
    if isinstance(peer, OwnPeer) and not relay.cut:
        if relay.whole:
            pytest.skip("it does not stream: a document has no end marker")
        assert isinstance(heard.error, StreamBroken)
        pytest.skip("it sends no end marker, which is required of hosted servers only")
    assert relay.cut, "the server sent no end marker"
    assert isinstance(heard.error, StreamBroken)
    assert not any(isinstance(event, End) for event in heard.events)
    assert heard.error.partial == any(isinstance(event, Text) for event in heard.events)


def _through(peer: Peer, relay: Relay) -> Provider:
    """The peer behind the relay; its end marker is required, as it is of every hosted one."""
    return replace(peer.provider, base_url=relay.url, ends_without_marker=False)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8000/v1", "gemini=http://127.0.0.1:1", "openai=127.0.0.1:8000"]
)
def test_peers_that_cannot_be(text: str) -> None:
    """A peer that is written wrong ends the run with how to write it."""
    with pytest.raises(pytest.UsageError, match="openai=http://127"):
        own_peers({"CODEFARE_PEER": text})


def test_peers_of_ones_own() -> None:
    """Several peers can be named, each with its model."""
    text = "openai=http://127.0.0.1:1/v1,qwen3:4b anthropic=http://127.0.0.1:1"
    found = own_peers({"CODEFARE_PEER": text})
    assert [(p.dialect, p.model) for p in found] == [
        ("openai", "qwen3:4b"),
        ("anthropic", "default"),
    ]
    assert all(p.provider.self_hosted for p in found)
