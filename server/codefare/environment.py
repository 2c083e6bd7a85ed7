"""What of this process others get: programs that it starts all of its environment but the keys, a crash no memory."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_withheld = {"CODEFARE_TOKEN"}  # of the process, as its environment is


def withhold(variables: Iterable[str]) -> None:
    """From here on keep these variables from git and checkers, which run what a project's configuration says."""
    _withheld.update(variables)


def for_programs() -> dict[str, str]:
    """The environment without the variables that hold keys."""
    return {name: value for name, value in os.environ.items() if name not in _withheld}


def leave_no_core() -> None:
    """Keys and code are in this process's memory: when it crashes, that is not written to a file."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such files
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
