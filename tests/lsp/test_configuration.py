"""config.toml while the server runs: what it says holds at the next request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.acting import User, acting
from tests.wire.server import WireServer

CODE = "def add(a, b):\n    return a + b\n"
NEVER = '[privacy]\nnever = ["sums.py"]\n'

Write = Callable[[str], Any]


@pytest.fixture
async def wire() -> AsyncIterator[WireServer]:
    """A scripted provider."""
    async with WireServer().running() as running:
        yield running


@pytest.fixture
async def user(wire: WireServer, configure: Write, tmp_path: Path) -> AsyncIterator[User]:
    """A session in which a menu was opened once."""
    async with acting(wire, configure, tmp_path / "sums.py", CODE) as user:
        assert await user.menu(0)
        yield user


@pytest.fixture
def add(home: Path) -> Write:
    """Puts lines before what config.toml says."""
    file = home / "config" / "codefare" / "config.toml"
    rest = file.read_text("utf-8") if file.exists() else ""

    def write(text: str) -> None:
        file.write_text(text + (rest or file.read_text("utf-8")), "utf-8")

    return write


async def test_what_is_changed_holds_at_once(user: User, add: Write) -> None:
    """A file that the user has just kept away from codefare is not worked on: not by a menu that is open, either."""
    opened = next(a for a in await user.menu(0) if a["title"].startswith("Explain"))
    add(NEVER)
    await user.run(opened)
    await user.told("is on your list")
    assert await user.menu(0) == []
    await user.told("config.toml was read again")
    assert user.wire.requests == []


async def test_a_wrong_change_is_told_once_and_changes_nothing(user: User, add: Write) -> None:
    """The settings from before hold until it is corrected; then those that stand there."""
    add(NEVER.replace("never", "nevr"))
    assert len(await user.menu(0)) > 1
    said = await user.told("line 2: `privacy.nevr` is not a setting")
    assert said.endswith("Until then the settings from before hold.")
    heard: list[dict[str, Any]] = []
    user.client.listeners.append(heard.append)
    assert len(await user.menu(0)) > 1
    assert [m for m in heard if m.get("method") == "window/showMessage"] == []


async def test_an_empty_file_is_one_that_is_being_written(
    user: User, add: Write, home: Path
) -> None:
    """Editors empty a file before they fill it: for that moment nothing is allowed that was not."""
    add(NEVER)
    assert await user.menu(0) == []
    file = home / "config" / "codefare" / "config.toml"
    text = file.read_text("utf-8")
    file.write_text("", "utf-8")
    assert await user.menu(0) == []
    file.unlink()
    assert await user.menu(0) == []
    file.write_text(text.replace(NEVER, ""), "utf-8")
    assert await user.menu(0)


async def test_what_needs_a_new_start_is_said(user: User, add: Write) -> None:
    """Clients and stores stay as they were made; the rest of the same change holds."""
    add('complexity = "high"\n[cache]\nmax_age_days = 3\n')
    answer = await user.client.ask("textDocument/hover", user.place(0))
    assert "high complexity" in answer["contents"]["value"]
    assert "changed of cache holds from the next start" in await user.told("was read again.")
