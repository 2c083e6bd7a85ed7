"""What the tests of the stores share: programs that run beside the test, and files that are looked into."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from tests.store.timeline import Timeline

from codefare.store.traffic import Traffic

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


@pytest.fixture
def timeline() -> Timeline:
    """The test's own time."""
    return Timeline()


@pytest.fixture
async def make(tmp_path: Path, timeline: Timeline) -> AsyncIterator[Callable[..., Traffic]]:
    """Makes what processes of one user have, and closes it.

    They wait for the file for as long as a busy machine may take, unless told otherwise: in a time of the test's own
    nothing is late.
    """
    made: list[Traffic] = []

    def one(patience: float = 60.0) -> Traffic:
        made.append(
            Traffic(
                tmp_path / "state",
                clock=timeline.clock,
                ticks=timeline.clock,
                sleep=timeline.sleep,
                patience=patience,
            )
        )
        return made[-1]

    yield one
    for traffic in made:
        await traffic.close()
