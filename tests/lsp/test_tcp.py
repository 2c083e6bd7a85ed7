"""On a socket nobody is served without the token: not web pages, not other users, not garbage."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import ssl
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.lsp.client import LIMIT, Client, frame
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

from codefare.errors import WrongUse
from codefare.lsp.admission import WAITING, Admission
from codefare.lsp.token import VARIABLE, Token, find_token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


SECRET = "canaryTOKEN-0123456789-abcdefgh"  # noqa: S105  a test's own
INITIALIZED = frame(b'{"jsonrpc":"2.0","method":"initialized","params":{}}')

Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def initialize(options: object, **more: Any) -> bytes:
    """The first message of an editor with these `initializationOptions`."""
    params = {"processId": None, "rootUri": None, "capabilities": {}} | more
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    return frame(
        json.dumps(request | {"params": params | {"initializationOptions": options}}).encode()
    )


RIGHT = initialize({"codefare": {"token": SECRET, "budget_mode": True}})


class Door:
    """A server that waits for its client."""

    def __init__(self, admission: Admission, address: tuple[str, int]) -> None:
        self.admission = admission
        self.address = address

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Pipe]:
        """A new connection."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def say(self, data: bytes) -> bytes:
        """All that comes back for some bytes until the server hangs up."""
        async with self.connected() as (reader, writer):
            writer.write(data)
            return await all_of(reader)

    async def lets_in(self) -> bool:
        """Whether the right client is let in."""
        async with self.connected() as (_, writer):
            writer.write(RIGHT)
            admitted = await asyncio.wait_for(self.admission.client(), LIMIT)
            admitted.writer.close()
            return b"budget_mode" in admitted.initialize


