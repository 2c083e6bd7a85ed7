"""A checker runs within bounds, and ends with all that it started."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.checking import VerdictKind, check, complaints
from codefare.errors import CheckerFailed
from codefare.settings import Checker
from codefare.source.diagnostic import Diagnostic
from codefare.source.target import Span

Python = Callable[..., Checker]

TEXT = "a = 1\n"
ANY = Diagnostic(Span(0, 1), "anything")

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX process groups")


@pytest.fixture
def file(project: Path) -> Path:
    """A file of the project."""
    path = project / "é a.py"
    path.write_text(TEXT, "utf-8")
    return path


async def refused(checker: Checker, file: Path) -> str:
    """Why a checker could not run; the two ways to run it say the same."""
    verdict = await check(checker, file, TEXT, TEXT, ANY)
    assert verdict.kind is VerdictKind.COULD_NOT_RUN
    with pytest.raises(CheckerFailed) as raised:
        await complaints(checker, file, TEXT)
    assert raised.value.text == verdict.reason
    assert raised.value.remedy
    return verdict.text


async def test_a_program_that_is_not_there_is_named(file: Path) -> None:
    """The user is told where it was looked for."""
    text = await refused(Checker(("no-such-checker", "{file}")), file)
    assert "no-such-checker: could not run: no-such-checker was not found." in text
    assert "PATH" in text


async def test_a_program_that_is_no_program_is_named(file: Path) -> None:
    """A relative path is looked for in the project."""
    text = await refused(Checker(("./pyproject.toml",)), file)
    assert "pyproject.toml cannot be started" in text


@pytest.mark.skipif(sys.platform == "win32", reason="a script with a shebang")
async def test_a_program_of_the_project_is_found_by_its_relative_path(
    file: Path, project: Path
) -> None:
    """Checkers are often installed in the project."""
    program = project / "bin" / "lint"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$1:1:1: error: wrong"; exit 1\n')
    program.chmod(0o755)
    (found,) = await complaints(Checker(("bin/lint", "{file}")), file, TEXT)
    assert (found.message, found.source) == ("wrong", "lint")


async def test_one_that_takes_too_long_is_ended(python: Python, file: Path) -> None:
    """The limit and how to move it are said."""
    text = await refused(python("import signal; signal.pause()", timeout_seconds=1), file)
    assert "did not finish in 1 s" in text
    assert "timeout_seconds" in text


async def test_one_that_prints_without_end_is_ended(python: Python, file: Path) -> None:
    """No more than 256 KB are kept of it."""
    assert "printed more than 256 KB" in await refused(
        python("while True: print('x' * 1000)"), file
    )


@posix
async def test_one_that_dies_of_a_signal_has_crashed(python: Python, file: Path) -> None:
    """The signal is named, and what was printed before counts for nothing."""
    program = "import os; print('a.py:1:1: error: x', flush=True); os.abort()"
    assert "was ended by SIGABRT" in await refused(python(program), file)


async def test_one_that_fails_without_a_word_has_crashed(python: Python, file: Path) -> None:
    """An exit code above 1 is not how checkers complain."""
    assert "failed (exit code 3) and printed nothing" in await refused(
        python("raise SystemExit(3)"), file
    )


async def test_what_one_says_of_itself_is_passed_on(python: Python, file: Path) -> None:
    """Its own words say what is wrong with the command."""
    text = await refused(python("print('unknown option\\n --x'); raise SystemExit(2)"), file)
    assert "failed (exit code 2): unknown option --x" in text


async def test_it_has_no_input_no_shell_and_the_users_environment(
    python: Python, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that asks meets the end of the input; a file name is one argument whatever is in it."""
    monkeypatch.setenv("OF_THE_USER", "passed on")
    monkeypatch.setenv("FORCE_COLOR", "1")
    program = (
        "import os, sys; assert not sys.stdin.read(); assert len(sys.argv) == 2;"
        "print(sys.argv[1] + ':1: error:', os.environ['OF_THE_USER'], 'FORCE_COLOR' in os.environ)"
    )
    (found,) = await complaints(python(program), file, TEXT)
    assert found.message == "passed on False"


async def test_python_compiles_nothing_into_the_project(
    python: Python, file: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder beside the file is a link: what a checker imports from there stays as it is."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (project / "plugins").mkdir()
    (project / "plugins" / "rules.py").write_text("x = 1\n")
    program = "import sys; sys.path.insert(0, 'plugins'); import rules"
    assert await complaints(python(program), file, TEXT) == []
    assert os.listdir(project / "plugins") == ["rules.py"]  # noqa: PTH208 - as above


SPAWN = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])
with open(os.environ['PIDS'], 'w') as fifo:
    fifo.write(f'{os.getpid()} {child.pid}')
"""


@posix
@pytest.mark.parametrize("rest", ["child.wait()", ""], ids=["waiting", "gone before its child"])
async def test_cancelling_ends_all_that_it_started(
    python: Python,
    file: Path,
    tmp_path: Path,
    shadows: Path,
    monkeypatch: pytest.MonkeyPatch,
    rest: str,
) -> None:
    """No process and no copy is left, also when the checker ended and what it started holds its output."""
    fifo = tmp_path / "pids"
    os.mkfifo(fifo)
    monkeypatch.setenv("PIDS", str(fifo))
    checking = asyncio.create_task(complaints(python(SPAWN + rest), file, TEXT))
    # A thread waits until the child runs; the checker's message is its only word.
    checker, child = map(int, (await asyncio.to_thread(fifo.read_text)).split())
    handle = os.pidfd_open(child) if hasattr(os, "pidfd_open") else None
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    assert os.listdir(shadows) == []  # noqa: PTH208 - it does not block for long
    with pytest.raises(ProcessLookupError):
        os.kill(checker, 0)
    if handle is not None:
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, ended.set)
        await asyncio.wait_for(ended.wait(), 60)
        asyncio.get_running_loop().remove_reader(handle)
        os.close(handle)
