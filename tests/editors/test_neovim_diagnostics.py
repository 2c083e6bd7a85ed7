"""What another server finds in a real Neovim reaches codefare's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)

HERE = Path(__file__).parent
CLIENT = HERE.parent.parent / "clients" / "neovim"
SERVER = HERE.parent / "lsp" / "tiny_server.py"


def told(folder: Path, encoding: str) -> Any:
    """What the server was told at the start, after a burst, and after all was taken back."""
    path = folder / "a földer" / "code.py"
    path.parent.mkdir()
    path.write_text("# one\né😋 = 1; nam\n", "utf-8")
    order = {
        "client": str(CLIENT),
        "server": [sys.executable, str(SERVER)],
        "file": str(path),
        "encoding": encoding,
    }
    environment = {**os.environ, "CODEFARE_ORDER": json.dumps(order), "HOME": str(folder)}
    environment |= {
        f"XDG_{name}_HOME": str(folder) for name in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    neovim = [str(Path(sys.executable).with_name("nvim")), "--clean", "--headless", "-i", "NONE"]
    ended = subprocess.run(
        [*neovim, "-n", "-l", str(HERE / "diagnostics.lua")],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_server_is_told_what_others_found(tmp_path: Path, encoding: str) -> None:
    """Once codefare serves the buffer, after every change, 200 at most, never its own; also that none is left."""
    first, many, none = told(tmp_path, encoding)
    assert first == [["nam", "before the start", 2, "T", "T1"]]
    assert many == [["nam", "one of 300", 2, "T", "T1"]] * 200
    assert none == []
