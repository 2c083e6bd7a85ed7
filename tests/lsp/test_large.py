"""Documents that take more than a moment: what is slow about them happens beside the loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.lsp.client import Client, Error

FUNCTION = "def add_{0}(a, b):\n    if a:\n        return a + b\n    return b\n\n\n"
TEXT = "".join(FUNCTION.format(number) for number in range(4000))
URI = "file:///large.py"


def menu_at(line: int, uri: str = URI) -> dict[str, Any]:
    """The params that ask for the actions at the start of a line."""
    at = {"line": line, "character": 0}
    return {
        "textDocument": {"uri": uri},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "triggerKind": 1},
    }


async def menu(client: Client, line: int) -> list[str]:
    """The titles of the actions at the start of a line."""
    actions = await client.ask("textDocument/codeAction", menu_at(line))
    return [action["title"] for action in actions]


def type_above(client: Client, text: str) -> None:
    """The user types at the start of the document."""
    at = {"line": 0, "character": 0}
    change = {"range": {"start": at, "end": at}, "text": text}
    document = {"uri": URI, "version": 2}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})


async def test_a_large_file_has_its_menu(home: Path) -> None:
    """A cursor outside of any symbol means the whole file, however long it takes to count its tokens."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(URI, f"import os\n\n\n{TEXT}")
        assert [title.split(" · ")[0] for title in await menu(client, 0)] == [
            "Explain large.py",
            "Write tests for large.py",
            "Refactor large.py",
            "Review large.py",
            "Optimise large.py",
            "Add a command line to large.py",
            "codefare: other models, your own words, what would be sent …",
        ]
        assert len(await menu(client, 3)) == 7
        assert await client.end() == 0


async def test_an_action_on_a_large_file_runs_on_the_text_as_it_is(home: Path) -> None:
    """What is typed after the menu was opened is not in what the menu was for: the action is not run on either."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(URI, f"import os\n\n\n{TEXT}")
        await menu(client, 0)
        type_above(client, "# typed\n")
        with pytest.raises(Error, match="The text has changed since the menu was opened"):
            await client.command("codefare.explain")
        place = {"uri": URI, "range": menu_at(0)["range"], "version": 2}
        await client.command("codefare.explain", place)
        shown = await client.expect(lambda message: "Explain large.py: " in str(message))
        assert shown["method"] in {"window/showMessage", "window/logMessage"}
        assert await client.end() == 0


async def test_a_menu_is_for_what_was_there_when_it_was_asked_for(home: Path) -> None:
    """Lines that are typed above while the file is parsed for the first time do not make it a neighbour's."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open("file:///other.py", "x = 1\n")
        await client.ask("textDocument/codeAction", menu_at(0, "file:///other.py"))
        client.open(URI, TEXT)
        asked = client.request("textDocument/codeAction", menu_at(6))
        type_above(client, "\n" * 6)
        explain = (await client.response(asked))[0]
        await client.command(explain["command"], *explain["arguments"])
        shown = await client.expect(lambda message: "Explain add_" in str(message))
        assert "Explain add_1" in str(shown)
        assert await client.end() == 0


async def test_a_key_binding_means_the_text_as_it_is_when_it_is_pressed(home: Path) -> None:
    """Such a command has a range and no version: what is typed while the file is parsed makes it no neighbour's."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open("file:///other.py", "x = 1\n")
        await client.ask("textDocument/codeAction", menu_at(0, "file:///other.py"))
        client.open(URI, TEXT)
        place = {"uri": URI, "range": menu_at(6)["range"]}
        params = {"command": "codefare.explain", "arguments": [place]}
        asked = client.request("workspace/executeCommand", params)
        type_above(client, "\n" * 6)
        with pytest.raises(Error, match="changed since the action was picked"):
            await client.response(asked)
        assert await client.end() == 0
