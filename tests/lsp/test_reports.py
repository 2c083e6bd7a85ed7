"""Reports reach the user in every editor, and their files nobody else."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from tests.lsp.client import Client
from tests.lsp.editor import failing, never

from codefare.lsp.reports import KEPT

TINY = Path(__file__).with_name("tiny_server.py")
SHOWS = {"window": {"showDocument": {"support": True}}}
SHOW = "window/showDocument"


@contextlib.asynccontextmanager
async def session(folder: Path, capabilities: dict[str, Any], answer: Any = None):
    """A session of a client that answers `window/showDocument` in its way."""
    async with Client.start(TINY, "--folder", folder, "--hurry") as client:
        if answer:
            client.answers[SHOW] = answer
        await client.initialize(capabilities)
        yield client
        assert await client.end() == 0


async def report(client: Client, label: str = "Explain Parser.feed", text: str = "# Ü\n") -> Any:
    """Has a report shown; returns its file and whether it was."""
    path, shown = await client.ask("x/report", {"label": label, "markdown": text})
    return Path(path), shown


async def test_shown(tmp_path):
    """A report is a Markdown file that the editor opens; no message is needed."""
    folder = tmp_path / "a folder" / "reports"
    async with session(folder, SHOWS, lambda _: {"success": True}) as client:
        path, shown = await report(client)
        assert shown == "yes"
        assert path.read_text(encoding="utf-8") == "# Ü\n"
        params = (await client.asked(SHOW))["params"]
        assert Path(unquote(urlparse(params["uri"]).path)) == path
        assert params["takeFocus"] is True
        assert not params.get("external")
        assert client.received == []
        assert (path.parent, path.suffix) == (folder, ".md")
        assert path.name.startswith("Explain-Parser.feed-")


@pytest.mark.parametrize(
    ("capabilities", "answer", "shown"),
    [
        ({}, None, "no"),  # Neovim 0.7
        (SHOWS, failing(-32601, "method not found"), "no"),
        (SHOWS, lambda _: {"success": False}, "no"),
        (SHOWS, lambda _: None, "unknown"),  # eglot 1.9
        (SHOWS, never, "unknown"),
    ],
)
async def test_not_shown_for_certain(tmp_path, capabilities, answer, shown):
    """Where the editor does not open the file for certain, a message says where it is."""
    async with session(tmp_path, capabilities, answer) as client:
        path, how = await report(client)
        assert how == shown
        message = await client.notified("window/showMessage")
        assert message == {"type": 3, "message": f"Explain Parser.feed: {path}"}
        if not capabilities:
            assert not [m for m in client.received if m.get("method") == SHOW]


async def test_private(tmp_path):
    """Only the user can read reports, also in a folder that was open to others."""
    folder = tmp_path / "reports"
    folder.mkdir(mode=0o755)
    async with session(folder, {}) as client:
        path, _ = await report(client)
        assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_any_label(tmp_path):
    """Any label makes a file name that stays in the folder."""
    labels = [
        "../../etc/passwd",
        "/",
        "",
        "...",
        "a\0b",
        "x" * 500,
        "CON?*<>|",
        "name\nline",
        "ü 😋",
    ]
    async with session(tmp_path, {}) as client:
        for label in labels:
            path, _ = await report(client, label)
            assert path.parent == tmp_path
            assert path.exists()
            assert len(path.name) < 100


async def test_same_report_same_file(tmp_path):
    """A report that is shown again is the same file, and whole again if someone changed it."""
    async with session(tmp_path, {}) as client:
        path, _ = await report(client)
        path.write_text("scribble")
        assert (await report(client))[0] == path
        assert path.read_text(encoding="utf-8") == "# Ü\n"
        assert (await report(client, text="# other"))[0] != path
        assert len(list(tmp_path.iterdir())) == 2


async def test_links_are_not_followed(tmp_path):
    """A link at a report's place is replaced, and what it led to left alone."""
    folder, target = tmp_path / "reports", tmp_path / "target"
    async with session(folder, {}) as client:
        path, _ = await report(client)
        target.write_text("precious")
        path.unlink()
        path.symlink_to(target)
        await report(client)
        assert not path.is_symlink()
        assert target.read_text() == "precious"


async def test_pruned(tmp_path):
    """Old reports go, the newest stay, and files that are not ours are left alone."""
    (tmp_path / "notes.md").write_text("mine")
    async with session(tmp_path, {}) as client:
        oldest, _ = await report(client, text="first")
        os.utime(oldest, (1, 1))
        for number in range(KEPT):
            path = tmp_path / f"old-{number:012x}.md"
            path.write_text("")
            os.utime(path, (100 + number, 100 + number))
        newest, _ = await report(client, text="last")
        kept = {path.name for path in tmp_path.iterdir()}
        assert len(kept) == KEPT + 1
        assert {"notes.md", newest.name} <= kept
        assert oldest.name not in kept


async def test_a_folder_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    """What may have been paid for is shown from a temporary folder of the user's own."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    async with session(tmp_path / "file" / "reports", {}) as client:
        first, _ = await report(client)
        again, _ = await report(client, text="# other")
    assert first.read_text(encoding="utf-8") == "# Ü\n"
    assert first.parent.parent == tmp_path
    assert first.parent.stat().st_mode & 0o777 == 0o700
    assert again.parent == first.parent


async def test_text_that_utf8_cannot_say(tmp_path):
    """A lone surrogate does not keep a report from being written."""
    async with session(tmp_path, {}) as client:
        path, _ = await report(client, text="a\ud800b")
        assert path.read_text() == "a?b"
