"""Positions as editors count them, and lines as the Language Server Protocol ends them.

LSP 3.17, sections "Position" and "Text Documents": a line ends at CR LF, LF or CR and nowhere else;
a character counts UTF-8, UTF-16 or UTF-32 units as the two sides agreed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_CONTINUATION = 0x80  # the two high bits of every byte of a UTF-8 character but the first


def breaks_after(text: str, start: int, end: int) -> list[int]:
    """The offsets in `start..end` (both included) at which a line begins because of a break."""
    # One character more on both sides decides whether CR and LF belong together.
    found = _LINE_BREAK.finditer(text, max(0, start - 1), min(len(text), end + 1))
    return [match.end() for match in found if start <= match.end() <= end]


def line_starts(text: str) -> list[int]:
    """The offset of every line's first character; at least one line, as the protocol counts."""
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def line_break_of(text: str) -> str:
    """The line break that `text` uses most, of several such the first; LF if it has none."""
    most = Counter(_LINE_BREAK.findall(text)).most_common(1)
    return most[0][0] if most else "\n"


def units_of(text: str, encoding: Encoding) -> int:
    """How many units `text` has in an encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def prefix_of(text: str, units: int, encoding: Encoding) -> int:
    """How many characters of `text` fit in `units`; one that `units` would split does not fit."""
    if units <= 0:
        return 0
    head = text[:units]  # a character has one unit at least, so the rest never fits
    if encoding == "utf-32" or head.isascii():
        return len(head)
    if encoding == "utf-8":
        data = head.encode("utf-8", "surrogatepass")
        while units < len(data) and data[units] & 0xC0 == _CONTINUATION:
            units -= 1
        return len(data[:units].decode("utf-8", "surrogatepass"))
    wide = 0
    for index, character in enumerate(head):
        wide += character > "\uffff"
        if index + 1 + wide > units:
            return index
    return len(head)
