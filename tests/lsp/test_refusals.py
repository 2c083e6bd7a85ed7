"""What the server refuses before anything is paid, as a client without any manners meets it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.lsp.client import Client, Error
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n"


@pytest.fixture
async def wire(home: Path, configure) -> AsyncIterator[WireServer]:
    """A scripted Anthropic, with a key for it."""
    async with WireServer().running() as running:
        command = f'["{sys.executable}", "-c", "print(5)"]'
        configure(
            f'[providers.anthropic]\nbase_url = "{running.url}"\napi_key_command = {command}\n'
        )
        yield running


async def test_a_document_that_was_lost_track_of_costs_nothing(home: Path) -> None:
    """After a change that could not be read the text is not the editor's: it is said before anything is asked."""
    uri = "file:///sums.py"
    at = {"line": 0, "character": 5}
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(uri, CODE)
        changes = [{"range": "from here to there", "text": "x"}]
        document = {"uri": uri, "version": 2}
        client.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": changes}
        )
        with pytest.raises(Error, match="close it and open it again"):
            await client.command(
                "codefare.explain", {"uri": uri, "range": {"start": at, "end": at}}
            )
        assert await client.end() == 0


async def test_tests_that_have_no_place_cost_nothing(wire: WireServer, tmp_path: Path) -> None:
    """A source outside of the workspace: nothing would be written, so nothing is asked."""
    (tmp_path / "project").mkdir()
    outside = tmp_path / "sums.py"
    at = {"line": 0, "character": 5}
    async with Client.start("-m", "codefare", "serve") as client:
        folder = {"uri": (tmp_path / "project").as_uri(), "name": "project"}
        await client.initialize(workspaceFolders=[folder])
        client.open(outside.as_uri(), CODE)
        place = {"uri": outside.as_uri(), "range": {"start": at, "end": at}}
        await client.command("codefare.tests", place)
        told = await client.expect(lambda message: "no place to write to" in str(message))
        assert await client.end() == 0
    assert told["params"]["message"] == (
        f"Write tests has no place to write to: {tmp_path / 'test_sums.py'} is outside of the workspace."
    )
    assert wire.requests == []


async def test_a_run_that_became_dearer_than_the_menu_said_costs_nothing(
    wire: WireServer, tmp_path: Path
) -> None:
    """The title's price is the contract: the command carries it, and nothing is sent for more."""
    at = {"line": 0, "character": 5}
    uri = (tmp_path / "sums.py").as_uri()
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(uri, CODE)
        place = {"uri": uri, "range": {"start": at, "end": at}}
        said = {"model": "claude-haiku-4.5", "ceiling_usd": "0.000001"}
        await client.command("codefare.document", place | said)
        await client.expect(lambda message: "not what the menu said any more" in str(message))
        with pytest.raises(Error, match="not an amount"):
            await client.command("codefare.document", place | {"ceiling_usd": "a dime"})
        assert await client.end() == 0
    assert wire.requests == []


async def test_what_the_menu_said_holds_for_a_command_that_lost_its_arguments(
    wire: WireServer, tmp_path: Path
) -> None:
    """One VS Code release drops them: an answer that was cached in the menu, and is no more, costs nothing."""
    at = {"line": 0, "character": 5}
    uri = (tmp_path / "sums.py").as_uri()
    wire.sse(*anthropic_stream("It adds."))
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(uri, CODE)
        place = {"uri": uri, "range": {"start": at, "end": at}}
        await client.command("codefare.explain", place)
        await client.expect(lambda message: "Explain add: Claude" in str(message))
        context = {"diagnostics": [], "triggerKind": 1}
        asked = {"textDocument": {"uri": uri}, "range": place["range"], "context": context}
        assert "Explain add · cached · free" in str(
            await client.ask("textDocument/codeAction", asked)
        )
        words = [sys.executable, "-m", "codefare", "cache", "clear"]
        clear = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
        assert await clear.wait() == 0
        await client.command("codefare.explain")
        await client.expect(lambda message: "not what the menu said any more" in str(message))
        assert await client.end() == 0
    assert len(wire.requests) == 1
