"""Proxies on loopback that count what they pass: HTTP with CONNECT, and SOCKS5.

Whatever host they are asked for, they connect to this machine: no name is ever looked up.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from dataclasses import dataclass, field
from typing import Literal

from tests.wire.listener import GONE, Listener, farewell

_REFUSED = b"HTTP/1.1 %d Scripted\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Proxy(Listener):
    """What a proxy is to do, and what it saw; `shown` are its clients' certificates.

    `login` is the user and password it demands; `answer` a status it sends to every CONNECT;
    `does` a way in which it is no proxy at all.
    """

    login: tuple[str, str] | None = None
    answer: int = 200
    does: Literal["pass", "hang", "close", "chatter"] = "pass"
    asked: list[str] = field(default_factory=list)
    logins: list[tuple[str, str] | None] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    shown: list[object] = field(default_factory=list)
    passed: int = 0

    def url(self, scheme: str = "http", login: str = "") -> str:
        """Its address."""
        host = "localhost" if scheme == "https" else "127.0.0.1"
        return f"{scheme}://{login}{host}:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Does what it is to do with one client."""
        self.shown.append(writer.get_extra_info("peercert"))
        try:
            if self.does == "hang":
                await reader.read(-1)
            elif self.does == "chatter":
                writer.write(b"220 mail.example.com ESMTP\r\n")
                await writer.drain()
                await reader.read(1)
            elif self.does == "pass":
                await self._open(reader, writer)
        except (asyncio.IncompleteReadError, *GONE):
            return
        finally:
            await farewell(writer)

    async def _open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.heads.append(head)
        target = head.split(" ", 2)[1]
        self.asked.append(target)
        login = _basic(head)
        self.logins.append(login)
        status = self.answer if self.login in {None, login} else 407
        if status != 200:
            writer.write(_REFUSED % status)
            await writer.drain()
            return
        if head.startswith("CONNECT "):
            port, sent = int(target.rpartition(":")[2]), b""
            writer.write(b"HTTP/1.1 200 Open\r\n\r\n")
        else:
            port, sent = int(target.split("/")[2].rpartition(":")[2]), head.encode("latin-1")
        await self._join(reader, writer, port, sent)

    async def _join(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, sent: bytes
    ) -> None:
        """Passes bytes both ways until one side ends."""
        back, out = await asyncio.open_connection("127.0.0.1", port)
        try:
            out.write(sent)
            pumps = [
                asyncio.ensure_future(self._pump(reader, out)),
                asyncio.ensure_future(self._pump(back, writer)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            out.close()
            writer.close()
        await asyncio.gather(*pumps)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(*GONE):
            while data := await reader.read(65_536):
                self.passed += len(data)
                writer.write(data)
                await writer.drain()


class Socks(Proxy):
    """SOCKS5 (RFC 1928), with a user name and a password (RFC 1929) if it has a login."""

    async def _open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        methods = await reader.readexactly(count)
        wanted = 2 if self.login else 0
        if wanted not in methods:
            writer.write(b"\x05\xff")
            await writer.drain()
            return
        writer.write(bytes((5, wanted)))
        if self.login:
            await reader.readexactly(1)
            user, word = [
                (await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in "uw"
            ]
            self.logins.append((user, word))
            writer.write(bytes((1, 0 if (user, word) == self.login else 1)))
            if (user, word) != self.login:
                await writer.drain()
                return
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "the name is the proxy's to look up"
        host = await reader.readexactly((await reader.readexactly(1))[0])
        port = int.from_bytes(await reader.readexactly(2), "big")
        self.asked.append(f"{host.decode()}:{port}")
        code = 0 if self.answer == 200 else self.answer
        writer.write(bytes((5, code, 0, 1, 0, 0, 0, 0, 0, 0)))
        await writer.drain()
        if code == 0:
            await self._join(reader, writer, port, b"")


def _basic(head: str) -> tuple[str, str] | None:
    for line in head.split("\r\n"):
        name, _, value = line.partition(": ")
        if name.lower() == "proxy-authorization":
            user, _, word = base64.b64decode(value.removeprefix("Basic ")).decode().partition(":")
            return user, word
    return None
