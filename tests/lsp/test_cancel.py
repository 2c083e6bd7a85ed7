"""A job that is cancelled, in whichever way, ends its HTTP request at once and says what it took."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.client import LIMIT, Client
from tests.wire.server import Recorded, Step, WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
ADD, SUB = 0, 4  # the lines of the functions
THINKING: list[bytes | Step] = [*anthropic_stream("I have thought about it. " * 40)[:-3], Step.HANG]
CAPABILITIES = {
    "window": {"workDoneProgress": True},
    "textDocument": {
        "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
    },
}


class Editing:
    """An editor with a document, and a server whose model thinks and thinks."""

    def __init__(self, client: Client, wire: WireServer, uri: str) -> None:
        self.client = client
        self.wire = wire
        self.uri = uri

    def start(self, action: str, line: int = ADD) -> int:
        """Asks for an action on the function of a line; gives the request's id."""
        at = {"line": line, "character": 0}
        place = {"uri": self.uri, "range": {"start": at, "end": at}}
        params = {"command": f"codefare.{action}", "arguments": [place]}
        return self.client.request("workspace/executeCommand", params)

    async def job(self, request: int) -> str:
        """The id of the job that a request started."""
        result: dict[str, str] = await self.client.response(request)
        return result["job"]

    async def thinking(self, number: int = 0) -> Recorded:
        """Waits until the model has begun to answer the request of a number."""
        async with asyncio.timeout(LIMIT):
            while len(self.wire.requests) <= number:
                self.wire.asked.clear()
                await self.wire.asked.wait()
        await self.client.expect(
            lambda m: " tokens · " in m.get("params", {}).get("value", {}).get("message", "")
        )
        return self.wire.requests[number]

    async def menu(self) -> list[dict[str, Any]]:
        """The actions at the first function."""
        at = {"line": ADD, "character": 4}
        context = {"diagnostics": [], "triggerKind": 1}
        params = {
            "textDocument": {"uri": self.uri},
            "range": {"start": at, "end": at},
            "context": context,
        }
        actions: list[dict[str, Any]] = await self.client.ask("textDocument/codeAction", params)
        return actions

    async def told(self, part: str) -> str:
        """The next message that has `part` in it."""
        message = await self.client.expect(
            lambda m: m.get("method") == "window/showMessage" and part in m["params"]["message"]
        )
        return str(message["params"]["message"])


@pytest.fixture
async def editing(home: Path, configure, tmp_path: Path) -> AsyncIterator[Editing]:
    """A session with a scripted Anthropic."""
    uri = (tmp_path / "sums.py").as_uri()
    async with WireServer().running() as wire, Client.start("-m", "codefare", "serve") as client:
        command = f'["{sys.executable}", "-c", "print(5)"]'
        configure(
            f'complexity = "high"\n[providers.anthropic]\nbase_url = "{wire.url}"\napi_key_command = {command}\n'
        )
        client.answers["window/workDoneProgress/create"] = lambda _: None
        await client.initialize(CAPABILITIES)
        client.open(uri, CODE)
        yield Editing(client, wire, uri)
        assert await client.end() == 0
        assert client.surprises == []


@contextlib.asynccontextmanager
async def gone_at_once(request: Recorded) -> AsyncIterator[None]:
    """What is done here closes the connection of a request: nothing else would, since the model thinks on."""
    assert not request.gone.is_set()
    yield
    await asyncio.wait_for(request.gone.wait(), LIMIT)


@pytest.mark.parametrize("way", ["progress", "request", "command", "one command", "code action"])
async def test_cancelling_ends_the_request_at_once_and_says_what_it_took(
    editing: Editing, way: str
) -> None:
    """The provider's stream is closed, though its model thinks on; the user reads what he owes, by what came."""
    client = editing.client
    editing.wire.sse(*THINKING)
    started = editing.start("document")
    job = await editing.job(started)
    created = await client.asked("window/workDoneProgress/create")
    request = await editing.thinking()
    actions = await editing.menu() if way == "code action" else []
    async with gone_at_once(request):
        if way == "progress":
            token = created["params"]["token"]
            client.notify("window/workDoneProgress/cancel", {"token": token})
        elif way == "request":
            client.notify("$/cancelRequest", {"id": started})
        elif way == "code action":
            [cancel] = [each for each in actions if each["title"].startswith("Cancel: ")]
            assert await client.command("codefare.cancel", *cancel["command"]["arguments"]) == 1
        else:
            arguments = [job] if way == "one command" else []
            assert await client.command("codefare.cancel", *arguments) == 1
    told = await editing.told("cancelled")
    head, _, spent = told.rpartition("≈")
    assert head == "Document add: cancelled · "
    amount, _, word = spent.partition("¢ ")
    assert word == "spent"
    # 40 times six tokens, and no more than the model may say.
    assert 0.05 < float(amount) < 1
    end = await client.expect(lambda m: m.get("params", {}).get("value", {}).get("kind") == "end")
    assert end["params"]["value"]["message"] == f"cancelled · ≈{spent}"
    assert not [each for each in await editing.menu() if each["title"].startswith("Cancel: ")]


async def test_jobs_on_several_targets_run_side_by_side(editing: Editing) -> None:
    """One for each function: the one is cancelled, the other goes on."""
    editing.wire.sse(*THINKING)
    editing.wire.sse(*THINKING)
    first = await editing.job(editing.start("document", ADD))
    one = await editing.thinking(0)
    second = await editing.job(editing.start("document", SUB))
    two = await editing.thinking(1)
    assert first != second
    async with gone_at_once(one):
        await editing.client.command("codefare.cancel", first)
    await editing.told("Document add: cancelled")
    assert not two.gone.is_set()
    titles = [each["title"] for each in await editing.menu()]
    assert [title for title in titles if title.startswith("Cancel: ")] == ["Cancel: Document sub"]


async def test_the_same_action_on_the_same_target_joins(editing: Editing) -> None:
    """It is paid for once."""
    editing.wire.sse(*THINKING)
    first = await editing.job(editing.start("document"))
    await editing.thinking()
    assert await editing.job(editing.start("document")) == first
    assert len(editing.wire.requests) == 1


async def test_another_rewrite_of_the_same_target_takes_its_place(editing: Editing) -> None:
    """Two answers could not both be applied: the one that was asked for last is wanted, the other costs no more."""
    editing.wire.sse(*THINKING)
    editing.wire.sse(*THINKING)
    await editing.job(editing.start("document"))
    request = await editing.thinking(0)
    async with gone_at_once(request):
        await editing.job(editing.start("refactor"))
    told = await editing.told("cancelled for Refactor add")
    assert told.startswith("Document add: cancelled for Refactor add · ≈")
    await editing.thinking(1)
    assert len(editing.wire.requests) == 2


async def test_a_report_on_the_same_target_runs_beside(editing: Editing) -> None:
    """What changes nothing is in nobody's way."""
    editing.wire.sse(*THINKING)
    editing.wire.sse(*THINKING)
    await editing.job(editing.start("document"))
    one = await editing.thinking(0)
    await editing.job(editing.start("explain"))
    await editing.thinking(1)
    assert not one.gone.is_set()
    assert await editing.client.command("codefare.cancel") == 2
