"""Private keys that stand between lines of their own: PEM, OpenSSH, PGP, OpenVPN, PuTTY."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.gate.values import is_filled, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

_KIND = r"(?:(?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
_HEAD = re.compile(f"-----BEGIN {_KIND}")
_END = re.compile(f"-----END {_KIND}")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{16,20000}+|(?<=[\n\s\"'])[A-Za-z0-9+/]{1,15}+={1,2}")
# The body of a key in one piece: in one literal, or on lines of its own, each with the mark of a diff before it.
_PLAIN_BODY = re.compile(r"(?:[A-Za-z0-9+/=:,.\- \t\r]|\n[+\- ]?|\\[nr])+")
_EDGE = re.compile(r"(?:\\[nr]|[\s+\-])*+")
_LINE = re.compile(r"[+\- \t]*([A-Za-z0-9+/=]{1,76})(?:\\n)?[ \t\r]*")
_PUTTY = re.compile(r"Private-Lines: \d{1,3}\s{1,4}")
_PUTTY_END = "Private-MAC"
_FULL_LINE = 60  # letters
_LONGEST = 20_000
_MOST_LINES = 300


def private_keys(text: str) -> Iterator[tuple[int, int]]:
    """The bodies of private keys, from start to end; the lines around them say what they are, and stay."""
    at = text.find("-----BEGIN ")
    while at >= 0:
        head = _HEAD.match(text, at)
        after = at + 1
        if head is not None:
            end = text.find("-----", head.end(), head.end() + _LONGEST)
            whole = end >= 0
            stop = end if whole else min(len(text), head.end() + _LONGEST)
            yield from _body(text, head.end(), stop, whole=whole)
            after = stop if whole else head.end()
        at = text.find("-----BEGIN ", after)
    at = text.find("-----END ")
    while at >= 0:
        # A selection may begin within a key.
        if _END.match(text, at) and text.rfind("-----BEGIN ", max(0, at - _LONGEST), at) < 0:
            yield from _lines_above(text, at)
        at = text.find("-----END ", at + 1)
    at = text.find("Private-Lines: ")
    while at >= 0:
        if head := _PUTTY.match(text, at):
            end = text.find(_PUTTY_END, head.end(), head.end() + _LONGEST)
            yield from _body(text, head.end(), end, whole=True) if end >= 0 else ()
        at = text.find("Private-Lines: ", at + 1)


def _body(text: str, start: int, stop: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    plain = _PLAIN_BODY.match(text, start, stop)
    if plain is not None and whole and plain.end() == stop:
        edge = _EDGE.match(text, start, stop)
        first, last = edge.end() if edge else start, stop
        while (trimmed := _trimmed(text, last)) != last:
            last = trimmed
        if last > first and not is_filled(text[first:last]):
            yield first, last
        return
    for chunk in _BASE64.finditer(text, start, stop):
        # Code that reads keys has long names in such places.
        if len(chunk[0]) >= _FULL_LINE or is_random(chunk[0]) or chunk[0].endswith("="):
            yield chunk.span()


def _trimmed(text: str, end: int) -> int:
    """`end` without a line end before it, real or written out."""
    if text[end - 1 : end].isspace() or text[end - 1 : end] in {"+", "-"}:
        return end - 1
    return end - 2 if text[end - 2 : end] in {"\\n", "\\r"} else end


def _lines_above(text: str, at: int) -> Iterator[tuple[int, int]]:
    end = at
    for _ in range(_MOST_LINES):
        begin = text.rfind("\n", max(0, end - 200), max(0, end - 1)) + 1
        line = _LINE.fullmatch(text, begin, end - 1 if text[end - 1 : end] == "\n" else end)
        if begin < end and line is not None and len(line[1]) > 3:  # noqa: PLR2004 - fewer say nothing
            yield line.span(1)
        elif end != at:
            return
        if begin == 0:
            return
        end = begin
