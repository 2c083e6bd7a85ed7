"""A relay in front of a server: it sees when the client goes away, and can cut what the server answers."""

from __future__ import annotations

import asyncio
import contextlib
import re
from urllib.parse import urlsplit

from tests.wire.listener import Listener, farewell

# HTTP/1.1's chunks: a size in hexadecimal digits, a line end, the bytes; the last one has none.
_CHUNK_SIZE = re.compile(rb"(?<=\r\n)[0-9A-Fa-f]+\r\n\Z")
_JSON = re.compile(rb"HTTP/1\.1 200[^{]*\r\ncontent-type: application/json", re.IGNORECASE)
_LAST_CHUNK = b"0\r\n\r\n"
_LONGEST_SIZE = 12


class Relay(Listener):
    """Passes bytes on to the server at `target` and back, each connection until one side ends it.

    With `cut_before`, it closes the connection in the place of these bytes of the answer: as if the answer ended there,
    where they begin a chunk of the transfer, and in the middle of it where they do not; with `holds` it sends nothing
    more and waits there for the client to go away. `gone` is set when the client has closed a connection. `whole` tells
    that an answer came as one JSON document, which has no such bytes.
    """

    def __init__(
        self, target: str, *, cut_before: bytes | None = None, holds: bool = False
    ) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._path = parts.path
        self._cut_before = cut_before
        self._holds = holds
        self.gone = asyncio.Event()
        self.cut = False
        self.whole = False

    @property
    def url(self) -> str:
        """Its address, with the target's path."""
        return f"http://127.0.0.1:{self.port}{self._path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Passes on what one client asks, and what it is answered."""
        there, back = await asyncio.open_connection(self._host, self._port)
        asking = asyncio.ensure_future(self._ask(reader, back))
        try:
            await self._answer(there, writer)
        finally:
            asking.cancel()
            for end in (back, writer):
                await farewell(end)

    async def _ask(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                back.write(data)
                await back.drain()
        self.gone.set()
        back.close()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held = b""
        with contextlib.suppress(ConnectionError):
            while data := await there.read(65536):
                held += data
                self.whole = self.whole or _JSON.match(held) is not None
                if self._cut_before and (at := held.find(self._cut_before)) >= 0:
                    self.cut = True
                    if self._holds:
                        writer.write(held[:at])
                        await self.gone.wait()
                        return
                    await self._send(writer, _CHUNK_SIZE.sub(_LAST_CHUNK, held[:at]))
                    return
                keep = len(self._cut_before) + _LONGEST_SIZE if self._cut_before else 0
                ready = max(0, len(held) - keep)
                await self._send(writer, held[:ready])
                held = held[ready:]
            await self._send(writer, held)

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """A client that closes with something unread is seen here first: its end is a reset then."""
        try:
            writer.write(data)
            await writer.drain()
        except ConnectionError:
            self.gone.set()
            raise