async def all_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side hangs up, with a reset or without."""
    data = b""
    with contextlib.suppress(ConnectionError):
        while piece := await asyncio.wait_for(reader.read(65536), LIMIT):
            data += piece
    return data


async def until(reader: asyncio.StreamReader, part: bytes) -> bytes:
    """What comes until `part` has."""
    data = b""
    while part not in data:
        piece = await asyncio.wait_for(reader.read(65536), LIMIT)
        assert piece, data
        data += piece
    return data


async def door_of(patience: float = LIMIT) -> Door:
    """A new one."""
    admission = Admission(Token(SECRET), patience=patience)
    return Door(admission, await admission.open("127.0.0.1", 0))


def http(first: str, *fields: str, body: bytes = b"") -> bytes:
    """A request as a browser sends it."""
    head = "\r\n".join((first, "Host: 127.0.0.1:2087", *fields, f"Content-Length: {len(body)}"))
    return head.encode() + b"\r\n\r\n" + body


EXECUTE = b'{"jsonrpc":"2.0","id":2,"method":"workspace/executeCommand","params":{"command":"codefare.run"}}'
PAGE = "Origin: https://example.org"
STRANGERS = {
    "a page's link": http("GET / HTTP/1.1", PAGE),
    "a page's fetch of LSP messages": http(
        "POST / HTTP/1.1",
        PAGE,
        "Content-Type: text/plain",
        body=RIGHT + INITIALIZED + frame(EXECUTE),
    ),
    "a page's form": http("POST /?" + "x" * 9000 + " HTTP/1.1", PAGE, body=b"x=" + RIGHT),
    "a preflight": http(
        "OPTIONS / HTTP/1.1", PAGE, "Access-Control-Request-Method: CONTENT-LENGTH"
    ),
    "a method that looks like a header": http("Content-Length / HTTP/1.1", PAGE, body=RIGHT),
    "a name rebound to loopback": b"GET / HTTP/1.1\r\nHost: rebound.example.org:2087\r\n\r\n",
    "a WebSocket": http("GET / HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", PAGE),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a header of HTTP's after one of LSP's": b"Content-Length: 5\r\nHost: localhost\r\n\r\n"
    + RIGHT,
    "an origin after a header of LSP's": b"Content-Type: x\r\nOrigin: null\r\n" + RIGHT,
    "a first line that never ends": b"C" * 100_000,
    "a blank line first": b"\r\n" + RIGHT,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500,
    "zeros": b"\0" * 5000,
    "a message that is not JSON": frame(b"\xff\xfe"),
    "brackets without end": frame(b"[" * 100_000),
    "JSON that is no message": frame(b"[]"),
    "another protocol version": frame(b'{"jsonrpc":"1.0","id":1,"method":"initialize"}'),
    "a notification": INITIALIZED,
    "an answer": frame(b'{"jsonrpc":"2.0","id":1,"result":null}'),
    "a length that is none": b"Content-Length: -1\r\n\r\n",
    "a first message of two megabytes": initialize({"x": "y" * 2_000_000}),
}


@pytest.mark.parametrize("what", STRANGERS)
async def test_who_does_not_speak_lsp_hears_nothing_and_takes_no_place(
    what: str, record_property
) -> None:
    """Not a byte is answered that a page could read, and then the right client is let in."""
    door = await door_of()
    assert await door.say(STRANGERS[what]) == b""
    assert await door.lets_in()
    record_property(
        "counted", ["strangers at the loopback port, all turned away", ["without an answer"]]
    )


async def test_a_tls_client_hears_nothing() -> None:
    """A browser that tries HTTPS first gets no handshake."""
    door = await door_of()
    with pytest.raises((ssl.SSLError, OSError)):
        await asyncio.open_connection(*door.address, ssl=ssl.create_default_context())
    assert await door.lets_in()


MISSING = "The token is missing. Set codefare.token"
WRONG = "The token is not this server's. Set codefare.token"
UNKNOWING = {
    "no options": (initialize(None), MISSING),
    "options that are no table": (initialize("codefare"), MISSING),
    "a section that is no table": (initialize({"codefare": [SECRET]}), MISSING),
    "no token": (initialize({"codefare": {"budget_mode": True}}), MISSING),
    "null": (initialize({"codefare": {"token": None}}), MISSING),
    "an empty one": (initialize({"codefare": {"token": ""}}), WRONG),
    "another": (initialize({"codefare": {"token": SECRET[::-1]}}), WRONG),
    "its beginning": (initialize({"token": SECRET[:-1]}), WRONG),
    "more than it": (initialize({"token": SECRET + "x"}), WRONG),
    "other letters": (initialize({"token": SECRET.upper()}), WRONG),
    "a list of it": (initialize({"token": [SECRET]}), WRONG),
    "a table of it": (initialize({"token": {SECRET: SECRET}}), WRONG),
    "true": (initialize({"token": True}), WRONG),
    "half a character": (initialize({"token": "\ud800"}), WRONG),
    "beside the options": (initialize(None, token=SECRET, codefare={"token": SECRET}), MISSING),
    "no initialize": (frame(EXECUTE), "Set codefare.token"),
}


@pytest.mark.parametrize("what", UNKNOWING)
async def test_who_does_not_know_the_token_is_told_so_and_takes_no_place(
    what: str, record_property
) -> None:
    """An editor's user reads what to set; the server waits on for the right client."""
    door = await door_of()
    message, said = UNKNOWING[what]
    answer = await door.say(message + INITIALIZED + frame(EXECUTE))
    assert answer.count(b"Content-Length") == 1
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["message"].startswith(said)
    assert SECRET not in error["message"]
    assert await door.lets_in()
    record_property(
        "counted", ["strangers at the loopback port, all turned away", ["with an error"]]
    )


@pytest.mark.parametrize("options", [{"codefare": {"token": SECRET}}, {"token": SECRET}])
async def test_the_token_goes_no_further(options: object) -> None:
    """It is taken out of the message; what comes behind it is not lost, however the bytes were cut."""
    door = await door_of()
    async with door.connected() as (_, writer):
        for byte in initialize(options) + INITIALIZED:
            writer.write(bytes([byte]))
        await writer.drain()
        admitted = await asyncio.wait_for(door.admission.client(), LIMIT)
        assert SECRET not in admitted.initialize.decode()
        assert json.loads(admitted.initialize)["method"] == "initialize"
        rest = list(admitted.frames.feed(b""))
        while not rest:
            rest = list(admitted.frames.feed(await admitted.reader.read(100)))
        assert rest == [b'{"jsonrpc":"2.0","method":"initialized","params":{}}']
        admitted.writer.close()


