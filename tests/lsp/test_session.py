"""A session from its first byte to the end of the process, with clients that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import Any

import pytest
from tests.lsp.client import NEVER, Client, Error, frame

INITIALIZE: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}


async def refused(client: Client, method: str, code: int) -> None:
    """Expects a request to be refused with `code`."""
    with pytest.raises(Error) as caught:
        await client.ask(method, {"command": "codefare.token"})
    assert caught.value.code == code


async def test_nothing_before_initialize(client: Client):
    """Before `initialize` every request is refused and every notification but `exit` ignored."""
    client.open("file:///a.py", "x")
    for method in ("workspace/executeCommand", "x/state", "shutdown", "no/such"):
        await refused(client, method, -32002)
    await client.initialize()
    with pytest.raises(Error, match="not open"):
        await client.ask("x/document", {"uri": "file:///a.py"})


async def test_nothing_after_shutdown(client: Client):
    """After `shutdown` requests are refused and notifications ignored; `exit` ends with 0."""
    await client.initialize()
    assert await client.ask("shutdown") is None
    for method in ("workspace/executeCommand", "x/state", "shutdown", "initialize"):
        await refused(client, method, -32600)
    client.open("file:///a.py", "x")
    client.notify("exit")
    assert await client.exit_code() == 0


@pytest.mark.parametrize("params", [None, {}, []])
async def test_shutdown_with_any_params(client: Client, params):
    """Clients differ in the params of `shutdown` and `exit`: all are taken."""
    await client.initialize()
    await client.ask("shutdown", params)
    client.notify("exit", params)
    assert await client.exit_code() == 0


async def test_exit_without_shutdown(client: Client):
    """`exit` without `shutdown` ends with 1."""
    await client.initialize()
    client.notify("exit")
    assert await client.exit_code() == 1


async def test_exit_before_initialize(client: Client):
    """`exit` is heard at any time."""
    client.send({"jsonrpc": "2.0", "method": "exit"})
    assert await client.exit_code() == 1


async def test_shutdown_with_requests_open(client: Client):
    """`shutdown` cancels what runs, both the client's requests and our own, and is answered."""
    client.answers["window/showDocument"] = lambda _: NEVER
    await client.initialize()
    running = client.request("x/wait")
    asking = client.request("x/ask", {"method": "window/showDocument", "limit": 60})
    await client.asked("window/showDocument")
    assert await client.end() == 0
    for request in (running, asking):
        with pytest.raises(Error) as caught:
            await client.response(request)
        assert caught.value.code == -32800


async def test_end_of_stdin(client: Client):
    """When stdin ends the jobs are cancelled, the server closes up and ends with 1."""
    await client.initialize()
    await client.ask("x/ready")
    await client.command("codefare.job", "wait")
    client.request("x/wait")
    client.hang_up()
    assert await client.exit_code() == 1
    await client.logged("job cancelled")
    await client.logged("stopped")


async def test_end_of_stdin_after_shutdown(client: Client):
    """A client that shut down properly and hangs up without `exit` ends with 0."""
    await client.initialize()
    await client.ask("shutdown")
    client.hang_up()
    assert await client.exit_code() == 0


async def test_end_in_the_middle_of_a_message(client: Client):
    """A client that dies while it writes ends the server all the same."""
    await client.initialize()
    client.send_bytes(b"Content-Length: 1000\r\n\r\n{")
    client.hang_up()
    assert await client.exit_code() == 1


async def test_jobs_that_will_not_end(client: Client):
    """A job that does not react to its cancelling does not keep the server from ending."""
    await client.initialize()
    await client.command("codefare.job", "slow to end")
    client.hang_up()
    assert await client.exit_code() == 1


async def test_stuck_thread(client: Client):
    """A worker thread that never returns does not keep the process alive."""
    await client.initialize()
    client.request("x/stuck")
    await client.ask("x/state")
    client.notify("exit")
    assert await client.exit_code() == 1
    await client.logged("a thread is stuck")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals(client: Client, number):
    """An editor that ends the server with a signal gets its jobs settled too."""
    await client.initialize()
    await client.ask("x/ready")
    await client.command("codefare.job", "wait")
    os.kill(client.process.pid, number)
    assert await client.exit_code() == 1
    await client.logged("job cancelled")
    await client.logged("stopped")


