"""What one source file defines and imports, as the index keeps it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.bindings import read_bindings
from codefare.source.imports import read_exports
from codefare.source.signature import TYPES, card, purpose, signature
from codefare.source.symbols import definitions
from codefare.source.syntax import Parsed, parse
from codefare.source.visibility import visibility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.project.files import Found
    from codefare.source.binding import Statement
    from codefare.source.symbols import Definition

LARGEST = 300_000
"""Bytes. What is larger is generated, or data."""

_MOST_ENTRIES = 1_000
_LONGEST_LINE = 5_000  # bytes: what has longer ones was not written by people
_SAMPLE = 8_000  # bytes in which a binary file shows itself
_CODE = frozenset({"function", "method", "constructor"})
_SCRIPTS = frozenset({"javascript", "typescript", "tsx"})
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A definition: its signature, for a type with its fields and constructor in `text`, and what it is for."""

    name: str
    kind: str
    container: str
    line: int
    signature: str
    text: str
    purpose: str
    private: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A source file. `entries` are the definitions that other files could see, in order.

    `statements` are its imports, `exports` tells how names leave a JavaScript or TypeScript file.
    """

    relative: str
    language: str
    size: int
    mtime_ns: int
    lines: int
    entries: tuple[Entry, ...]
    statements: tuple[Statement, ...]
    exports: Mapping[str, str]


def read_source(found: Found) -> Source | None:
    """What a file holds; None if it cannot be read, is binary, too large, or no longer a plain file."""
    data = read_bytes(found, LARGEST)
    if found.language is None or data is None:
        return None
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    blank = Source(found.relative, found.language, found.size, found.mtime_ns, lines, (), (), {})
    if max(map(len, data.split(b"\n"))) > _LONGEST_LINE:
        return blank
    parsed = Parsed(found.language, data, parse(found.language, data))
    text = data.decode("utf-8", "replace")
    return Source(
        found.relative,
        found.language,
        found.size,
        found.mtime_ns,
        lines,
        tuple(_entry(parsed, one) for one in _seen(parsed)),
        read_bindings(parsed),
        read_exports(text) if found.language in _SCRIPTS else {},
    )


def read_bytes(found: Found, most: int) -> bytes | None:
    """The content of a file, read only if it is still a plain text file of no more than `most` bytes."""
    if found.size > most:
        return None
    try:
        handle = os.open(found.path, os.O_RDONLY | _NO_LINK | _BINARY)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                return None
            data = file.read(most + 1)
    except OSError:
        return None
    return None if len(data) > most or b"\0" in data[:_SAMPLE] else data


def _seen(parsed: Parsed) -> list[Definition]:
    """The definitions that do not stand inside of functions."""
    found: list[Definition] = []
    hidden = -1
    for one in definitions(parsed):
        if one.span[0] < hidden:
            continue
        if one.kind in _CODE and one.body is not None:
            hidden = one.span[1]
        found.append(one)
    return found[:_MOST_ENTRIES]


def _entry(parsed: Parsed, one: Definition) -> Entry:
    written = signature(parsed, one)
    name = one.node.child_by_field_name("name") or one.node.child_by_field_name("declarator")
    end = name.start_byte if name is not None else one.signature[1]
    head = parsed.data[one.span[0] : max(end, one.span[0])].decode("utf-8", "replace")
    seen = visibility(parsed.language, one.name, head, one.node, parsed.data)
    return Entry(
        one.name,
        one.kind,
        one.container,
        one.node.start_point.row + 1,
        written,
        card(parsed, one, values=False) if one.kind in TYPES else written,
        purpose(parsed, one.doc),
        seen == "private",
    )
