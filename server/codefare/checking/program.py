"""Running a checker: without a shell, for so long and so much, and never beyond its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.environment import for_programs
from codefare.errors import CheckerFailed

if TYPE_CHECKING:
    from codefare.checking.shadow import Shadow
    from codefare.settings.model import Checker

_LARGEST_OUTPUT = 256 * 1024
_REAP_SECONDS = 5.0
_FILE = "{file}"
# What asks for colours, whatever the output goes to.
_COLOURS = ("FORCE_COLOR", "CLICOLOR_FORCE", "MYPY_FORCE_COLOR", "PY_COLORS")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a checker printed on both of its outputs, and its exit code."""

    text: str
    code: int


async def run(checker: Checker, shadow: Shadow) -> Printed:
    """Runs a checker on the file of a shadow copy.

    Its whole group of processes ends with it: also at the time limit, and when this is cancelled.

    Raises:
        CheckerFailed: It was not found, took too long, printed too much or was ended by a signal.
    """
    arguments = [word.replace(_FILE, str(shadow.file)) for word in checker.command[1:]]
    program = _program(checker, shadow.root)
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=_LARGEST_OUTPUT,
            cwd=shadow.root,
            env=_environment(shadow),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise CheckerFailed(f"{checker.name} cannot be started: {why}.", remedy=_REMEDY) from None
    try:
        async with asyncio.timeout(checker.timeout_seconds):
            output = await _output(process)
            if len(output) > _LARGEST_OUTPUT:
                raise CheckerFailed(
                    f"{checker.name} printed more than {_LARGEST_OUTPUT // 1024} KB.",
                    remedy="Have it check less at once: its command can name {file}.",
                )
            code = await process.wait()
    except TimeoutError:
        raise CheckerFailed(
            f"{checker.name} did not finish in {checker.timeout_seconds} s.",
            remedy="Give it more timeout_seconds, or have it check less at once.",
        ) from None
    finally:
        await _end(process)
    if code < 0:
        raise CheckerFailed(f"{checker.name} was ended by {_signal(code)}.", remedy=_REMEDY)
    return Printed(output.decode("utf-8", "replace"), code)


_REMEDY = "Run it in a terminal, and correct its command in [checkers] of config.toml."


def failed(checker: Checker, printed: Printed) -> CheckerFailed:
    """The error for a checker that ended with words about itself, or none, in place of complaints."""
    words = " ".join(printed.text.split())[:300]
    what = f": {words}" if words else " and printed nothing"
    return CheckerFailed(f"{checker.name} failed (exit code {printed.code}){what}", remedy=_REMEDY)


def _program(checker: Checker, root: Path) -> str:
    """The program's path. A name is looked for on the PATH, a relative path in the project."""
    named = checker.command[0]
    if os.path.dirname(named):  # noqa: PTH120 - a Path forgets that `./name` began so
        return str(root / Path(named).expanduser())
    # On Windows the current folder is searched too: it may be the workspace, which is not to
    # choose what runs.
    found = shutil.which(named)
    if found is None or not Path(found).is_absolute():
        raise CheckerFailed(
            f"{named} was not found.",
            remedy="Put it on the PATH of your editor, or name its full path in [checkers].",
        )
    return found


def _environment(shadow: Shadow) -> dict[str, str]:
    """Ours without keys, with what keeps caches out of the project and the output plain."""
    own = {name: value for name, value in for_programs().items() if name not in _COLOURS}
    return {
        **own,
        "NO_COLOR": "1",
        "MYPY_CACHE_DIR": str(shadow.scratch / "mypy"),
        "MYPY_FORCE_TERMINAL_WIDTH": "2000",  # else `pretty` breaks messages over lines
        "PYTHONDONTWRITEBYTECODE": "1",
        "RUFF_CACHE_DIR": str(shadow.scratch / "ruff"),
        "RUFF_OUTPUT_FORMAT": "concise",
    }


async def _output(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:  # it was asked for above; this tells the type checker
        return b""
    output = bytearray()
    while len(output) <= _LARGEST_OUTPUT and (chunk := await process.stdout.read(_LARGEST_OUTPUT)):
        output += chunk
    return bytes(output)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends what still runs of the group, and closes its pipe."""
    _kill(process)
    # `wait` does not return before the pipe is closed, and there is no public way to close it.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_REAP_SECONDS):
            await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if sys.platform == "win32":
        if process.returncode is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)],  # noqa: S607 - Windows' own
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _signal(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
