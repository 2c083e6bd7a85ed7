"""Whether an edit has arrived in a document, judged by the document alone."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from codefare.lsp.hunks import apply_hunks
from codefare.source.buffer import common_prefix, common_suffix
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.lsp.document import OpenDocument
    from codefare.lsp.hunks import Hunk

_BREAK = re.compile(r"\r\n|\r")


class Landing:
    """Watches a document for an edit of `span` to appear. `seen` is True once it has, False if it cannot.

    What the user types elsewhere meanwhile is followed. `touched` tells that the place itself changed, and that it is
    not the edit that did it, or not it alone: then nobody can tell whether the edit is there. As long as it is false,
    an edit that was not seen is not there.
    """

    def __init__(self, document: OpenDocument, span: Span, hunks: Sequence[Hunk]) -> None:
        self._document = document
        self._hunks = hunks
        # What is typed where the edit inserts something may be that, or a part of it.
        borders = {(0, 0), (span.end - span.start,) * 2}
        self._place = document.anchor(span, tight=any(hunk.span in borders for hunk in hunks))
        self._expect(document.source)
        self.touched = False
        self.seen: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def look(self, text: str | None) -> None:
        """Given the document's text after each change, None when it is closed."""
        whole = self._document.came_whole
        if self.seen.done():
            return
        if text is None:
            self.seen.set_result(False)
        elif self._is_expected(text) or (whole and self._is_expected_but_elsewhere(text)):
            self.seen.set_result(True)
        elif whole or self._place.broken:
            # A whole text may hide an edit that repeats what stands beside it.
            self.touched = True
        elif not self.touched:
            self._expect(text)  # typed elsewhere: the edit may come yet

    def _expect(self, text: str) -> None:
        """From here on the edit is looked for in `text`."""
        start, end = self._place.span
        replaced = apply_hunks(text[start:end], self._hunks)
        self._old = text
        self._expected = text[:start] + replaced + text[end:]
        self._replaced = Span(start, start + len(replaced))

    def _is_expected(self, text: str) -> bool:
        expected = self._expected
        if text == expected:
            return True
        # An editor with its own mind about line endings.
        return "\r" in expected and _BREAK.sub("\n", text) == _BREAK.sub("\n", expected)

    def _is_expected_but_elsewhere(self, text: str) -> bool:
        """Whether the user typed elsewhere, and the editor told both changes as one.

        The place is not what it was; what differs from the expected text lies apart from it, and is less than what
        differs from the old text, and than what the edit inserts: an edit that only deletes looks like many others.
        """
        if not self._place.broken:
            return False
        start, end, size = _difference(text, self._expected)
        apart = start > self._replaced.end or end < self._replaced.start
        inserted = sum(len(hunk.new) for hunk in self._hunks)
        return apart and size < min(inserted, _difference(text, self._old)[2])


def _difference(text: str, other: str) -> tuple[int, int, int]:
    """The one range of `other` that holds all that differs, and how many characters differ."""
    head = common_prefix(text, other)
    tail = common_suffix(text, other, min(len(text), len(other)) - head)
    return head, len(other) - tail, len(text) + len(other) - 2 * (head + tail)
