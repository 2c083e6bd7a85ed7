"""What checkers print, line by line: `file:line:col: message` and its relatives."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.checking.shadow import Shadow

_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# mypy, ruff, go vet, gcc: `a.py:3:5: words`; mypy's --show-error-end: `a.py:3:5:3:9: words`;
# tsc, for people: `a.ts:3:5 - words`.
_COLONS = re.compile(
    r"(?:vet: )?(?P<file>(?:[A-Za-z]:[\\/])?[^\s:][^:]*):(?P<line>\d+)(?::(?P<column>\d+)(?::\d+:\d+)?)?"
    r"(?:: ?| - )(?P<words>\S.*)"
)
# tsc, for programs: `a.ts(3,5): words`.
_BRACKETS = re.compile(r"(?P<file>\S.*?)\((?P<line>\d+)(?:,(?P<column>\d+))?\): (?P<words>\S.*)")
# eslint, below a line with the file: `  3:5  error  words  rule`.
_TABLE = re.compile(r"\s+(?P<line>\d+):(?P<column>\d+)\s+(?P<words>\S.*)")
# ruff in full, cargo: ` --> a.py:3:5` below the words.
_ARROW = re.compile(r"\s*--> (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)\s*")
_GRAVE = re.compile(r"(?:fatal )?(?:error|warning)\b", re.IGNORECASE)
_NOTE = re.compile(r"(?:note|help|info(?:rmation)?)\b", re.IGNORECASE)
# Places that words speak of: `already defined on line 3`, `(see a.py:3:5)`.
_PLACES = re.compile(r"(?<=\bline )\d+|(?<=\bcolumn )\d+|:\d+(?::\d+)?\b|\(\d+,\d+\)")
_SPACES = re.compile(r"\s+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that a checker says.

    `file` is relative to the project's top folder, "" if it is not told; `line` and `column` count
    from 1, None if they are not told, and columns in the checker's own units. `words` is the rest
    of the line, with the code.
    """

    file: str
    line: int | None
    column: int | None
    words: str

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same when the code moves: all but the numbers of lines and columns."""
        words = self.words if self.line is not None else _DIGITS.sub("", self.words)
        return self.file, _SPACES.sub(" ", _PLACES.sub("", words)).strip()

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part)
        return f"{where}: {_SPACES.sub(' ', self.words)}" if where else self.words


def complaints_in(text: str, shadow: Shadow) -> list[Complaint]:
    """The complaints in what a checker printed; notes to them are left out."""
    plain = _ESCAPE.sub("", text).replace(os.path.realpath(shadow.top), str(shadow.top))
    return list(_read(plain, shadow))


def lines_in(text: str) -> list[Complaint]:
    """Every line as a complaint of its own: for a checker that tells no places."""
    lines = (_ESCAPE.sub("", line).strip() for line in text.splitlines())
    return [Complaint("", None, None, line) for line in lines if line]


def _read(text: str, shadow: Shadow) -> Iterator[Complaint]:
    heading = previous = ""
    for line in text.splitlines():
        found = _ARROW.fullmatch(line)
        if found:
            yield _complaint(found, found["file"], previous, shadow)
        elif found := _TABLE.fullmatch(line):
            yield _complaint(found, heading, found["words"], shadow)
        elif found := _COLONS.fullmatch(line.strip()) or _BRACKETS.fullmatch(line.strip()):
            # Indented are places that the line above speaks of, unless they are graver than that.
            words = found["words"]
            if not _NOTE.match(words) and (not line[0].isspace() or _GRAVE.match(words)):
                yield _complaint(found, found["file"], words, shadow)
        if line and not line[0].isspace():
            heading = line.strip()
        previous = line.strip() or previous


def _complaint(found: re.Match[str], file: str, words: str, shadow: Shadow) -> Complaint:
    column = found["column"]
    at = Path(os.path.normpath(shadow.root / file))
    name = at.relative_to(shadow.top).as_posix() if at.is_relative_to(shadow.top) else file
    words = words.replace(f"{shadow.top}{os.sep}", "")
    return Complaint(name, int(found["line"]), int(column) if column else None, words)
