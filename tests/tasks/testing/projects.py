"""Small projects on the disk, for the tests of how tests are planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.file import read_document
from codefare.source.target import Span
from codefare.tasks.outcome import Addition, Outcome
from codefare.tasks.testing import Plan, nothing_open, plan, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codefare.source.target import Target

PYTHON = "class Parser:\n    def feed(self, data):\n        return data\n\n\ndef reset():\n    return 0\n"


def project(folder: Path, files: Mapping[str, str]) -> Path:
    """The files, in a repository."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def target_in(path: Path, symbol: str = "") -> Target:
    """The target that a symbol's name, or nothing for the whole file, stands for."""
    document = read_document(path)
    if not symbol:
        return document.target(Span(0, 0), whole_file=True)
    found = next(each for each in document.symbols() if each.qualified_name == symbol)
    return document.target(Span(found.signature.start, found.signature.start))


def planned(
    folder: Path,
    source: str,
    symbol: str = "",
    *,
    opened: Mapping[Path, str] | None = None,
    roots: Sequence[Path] = (),
) -> Plan:
    """The plan for a source of a project; `opened` are texts that an editor holds."""
    return plan(target_in(folder / source, symbol), (opened or {}).get, roots)


def place_of(folder: Path, source: str, symbol: str = "") -> str:
    """The test file's path within the project."""
    path = planned(folder, source, symbol).path
    return path.relative_to(folder).as_posix() if path else ""


def outcome(folder: Path, source: str, code: str, symbol: str = "") -> Outcome:
    """What an answer that holds `code` comes to."""
    target = target_in(folder / source, symbol)
    return read(f"```\n{code}```\n", target, plan(target, nothing_open))


def added(folder: Path, source: str, code: str, symbol: str = "") -> str:
    """The new text of the existing test file."""
    made = outcome(folder, source, code, symbol)
    assert isinstance(made, Addition), made
    assert made.path.read_bytes().decode() == made.old
    return made.new
