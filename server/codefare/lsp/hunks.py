"""The smallest edits that turn one text into another, in the line endings of the first.

Lines that stay are not touched, so cursors, folds and marks in them stay where they are. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from codefare.source.buffer import common_prefix, common_suffix
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BREAK = re.compile(r"\r\n|\r|\n")

# Lines of the one side times lines of the other: beyond this, one edit replaces all that differs.
# Comparing 1,000 lines with 1,000 others takes up to half a second.
_MAX_PRODUCT = 1_000_000


@dataclass(frozen=True, slots=True)
class Hunk:
    """Replace `span` of the old text (code points) by `new`."""

    span: Span
    new: str


def split_lines(text: str) -> list[str]:
    """The lines with their ends, as LSP ends lines: at CRLF, LF and CR only."""
    return _LINE.findall(text)


def with_ending_of(old: str, new: str) -> str:
    """`new` with a final line break if `old` has one, and without if not.

    A missing break would glue the next line on, one too many would add an empty line. An empty
    side says nothing about line breaks and changes nothing.
    """
    if not old or not new or (old[-1] in "\r\n") == (new[-1] in "\r\n"):
        return new
    return new + "\n" if old[-1] in "\r\n" else new.rstrip("\r\n")


def hunks_between(old: str, new: str, ending: str) -> list[Hunk]:
    """The hunks that turn `old` into `new`, in order, apart from each other.

    Lines that differ in their line break only count as equal and are left alone; every other line
    gets `ending`.
    """
    before, after = split_lines(old), split_lines(new)
    keys, wanted = [_key(line) for line in before], [_key(line) for line in after]
    offsets = [0]
    for line in before:
        offsets.append(offsets[-1] + len(line))
    found = []
    for first, last, new_first, new_last in _differences(keys, wanted):
        text = _BREAK.sub(lambda _: ending, "".join(after[new_first:new_last]))
        found.append(_trimmed(old, Span(offsets[first], offsets[last]), text))
    return found


def kept_apart(old: str, hunks: Sequence[Hunk], before: str, after: str) -> list[Hunk]:
    """The same hunks, so that no CR gets next to a LF: the two would be one line break, and a line would be gone.

    It can happen in files that end lines in several ways. `before` and `after` are what stands around `old`.
    """
    found: list[Hunk] = []
    for hunk in hunks:
        start, end = hunk.span
        left = old[start - 1] if start else before[-1:]
        right = old[end] if end < len(old) else after[:1]
        _add(found, _kept_apart(hunk, left, right, len(old)))
    return found


def before_the_end(text: str, hunks: Sequence[Hunk]) -> list[Hunk]:
    """The same changes of `text`; an insertion after its last line break is made before that one.

    Neovim adds an empty line to what is inserted after the last line of a file.
    """
    found: list[Hunk] = []
    ending = next((end for end in ("\r\n", "\n", "\r") if text.endswith(end)), "")
    for hunk in hunks:
        if ending and hunk.span.start == len(text) and hunk.new.endswith(ending):
            at = len(text) - len(ending)
            _add(found, Hunk(Span(at, at), ending + hunk.new[: -len(ending)]))
        else:
            _add(found, hunk)
    return found


def moved(hunks: Sequence[Hunk], by: int) -> list[Hunk]:
    """The hunks of a part, as hunks of the text in which it begins at `by`."""
    return [Hunk(Span(by + hunk.span.start, by + hunk.span.end), hunk.new) for hunk in hunks]


def _add(found: list[Hunk], hunk: Hunk) -> None:
    """Adds a hunk; one that meets the last becomes one with it."""
    if found and found[-1].span.end >= hunk.span.start:
        last = found.pop()
        hunk = Hunk(Span(last.span.start, hunk.span.end), last.new + hunk.new)
    found.append(hunk)


def _kept_apart(hunk: Hunk, left: str, right: str, size: int) -> Hunk:
    """One hunk between two characters, so that the line breaks at its ends stay two."""
    (start, end), new = hunk.span, hunk.new
    if not new and (left, right) == ("\r", "\n"):
        # One of the two is replaced with it, whichever is of the text of `size`.
        span = Span(start, end + 1) if end < size else Span(max(0, start - 1), end)
        return Hunk(span, "\r\n") if span != hunk.span else hunk
    if left == "\r" and new.startswith("\n"):
        new = f"\r{new}"
    if right == "\n" and new.endswith("\r"):
        new = f"{new}\n"
    return Hunk(hunk.span, new)


def apply_hunks(old: str, hunks: Sequence[Hunk]) -> str:
    """`old` with all hunks applied."""
    pieces, done = [], 0
    for hunk in hunks:
        pieces += [old[done : hunk.span.start], hunk.new]
        done = hunk.span.end
    return "".join([*pieces, old[done:]])


def _key(line: str) -> tuple[str, bool]:
    """What makes two lines equal: the characters, and whether the line ends at all."""
    bare = line.rstrip("\r\n")
    return bare, bare != line


def _differences(
    old: list[tuple[str, bool]], new: list[tuple[str, bool]]
) -> list[tuple[int, int, int, int]]:
    """Ranges of lines that differ: (start, end) in `old` and (start, end) in `new`."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    tail = next((i for i in range(shorter - head) if old[-1 - i] != new[-1 - i]), shorter - head)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head == old_end and head == new_end:
        return []
    if (old_end - head) * (new_end - head) > _MAX_PRODUCT:
        return [(head, old_end, head, new_end)]
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
    return [
        (head + a, head + b, head + c, head + d)
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]


def _trimmed(old: str, span: Span, new: str) -> Hunk:
    """The hunk without what both sides have in common, never cutting a CRLF in two."""
    gone = old[span.start : span.end]
    head = common_prefix(gone, new)
    if head and gone[head - 1] == "\r" and "\n" in (gone[head : head + 1], new[head : head + 1]):
        head -= 1
    tail = common_suffix(gone, new, min(len(gone), len(new)) - head)
    if tail and gone[-tail] == "\n" and "\r" in (gone[-tail - 1 : -tail], new[-tail - 1 : -tail]):
        tail -= 1
    return Hunk(Span(span.start + head, span.end - tail), new[head : len(new) - tail])
