"""What .gitignore and .codefareignore files leave out of a project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAMES = (".gitignore", ".codefareignore")
"""The files that hold such patterns, in any folder. Each kind counts alone: neither takes back what the other says."""

ABOVE = "\0"

_LARGEST = 200_000  # bytes
_MOST_STARS = 6  # in one pattern: matching takes longer with each
_LONGEST = 300  # characters of one pattern
_STARS = re.compile(r"\*+")


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns that count in a folder: those of one kind of file, from the outermost folder inwards."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def below(self, folder: str, lines: Iterable[str]) -> Rules:
        """These with the patterns of a file in `folder`, a path from the root with slashes, "" for the root.

        For a folder above the root it is `ABOVE` with the path from there to the root.
        """
        spec = GitIgnoreSpec.from_lines([safe for line in lines if (safe := _safe(line))])
        return Rules((*self.specs, (folder, spec))) if spec.patterns else self

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path from the root is left out. What the innermost file says counts."""
        for folder, spec in reversed(self.specs):
            if folder.startswith(ABOVE):
                inner = f"{folder.removeprefix(ABOVE)}/{path}"
            else:
                inner = path.removeprefix(f"{folder}/") if folder else path
            said = spec.check_file(f"{inner}/" if is_folder else inner).include
            if said is not None:
                return bool(said)
        return False


def lines_of(path: Path) -> list[str]:
    """The lines of such a file; none if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _safe(line: str) -> str:
    """A pattern that is quick to match: one with many stars is cut, so that it means more files, not fewer."""
    parts = _STARS.split(line)
    if len(line) <= _LONGEST and len(parts) <= _MOST_STARS + 1:
        return line
    if line.startswith("!"):
        return ""
    cut = [*_STARS.finditer(line[:_LONGEST])][:_MOST_STARS]
    return f"{line[: cut[-1].start()] if cut else line[:_LONGEST]}*"
