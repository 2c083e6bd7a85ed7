"""A document's text with its lines, and anchors that follow it through edits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from weakref import WeakSet

from codefare.source.positions import Encoding, breaks_after, line_starts, prefix_of, units_of
from codefare.source.target import Span

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit really changed, in code points, in bytes, and in the grammar's points.

    The text in `start..old_end` became the text in `start..new_end`. A point is (row, column in
    bytes), with rows that end at LF alone: tree-sitter counts so.
    """

    start: int
    old_end: int
    new_end: int
    start_byte: int
    old_end_byte: int
    new_end_byte: int
    start_point: Point
    old_end_point: Point
    new_end_point: Point


class Anchor:
    """A span that moves with its text.

    An edit before it shifts it, one after it leaves it, one that touches its inside breaks it for
    good. An edit exactly at a border stays outside, but breaks a `tight` one. `span` of a broken anchor
    is what is left of its text with what came into it: empty if an edit reached over all of it.
    """

    __slots__ = ("__weakref__", "broken", "span", "tight")

    def __init__(self, span: Span, *, tight: bool = False) -> None:
        self.span = span
        self.tight = tight
        self.broken = False

    def _follow(self, change: Change) -> None:
        start, end = self.span
        if self.tight and change.start <= end and change.old_end >= start:
            self.broken = True
        # An insertion at an empty anchor comes after it.
        if change.start >= end:
            return
        shift = change.new_end - change.old_end
        if change.old_end <= start:
            self.span = Span(start + shift, end + shift)
            return
        self.broken = True
        left = start if start <= change.start else change.new_end
        right = end + shift if change.old_end <= end else change.start
        self.span = Span(left, right) if left < right else Span(change.start, change.start)


