"""Whom a server on loopback lets in: one client, which knows the token.

Anything on the machine can open a socket: another user's program, a web page in a browser, a name that a page's
host was rebound to. So nothing is served, and nothing is said that a page could read, before the first message,
an `initialize`, has brought the token in its `initializationOptions`. HTTP, WebSocket and TLS end at their first
line. Who does not know the token takes nobody's place: the server waits on for who does.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codefare.errors import WrongUse
from codefare.lsp.frames import Frames, FramingError, Garbage
from codefare.settings.editor import TOKEN, own_section

if TYPE_CHECKING:
    from codefare.lsp.token import Token

    _Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]

log = logging.getLogger(__name__)

WAITING = 16
"""Connections that may be about to say who they are; the oldest makes room for the next."""

_CHUNK = 64 * 1024
_LARGEST = 1024 * 1024  # bytes of a first message; editors send about ten thousand
_PATIENCE = 10.0  # seconds from the connection to the end of its first message
_FAREWELL = 1.0  # seconds for the answer to who is not let in
_FIRST = b"Cc"  # both header fields of LSP begin so; no TLS record does, and no request that a page can make
_NOT_INITIALIZED = -32002
_REQUEST_FAILED = -32803

_HOW = (
    "Set codefare.token in initializationOptions to the server's token: the one that it printed to its stderr,"
    " or that of its CODEFARE_TOKEN or --token-file."
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A client that knows the token. `initialize` is its first message, without the token; `frames` may hold more."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    frames: Frames
    initialize: bytes


class _Stranger(Exception):
    """Who is not let in, and what is said to it: nothing, unless it speaks LSP."""

    def __init__(self, why: str, answer: dict[str, Any] | None = None) -> None:
        super().__init__(why)
        self.answer = answer


class Admission:
    """Listens until one client is let in; then nothing else can connect."""

    def __init__(self, token: Token, *, patience: float = _PATIENCE) -> None:
        self._token = token
        self._patience = patience
        self._waiting: dict[asyncio.StreamWriter, None] = {}  # in the order in which they came
        self._client: asyncio.Future[Admitted] = asyncio.get_running_loop().create_future()
        self._listener: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listens; returns the address.

        Raises:
            WrongUse: the address cannot be had.
        """
        try:
            self._listener = await asyncio.start_server(self._meet, host, port)
        except (OSError, OverflowError) as error:
            raise WrongUse(
                f"Cannot listen on {host}:{port}: {_why(error)}.",
                remedy="Choose another port, or 0 for any free one.",
            ) from error
        address = self._listener.sockets[0].getsockname()
        return address[0], address[1]

    async def client(self) -> Admitted:
        """Waits for the client that knows the token."""
        return await self._client

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while len(self._waiting) >= WAITING:
            # Not the newest: whoever holds all places for as long as it may would keep the right client out.
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.transport.abort()
        self._waiting[writer] = None
        try:
            async with asyncio.timeout(self._patience):
                admitted = await self._hear(reader, writer)
        except (_Stranger, FramingError, OSError) as stranger:  # OSError: the time is up, too
            log.info("a connection was turned away: %s", stranger)
            await self._dismiss((reader, writer), getattr(stranger, "answer", None))
        else:
            self._let_in(admitted)
        finally:
            self._waiting.pop(writer, None)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Admitted:
        frames, size = Frames(strict=True), 0
        while chunk := await reader.read(_CHUNK):
            if not size and chunk[0] not in _FIRST:
                raise _Stranger("what it says is not LSP")
            size += len(chunk)
            for body in frames.feed(chunk):
                if not isinstance(body, Garbage):
                    return Admitted(reader, writer, frames, self._checked(body))
            if size > _LARGEST:
                raise _Stranger("its first message is too large")
        raise _Stranger("it left")

    def _checked(self, body: bytes) -> bytes:
        """The first message without its token."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            raise _Stranger("its first message is not JSON") from None
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            raise _Stranger("its first message is not JSON-RPC")
        if message.get("method") != "initialize":
            raise _Stranger(
                "it did not begin with initialize", _error(message, _NOT_INITIALIZED, _HOW)
            )
        params = message.get("params")
        options = params.get("initializationOptions") if isinstance(params, dict) else None
        own = own_section(options)
        said = own.pop(TOKEN, None) if isinstance(own, dict) else None
        if not self._token.fits(said):
            what = "The token is missing." if said is None else "The token is not this server's."
            raise _Stranger(
                "it does not know the token", _error(message, _REQUEST_FAILED, f"{what} {_HOW}")
            )
        return json.dumps(message).encode("ascii")

    def _let_in(self, admitted: Admitted) -> None:
        if self._client.done():
            admitted.writer.transport.abort()
            return
        self._client.set_result(admitted)
        if self._listener is not None:
            self._listener.close()
        for writer in self._waiting:
            if writer is not admitted.writer:
                writer.transport.abort()

    async def _dismiss(self, pipe: _Pipe, answer: dict[str, Any] | None) -> None:
        reader, writer = pipe
        with suppress(OSError):
            if answer is not None:
                body = json.dumps(answer).encode("ascii")
                writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                writer.write_eof()
                # A socket that is closed with something unread takes the answer back.
                async with asyncio.timeout(_FAREWELL):
                    while await reader.read(_CHUNK):
                        pass
        writer.close()


def _error(message: dict[str, Any], code: int, text: str) -> dict[str, Any] | None:
    """The answer to a request; None if it was none."""
    number = message.get("id")
    if "method" not in message or not isinstance(number, (int, str)):
        return None
    error = {"code": code, "message": text, "data": {"retry": False}}
    return {"jsonrpc": "2.0", "id": number, "error": error}


def _why(error: OSError | OverflowError) -> str:
    """The system's own words: asyncio puts its own before them."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return getattr(error, "strerror", None) or str(error)