@pytest.mark.parametrize(
    "garbage",
    [
        frame(b"{not json"),
        frame(b'{"jsonrpc": "2.0", "id": "\xff"}'),
        frame(b"[" * 100_000),
        frame(b""),
        frame(json.dumps({"jsonrpc": "2.0"}).encode("utf-16")),
        b"Content-Length: none\r\n\r\n{}",
        b"Content-Length: 2\r\n\r\n{}{}{}",
        b"\x00\x01\x02\r\n",
    ],
)
async def test_garbage(client: Client, garbage):
    """Garbage gets an error without an id, and the next message is heard."""
    await client.initialize()
    client.send_bytes(garbage)
    state = client.request("x/state")
    with pytest.raises(Error) as caught:
        await client.response(None)
    assert caught.value.code in (-32700, -32600)
    assert await client.response(state)
    assert await client.end() == 0


async def test_client_that_does_not_read(tiny):
    """A client that stops reading stops nothing: it is heard, and its end is noticed."""
    async with Client.start(tiny, listen=False) as client:
        client.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE})
        client.notify("initialized", {})
        for _ in range(4):  # far more than a pipe and the reader's buffer hold
            client.request("x/large", {"size": 2**20})
        client.notify("x/note/boom")
        await client.logged("x/note/boom failed")
        client.hang_up()
        assert await client.exit_code() == 1


async def test_client_that_never_reads_again(tiny):
    """Answers do not pile up for ever: with 64 MiB waiting the client counts as gone."""
    async with Client.start(tiny, listen=False) as client:
        client.send({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE})
        client.notify("initialized", {})
        for _ in range(6):
            client.request("x/large", {"size": 2**24})
        assert await client.exit_code() == 1
        await client.logged("the client has stopped reading")


async def test_client_that_closes_stdout(client: Client):
    """A client that closes its end of stdout ends the server."""
    await client.initialize()
    client.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # asyncio offers no other way
    with contextlib.suppress(ConnectionError):
        while client.process.returncode is None:
            client.request("x/state")
            await asyncio.wait({asyncio.create_task(client.process.wait())}, timeout=0.05)
    assert await client.exit_code() == 1
    await client.logged("the client cannot be reached")


async def test_start_up_is_light(tiny):
    """Until `initialize` is answered nothing heavy is imported."""
    async with Client.start(tiny) as client:
        await client.initialize()
        assert (await client.ask("x/state"))["heavy"] == []


async def test_start_runs_beside(tiny):
    """While `start` runs, requests that need nothing of it are answered; `ready` waits for it."""
    async with Client.start(tiny, "--start", "gated") as client:
        await client.initialize()
        ready = client.request("x/ready")
        assert await client.ask("x/state")
        assert not [m for m in client.received if m.get("id") == ready]
        await client.ask("x/open_gate")
        assert await client.response(ready) == {"own_thread": True}
        assert await client.end() == 0


async def test_client_without_initialized(client: Client):
    """A client that never says `initialized` is served all the same."""
    await client.ask("initialize", INITIALIZE)
    assert await client.ask("x/ready") == {"own_thread": True}


@pytest.mark.parametrize(
    ("mode", "kind", "text"),
    [
        ("wrong", 2, "The configuration is wrong. Mend it."),
        ("broken", 1, "codefare could not start: an internal error. See the codefare log."),
    ],
)
async def test_failed_start(tiny, mode, kind, text):
    """What keeps the server from starting is shown once and answers what needs the start."""
    async with Client.start(tiny, "--start", mode) as client:
        await client.initialize()
        assert await client.notified("window/showMessage") == {"type": kind, "message": text}
        for _ in range(2):
            with pytest.raises(Error) as caught:
                await client.ask("x/ready")
            assert caught.value.message == text
        assert await client.ask("x/state")
        assert not [m for m in client.received if m.get("method") == "window/showMessage"]
        assert await client.end() == 0


async def test_end_during_start(tiny):
    """A session may end while the server starts."""
    async with Client.start(tiny, "--start", "gated") as client:
        await client.initialize()
        assert await client.end() == 0
        assert "Traceback" not in client.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])  # noqa: S104  # refused is what they are
async def test_tcp_on_loopback_only(tiny, host):
    """Any address that others could reach is refused, with what to use instead."""
    async with Client.start(tiny, "--tcp", host or " ") as client:
        assert await client.exit_code() == 2
        await client.logged("use 127.0.0.1")


async def test_tcp_port_taken(tiny):
    """An address that cannot be listened on is an error that says what to do."""
    async with Client.start(tiny, "--tcp", "127.255.255.256") as client:
        assert await client.exit_code() == 2
