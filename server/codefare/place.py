"""Where the command line means: FILE, FILE:LINE, FILE:FIRST-LAST, or a folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.file import read_document
from codefare.source.target import Span

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.source.document import Document
    from codefare.source.target import Target

_PLACE = re.compile(r"(?P<file>.+?):(?P<first>\d+)(?:-(?P<last>\d+))?")


def read_place(engine: Engine, place: str, action: str | None) -> tuple[Document, Target]:
    """What is at a place. Of a folder: its outline, or, for what works on a diff, what is not committed in it."""
    path, lines = _parse(place)
    engine.adopt(engine.settings.with_roots([_here()]))
    if os.path.isdir(path):  # noqa: PTH112  `Path.is_dir` raises where a name is too long
        folder, around = path.resolve(), engine.around
        row = engine.catalog.actions.get(action or "")
        of_changes = row is not None and "diff" in row.scopes and "folder" not in row.scopes
        look = around.look_for_changes if of_changes else around.look_at_folder
        whole = look(folder)
        return whole.document, whole.target
    document = read_document(path)
    engine.around.look_at_code()
    if lines is None:
        return document, document.target(Span(0, 0), whole_file=True)
    span = document.span_of_lines(*lines)
    # One line is a cursor on it: the symbol around it is meant.
    return document, document.target(span)


def _here() -> Path:
    """The current folder, to which the patterns of private files are relative.

    Raises:
        TargetError: It was deleted.
    """
    try:
        return Path.cwd()
    except OSError:
        raise TargetError(
            "The current folder does not exist any more.", remedy="Change to another one."
        ) from None


def _parse(place: str) -> tuple[Path, tuple[int, int] | None]:
    """A file's own name wins: it may end like a line number.

    Raises:
        TargetError: A file is named, and something behind it that is no line.
    """
    # Not `Path.exists`, which raises where a folder may not be read or a name is too long.
    found = None if os.path.exists(place) else _PLACE.fullmatch(place)  # noqa: PTH110
    file = found["file"] if found else place
    name, _, rest = place.partition(":")
    if rest and not os.path.exists(file) and os.path.isfile(name):  # noqa: PTH110, PTH113
        raise TargetError(
            f"{rest!r} is no line and no range of lines of {name}.",
            remedy=f"Write {name}:LINE or {name}:FIRST-LAST, such as {name}:3-8.",
        )
    if found is None:
        return Path(file), None
    first = int(found["first"])
    return Path(file), (first, int(found["last"] or first))


def spot_of(place: str, document: Document, target: Target) -> Span:
    """The lines that were named; all of the target if none were."""
    _, lines = _parse(place)
    return target.span if lines is None else document.span_of_lines(*lines)