async def test_a_thousand_silent_connections_keep_nobody_out(record_property) -> None:
    """The oldest make room: the server holds a few, and the right client, who speaks at once, is served."""
    door = await door_of(patience=10 * LIMIT)
    async with contextlib.AsyncExitStack() as stack:
        pipes = [await stack.enter_async_context(door.connected()) for _ in range(1000)]
        ended = [asyncio.create_task(all_of(reader)) for reader, _ in pipes]
        while sum(task.done() for task in ended) < 1000 - WAITING:
            await asyncio.wait(
                [t for t in ended if not t.done()], return_when=asyncio.FIRST_COMPLETED
            )
        assert await door.lets_in()
        assert await asyncio.gather(*ended) == [b""] * 1000
    record_property(
        "told", f"1,000 silent connections to the loopback port: {WAITING} held, 1 client served"
    )


async def test_who_says_it_slowly_is_cut_off() -> None:
    """The time for the first message is one time, not one for each byte."""
    door = await door_of(patience=0.2)
    async with door.connected() as (reader, writer):
        heard = asyncio.create_task(all_of(reader))
        for byte in b"Content-Length: 1000000\r\n\r\n" + b" " * 1000:
            writer.write(bytes([byte]))
            done, _ = await asyncio.wait([heard], timeout=0.01)
            if done:
                break
        assert heard.done()
        assert await heard == b""
    assert await door.lets_in()


async def test_after_the_right_client_nobody_can_connect() -> None:
    """Who waited meanwhile is cut off, and the port is closed."""
    door = await door_of()
    async with door.connected() as (reader, _), door.connected() as (_, second):
        assert await door.lets_in()
        assert await all_of(reader) == b""
        second.write(RIGHT)
        with pytest.raises(ConnectionError):
            async with door.connected():
                pass


# -- where the token comes from ---------------------------------------------------------------


def written(path: Path, text: str, mode: int = 0o600) -> str:
    """A file with a token."""
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_fresh_token_is_long_and_never_the_same() -> None:
    """256 bits from the system's randomness."""
    tokens = [find_token(None, {}) for _ in range(50)]
    assert all(token.is_fresh for token in tokens)
    assert len({token.reveal() for token in tokens}) == 50
    assert all(len(token.reveal()) >= 43 for token in tokens)


def test_a_file_comes_before_the_environment(tmp_path: Path) -> None:
    """The variable is taken out in any case, so that no child process has it."""
    environ = {VARIABLE: "another token of enough letters", "PATH": "/bin"}
    token = find_token(written(tmp_path / "t", f"{SECRET}\n"), environ)
    assert token.fits(SECRET)
    assert not token.is_fresh
    assert environ == {"PATH": "/bin"}
    assert SECRET not in f"{token!r} {token}"
    assert find_token(None, {VARIABLE: SECRET}).fits(SECRET)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o666, 0o601])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    """What others can read is no secret, and what they can write is theirs."""
    with pytest.raises(WrongUse, match="Others can read or change") as caught:
        find_token(written(tmp_path / "t", SECRET, mode), {})
    assert caught.value.remedy.startswith("chmod 600")


