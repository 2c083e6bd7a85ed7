"""A small HTTP/1.1 server on loopback that answers byte by byte as a test tells it, and records requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from tests.wire.listener import GONE, Listener, farewell
from tests.wire.oracle import complaints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


class Step(Enum):
    """What an answer does besides sending bytes."""

    CUT = "close the connection without the end of the body"
    RESET = "the same, with a TCP reset"
    HANG = "send nothing until the client goes away"
    COMMENTS = "send SSE comments until the client goes away"


class Gate(Protocol):
    """What is waited for between two pieces, as an `asyncio.Event` is."""

    async def wait(self) -> object:
        """Returns when the answer may go on."""
        ...


@dataclass(frozen=True)
class Answer:
    """One scripted answer: each piece of bytes is sent as a chunk of its own; a gate is waited for.

    Framed as `raw`, the pieces are all that is sent, head and chunk sizes included.
    """

    steps: tuple[bytes | Step | Gate, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    framing: Literal["chunked", "close", "length", "raw"] = "chunked"


@dataclass
class Recorded:
    """A request as it came; `gone` is set when its client closes the connection."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class WireServer(Listener):
    """Answers by path where one is set, else from a queue, else with 404."""

    def __init__(self) -> None:
        self.requests: list[Recorded] = []
        self.paths: dict[str, Answer] = {}
        self.asked = asyncio.Event()
        self._queue: deque[Answer] = deque()
        self._connections = 0

    @property
    def url(self) -> str:
        """The server's address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, *answers: Answer) -> None:
        """Queues answers to the next requests."""
        self._queue.extend(answers)

    def forget(self) -> None:
        """Drops the answers that nobody asked for."""
        self._queue.clear()

    def sse(self, *pieces: bytes | Step | Gate, **headers: str) -> None:
        """Queues one event stream."""
        self.answer(event_stream(*pieces, **headers))

    def refuse(self, status: int, body: Any = None, **headers: str) -> None:
        """Queues one error with a JSON body; underscores in header names become dashes."""
        self.answer(refusal(status, body, **headers))

    def check_requests(self) -> None:
        """Fail if a model was asked in a way that its vendor's own SDK could not."""
        for number, request in enumerate(self.requests, 1):
            found = complaints(request.path, request.body)
            assert not found, f"request {number} to {request.path}: {'; '.join(found)}"

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Self]:
        """The server, listening. Whatever was posted to it is checked at the end."""
        async with super().running(tls):
            yield self
        self.check_requests()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers each request of a connection."""
        self._connections += 1
        connection, first = self._connections, b""
        try:
            while True:
                head = first + await reader.readuntil(b"\r\n\r\n")
                request = await self._record(head, reader, connection)
                default = Answer((b"{}",), 404, {"content-type": "application/json"})
                queued = self._queue.popleft() if self._queue else default
                answer = self.paths.get(request.path, queued)
                ahead = asyncio.ensure_future(self._watch(reader, request))
                try:
                    again = await self._reply(writer, answer, request)
                    if not again:
                        return
                    first = await ahead
                finally:
                    ahead.cancel()
                if not first:
                    return
        except (asyncio.IncompleteReadError, *GONE):
            return
        finally:
            await farewell(writer)

    async def _record(self, head: bytes, reader: asyncio.StreamReader, number: int) -> Recorded:
        first, *lines = head.decode("latin-1").strip().split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Recorded(method, path, headers, body, number)
        self.requests.append(request)
        self.asked.set()
        return request

    async def _watch(self, reader: asyncio.StreamReader, request: Recorded) -> bytes:
        """The first byte of the next request; empty once the client has gone."""
        try:
            byte = await reader.read(1)
        except ConnectionError:
            byte = b""
        if not byte:
            request.gone.set()
        return byte

    async def _reply(self, writer: asyncio.StreamWriter, answer: Answer, request: Recorded) -> bool:
        if answer.framing != "raw":
            writer.write(head(answer))
        for step in answer.steps:
            if isinstance(step, Step):
                await self._end(step, writer, request)
                return False
            if request.gone.is_set():
                return False
            if not isinstance(step, bytes):
                await step.wait()
            elif step:
                writer.write(framed(step, answer.framing))
                await writer.drain()
        if answer.framing == "chunked":
            writer.write(LAST_CHUNK)
        await writer.drain()
        return answer.framing in {"chunked", "length"}

    async def _end(self, step: Step, writer: asyncio.StreamWriter, request: Recorded) -> None:
        if step is Step.HANG:
            await request.gone.wait()
        elif step is Step.COMMENTS:
            await self._comment(writer, request)
        elif step is Step.RESET:
            reset(writer)

    async def _comment(self, writer: asyncio.StreamWriter, request: Recorded) -> None:
        while not request.gone.is_set():
            writer.write(framed(b": keep-alive\n\n", "chunked"))
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(request.gone.wait(), 0.01)


def event_stream(*pieces: bytes | Step | Gate, **headers: str) -> Answer:
    """A 200 with these pieces of an event stream."""
    return Answer(pieces, 200, {"content-type": "text/event-stream; charset=utf-8"} | headers)


def refusal(status: int, body: Any = None, **headers: str) -> Answer:
    """An error with a JSON body."""
    text = json.dumps(body if body is not None else {}).encode()
    return Answer((text,), status, {"content-type": "application/json"} | headers, "length")


def head(answer: Answer) -> bytes:
    """The status line and the headers of an answer, with the empty line after them."""
    pieces = [step for step in answer.steps if isinstance(step, bytes)]
    headers = {k.replace("_", "-"): v for k, v in answer.headers.items()}
    if answer.framing == "length":
        headers.setdefault("content-length", str(sum(map(len, pieces))))
    elif answer.framing == "chunked":
        headers["transfer-encoding"] = "chunked"
    else:
        headers["connection"] = "close"
    lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


LAST_CHUNK = b"0\r\n\r\n"


def framed(data: bytes, framing: str = "chunked") -> bytes:
    """A piece of a body as it is sent."""
    return b"%x\r\n%s\r\n" % (len(data), data) if framing == "chunked" else data


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes a connection with a TCP reset: what the other side has not read yet may be lost."""
    connection = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
