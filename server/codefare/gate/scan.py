"""Finding the secrets of a text: each with its place and what it is. A secret that is put together is not found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from codefare.gate.formats import FORMATS
from codefare.gate.names import assigned, is_example, is_filled, is_random

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEY_HEAD = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/=]{16,20000}+|(?<=[\n\s\"'])[A-Za-z0-9+/]{1,15}+={1,2}")
# The body of a key in one piece: in one literal, or on lines of its own, each with the mark of a diff before it.
_PLAIN_BODY = re.compile(r"(?:[A-Za-z0-9+/=:,.\- \t\r]|\n[+\- ]?|\\[nr])+")
_EDGE = re.compile(r"(?:\\[nr]|[\s+\-])*+")
_KEY_LINE = re.compile(r"[+\- \t]*([A-Za-z0-9+/=]{1,76})(?:\\n)?[ \t\r]*")
_LONGEST_KEY = 20_000
_MOST_LINES = 300
_ADDRESS = re.compile(r"[^\s/:@\"'`<>\\]{0,100}:(?P<password>[^\s/@\"'`<>\\]{3,200})@")
_HEADER = re.compile(
    r"(?:Bearer|Basic|Token|token|bearer)[ ]+(?P<value>[A-Za-z0-9._~+/=-]{16,2000})"
)
_USER = re.compile(r"-{1,2}u(?:ser)?[ =]+[\"']?[\w.@+-]{1,60}:(?P<password>[^\s\"'`\\]{6,100})")


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """A secret in a text, from `start` to `end` in code points."""

    start: int
    end: int
    kind: str


@lru_cache(maxsize=64)
def secrets_in(text: str) -> tuple[Secret, ...]:
    """The secrets of `text`, in its order; none lies in another. The time is linear in the text's length."""
    found = [
        *_private_keys(text),
        *_known_forms(text),
        *(Secret(*one) for one in assigned(text)),
        *_in_addresses(text),
        *_in_headers(text),
    ]
    return tuple(_apart(found))


def _apart(found: Iterable[Secret]) -> Iterator[Secret]:
    """Of those that overlap the one that begins first, and of these the longest."""
    end = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            yield one
            end = one.end


def _known_forms(text: str) -> Iterator[Secret]:
    for form in FORMATS:
        for start, end in form.matches(text):
            if not is_filled(text[start:end]):
                yield Secret(start, end, form.kind)


def _private_keys(text: str) -> Iterator[Secret]:
    """The bodies of private keys; the lines around them say what they are, and stay."""
    at = text.find("-----BEGIN ")
    while at >= 0:
        head = _KEY_HEAD.match(text, at)
        after = at + 1
        if head is not None:
            end = text.find("-----", head.end(), head.end() + _LONGEST_KEY)
            whole = end >= 0
            stop = end if whole else min(len(text), head.end() + _LONGEST_KEY)
            yield from _body(text, head.end(), stop, whole=whole)
            after = stop if whole else head.end()
        at = text.find("-----BEGIN ", after)
    at = text.find("-----END ")
    while at >= 0:
        # A selection may begin within a key.
        if (
            _KEY_END.match(text, at)
            and text.rfind("-----BEGIN ", max(0, at - _LONGEST_KEY), at) < 0
        ):
            yield from _lines_above(text, at)
        at = text.find("-----END ", at + 1)


def _body(text: str, start: int, stop: int, *, whole: bool) -> Iterator[Secret]:
    plain = _PLAIN_BODY.match(text, start, stop)
    if plain is not None and whole and plain.end() == stop:
        edge = _EDGE.match(text, start, stop)
        first, last = edge.end() if edge else start, stop
        while (trimmed := _trimmed(text, last)) != last:
            last = trimmed
        if last > first:
            yield Secret(first, last, "private key")
        return
    for chunk in _BASE64.finditer(text, start, stop):
        yield Secret(*chunk.span(), "private key")


def _trimmed(text: str, end: int) -> int:
    """`end` without a line end before it, real or written out."""
    if text[end - 1 : end].isspace() or text[end - 1 : end] in {"+", "-"}:
        return end - 1
    return end - 2 if text[end - 2 : end] in {"\\n", "\\r"} else end


def _lines_above(text: str, at: int) -> Iterator[Secret]:
    end = at
    for _ in range(_MOST_LINES):
        begin = text.rfind("\n", max(0, end - 200), max(0, end - 1)) + 1
        line = _KEY_LINE.fullmatch(text, begin, end - 1 if text[end - 1 : end] == "\n" else end)
        if begin < end and line is not None and len(line[1]) > 3:  # noqa: PLR2004 - fewer say nothing
            yield Secret(*line.span(1), "private key")
        elif end != at:
            return
        if begin == 0:
            return
        end = begin


def _in_addresses(text: str) -> Iterator[Secret]:
    at = text.find("://")
    while at >= 0:
        found = _ADDRESS.match(text, at + 3)
        if found is not None and not is_example(found["password"]):
            yield Secret(*found.span("password"), "password")
        at = text.find("://", at + 3)


def _in_headers(text: str) -> Iterator[Secret]:
    for word in ("earer ", "asic ", "oken "):
        at = text.find(word)
        while at >= 0:
            found = _HEADER.match(text, at - 1) if at else None
            if found is not None and not is_example(found["value"]) and is_random(found["value"]):
                yield Secret(*found.span("value"), "key or token")
            at = text.find(word, at + 1)
    for word in ("-u ", "--user "):
        at = text.find(word)
        while at >= 0:
            found = _USER.match(text, at)
            if found is not None:
                password = found["password"]
                if not is_example(password) and not password.replace(":", "").isdigit():
                    yield Secret(*found.span("password"), "password")
            at = text.find(word, at + 1)
