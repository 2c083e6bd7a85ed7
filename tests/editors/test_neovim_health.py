"""`:checkhealth codefare` in a real Neovim, with the client that we ship."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.editors.neovim import CLIENT, PROGRAMS

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)


def health(home: Path, path: str) -> str:
    """What Neovim shows."""
    words = [str(PROGRAMS / "nvim"), "--headless", "-u", "NONE", "-i", "NONE", "-n"]
    words += ["--cmd", f"set rtp+={CLIENT}", "-c", "checkhealth codefare"]
    words += ["-c", f"write {home / 'health.txt'}", "-c", "qa!"]
    subprocess.run(
        words,
        env={"HOME": str(home), "LANG": "C.UTF-8", "PATH": path, "OLLAMA_HOST": "127.0.0.1:1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        timeout=100,
    )
    return (home / "health.txt").read_text("utf-8")


def test_it_tells_what_the_doctor_finds(tmp_path: Path) -> None:
    """Problems with their advice, notes and what is well, in the doctor's groups."""
    config = tmp_path / ".config" / "codefare" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("prices = \n", "utf-8")
    shown = health(tmp_path, f"{PROGRAMS}{os.pathsep}{os.defpath}")
    assert "ERROR config.toml: " in shown
    assert "Correct that line." in shown[shown.index("ADVICE") :]
    assert "codefare: machine ~" in shown
    assert "OK codefare: 0.1.0 on Python" in shown
    assert "OpenAI key: not set → Set OPENAI_API_KEY" in shown


def test_a_program_that_is_missing_is_told(tmp_path: Path) -> None:
    """It is what goes wrong most often."""
    shown = health(tmp_path, os.defpath)
    assert "ERROR the program 'codefare' was not found" in shown
    assert "PATH" in shown[shown.index("ADVICE") :]
