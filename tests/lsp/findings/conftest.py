"""Servers that show reviews, each started once for a module's tests."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.lsp.client import Client
from tests.lsp.findings.session import ALL, TEXT, Make, Session

SERVER = Path(__file__).with_name("server.py")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory):
    """Servers by the abilities of their client: each is started once for all tests."""
    async with contextlib.AsyncExitStack() as stack:
        clients: dict[str, Client] = {}

        async def get(capabilities: dict[str, Any]) -> Client:
            key = json.dumps(capabilities)
            if key not in clients:
                folder = tmp_path_factory.mktemp("state")
                clients[key] = await stack.enter_async_context(Client.start(SERVER, folder))
                await clients[key].initialize(capabilities)
            return clients[key]

        yield get
        for client in clients.values():
            assert await client.end() == 0


NUMBERS = itertools.count(1)


@pytest.fixture
def session(servers) -> Make:
    """Makes an editor of certain abilities, with a server; with one of its own if it has a state folder."""

    @contextlib.asynccontextmanager
    async def make(
        capabilities: dict[str, Any] = ALL,
        *,
        encoding: str = "utf-16",
        text: str | None = TEXT,
        state: Path | None = None,
    ) -> AsyncIterator[Session]:
        declared = {**capabilities, "general": {"positionEncodings": [encoding]}}
        # What is dismissed is so for a file name.
        number = 0 if state else next(NUMBERS)
        uri = f"file:///a%20folder/%C3%BC{number}.py"
        async with contextlib.AsyncExitStack() as stack:
            if state is None:
                client = await servers(declared)
            else:
                client = await stack.enter_async_context(Client.start(SERVER, state))
                await client.initialize(declared)
            session = Session(client, encoding, uri)
            if text is not None:
                session.editor.open(uri, text)
            yield session
            assert client.surprises == []
            if state and client.process.returncode is None:
                assert await client.end() == 0

    return make
