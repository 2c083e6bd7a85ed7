"""A command of the user's that prints a secret: a password manager, mostly.

What it prints, on standard error too, reaches no log and no message.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path, PurePath

SECONDS = 30.0
_REAP_SECONDS = 5.0
_LARGEST_OUTPUT = 64 * 1024
_WINDOWS_ENDINGS = ".COM;.EXE;.BAT;.CMD"


class CommandFailed(Exception):
    """The words follow the command's name in a sentence: "printed nothing"."""


async def printed(command: tuple[str, ...], *, seconds: float = SECONDS) -> str:
    """What the command prints, without white space around it.

    It runs in the user's home folder and is looked for on the absolute folders of the PATH alone: what
    stands in a workspace is never run. It has no input. Whoever cancels ends it.

    Raises:
        CommandFailed: It is not there, fails, takes too long, or prints nothing or too much.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            _program(command[0]),
            *command[1:],
            cwd=_home(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LARGEST_OUTPUT,
        )
    except (OSError, ValueError):
        raise CommandFailed("cannot be started") from None
    try:
        async with asyncio.timeout(seconds):
            output = await _output(process)
            if len(output) >= _LARGEST_OUTPUT:  # it may still be writing, for ever
                raise CommandFailed("printed a text too long for a secret")
            code = await process.wait()
    except TimeoutError:
        raise CommandFailed(f"did not finish in {seconds:g} s") from None
    finally:
        await _end(process)
    if code != 0:
        raise CommandFailed(f"failed with exit code {code}")
    text = output.decode("utf-8", "replace").strip()
    if not text:
        raise CommandFailed("printed nothing")
    return text


def program_name(command: tuple[str, ...]) -> str:
    """What a message calls the command: never its arguments, nor where it is.

    Who writes it as one text, and not as a list of words, has the arguments in its name.
    """
    return (PurePath(command[0]).name.split() or [""])[0]


def _program(named: str) -> str:
    """The program's path.

    `subprocess` would look into the current folder as well on Windows, and into relative folders of
    the PATH everywhere: the current folder is the workspace in most editors.

    Raises:
        CommandFailed: It is nowhere, or named by a path that depends on the current folder.
    """
    if os.path.dirname(named):  # noqa: PTH120 - a Path forgets that `./name` began so
        path = Path(named).expanduser()
        if not path.is_absolute():
            raise CommandFailed("is named by a relative path, which could lie in a workspace")
        return str(path)
    endings = [""]
    if os.name == "nt" and not PurePath(named).suffix:
        endings = os.environ.get("PATHEXT", _WINDOWS_ENDINGS).split(";")
    for folder in os.get_exec_path():
        for ending in endings:
            path = Path(folder, named + ending)
            if path.is_absolute() and path.is_file() and os.access(path, os.X_OK):
                return str(path)
    raise CommandFailed("is not on the PATH")


def _home() -> Path | None:
    home = Path("~").expanduser()
    return home if home.is_dir() else None


async def _output(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:  # it was asked for above; this tells the type checker
        return b""
    output = bytearray()
    while len(output) < _LARGEST_OUTPUT and (chunk := await process.stdout.read(_LARGEST_OUTPUT)):
        output += chunk
    return bytes(output)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the process if it still runs, and closes its pipe even if a grandchild holds it open."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    # `wait` does not return before the pipe is closed, and there is no public way to close it.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_REAP_SECONDS):
            await process.wait()