def test_what_is_no_token_is_refused_without_being_quoted(tmp_path: Path) -> None:
    """Too short, too long, with a line end, not there, a folder, a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "fifo", 0o600)
    for text in ("", "short", SECRET + "\n" + SECRET, "ü" * 30, "x" * 5000):
        with pytest.raises(WrongUse, match="printable ASCII") as caught:
            find_token(written(tmp_path / "t", text), {})
        assert not text or text not in caught.value.text
    for name, said in (
        ("none", "no such file"),
        (".", "folder|directory|regular"),
        ("fifo", "regular"),
    ):
        with pytest.raises(WrongUse, match=said):
            find_token(str(tmp_path / name), {})
    with pytest.raises(WrongUse, match="token cannot be read"):
        find_token("a\0b", {})


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    """A scripted model."""
    async with WireServer().running() as running:
        yield running


# -- the real program -------------------------------------------------------------------------


async def port_of(client: Client) -> int:
    """Where a process listens."""
    await client.logged("codefare listens on 127.0.0.1:")
    return int(client.stderr.split("127.0.0.1:")[1].split()[0])


async def answered(reader: asyncio.StreamReader, number: int) -> Any:
    """The response to a request."""
    while True:
        header = await asyncio.wait_for(reader.readline(), LIMIT)
        assert header.startswith(b"Content-Length: "), header
        await reader.readline()
        message = json.loads(await reader.readexactly(int(header[16:])))
        if message.get("id") == number and "method" not in message:
            return message


def request(number: int, method: str, params: object = None) -> bytes:
    """A request."""
    return frame(
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode()
    )


async def test_only_who_knows_the_token_spends_money(
    server: WireServer, home: Path, configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page and a client without the token reach no model; with it all works, and it is written nowhere."""
    seen = tmp_path / "environment"
    key = f"import os; open({str(seen)!r}, 'w').write(str(os.environ)); print(5)"
    command = json.dumps([sys.executable, "-c", key])
    configure(
        'log_level = "debug"\n'
        f'[providers.anthropic]\nbase_url = "{server.url}"\napi_key_command = {command}\n'
    )
    monkeypatch.setenv(VARIABLE, SECRET)
    server.sse(*anthropic_stream("It adds."))
    source = tmp_path / "sums.py"
    source.write_text("def add(a, b):\n    return a + b\n")
    at = {"line": 0, "character": 5}
    item = {
        "uri": source.as_uri(),
        "languageId": "python",
        "version": 1,
        "text": source.read_text(),
    }
    opened = frame(
        json.dumps(
            {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}
        ).encode()
    )
    place = {"uri": source.as_uri(), "range": {"start": at, "end": at}}
    explain = request(
        2, "workspace/executeCommand", {"command": "codefare.explain", "arguments": [place]}
    )
    work = INITIALIZED + opened + explain
    async with Client.start("-m", "codefare", "serve", "--tcp", "127.0.0.1:0") as process:
        door = Door(Admission(Token(SECRET)), ("127.0.0.1", await port_of(process)))
        assert await door.say(http("POST / HTTP/1.1", PAGE, body=RIGHT + work)) == b""
        assert b"not this server's" in await door.say(initialize({"token": SECRET.lower()}) + work)
        assert server.requests == []
        async with door.connected() as (reader, writer):
            writer.write(RIGHT + work)
            assert "capabilities" in (await answered(reader, 1))["result"]
            assert "result" in await answered(reader, 2)
            await asyncio.wait_for(server.asked.wait(), LIMIT)
            # Editors send the same section as settings, too: it is no setting, and no error.
            settings = {"settings": {"codefare": {"token": SECRET}}}
            changed = {
                "jsonrpc": "2.0",
                "method": "workspace/didChangeConfiguration",
                "params": settings,
            }
            writer.write(frame(json.dumps(changed).encode()))
            assert SECRET.encode() not in await until(reader, b"Explain add")
            writer.write(request(3, "shutdown"))
            rest = await until(reader, b'"id":3')
            assert b"`token`" not in rest
            assert SECRET.encode() not in rest
            writer.write(frame(b'{"jsonrpc":"2.0","method":"exit"}'))
        assert await process.exit_code() == 0
        assert SECRET not in process.stderr
    assert len(server.requests) == 1
    assert SECRET not in seen.read_text()
    assert VARIABLE not in seen.read_text()
    files = [path for path in home.rglob("*") if path.is_file()]  # noqa: ASYNC240  nothing else runs
    assert len(files) > 2
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


async def test_a_fresh_token_is_told_once_with_the_address(tiny: Path) -> None:
    """Who starts the server without one reads it on stderr; with it the session works, and ends as any."""
    async with Client.start(tiny, "--tcp", "localhost") as process:
        await process.logged("initializationOptions: ")
        told = re.findall(r"initializationOptions: (\S+)\n", process.stderr)
        door = Door(Admission(Token(SECRET)), ("127.0.0.1", await port_of(process)))
        async with door.connected() as (reader, writer):
            writer.write(initialize({"codefare": {"token": told[0]}}))
            assert "result" in await answered(reader, 1)
        assert await process.exit_code() == 1  # it hung up
        assert process.stderr.count(told[0]) == 1
