"""What programs that codefare starts get of its environment: all of it but the keys."""

from __future__ import annotations

import os
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
