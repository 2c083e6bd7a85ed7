"""Documents that take more than a moment: what is slow about them happens beside the loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.lsp.client import Client, Error

FUNCTION = "def add_{0}(a, b):\n    if a:\n        return a + b\n    return b\n\n\n"
TEXT = "".join(FUNCTION.format(number) for number in range(4000))
URI = "file:///large.py"


async def menu(client: Client, line: int) -> list[str]:
    """The titles of the actions at the start of a line."""
    at = {"line": line, "character": 0}
    params = {
        "textDocument": {"uri": URI},
        "range": {"start": at, "end": at},
        "context": {"diagnostics": [], "triggerKind": 1},
    }
    actions: list[dict[str, Any]] = await client.ask("textDocument/codeAction", params)
    return [action["title"] for action in actions]


async def test_a_large_file_has_its_menu(home: Path) -> None:
    """A cursor outside of any symbol means the whole file, however long it takes to count its tokens."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(URI, f"import os\n\n\n{TEXT}")
        assert [title.split(" · ")[0] for title in await menu(client, 0)] == [
            "Explain",
            "Write tests",
            "Refactor",
        ]
        assert len(await menu(client, 3)) == 4
        assert await client.end() == 0


async def test_an_action_on_a_large_file_runs_on_the_text_as_it_is(home: Path) -> None:
    """What is typed after the menu was opened is not in what the menu was for: the action is not run on either."""
    async with Client.start("-m", "codefare", "serve") as client:
        await client.initialize()
        client.open(URI, f"import os\n\n\n{TEXT}")
        await menu(client, 0)
        at = {"line": 0, "character": 0}
        change = {"range": {"start": at, "end": at}, "text": "# typed\n"}
        document = {"uri": URI, "version": 2}
        client.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [change]}
        )
        with pytest.raises(Error, match="The text has changed since the menu was opened"):
            await client.command("codefare.explain")
        place = {"uri": URI, "range": {"start": at, "end": at}, "version": 2}
        await client.command("codefare.explain", place)
        shown = await client.expect(lambda message: "Explain large.py: " in str(message))
        assert shown["method"] in {"window/showMessage", "window/logMessage"}
        assert await client.end() == 0
