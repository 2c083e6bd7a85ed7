"""What an editor names and has not opened is not read for it."""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from tests.lsp.client import Client, Error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")

URIS = [
    "file:///etc/passwd",
    "file:///proc/self/environ",
    "file:///etc",
    "file:///",
    "file://evil.example/share/a.py",
    "file:////evil.example/share/a.py",
    "file:///%2e%2e/%2e%2e/etc/passwd",
    "http://127.0.0.1:9/a.py",
    "data:text/plain,x",
    "untitled:Untitled-1",
    "vscode-remote://ssh/etc/passwd",
    "jar:file:///etc/passwd!/x",
    "/etc/passwd",
    "..",
    "",
    "file:",
    "\0",
]


async def test_no_uri_makes_the_server_read(
    home: Path, tmp_path: Path, count: Callable[[str], None]
) -> None:
    """What the editor has not opened is not read for it, and a folder only in the workspace, links followed."""
    folder = tmp_path / "w"
    folder.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("def canary_outside(): ...\n")
    (folder / "link").symlink_to(outside)
    uris = [*URIS, outside.as_uri(), (folder / "link").as_uri(), f"{folder.as_uri()}/../outside"]
    async with Client.start("-P", "-m", "codefare", "serve") as client:
        heard: list[str] = []
        client.listeners.append(lambda message: heard.append(json.dumps(message)))
        await client.initialize({}, workspaceFolders=[{"uri": folder.as_uri(), "name": "w"}])
        at = {"line": 0, "character": 5}
        spot = {"start": at, "end": at}
        for uri in uris:
            document = {"textDocument": {"uri": uri}}
            context = {"context": {"diagnostics": [], "triggerKind": 1}}
            asked = [
                client.ask("textDocument/hover", document | {"position": at}),
                client.ask("textDocument/codeAction", document | {"range": spot} | context),
                *(
                    client.command(f"codefare.{name}", {"uri": uri, "range": spot})
                    for name in ("explain", "tests", "review", "architecture", "research")
                ),
            ]
            for each in asked:
                with contextlib.suppress(Error):
                    await each
            count("URIs")
        assert await client.end() == 0
        said = "\n".join(heard)
        assert "canary_outside" not in said
        assert "root:x:" not in said
    reports = home / "cache" / "codefare" / "reports"
    assert not [path for path in reports.glob("*") if "canary_outside" in path.read_text()]
