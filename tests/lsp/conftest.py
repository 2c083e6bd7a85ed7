"""Sessions with the small server: one for each test, or one that a module's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from tests.lsp.client import Client

TINY = Path(__file__).with_name("tiny_server.py")


@pytest.fixture
async def client():
    """A client of a fresh server that is not initialized yet."""
    async with Client.start(TINY) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session():
    """A session of a client that declares nothing, shared by the tests of a module."""
    async with Client.start(TINY) as client:
        await client.initialize()
        yield client


@pytest.fixture
def tiny():
    """The program of the small server."""
    return TINY
