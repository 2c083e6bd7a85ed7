"""Bytes on their way to the client.

A client that stops reading must not stop the server: pygls writes to stdout in the event loop,
which hangs with every job in it as soon as the pipe is full. Here a thread of its own writes, and
whoever sends can ask how much is waiting.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

MAX_BACKLOG = 64 * 1024 * 1024
"""Bytes that may wait before the client counts as gone."""


class PipeOutbox:
    """Writes to a file descriptor from a daemon thread; calls `on_gone` there if nobody reads."""

    def __init__(self, fd: int, on_gone: Callable[[str], None]) -> None:
        self._fd = fd
        self._on_gone = on_gone
        self._waiting: deque[bytes] = deque()
        self._backlog = 0
        self._closed = False
        self._gone = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="codefare-outbox", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Bytes that wait in this process; what is in the pipe counts as sent."""
        return self._backlog

    def write(self, data: bytes) -> None:
        """Queues `data`."""
        with self._changed:
            if self._closed or self._gone:
                return
            self._waiting.append(data)
            self._backlog += len(data)
            full = self._backlog > MAX_BACKLOG
            self._changed.notify()
        if full:
            self._leave("the client has stopped reading")

    def close(self, limit: float = 1.0) -> None:
        """Waits at most `limit` seconds for what is queued, then gives up on it."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(limit)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._closed):
                    self._changed.wait()
                if self._gone or not self._waiting:
                    return
                data = self._waiting.popleft()
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._fd, view) :]
            except OSError as error:
                self._leave(f"the client cannot be reached: {error.strerror}")
                return
            with self._changed:
                self._backlog -= len(data)

    def _leave(self, reason: str) -> None:
        with self._changed:
            if self._gone:
                return
            self._gone = True
            self._waiting.clear()
        self._on_gone(reason)


class SocketOutbox:
    """Writes to an asyncio stream, which queues by itself."""

    def __init__(self, writer: asyncio.StreamWriter, on_gone: Callable[[str], None]) -> None:
        self._writer = writer
        self._on_gone = on_gone

    @property
    def backlog(self) -> int:
        """Bytes that wait in this process."""
        return self._writer.transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Queues `data`."""
        if self._writer.is_closing():
            return
        self._writer.write(data)
        if self.backlog > MAX_BACKLOG:
            self._writer.transport.abort()
            self._on_gone("the client has stopped reading")

    def close(self) -> None:
        """Lets the transport send what waits and then hang up."""
        self._writer.close()