class Buffer:
    """A text, its lines and its anchors. Offsets are code points.

    An edit costs two copies of the text and one pass over the lines after it (0.5 ms in 10,000
    lines); looking a position up costs a binary search and, outside ASCII, one line.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = line_starts(text)
        self._byte_starts = None if text.isascii() else self._count_bytes()
        self._anchors: WeakSet[Anchor] = WeakSet()

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def line_count(self) -> int:
        """Lines as the protocol counts: one more than there are line breaks."""
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """The line (from 0) that holds `offset`."""
        return bisect_right(self._starts, max(0, offset)) - 1

    def line_start(self, offset: int) -> int:
        """Where the line begins that holds `offset`."""
        return self._starts[self.line_at(offset)]

    def line_span(self, line: int) -> Span:
        """A line (from 0) without its line break.

        Raises:
            IndexError: there is no such line.
        """
        start = self._starts[line]
        if line + 1 == len(self._starts):
            return Span(start, len(self._text))
        end = self._starts[line + 1] - 1
        if end > start and self._text[end] == "\n" and self._text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def offset_at(self, line: int, character: int, encoding: Encoding) -> int:
        """The offset of a position.

        A character past the line's end means its end, a line past the last means the text's end,
        and a place inside a character means the character's start.
        """
        if line >= len(self._starts):
            return len(self._text)
        if line < 0:
            return 0
        start, end = self.line_span(line)
        units = min(character, 4 * (end - start))
        return start + prefix_of(
            self._text[start : min(end, start + max(0, units))], units, encoding
        )

    def position_at(self, offset: int, encoding: Encoding) -> tuple[int, int]:
        """The (line, character) of an offset; inside a line break it is the line's end."""
        line = self.line_at(min(offset, len(self._text)))
        start, end = self.line_span(line)
        return line, units_of(self._text[start : max(start, min(offset, end))], encoding)

    def byte_offset(self, offset: int) -> int:
        """The offset in the text's UTF-8 bytes."""
        offset = max(0, min(offset, len(self._text)))
        if self._byte_starts is None:
            return offset
        line = self.line_at(offset)
        return self._byte_starts[line] + _bytes_in(self._text[self._starts[line] : offset])

    def offset_of_byte(self, byte: int) -> int:
        """The offset of a byte; one inside a character means the character's start."""
        if self._byte_starts is None:
            return max(0, min(byte, len(self._text)))
        line = max(0, bisect_right(self._byte_starts, byte) - 1)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        return start + prefix_of(self._text[start:end], byte - self._byte_starts[line], "utf-8")

    def replace(self, span: Span, new: str) -> Change | None:
        """Put `new` in the place of `span`; None if the text stays the same.

        What the old and the new text have in common at both ends is not touched, so that an editor
        which sends more than it changed breaks no anchor.
        """
        start, end = self._clamped(span)
        old = self._text[start:end]
        head = common_prefix(old, new)
        tail = common_suffix(old, new, min(len(old), len(new)) - head)
        start, end, new = start + head, end - tail, new[head : len(new) - tail]
        if start == end and not new:
            return None
        return self._splice(start, end, new)

    def anchor(self, span: Span, *, tight: bool = False) -> Anchor:
        """An anchor on `span`; it follows edits while it is referenced and not released."""
        anchor = Anchor(self._clamped(span), tight=tight)
        self._anchors.add(anchor)
        return anchor

    def release(self, anchor: Anchor) -> None:
        """Stop moving an anchor; releasing it twice does nothing."""
        self._anchors.discard(anchor)

    def _clamped(self, span: Span) -> Span:
        start = max(0, min(span.start, len(self._text)))
        return Span(start, max(start, min(span.end, len(self._text))))

    def _splice(self, start: int, end: int, new: str) -> Change:
        start_byte, old_end_byte = self.byte_offset(start), self.byte_offset(end)
        start_point, old_end_point = self._point(start), self._point(end)
        self._text = self._text[:start] + new + self._text[end:]
        new_end = start + len(new)
        # A line start depends on the characters at both its sides: those in start..end may be gone
        # or new, those before stay, those after move.
        first, last = bisect_left(self._starts, start), bisect_right(self._starts, end)
        fresh = breaks_after(self._text, start, new_end)
        if start == 0:
            fresh.insert(0, 0)
        shift = new_end - end
        self._starts[first:] = fresh + _shifted(self._starts[last:], shift)
        new_end_byte = start_byte + _bytes_in(new)
        self._splice_bytes(first, last, fresh, new_end_byte - old_end_byte)
        change = Change(
            start=start,
            old_end=end,
            new_end=new_end,
            start_byte=start_byte,
            old_end_byte=old_end_byte,
            new_end_byte=new_end_byte,
            start_point=start_point,
            old_end_point=old_end_point,
            new_end_point=self._point(new_end),
        )
        for anchor in self._anchors:
            anchor._follow(change)  # noqa: SLF001 - the two classes are one unit
        return change

    def _splice_bytes(self, first: int, last: int, fresh: list[int], shift: int) -> None:
        if self._text.isascii():
            self._byte_starts = None
        elif self._byte_starts is None:
            self._byte_starts = self._count_bytes()
        else:
            kept = self._byte_starts[:first]
            counted = self._count_on(first, kept, fresh)
            self._byte_starts = counted + _shifted(self._byte_starts[last:], shift)

    def _count_bytes(self) -> list[int]:
        return self._count_on(0, [], self._starts)

    def _count_on(self, first: int, counted: list[int], lines: list[int]) -> list[int]:
        """Add the byte offsets of `lines`, which are those from line `first` on, to `counted`."""
        at, byte = (self._starts[first - 1], counted[-1]) if first else (0, 0)
        for start in lines:
            byte += _bytes_in(self._text[at:start])
            at = start
            counted.append(byte)
        return counted

    def _point(self, offset: int) -> Point:
        row_start = self._text.rfind("\n", 0, offset) + 1
        return self._text.count("\n", 0, row_start), _bytes_in(self._text[row_start:offset])


def common_prefix(old: str, new: str) -> int:
    """How many characters both begin with; by halving, as comparing slices is quick."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle
    return low


def common_suffix(old: str, new: str, limit: int) -> int:
    """How many characters both end with, at most `limit`."""
    low, high = 0, limit
    if old[len(old) - high :] == new[len(new) - high :]:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle
    return low


def _shifted(starts: list[int], by: int) -> list[int]:
    return [start + by for start in starts] if by else starts


def _bytes_in(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
