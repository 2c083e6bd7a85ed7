"""The comment on the line of a cursor: where it begins and ends, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare.source.directives import bearing
from codefare.source.languages import LANGUAGES
from codefare.source.prose import prose
from codefare.source.target import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.syntax import Parsed

_MOST_LINES = 60  # of a run of line comments, above the cursor and below
_OPENER = re.compile(r"///?!?|//!|#+!?|/\*|<!--|=begin")
_BLOCKS = ("/*", "<!--", "=begin")


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, or a run of line comments, on the lines `first` to `last` (from 0).

    `path` leads from the root to the comment on the cursor's line. `alone` tells whether nothing else stands on its
    lines; the braces that a comment needs in JSX do not count.
    """

    document: Document
    parsed: Parsed
    path: tuple[Node, ...]
    span: Span
    first: int
    last: int
    alone: bool

    @classmethod
    def at(cls, document: Document, offset: int) -> Remark | None:
        """The comment on the line of `offset`; None if there is none, or if it is for tools."""
        parsed = document.parsed()
        if parsed is None:
            return None
        line = document.buffer.line_at(min(max(offset, 0), len(document.text)))
        path = _path_to_comment(document, parsed, line)
        if path is None:
            return None
        node, outer = path[-1], path[-1]
        raw = parsed.text(node).rstrip()
        # The last tree may call a comment what was edited since.
        if not _OPENER.match(raw) or bearing(parsed.language, raw.encode()) is not None:
            return None
        if len(path) > 1 and path[-2].type == "jsx_expression":
            outer = path[-2]
        start = document.buffer.offset_of_byte(node.start_byte)
        span = Span(start, min(start + len(raw), len(document.text)))
        first, last = document.buffer.line_at(span.start), document.buffer.line_at(span.end)
        after = document.text[span.end : document.buffer.line_span(last).end]
        alone = parsed.begins_line(outer.start_byte) and not after.strip(
            " \t}" if outer is not node else None
        )
        remark = cls(document, parsed, tuple(path), span, first, last, alone)
        return remark if not alone or remark.is_block else remark._run()

    @property
    def is_block(self) -> bool:
        """Whether it is one comment that ends itself."""
        return self.document.text.startswith(_BLOCKS, self.span.start)

    @property
    def lines(self) -> tuple[str, ...]:
        """What each line says, without markers."""
        return prose(self.document.text[self.span.start : self.span.end])

    @property
    def text(self) -> str:
        """What it says, without markers."""
        return "\n".join(self.lines).strip()

    @property
    def whole_lines(self) -> Span:
        """Its lines from the first column to the end of the last, without its line break."""
        buffer = self.document.buffer
        return Span(buffer.line_span(self.first).start, buffer.line_span(self.last).end)

    def part(self, start: int, end: int) -> Remark:
        """The lines `start` to `end` (both included, from `first`) of a run of line comments."""
        part = replace(self, first=self.first + start, last=self.first + end)
        lines = part.whole_lines
        text = self.document.text[lines.start : lines.end]
        span = Span(lines.end - len(text.lstrip()), lines.start + len(text.rstrip()))
        return replace(part, span=span)

    def _run(self) -> Remark:
        """This line comment with those like it directly above and below."""
        first, last = self.first, self.last
        while self.first - first < _MOST_LINES and self._belongs(first - 1):
            first -= 1
        while last - self.last < _MOST_LINES and self._belongs(last + 1):
            last += 1
        return self.part(first - self.first, last - self.first)

    def _belongs(self, line: int) -> bool:
        """Whether a line is a comment like this one that no tool obeys."""
        document = self.document
        if not 0 <= line < document.buffer.line_count:
            return False
        opener = _opener(document, line)
        if not opener or opener != _opener(document, self.first):
            return False
        start, end = document.buffer.line_span(line)
        text = document.text[start:end].strip().encode("utf-8", "replace")
        if bearing(self.parsed.language, text) is not None:
            return False
        if line > self.first:  # what follows a line comment is not inside a string
            return True
        path = _path_to_comment(document, self.parsed, line)
        return path is not None and self.parsed.begins_line(path[-1].start_byte)


def _opener(document: Document, line: int) -> str:
    """The marker that a line begins with; "" if it does not begin with a line comment."""
    start, end = document.buffer.line_span(line)
    found = _OPENER.match(document.text[start:end].lstrip())
    return found[0] if found and found[0] not in _BLOCKS else ""


def _path_to_comment(document: Document, parsed: Parsed, line: int) -> list[Node] | None:
    """The way to the comment on a line: the one that it begins with, else the one that it ends with."""
    start, end = document.buffer.line_span(line)
    text = document.text[start:end]
    known = LANGUAGES[parsed.language].comments
    places = [len(text) - len(text.lstrip()), max(0, len(text.rstrip()) - 1)]
    if (inner := text.find("{/*")) >= 0:  # JSX
        places.append(inner + 1)
    for place in places:
        path = parsed.path_to(document.buffer.byte_offset(start + place))
        for index, node in enumerate(path):
            if node.type in known:
                return path[: index + 1]
    return None
