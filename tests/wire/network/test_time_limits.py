"""A provider's own time limits, and what each of them covers."""

from __future__ import annotations

from tests.wire.asking import ask, ask_whole
from tests.wire.hurry import Pause, hurried, hurrying, in_a_hurry
from tests.wire.network.addresses import Opened, near, told
from tests.wire.proxies import Proxy as ProxyServer
from tests.wire.server import Answer, Step
from tests.wire.vendors import ANTHROPIC, OPENAI, anthropic_stream, at, openai_stream

from codefare.providers.http import Limits
from codefare.providers.network import Network, Networks, Seconds


def test_time_limits_of_one_provider() -> None:
    """A provider's own limits replace the usual ones, for it alone."""

    async def story() -> None:
        own = Network(seconds=Seconds(first=7, idle=400, total=900))
        async with hurried(Limits(), Networks(Network(), {"openai": own})) as (server, transport):
            server.sse(Step.HANG)
            server.sse(Step.HANG)
            heard = await ask(transport, at(OPENAI, server.url))
            assert "sent nothing for 7" in told(heard)
            begun = hurrying().time()
            server.sse(*openai_stream("x")[:-2], Step.HANG)
            cut = await ask(transport, at(OPENAI, server.url))
            assert cut.error is not None
            assert cut.error.partial
            assert hurrying().time() - begun > 400
            server.sse(Pause(200), *anthropic_stream("slow"))
            assert (await ask_whole(transport, at(ANTHROPIC, server.url))).text == "slow"

    in_a_hurry(story)


async def test_server_that_never_shakes_hands(opened: Opened) -> None:
    """`connect_seconds` covers TLS: a server that accepts and says nothing is given up."""
    async with ProxyServer(does="hang").running() as mute:
        hurried = Network(seconds=Seconds(connect=0.1))
        heard = await ask(opened(Network(), {"openai": hurried}), at(OPENAI, near(mute.port)))
    assert "did not answer in time" in told(heard)
    assert len(heard.attempts) == 3


def test_slow_answers_are_not_slow_connections() -> None:
    """Once a connection stands, the limit for making it is over: the first byte may come much later."""

    async def story() -> None:
        own = Network(seconds=Seconds(connect=5))
        async with hurried(Limits(), Networks(own)) as (server, transport):
            answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
            answer += b"".join(openai_stream("late"))
            server.answer(Answer((Pause(200), answer), framing="raw"))
            heard = await ask_whole(transport, at(OPENAI, server.url))
        assert heard.text == "late"
        assert heard.attempts == [1]

    in_a_hurry(story)
