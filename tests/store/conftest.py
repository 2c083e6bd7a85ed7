"""What the tests of the stores share: programs that run beside the test, and files that are looked into."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a Python program with arguments, its output as text; ends what still runs."""
    running: list[subprocess.Popen[str]] = []

    def run(program: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Something for a worker to wait at; open at the test's end, so that no thread outlives it."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def mode() -> Callable[[Path], int]:
    """The permission bits of a file or folder."""
    return lambda path: path.stat().st_mode & 0o777
