"""This machine: codefare itself, Python, and the programs that it runs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codefare import __version__
from codefare.doctor.finding import Finding, Group, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.settings import Checker, Settings

_SECONDS = 5.0


def machine(settings: Settings) -> Iterator[Finding]:
    """codefare, Python, git and the user's checkers. Blocks for as long as git takes to say its version."""
    yield _finding(
        "codefare",
        "codefare",
        State.OK,
        f"{__version__} on Python {platform.python_version()} ({sys.executable}), {platform.system()}",
    )
    yield _git()
    for language, checker in settings.checkers.items():
        yield _checker(language, checker)


def _git() -> Finding:
    found = shutil.which("git")
    if found is None:
        text = "not found: what is not committed cannot be reviewed"
        return _finding("git", "git", State.WARNING, text, "Install git.")
    try:
        done = subprocess.run(
            [found, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        text = f"{found} does not run"
        return _finding("git", "git", State.WARNING, text, "Install git anew.")
    said = done.stdout.decode("utf-8", "replace").strip().removeprefix("git version ")
    return _finding("git", "git", State.OK, f"{said} ({found})")


def _checker(language: str, checker: Checker) -> Finding:
    named = checker.command[0]
    about, subject = f"checker.{language}", f"Checker for {language}"
    if os.path.dirname(named):  # noqa: PTH120 - a Path forgets that `./name` began so
        place = Path(named).expanduser()
        if not place.is_absolute():
            text = f"{checker.name}: {named}, looked for in each project"
            return _finding(about, subject, State.OK, text)
        found = str(place) if os.access(place, os.X_OK) and place.is_file() else None
    else:
        found = shutil.which(named)
    if found is not None:
        through = "" if Path(named).stem == checker.name else f", run by {named}"
        return _finding(about, subject, State.OK, f"{checker.name}{through} ({found})")
    return _finding(
        about,
        subject,
        State.PROBLEM,
        f"{named} was not found: fixes are not tried before they are applied",
        f"Install it, put it on the PATH, or name its full path in [checkers.{language}] of config.toml.",
    )


def _finding(about: str, subject: str, state: State, text: str, remedy: str = "") -> Finding:
    return Finding(f"machine.{about}", Group.MACHINE, subject, state, text, remedy)
