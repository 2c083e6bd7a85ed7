"""A new file is new, inside of the workspace, and opened; anything else stays as it is."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.client import Client

from codefare.lsp.display import uri_of

TINY = Path(__file__).with_name("tiny_server.py")
SHOWS = {"window": {"showDocument": {"support": True}}}


@contextlib.asynccontextmanager
async def session(*folders: Path, capabilities: dict[str, Any] | None = None):
    """A session in the workspace `folders`."""
    async with Client.start(TINY) as client:
        client.answers["window/showDocument"] = lambda _: {"success": True}
        named = [{"uri": uri_of(folder), "name": folder.name} for folder in folders]
        await client.initialize(
            SHOWS if capabilities is None else capabilities, workspaceFolders=named
        )
        yield client
        # Whatever the client can do: creating through an edit would empty files in some editors.
        assert not [m for m in client.received if m.get("method") == "workspace/applyEdit"]
        assert await client.end() == 0


async def create(
    client: Client, path: Path, text: str = "new\n", beside: Path | None = None
) -> Any:
    """Has a file created."""
    params = {"path": str(path), "text": text, "beside": str(beside) if beside else None}
    return await client.ask("x/create", params)


async def test_created(tmp_path):
    """The file is written as it is, folders included, and opened in the editor."""
    path = tmp_path / "tests dir" / "deep" / "test_ü.py"
    async with session(tmp_path) as client:
        assert (await create(client, path, "a\r\n😋\n"))["path"] == str(path)
        assert path.read_bytes() == "a\r\n😋\n".encode()
        assert (await client.asked("window/showDocument"))["params"]["uri"] == uri_of(path)


async def test_created_without_show_document(tmp_path):
    """Where the editor cannot open it, a message says that it was written."""
    async with session(tmp_path, capabilities={}) as client:
        await create(client, tmp_path / "a.py")
        message = (await client.notified("window/showMessage"))["message"]
        assert message == f"{tmp_path / 'a.py'} was written."


@pytest.mark.parametrize("kind", ["file", "link", "dangling link", "folder"])
async def test_never_over_what_exists(tmp_path, kind):
    """Whatever is at the place stays as it is."""
    path, target = tmp_path / "a.py", tmp_path / "target.py"
    if kind == "file":
        path.write_text("old")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(target)
    if kind == "link":
        target.write_text("old")
    async with session(tmp_path) as client:
        assert (await create(client, path))["reason"].startswith(f"{path} exists already")
        assert kind == "folder" or not target.exists() or target.read_text() == "old"
        assert kind != "file" or path.read_text() == "old"
        assert kind != "dangling link" or not target.exists()


async def test_open_but_not_saved(tmp_path):
    """A file that is open in the editor and not on disk yet is not written under its feet."""
    path = tmp_path / "a.py"
    async with session(tmp_path) as client:
        client.open(uri_of(path), "unsaved")
        assert (await create(client, path))["reason"] == f"{path} is open in the editor already"
        assert not path.exists()


@pytest.mark.parametrize("way", ["beside", "dots", "link"])
async def test_only_inside_of_the_workspace(tmp_path, way):
    """Nothing is written outside of the workspace's folders, whichever way leads there."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    path = {
        "beside": outside / "a.py",
        "dots": inside / ".." / "outside" / "a.py",
        "link": inside / "link" / "a.py",
    }[way]
    async with session(inside) as client:
        reason = (await create(client, path, beside=outside / "b.py"))["reason"]
        assert reason == f"{path} is outside of the workspace"
        assert list(outside.iterdir()) == []


async def test_linked_workspace(tmp_path):
    """A workspace that was opened through a link is a workspace."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    async with session(link) as client:
        assert "path" in await create(client, link / "a.py")
        assert (real / "a.py").read_text() == "new\n"


async def test_second_folder(tmp_path):
    """Any folder of the workspace will do."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with session(tmp_path / "one", tmp_path / "two") as client:
        assert "path" in await create(client, tmp_path / "two" / "a.py")


async def test_without_a_workspace(tmp_path):
    """Without a workspace it is the folder of the file that the action was called on."""
    async with session() as client:
        assert "path" in await create(client, tmp_path / "a.py", beside=tmp_path / "b.py")
        assert "reason" in await create(client, tmp_path.parent / "c.py", beside=tmp_path / "b.py")
        assert "reason" in await create(client, tmp_path / "d.py")


async def test_text_that_utf8_cannot_say(tmp_path):
    """Text that no file can hold is refused before there is a file."""
    async with session(tmp_path) as client:
        assert (await create(client, tmp_path / "a.py", "\ud800"))["reason"]
        assert list(tmp_path.iterdir()) == []


async def test_place_that_cannot_be_written(tmp_path):
    """A place that cannot be written is a reason, not a failure."""
    (tmp_path / "file").write_text("")
    async with session(tmp_path) as client:
        assert (await create(client, tmp_path / "file" / "a.py"))["reason"]
        assert (await create(client, tmp_path / ("x" * 300)))["reason"]
