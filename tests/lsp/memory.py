"""A server in this process, spoken to in raw JSON, on a clock that does not wait."""

from __future__ import annotations

import asyncio
import itertools
import json
import selectors
from collections import deque
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from codefare.lsp.base import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: where the loop would wait for a time, that time has come."""

    clock: Clock

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise AssertionError("everybody waits, and nothing is left that could happen")
            self.clock.now += timeout
        return ready


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose seconds pass as soon as nothing else is to be done. Threads are not waited for."""

    def __init__(self) -> None:
        selector = _Selector()
        selector.clock = self
        self.now = 0.0
        super().__init__(selector)

    def time(self) -> float:
        """The loop's own seconds."""
        return self.now


class MemoryServer(Server):
    """The server without threads, which a clock of its own would not wait for."""

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs it here, after whatever else is to be done."""
        await asyncio.sleep(0)
        return function(*args, **kwargs)


class Pipe:
    """What the server writes, message by message."""

    def __init__(self) -> None:
        self.messages: deque[dict[str, Any]] = deque()
        self.arrived = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Takes one message."""
        self.messages.append(json.loads(data.partition(b"\r\n\r\n")[2]))
        self.arrived.set()

    async def read(self) -> dict[str, Any]:
        """The next message."""
        while not self.messages:
            self.arrived.clear()
            await self.arrived.wait()
        return self.messages.popleft()

    def close(self) -> None:
        """Nothing to close."""


class Session:
    """A server and its client's end of the line."""

    def __init__(self, capabilities: Mapping[str, Any], **params: Any) -> None:
        self.server = MemoryServer()
        self.pipe = Pipe()
        self.server.protocol.writer = self.pipe
        self._ids = itertools.count(1)
        self._params = {
            "processId": None,
            "rootUri": None,
            "capabilities": dict(capabilities),
            **params,
        }

    async def start(self) -> None:
        """The start of a session."""
        self.send({"id": next(self._ids), "method": "initialize", "params": self._params})
        assert "result" in await self.pipe.read()
        self.notify("initialized", {})

    async def end(self) -> None:
        """Its end."""
        await self.server.finish()
        self.server.release()

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message."""
        self.server.protocol.receive(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any) -> None:
        """Sends a notification."""
        self.send({"method": method, "params": params})
