"""A real Neovim reaches a server on loopback with the token in its settings, and without it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.editors.neovim import PROGRAMS, Step, play

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)


@pytest.fixture
def listening(home: Path) -> Iterator[tuple[str, str]]:
    """The port and the token of a server on loopback, as its user reads them."""
    with subprocess.Popen(
        [PROGRAMS / "codefare", "serve", "--tcp", "127.0.0.1:0"],
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        port = process.stderr.readline().strip().rpartition(":")[2]
        token = process.stderr.readline().strip().rpartition(" ")[2]
        yield port, token
        process.kill()


def connects(port: str, token: str) -> Step:
    """What a user puts into his init.lua."""
    settings = f"settings = {{ codefare = {{ token = '{token}' }} }}"
    cmd = f"cmd = vim.lsp.rpc.connect('127.0.0.1', {port})"
    return ["command", f"lua vim.lsp.config('codefare', {{ {cmd}, {settings} }})"]


def test_over_tcp_with_the_token(tmp_path: Path, shop: str, listening: tuple[str, str]) -> None:
    """A wrong token is said and takes no place; then the same client with the right one has its quotes."""
    port, token = listening
    workspace = tmp_path / "shop"
    (workspace / ".git").mkdir(parents=True)
    (workspace / "shop.py").write_text(shop, encoding="utf-8")
    home = tmp_path / "neovim"
    home.mkdir()
    wrong: list[Step] = [
        connects(port, token[::-1]),
        ["open", "shop.py"],
        ["said", "not this server's"],
        ["command", "bwipeout"],
    ]
    right: list[Step] = [
        connects(port, token),
        ["open", "shop.py"],
        ["served"],
        ["cursor", 4, 5],
        ["hover"],
    ]
    played = play([wrong, right], home=home, workspace=workspace)
    assert [scene.error for scene in played] == [None, None], played
    assert "**codefare** · `total`" in played[1].results[0]
