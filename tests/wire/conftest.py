"""A server on loopback, and a transport that does not wait between retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.wire.server import WireServer

from codefare.providers.http import Limits, Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Clock:
    """Seconds that pass only while a retry waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        """Now."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Lets the time pass at once."""
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    """A scripted server."""
    async with WireServer().running() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """A clock of its own."""
    return Clock()


@pytest.fixture
async def transport(clock: Clock) -> AsyncIterator[Transport]:
    """A transport whose waits take no time."""
    transport = Transport(
        Limits(first=60, idle=60), clock=clock, sleep=clock.sleep, chance=lambda: 0.0
    )
    yield transport
    await transport.aclose()
