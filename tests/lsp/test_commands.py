"""Commands whose arguments are wrong, stale or lost: a clear word for each, and nothing is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.acting import User, acting
from tests.lsp.client import LIMIT, Error
from tests.wire.server import WireServer

CODE = (
    "def add(a, b):\n    return a + b\n\n\n"
    "class Point:\n    def __init__(self, x, y):\n        self.x = x\n        self.y = y\n"
)
HERE = {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 4}}
MISTAKES = [{"range": HERE, "message": message, "severity": 1} for message in ("one", "another")]


@pytest.fixture
async def user(wire: WireServer, configure, tmp_path: Path) -> AsyncIterator[User]:
    """A user of codefare's own client, in a project of one file."""
    folder = tmp_path / "project"
    folder.mkdir()
    async with acting(wire, configure, folder / "sums.py", CODE) as user:
        yield user
        assert wire.requests == []


async def refusal(user: User, command: str, **said: Any) -> str:
    """What a command with a wrong argument is told."""
    with pytest.raises(Error) as error:
        await user.client.command(command, {"uri": user.uri, "range": HERE, "version": 1, **said})
    return error.value.message


@pytest.mark.parametrize(
    ("command", "said", "told"),
    [
        ("refactor", {"variant": "nope"}, "there is no variant 'nope'; there are none"),
        ("boilerplate", {"variant": "nope"}, "there is no variant 'nope'; known are constructor"),
        ("architecture", {"scope": "universe"}, "There is no scope 'universe'. Known are: folder"),
        (
            "architecture",
            {"scope": "folder", "uri": "http://[::1"},
            "not a folder of the workspace",
        ),
        (
            "architecture",
            {"scope": "folder", "uri": "file:///%00"},
            "not a folder of the workspace",
        ),
        ("run", {"action": "x" * 10_000}, f"There is no action '{'x' * 80}…'"),
        ("refactor", {"version": 99}, "The text has changed since the menu was opened"),
        ("refactor", {"range": {"start": {"line": -1, "character": 0}}}, "does not fit"),
        ("fix", {"diagnostic": {"message": None, "start": "x"}}, "does not fit"),
    ],
)
async def test_a_wrong_argument_is_named(
    user: User, command: str, said: dict[str, Any], told: str
) -> None:
    """With what there is instead, where there is a choice."""
    assert told in await refusal(user, f"codefare.{command}", **said)


async def test_words_cannot_be_asked_for_where_there_is_no_input_line(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """It says how to give them instead."""
    async with acting(wire, configure, tmp_path / "sums.py", CODE, capabilities={}) as user:
        argument = {"uri": user.uri, "range": HERE, "version": 1, "ask": True}
        await user.client.command("codefare.refactor", argument)
        await user.told("no input line for your own words. Give them as `instruction`")
    assert wire.requests == []


async def test_without_an_argument_the_plain_line_of_the_menu_is_meant(user: User) -> None:
    """Not the one about a diagnostic, whose price and prompt are other ones."""
    await user.menu(0, diagnostics=MISTAKES)
    await user.client.command("codefare.preview")
    await user.until(lambda: bool(user.shown))
    assert "Explain-add" in user.shown[0]


async def test_without_an_argument_the_only_line_of_an_action_is_meant(user: User) -> None:
    """The folder that the menu named, say."""
    user.wire.refuse(400, {})
    async with asyncio.timeout(LIMIT):
        while not any("architecture" in action["title"] for action in await user.menu(2)):
            pass  # until the folder has been looked at
    await user.client.command("codefare.architecture")
    await user.told("Anthropic refused the request")
    assert "Folder: project" in user.prompts.pop()
    user.wire.requests.clear()


async def test_without_an_argument_one_of_several_lines_is_not_guessed(user: User) -> None:
    """Each costs money, and only one was picked."""
    await user.menu(0, diagnostics=MISTAKES)
    with pytest.raises(Error, match="did not say which line of the menu was picked"):
        await user.client.command("codefare.fix")


async def test_a_folder_that_is_added_later_is_a_folder_of_the_workspace(
    user: User, tmp_path: Path
) -> None:
    """It has a line in the menu, and what is private in it is."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "part.py").write_text("def part():\n    return 1\n")
    added = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    user.client.notify("workspace/didChangeWorkspaceFolders", {"event": added})
    user.uri = (other / "part.py").as_uri()
    user.editor.open(user.uri, "\n\ndef part():\n    return 1\n")
    titles: list[str] = []
    async with asyncio.timeout(LIMIT):
        while not any("architecture of other" in title for title in titles):
            titles = [action["title"] for action in await user.menu(0)]


ODD = {
    "a severity of no LSP": {"severity": 99},
    "a tag of a later LSP": {"tags": [1, 77]},
    "Markdown": {"message": {"kind": "markdown", "value": "x is not defined"}},
    "data of any shape": {"data": {"class": 1, "2": [None]}},
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_what_is_odd_in_a_diagnostic_spoils_no_menu(user: User, odd: dict[str, Any]) -> None:
    """Editors hand on what any server said: the fix is offered for what can be read, and the rest is left out."""
    told = [
        {"range": HERE, "message": "x is not defined"} | odd,
        {"range": HERE, "message": " \n"},
        {"range": HERE | {"end": {"line": -1}}, "message": "nowhere"},
        None,
    ]
    actions = await user.menu(0, diagnostics=told)
    fixes = [action["title"] for action in actions if action["kind"] == "quickfix.codefare"]
    assert [title.split(" · ")[0] for title in fixes] == ["Fix “x is not defined”"]


async def test_what_was_spent_is_shown(user: User, home: Path) -> None:
    """The same table as in the terminal, as a report; a wrong word is named, and no ledger is lost."""
    await user.client.command("codefare.usage")
    await user.until(lambda: bool(user.shown))
    assert "What-was-spent" in user.shown[0]
    (report,) = (home / "cache" / "codefare" / "reports").iterdir()
    assert "In all: nothing was spent." in report.read_text("utf-8")
    for words, told in ((["week"], "There is no way to sum up 'week'"), (["day", "x"], "--since")):
        with pytest.raises(Error) as error:
            await user.client.command("codefare.usage", *words)
        assert told in error.value.message
