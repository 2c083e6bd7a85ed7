"""Git's unified diffs, read into files and hunks."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)", re.DOTALL)
_SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
}
_STATUS = {
    b"old mode": "mode changed",
    b"new file mode": "added",
    b"deleted file mode": "deleted",
    b"rename from": "renamed",
    b"copy from": "copied",
}


class Row(NamedTuple):
    """One line of a hunk: its sign (` `, `+` or `-`), its line in the new text (from 1), its text.

    The line of a deleted row is the one that stands where it stood.
    """

    sign: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of a file that changed, with those around them; `lines` begin with their signs."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """The lines with their places in the new text; what is no line of code is left out."""
        line = self.new_start
        for shown in self.lines:
            sign = shown[:1]
            if sign == "\\":
                continue
            # A hunk that only deletes starts at the line before it.
            yield Row(sign, max(1, line + (not self.new_count)), shown[1:])
            line += sign != "-"

    @property
    def text(self) -> str:
        """The hunk as it stands in a unified diff."""
        header = f"@@ -{self.old_start},{self.old_count} +{self.new_start},{self.new_count} @@"
        return "\n".join((f"{header} {self.section}".rstrip(), *self.lines))


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What changed in one file. Paths are relative to the repository's root, with slashes.

    `status` is modified, added, untracked, deleted, renamed, copied, or `mode changed`.
    """

    path: str
    old_path: str
    status: str
    hunks: tuple[Hunk, ...]

    @property
    def text(self) -> str:
        """The file's part of a unified diff, headed by its name and what happened to it."""
        before = f" from {printable(self.old_path)}" if self.old_path != self.path else ""
        head = f"=== {printable(self.path)} ({self.status}{before})"
        return "\n".join((head, *(one.text for one in self.hunks)))


def printable(path: str) -> str:
    """A path in which nothing breaks a line or cannot be encoded."""
    return "".join(char if char.isprintable() else "?" for char in path)


def parse_patch(printed: bytes) -> list[FileDiff]:
    """The files of what `git diff --patch` printed.

    Lines end at line feeds alone, so that a carriage return stays part of its line.
    """
    starts = [match.start() for match in _SECTION.finditer(printed)]
    sections = [printed[start:end] for start, end in pairwise((*starts, len(printed)))]
    return [_file(section.removesuffix(b"\n").split(b"\n")) for section in sections]


def _file(lines: Sequence[bytes]) -> FileDiff:
    old = new = _named_twice(lines[0].removeprefix(b"diff --git "))
    status, at = "modified", 1
    while at < len(lines) and not lines[at].startswith(b"@@ "):
        line = lines[at]
        for head, word in _STATUS.items():
            status = word if line.startswith(head) else status
        if line.startswith((b"rename from ", b"copy from ")):
            old = _path(line.partition(b" from ")[2])
        elif line.startswith((b"rename to ", b"copy to ")):
            new = _path(line.partition(b" to ")[2])
        elif line.startswith(b"--- ") and line != b"--- /dev/null":
            old = _path(line[4:], prefix="a/")
        elif line.startswith(b"+++ ") and line != b"+++ /dev/null":
            new = _path(line[4:], prefix="b/")
        at += 1
    hunks = tuple(_hunks(lines[at:]))
    if status == "mode changed" and hunks:
        status = "modified"
    return FileDiff(new, old if status in ("renamed", "copied") else new, status, hunks)


def _hunks(lines: Sequence[bytes]) -> Iterator[Hunk]:
    starts = [number for number, line in enumerate(lines) if line.startswith(b"@@ ")]
    for start, end in pairwise((*starts, len(lines))):
        match = _HUNK.match(lines[start])
        if match is None:
            continue
        old, old_count, new, new_count, section = match.groups()
        yield Hunk(
            int(old),
            int(old_count or 1),
            int(new),
            int(new_count or 1),
            section.decode("utf-8", "replace").strip(),
            tuple(line.decode("utf-8", "replace") for line in lines[start + 1 : end]),
        )


def _named_twice(names: bytes) -> str:
    """The path in `a/path b/path`, where no other line of a section tells it."""
    return _path(names[: (len(names) - 1) // 2], prefix="a/")


def _path(name: bytes, prefix: str = "") -> str:
    """A path as git prints it: a tab ends one that holds spaces, quotes surround one that needs escapes."""
    name = name.removesuffix(b"\t")
    if name.startswith(b'"') and name.endswith(b'"'):
        name = _ESCAPE.sub(_unescaped, name[1:-1])
    return os.fsdecode(name).removeprefix(prefix)


def _unescaped(match: re.Match[bytes]) -> bytes:
    code: bytes = match[1]
    return bytes((int(code, 8) & 0xFF,)) if code.isdigit() else _ESCAPED.get(code, code)
