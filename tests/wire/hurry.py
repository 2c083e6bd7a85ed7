"""Time that passes at once: an event loop whose clock can be moved on, and a server that does so while it is silent.

So the limits are tested as they are shipped, minutes and half hours long, and no test waits or depends on how busy the
machine is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from tests.wire.server import Recorded, Step, WireServer, framed

from codefare.providers.http import Limits, Transport
from codefare.providers.network import Networks

# Turns of the loop in which client and server, both in it, have done all that they can do by themselves.
_TURNS = 30
_MOMENT = 25.0


class HurryingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time can be moved on: every timer that is due by then fires."""

    ahead = 0.0

    def time(self) -> float:
        """Seconds, those that were passed over included."""
        return super().time() + self.ahead

    async def pass_by(self, seconds: float) -> None:
        """Lets everything that can happen now happen, and then the time pass."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self.ahead += seconds


def hurrying() -> HurryingLoop:
    """The loop that runs.

    Raises:
        TypeError: It is another one.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop, HurryingLoop):
        raise TypeError("run this in a HurryingLoop")
    return loop


class Pause:
    """A step of an answer: so many seconds pass."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def wait(self) -> None:
        """Lets them pass, and the client do what it does about it."""
        await hurrying().pass_by(self._seconds)
        await hurrying().pass_by(0)


class HurryingServer(WireServer):
    """A scripted server in a loop that hurries: its silence, which is endless, takes no time.

    It gives a client up that has not gone after twice the longest time that `limits` allow.
    """

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._longest = 2 * limits.total
        self.forsaken = 0

    async def _end(self, step: Step, writer: asyncio.StreamWriter, request: Recorded) -> None:
        loop = hurrying()
        await loop.pass_by(0)  # what was sent is read first: a reset would take it away
        if step not in {Step.HANG, Step.COMMENTS}:
            await super()._end(step, writer, request)
            return
        given_up = loop.time() + self._longest
        while not request.gone.is_set() and loop.time() < given_up:
            if step is Step.COMMENTS:
                writer.write(framed(request_comment(request)))
                await writer.drain()
            await loop.pass_by(_MOMENT)
        self.forsaken += not request.gone.is_set()


@asynccontextmanager
async def hurried(
    limits: Limits, networks: Networks | None = None
) -> AsyncIterator[tuple[HurryingServer, Transport]]:
    """A server and a transport with these limits, both in the loop that hurries."""
    loop = hurrying()
    transport = Transport(
        limits, networks=networks, clock=loop.time, sleep=loop.pass_by, chance=lambda: 0.0
    )
    async with HurryingServer(limits).running() as server:
        yield server, transport
        await transport.aclose()


def in_a_hurry(story: Callable[[], Coroutine[None, None, None]]) -> None:
    """Runs it in a loop that hurries."""
    with asyncio.Runner(loop_factory=HurryingLoop) as runner:
        runner.run(story())


def request_comment(request: Recorded) -> bytes:
    """What keeps a stream alive without saying anything: a comment, or an empty line where lines are the messages."""
    return b"\n" if request.path == "/api/chat" else b": keep-alive\n\n"
