"""Edits land in a real Neovim as they do in the editor of the other tests."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from codefare.lsp import edits

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)

HERE = Path(__file__).parent
NVIM = Path(sys.executable).with_name("nvim")


async def drive(folder: Path, text: str, old: str, new: str, **more: Any) -> tuple[Any, bytes]:
    """Has Neovim replace `old` in a file; returns what it says and the file that it wrote."""
    path = folder / "a földer" / "code.py"
    path.parent.mkdir()
    path.write_bytes(text.encode())
    start = text.index(old)
    order = {
        "server": [sys.executable, str(HERE / "tiny_server.py")],
        "file": str(path),
        "start": start,
        "stop": start + len(old),
        "text": new,
        **more,
    }
    environment = {**os.environ, "CODEFARE_ORDER": json.dumps(order), "HOME": str(folder)}
    environment |= {
        f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    process = await asyncio.create_subprocess_exec(
        *(NVIM, "--clean", "--headless", "-i", "NONE", "-n", "-l", HERE / "neovim.lua"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return json.loads(out), path.read_bytes()


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param("# 😋\ndef f():\n    pass\n", "    pass\n", "    return 'ü'\n", id="middle"),
        pytest.param("a = 1\r\nb = 2\r\nc = 3\r\n", "b = 2\r\n", "b = 3\nb = '😋'\n", id="crlf"),
        pytest.param("a = 1\nb = 2", "b = 2", "b = 3\nc = 4", id="no final line break"),
        pytest.param("a = 1\n", "a = 1\n", "a = 1\n\n\nb = 2\n", id="longer at the end"),
        pytest.param("a = 1\nb = 2\n", "b = 2\n", "", id="last line gone"),
        pytest.param("a\fb = 1\u2028c\nd = 2\n", "d = 2\n", "d = 3\n", id="no line ends"),
        pytest.param("é😋 = 1; x = 2\n", "x = 2", "x = 3", id="in a line"),
    ],
)
async def test_applied(tmp_path, text, old, new):
    """The file is what was asked for, line endings included, and one undo takes it back."""
    found, written = await drive(tmp_path, text, old, new)
    assert found["result"][0] == "applied"
    ending = "\r\n" if "\r\n" in text else "\n"
    assert written == text.replace(old, new.replace("\n", ending)).encode()
    assert found["undone"]


@pytest.mark.parametrize(
    ("typed", "result"), [("# typed", "applied"), ("b = 0", edits.MOVED)], ids=["above", "inside"]
)
async def test_stale(tmp_path, typed, result):
    """A line typed just before the edit arrives: Neovim drops the edit and says yes; where it can, it lands then."""
    text = "a = 1\nb = 2\nc = 3\n"
    old, new = "a = 1\nb = 2\n", "a = 1\nb = 3\n"
    row = 1 if result == edits.MOVED else 0
    found, written = await drive(tmp_path, text, old, new, typed=typed, row=row)
    if row:
        assert found["result"] == result
        assert written == f"a = 1\n{typed}\nb = 2\nc = 3\n".encode()
    else:
        assert found["result"][0] == result
        assert written == f"{typed}\n{text.replace(old, new)}".encode()
