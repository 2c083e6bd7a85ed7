"""A language client of a few lines: raw JSON over pipes, strict, and able to misbehave on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

LIMIT = 60.0
"""Seconds that a test waits for a message; the machine may be busy."""

NEVER = object()
"""The answer of a client that does not answer."""


class Error(Exception):
    """Raised by an answer to answer with a JSON-RPC error; and by `ask` when the server did."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def frame(body: bytes) -> bytes:
    """`body` as one message of the base protocol."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(2**20):
        pass


class Client:
    """Talks to one server process.

    `answers` maps the methods of the server's requests to functions from their params to the
    result; a request that is not there is answered with MethodNotFound and kept in `surprises`.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.answers: dict[str, Callable[[Any], Any]] = {}
        self.listeners: list[Callable[[dict[str, Any]], None]] = []
        self.received: list[dict[str, Any]] = []
        self.surprises: list[str] = []
        self.stderr = ""
        self.listening = False
        self._over = False
        self.capabilities: dict[str, Any] = {}
        self._arrived = asyncio.Condition()
        self._ids = itertools.count(1)
        self._reading: list[asyncio.Task[None]] = []

    @classmethod
    @contextlib.asynccontextmanager
    async def start(cls, *argv: str | Path, listen: bool = True) -> AsyncIterator[Client]:
        """A process of `python argv...`; whatever happens, it has ended afterwards."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *map(str, argv),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONWARNINGS": "error"},
            # A client that does not listen takes no more than the pipe holds, and a little.
            limit=2**26 if listen else 2**10,
        )
        client = cls(process)
        client._reading.append(asyncio.create_task(client._read_stderr()))
        if listen:
            client.listen()
        try:
            yield client
        finally:
            client.discard()
            if process.returncode is None:
                # Not process.kill(): it may reap the process before asyncio does.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            await process.wait()
            for task in client._reading:
                task.cancel()
            await asyncio.gather(*client._reading, return_exceptions=True)
            process._transport.close()  # type: ignore[attr-defined]  # else its pipes outlive the loop

    def listen(self) -> None:
        """Starts to read what the server says."""
        self.listening = True
        self._reading.append(asyncio.create_task(self._read()))

    def discard(self) -> None:
        """Reads on without looking, so that the end of the process can be seen."""
        if not self.listening:
            self.listening = True
            assert self.process.stdout
            self._reading.append(asyncio.create_task(_drain(self.process.stdout)))

    # -- sending ------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """Ends the stream to the server."""
        assert self.process.stdin
        self.process.stdin.close()

    def send_bytes(self, data: bytes) -> None:
        """Sends bytes as they are."""
        assert self.process.stdin
        self.process.stdin.write(data)

    def send(self, message: dict[str, Any]) -> None:
        """Sends one message as it is."""
        self.send_bytes(frame(json.dumps(message).encode()))

    def notify(self, method: str, params: Any = None) -> None:
        """Sends a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any = None) -> int:
        """Sends a request; returns its id."""
        msg_id = next(self._ids)
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})
        return msg_id

    async def response(self, msg_id: int | None) -> Any:
        """The result of a request. Raises `Error` if the server answered with one."""
        message = await self.expect(lambda m: "method" not in m and m.get("id") == msg_id)
        if "error" in message:
            raise Error(message["error"]["code"], message["error"]["message"])
        assert "result" in message
        return message["result"]

    async def ask(self, method: str, params: Any = None) -> Any:
        """Sends a request and waits for its result."""
        return await self.response(self.request(method, params))

    async def command(self, name: str, *arguments: Any) -> Any:
        """Runs a command and waits for its result."""
        params = {"command": name, "arguments": list(arguments)}
        return await self.ask("workspace/executeCommand", params)

    async def initialize(self, capabilities: dict[str, Any] | None = None, **params: Any) -> Any:
        """The start of a session; returns the server's answer."""
        self.capabilities = capabilities or {}
        params = {"processId": None, "rootUri": None, "capabilities": self.capabilities, **params}
        result = await self.ask("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, version: int = 1, language: str = "python") -> None:
        """Opens a document."""
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    async def end(self) -> int:
        """The end of a session; returns the exit code."""
        await self.ask("shutdown")
        self.notify("exit")
        return await self.exit_code()

    async def exit_code(self) -> int:
        """Waits for the process to end."""
        if not self.listening:
            # asyncio tells of the end only when the last byte was read, and reading may cause it.
            await self._gone()
            self.discard()
        return await asyncio.wait_for(self.process.wait(), LIMIT)

    async def _gone(self) -> None:
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        try:
            handle = os.pidfd_open(self.process.pid)
        except ProcessLookupError:
            return
        loop.add_reader(handle, gone.set)
        try:
            await asyncio.wait_for(gone.wait(), LIMIT)
        finally:
            loop.remove_reader(handle)
            os.close(handle)

    # -- receiving ----------------------------------------------------------------------------

    async def expect(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits, which came already or comes yet; each is given once."""

        def there() -> bool:
            return self._over or any(map(fits, self.received))

        async with self._arrived:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait_for(there), LIMIT)
            message = next(filter(fits, self.received), None)
            if message is None:
                others = json.dumps(self.received)[-3000:]
                raise AssertionError(
                    f"no such message; over: {self._over}; {self.stderr}; others: {others}"
                )
            self.received.remove(message)
            return message

    async def notified(self, method: str) -> Any:
        """The params of the next notification of that method."""
        return (await self.expect(lambda m: m.get("method") == method and "id" not in m))["params"]

    async def asked(self, method: str) -> dict[str, Any]:
        """The next request of the server's of that method; answered by `answers` already."""
        return await self.expect(lambda m: m.get("method") == method and "id" in m)

    async def logged(self, text: str) -> None:
        """Waits until stderr contains `text`."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: text in self.stderr), LIMIT)

    async def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout
        while header := await stdout.readline():
            if not header.startswith(b"Content-Length: "):
                # Strict: nothing but messages may be on the stream.
                self.stderr += f"\nnot a message on stdout: {header!r}"
                break
            while (await stdout.readline()).strip():
                pass
            message = json.loads(await stdout.readexactly(int(header[16:])))
            async with self._arrived:
                self.received.append(message)
                self._arrived.notify_all()
            for listener in self.listeners:
                listener(message)
            if "method" in message and "id" in message:
                self._answer(message)
        async with self._arrived:
            self._over = True
            self._arrived.notify_all()

    def _answer(self, message: dict[str, Any]) -> None:
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            if message["method"] not in self.answers:
                self.surprises.append(message["method"])
                raise Error(-32601, "method not found")  # noqa: TRY301  # answered below  # answered below
            result = self.answers[message["method"]](message["params"])
            if result is NEVER:
                return
            reply["result"] = result
        except Error as error:
            reply["error"] = {"code": error.code, "message": error.message}
        self.send(reply)

    async def _read_stderr(self) -> None:
        assert self.process.stderr
        while data := await self.process.stderr.read(65536):
            async with self._arrived:
                self.stderr += data.decode("utf-8", "replace")
                self._arrived.notify_all()
