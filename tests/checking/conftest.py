"""A project to check, whose name needs quoting in a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.settings import Checker


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Path:
    """An empty project in a folder whose name has a space and a letter beyond ASCII."""
    folder = tmp_path / "my prøject"
    (folder / ".git").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("", "utf-8")
    return folder


@pytest.fixture
def shadows(home: Path) -> Path:
    """The folder in which shadow copies are made."""
    return home / "cache" / "codefare" / "shadows"


@pytest.fixture
def python() -> Callable[..., Checker]:
    """A checker that is a Python program; it gets the file as its argument."""

    def checker(program: str, timeout_seconds: int = 60) -> Checker:
        return Checker((sys.executable, "-c", program, "{file}"), timeout_seconds)

    return checker
