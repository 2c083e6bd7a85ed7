"""What .gitignore and .codefareignore files leave out of a project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from codefare.source.regular import read_regular
from codefare.source.spelling import folded

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
class Said:
    """What a line of such a file says of a path: whether it is left `out`. Lines count from 1."""

    out: bool
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class _Spec:
    """The patterns of one file; `folder` is what they count from, `lines` are their lines in `source`."""

    folder: str
    patterns: GitIgnoreSpec
    lines: tuple[int, ...]
    source: str

    def said(self, path: str, *, is_folder: bool) -> Said | None:
        path = folded(path)
        if self.folder.startswith(ABOVE):
            inner = f"{self.folder.removeprefix(ABOVE)}/{path}"
        else:
            inner = path.removeprefix(f"{self.folder}/") if self.folder else path
        found = self.patterns.check_file(f"{inner}/" if is_folder else inner)
        if found.include is None or found.index is None:
            return None
        return Said(bool(found.include), self.source, self.lines[found.index])


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns that count in a folder: those of one kind of file, from the outermost folder inwards."""

    specs: tuple[_Spec, ...] = ()

    def below(self, folder: str, lines: Iterable[str], source: str = "") -> Rules:
        """These with the patterns of a file in `folder`, a path from the root with slashes, "" for the root.

        For a folder above the root it is `ABOVE` with the path from there to the root. `source` is the file's name.
        """
        safe = [(number, line) for number, one in enumerate(lines, 1) if (line := _safe(one))]
        spec = GitIgnoreSpec.from_lines([line for _, line in safe])
        if not spec.patterns:
            return self
        return Rules((*self.specs, _Spec(folded(folder), spec, tuple(n for n, _ in safe), source)))

    def said(self, path: str, *, is_folder: bool) -> Said | None:
        """The line that counts for a path from the root: the last one of the innermost file that means it."""
        found = (spec.said(path, is_folder=is_folder) for spec in reversed(self.specs))
        return next((said for said in found if said is not None), None)

    def leaves_out(self, path: str, *, is_folder: bool) -> bool:
        """Whether a path from the root is left out."""
        said = self.said(path, is_folder=is_folder)
        return said is not None and said.out


def lines_of(path: Path) -> list[str]:
    """The lines of such a file; none if it cannot be read."""
    try:
        return read_regular(path, _LARGEST).decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def _safe(line: str) -> str:
    """A pattern that is quick to match: one with many stars is cut, so that it means more files, not fewer."""
    line = folded(line)
    parts = _STARS.split(line)
    if len(line) <= _LONGEST and len(parts) <= _MOST_STARS + 1:
        return line
    if line.startswith("!"):
        return ""
    cut = [*_STARS.finditer(line[:_LONGEST])][:_MOST_STARS]
    return f"{line[: cut[-1].start()] if cut else line[:_LONGEST]}*"
