"""Lines of a text that are followed through edits, and found again by what they say."""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from codefare.source.target import Span

if TYPE_CHECKING:
    from codefare.source.buffer import Buffer


class State(Enum):
    """What became of the lines: as they were, changed, or no longer there."""

    INTACT = "intact"
    TOUCHED = "touched"
    GONE = "gone"


class Lines:
    """The lines of a buffer as it is at one moment: what each says, leaving out the blank ones."""

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer

    @cached_property
    def said(self) -> list[str]:
        """The lines with some text, without the white space around it."""
        return [said for said, _ in self._written]

    @cached_property
    def _written(self) -> list[tuple[str, Span]]:
        buffer, text = self._buffer, self._buffer.text
        spans = map(buffer.line_span, range(buffer.line_count))
        return [(said, span) for span in spans if (said := text[span.start : span.end].strip())]

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for index, said in enumerate(self.said):
            places.setdefault(said, []).append(index)
        return places

    def found(self, code: tuple[str, ...]) -> list[int]:
        """Where `code` stands: the indices in `said` of its first line."""
        if not code:
            return []
        places = self._places.get(code[0], ())
        return [at for at in places if tuple(self.said[at : at + len(code)]) == code]

    def around(self, at: int, count: int) -> tuple[str, str]:
        """The lines before and after the `count` lines from index `at`; "" where there is none."""
        before = self.said[at - 1] if at else ""
        return before, self.said[at + count] if at + count < len(self.said) else ""

    def span(self, at: int, count: int) -> Span:
        """The whole lines from index `at` on."""
        return Span(self._written[at][1].start, self._written[at + count - 1][1].end)


class Passage:
    """Whole lines of a buffer.

    `state` and `span` are those of the last `look`. Lines count as intact while they say what they said, whatever their
    indentation. Lines that were cut and pasted are followed; a change that is undone was none.
    """

    def __init__(self, buffer: Buffer, span: Span, lines: Lines) -> None:
        """Follow the lines that `span` touches. `lines` are those of `buffer` now."""
        self._buffer = buffer
        whole = _whole(buffer, span)
        self._anchor = buffer.anchor(whole)
        self._code = _said(buffer, whole)
        places = lines.found(self._code)
        # Of equal lines one more or less tells whether these were moved or changed.
        self._copies = len(places)
        at = next((at for at in places if lines.span(at, len(self._code)).end >= whole.end), None)
        self._around = ("", "") if at is None else lines.around(at, len(self._code))
        self.state = State.INTACT
        self.span = _bare(buffer, whole)

    @property
    def lines_span(self) -> Span:
        """The whole lines, from the start of the first to the end of the last."""
        return _whole(self._buffer, self.span)

    def look(self, lines: Lines) -> State:
        """Find out what became of the lines. `lines` are those of the buffer now."""
        whole = _whole(self._buffer, self._anchor.span)
        if _said(self._buffer, whole) == self._code:
            self.state = State.INTACT
        elif (moved := self._moved(lines)) is not None:
            self.state, whole = State.INTACT, moved
        elif self._rest.strip():
            self.state = State.TOUCHED
        else:
            self.state = State.GONE
        if self.state is State.INTACT and self._anchor.span != whole:
            self._follow(whole)
        self.span = _bare(self._buffer, whole)
        return self.state

    def carry(self, buffer: Buffer) -> None:
        """Go on in another buffer, whose lines stand where those of the present one do."""
        ends = [self._buffer.position_at(offset, "utf-32") for offset in self._anchor.span]
        self.release()
        start, end = (buffer.offset_at(*end, "utf-32") for end in ends)
        self._buffer = buffer
        self._follow(Span(start, max(start, end)))

    def release(self) -> None:
        """Follow the lines no longer."""
        self._buffer.release(self._anchor)

    @property
    def _rest(self) -> str:
        start, end = self._anchor.span
        return self._buffer.text[start:end]

    def _follow(self, span: Span) -> None:
        self._buffer.release(self._anchor)
        self._anchor = self._buffer.anchor(span)

    def _moved(self, lines: Lines) -> Span | None:
        """Where the lines are now, if none of their kind is missing: among equal ones, between the same neighbours."""
        places = lines.found(self._code)
        if len(places) < max(1, self._copies):
            return None
        count = len(self._code)

        def fitness(at: int) -> tuple[int, int]:
            same = zip(lines.around(at, count), self._around, strict=True)
            apart = abs(lines.span(at, count).start - self._anchor.span.start)
            return -sum(one == other != "" for one, other in same), apart

        return lines.span(min(places, key=fitness), count)


def _whole(buffer: Buffer, span: Span) -> Span:
    """The whole lines that `span` touches."""
    last = buffer.line_at(max(span.start, span.end - 1))
    return Span(buffer.line_start(span.start), buffer.line_span(last).end)


def _said(buffer: Buffer, whole: Span) -> tuple[str, ...]:
    """What the lines say that have some text."""
    lines = range(buffer.line_at(whole.start), buffer.line_at(whole.end) + 1)
    spans = map(buffer.line_span, lines)
    return tuple(said for start, end in spans if (said := buffer.text[start:end].strip()))


def _bare(buffer: Buffer, whole: Span) -> Span:
    """`whole` without the white space around its text; an empty span where there is none."""
    text = buffer.text[whole.start : whole.end]
    lead = len(text) - len(text.lstrip())
    return Span(whole.start + lead, whole.start + max(lead, len(text.rstrip())))
