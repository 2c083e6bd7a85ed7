"""Finding the keys that are known by their form: only long words can be one."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from codefare.gate.finds import finds
from codefare.gate.formats import FORMATS, SHAPES, UNMARKED, WORD
from codefare.gate.values import is_filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.gate.formats import Format

_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_MASK = bytes(ord("a") if sign in _LETTERS else ord(" ") for sign in range(256))
_RUN = 16  # letters in one piece: each form has as many, or its parts do
_BEFORE = 64  # letters before such a run, where the form may begin
_LONGEST_SHAPE = 300
_PIECE = re.compile(r"""(["'])([\w+/=.~:-]{2,2000}+)\1""")
_CHAIN = re.compile(
    r"""["'][\w+/=.~:-]{2,2000}+["']
    (?:(?:[ \t]{0,9}+[+.&]?\s{0,90}+ | \s{0,90}+[+.][ ]?)["'][\w+/=.~:-]{2,2000}+["']){1,200}+""",
    re.VERBOSE,
)
_SHORTEST_PIECE = 8  # letters; shorter ones are words of any text


def _by_start() -> dict[str, list[tuple[str, Format]]]:
    """The rows by the shortest start that no other start begins with, each with its own start."""
    starts = sorted({start for form in FORMATS for start in form.starts}, key=len)
    firsts: list[str] = []
    for start in starts:
        if not any(start.startswith(first) for first in firsts):
            firsts.append(start)
    rows = defaultdict(list)
    for form in FORMATS:
        for start in form.starts:
            rows[next(first for first in firsts if start.startswith(first))].append((start, form))
    return rows


_ROWS = _by_start()
_STARTS = re.compile("|".join(map(re.escape, _ROWS)))


def known_forms(text: str) -> Iterator[tuple[int, int, str]]:
    """Where keys of known forms stand: start, end and kind."""
    done = 0
    for first, end in _runs(text):
        if text[end : end + 1] == "." and text[first - 1 : first] != ".":
            for kind, form in UNMARKED:
                if found := form.match(text, first):
                    yield *found.span(), kind
        at = max(done, first - _BEFORE)
        while at < end and (start := _STARTS.search(text, at, end)) is not None:
            at = start.end()
            if start.start() and text[start.start() - 1] in WORD:
                at = start.start() + 1
                continue
            stop, kind = _form_at(text, start)
            if stop:
                yield start.start(), stop, kind
                at = stop
        done = max(at, end)


def _form_at(text: str, start: re.Match[str]) -> tuple[int, str]:
    """Where the first of the rows that fits ends, with its kind; 0 if none fits."""
    at = start.start()
    for word, form in _ROWS[start[0]]:
        stop = form.end(text, at, word)
        if stop is not None and not is_filled(text[at:stop]):
            return stop, form.kind
    return 0, ""


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """The long words in which, or shortly before which, a known form may begin."""
    # One byte for each character, whatever it is.
    mask = text.encode("latin-1", "replace").translate(_MASK)
    at = mask.find(b"a" * _RUN)
    while at >= 0:
        end = mask.find(b" ", at)
        end = len(mask) if end < 0 else end
        yield at, end
        at = mask.find(b"a" * _RUN, end)


def shapes(text: str) -> Iterator[tuple[int, int, str]]:
    """Where keys stand that have no start of their own, but a mark within: start, end and kind."""
    for shape in SHAPES:
        for at in finds(text, shape.mark):
            found = shape.whole.search(text, max(0, at - shape.before), at + _LONGEST_SHAPE)
            if found and found.start() <= at < found.end() and not is_filled(found[0]):
                yield *found.span(), shape.kind


def put_together(text: str) -> Iterator[tuple[int, int, str]]:
    """The pieces of keys of known forms that code puts together from literals: `"ghp_" + "…"`."""
    for chain in _CHAIN.finditer(text):
        pieces = [found.span(2) for found in _PIECE.finditer(text, *chain.span())]
        whole = "".join(text[start:end] for start, end in pieces)
        for begin, stop, kind in known_forms(whole):
            at = 0
            for start, end in pieces:
                length = end - start
                if at < stop and at + length > begin and length >= _SHORTEST_PIECE:
                    yield start, end, kind
                at += length
