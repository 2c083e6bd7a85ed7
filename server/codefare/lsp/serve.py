"""How a server meets its client: stdin and stdout, or one connection on loopback."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from codefare.errors import WrongUse
from codefare.lsp.admission import Admission
from codefare.lsp.frames import Frames, FramingError, Garbage
from codefare.lsp.outbox import PipeOutbox, SocketOutbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from codefare.lsp.base import Server
    from codefare.lsp.token import Token

log = logging.getLogger(__name__)

_CHUNK = 64 * 1024
_AHEAD = 64  # chunks that are read before the server has handled them
_END = 6.0  # seconds from the end of the session to the end of the process, whatever is stuck


def serve_stdio(server: Server) -> int:
    """Speaks LSP on stdin and stdout until the client leaves; returns the exit code of the process.

    0 after `shutdown`, else 1. From here on fd 1 is stderr and fd 0 is empty: neither a stray
    `print` nor a child process can touch the stream. The process ends within a few seconds after
    this returns, even if a thread is stuck.
    """
    read_fd, write_fd = _take_streams()
    return asyncio.run(_over_pipes(server, read_fd, write_fd))


def serve_tcp(server: Server, host: str, port: int, token: Token) -> int:
    """Waits on `host`:`port` (0: any free port) for the client that knows `token`, and serves it until it leaves.

    The address is written to stderr, and a fresh token with it. Whatever else connects is turned away.

    Raises:
        WrongUse: `host` is not this machine's loopback, or the port cannot be had.
    """
    if not _is_loopback(host):
        raise WrongUse(
            f"{host} is not a loopback address.",
            remedy="Whoever can connect can spend your money: use 127.0.0.1, ::1 or localhost.",
        )
    return asyncio.run(_over_tcp(server, host, port, token))


async def _over_pipes(server: Server, read_fd: int, write_fd: int) -> int:
    loop = asyncio.get_running_loop()

    def gone(reason: str) -> None:  # called in the outbox's thread
        log.error("%s", reason)
        with suppress(RuntimeError):  # the loop is closed: the session has ended
            loop.call_soon_threadsafe(server.leave, 1)

    outbox = PipeOutbox(write_fd, gone)
    server.protocol.set_writer(outbox)
    try:
        await _session(server, _Pipe(read_fd).read, Frames())
    finally:
        # The last answer is on its way: a moment for it, but not for a client that is gone.
        outbox.close()
    return server.exit_code


async def _over_tcp(server: Server, host: str, port: int, token: Token) -> int:
    admission = Admission(token)
    address, port = await admission.open(host, port)
    told = f"codefare listens on {address}:{port}\n"
    if token.is_fresh:
        told += f"Its token, for codefare.token in initializationOptions: {token.reveal()}\n"
    sys.stderr.write(told)
    sys.stderr.flush()  # whoever started us waits for these lines
    client = await admission.client()

    def gone(reason: str) -> None:
        log.error("%s", reason)
        server.leave(1)

    server.protocol.set_writer(SocketOutbox(client.writer, gone))
    try:
        server.protocol.receive(client.initialize)
        await _session(server, lambda: client.reader.read(_CHUNK), client.frames)
    finally:
        client.writer.close()
    return server.exit_code


async def _session(server: Server, read: Callable[[], Awaitable[bytes]], frames: Frames) -> None:
    """One client from its first byte to its last; then all work has ended."""
    _on_signals(server)
    hearing = asyncio.create_task(_hear(server, read, frames))
    ended = asyncio.create_task(server.ended.wait())
    await asyncio.wait({hearing, ended}, return_when=asyncio.FIRST_COMPLETED)
    server.leave(1 if not server.protocol.shut_down else 0)
    _end_process_within(_END, server.exit_code)
    hearing.cancel()
    await server.finish()
    server.release()


async def _hear(server: Server, read: Callable[[], Awaitable[bytes]], frames: Frames) -> None:
    chunk = b""  # the frames may hold messages already
    with suppress(OSError):  # the connection broke
        while True:
            try:
                for body in frames.feed(chunk):
                    if isinstance(body, Garbage):
                        server.protocol.refuse(body.reason)
                    else:
                        server.protocol.receive(body)
                    if server.ended.is_set():
                        return
                    await asyncio.sleep(0)  # one message's turn: a flood of them starves nobody
            except FramingError as error:
                log.warning("%s; the connection is closed", error)
                return
            chunk = await read()
            if not chunk:
                return


class _Pipe:
    """Reads a file descriptor in a daemon thread, some way ahead of what is handled.

    Not through a buffered file object: its lock would be held by a read that never returns, and the
    interpreter cannot end then.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_AHEAD)
        threading.Thread(target=self._run, name="codefare-inbox", daemon=True).start()

    async def read(self) -> bytes:
        """The next bytes; none at the end of the stream."""
        chunk = await self._chunks.get()
        self._room.release()
        return chunk

    def _run(self) -> None:
        chunk = b"-"
        while chunk:
            self._room.acquire()
            try:
                chunk = os.read(self._fd, _CHUNK)
            except OSError:
                chunk = b""
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)


def _take_streams() -> tuple[int, int]:
    """Private copies of stdin and stdout; the public ones become harmless."""
    read_fd, write_fd = os.dup(0), os.dup(1)
    if os.name == "posix":  # a parent may leave its pipes in non-blocking mode
        os.set_blocking(read_fd, True)
        os.set_blocking(write_fd, True)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without a stderr
        os.dup2(nothing, 1)
    os.close(nothing)
    return read_fd, write_fd


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _on_signals(server: Server) -> None:
    """Editors end a server with SIGTERM as well: what a job owes is settled then, too."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not on Windows, and not outside of the main thread.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, server.leave, 1)


def _end_process_within(seconds: float, exit_code: int) -> None:
    """Python waits for its worker threads at exit; a stuck one must not keep the process alive."""

    def end() -> None:
        log.error("a thread is stuck; ending all the same")
        os._exit(exit_code)

    watchdog = threading.Timer(seconds, end)
    watchdog.daemon = True
    watchdog.start()
