"""What every server of the tests is: something that listens on loopback, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GONE = (ConnectionError, TimeoutError, ssl.SSLError)
"""How it is told that the other side has gone; over TLS it may not have said farewell in time."""


class Listener:
    """Serves each connection in a task of its own; all of them end with it."""

    port = 0

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[Self]:
        """It, listening on a port of its own, which it keeps if it runs again."""
        tasks: set[asyncio.Task[None]] = set()

        def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self.serve(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        # asyncio would wait 30 s for the farewell of a client that keeps its connection.
        hurry = 0.1 if tls else None
        server = await asyncio.start_server(
            start, "127.0.0.1", self.port, ssl=tls, ssl_shutdown_timeout=hurry
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tuple(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        raise NotImplementedError


async def farewell(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, whether or not the other side is still there."""
    writer.close()
    with contextlib.suppress(*GONE):
        await writer.wait_closed()
