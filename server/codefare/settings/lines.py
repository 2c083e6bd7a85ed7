"""On which line of a TOML file a key stands: the parser tells it of what it cannot read alone."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line, from 1, of the key or table that `path` leads to, or of what is nearest above it; None if unknown."""
    wanted, deepest, found = tuple(path), 0, None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        here = _header(line)
        if here is not None:
            table = here
        else:
            key = _keys(line.partition("=")[0], "=0") if "=" in line else None
            here = (*table, *key) if key else ()
        if len(here) > deepest and wanted[: len(here)] == here:
            deepest, found = len(here), number
    return found


def _header(line: str) -> tuple[str, ...] | None:
    """The path of a table's header; None for any other line."""
    line = line.strip()
    return _keys(line, "") if line.startswith("[") else None


def _keys(written: str, rest: str) -> tuple[str, ...] | None:
    """A key or a header as TOML reads it, which may be dotted and quoted."""
    try:
        found: Any = tomllib.loads(written + rest)
    except tomllib.TOMLDecodeError:
        return None
    path = []
    while isinstance(found, list | dict) and found:
        if isinstance(found, list):
            found = found[0]
        else:
            name, found = next(iter(found.items()))
            path.append(name)
    return tuple(path)
