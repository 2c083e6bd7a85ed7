"""Whether a diagnostic is gone after a fix, as far as the editor shows."""

from __future__ import annotations

import asyncio
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codefare.lsp.diagnostics import EditorDiagnostics
    from codefare.lsp.document import OpenDocument
    from codefare.source.diagnostic import Diagnostic
    from codefare.source.target import Span

_LIMIT = 10.0  # seconds after the edit
_QUIET = 1.0  # seconds without news: servers clear first and tell anew, and several answer in turn
_NEAR = 3  # lines that a diagnostic may have moved


class Proof(StrEnum):
    """What the editor shows after a fix, in the words for a user."""

    GONE = "gone"
    STILL_THERE = "still there"
    UNKNOWN = "unknown"  # this client tells of no diagnostics, or of none since the fix


class Pace(Protocol):
    """How time passes: asyncio's way, or a test's."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Waits for the event so long at most; whether it came."""


class RealPace:
    """As time passes on the event loop."""

    def now(self) -> float:
        """Seconds of the loop's clock."""
        return asyncio.get_running_loop().time()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Waits for the event."""
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False


class Watch:
    """One diagnostic that a fix is about. Made before the fix, since what the editor knew then counts.

    The editor shows what it was last told: of a tool that looks only when the file is saved it may
    still show what it said before the fix.
    """

    def __init__(
        self,
        known: EditorDiagnostics,
        document: OpenDocument,
        diagnostic: Diagnostic,
        watches: list[Watch],
        *,
        pace: Pace | None = None,
    ) -> None:
        self._known = known
        self._document = document
        self._diagnostic = diagnostic
        self._watches = watches
        self._pace = pace or RealPace()
        self._news = asyncio.Event()
        lines = self._near(diagnostic.span)
        self._before = Counter(_words(one) for one in known.of(document) if self._on(one, lines))

    def told(self, document: OpenDocument) -> None:
        """News of a document has come."""
        if document is self._document:
            self._news.set()

    async def proof(self, fixed: Span) -> Proof:
        """What the editor shows, once it is quiet, of the diagnostic on the lines of the fix.

        Takes ten seconds at most; less, as soon as news of the fixed text was followed by a second
        of silence. `fixed` is the range of the fix in the document as it is now.
        """
        if not self._known.heard:
            return Proof.UNKNOWN
        version = self._document.version or 0
        told = self._known.told_at(self._document)
        self._news.clear()
        if told is not None and told >= version:  # it came before the edit was confirmed
            self._news.set()
        place = self._document.anchor(fixed)
        self._watches.append(self)
        try:
            with self._document.watched(self._closing):
                if not await self._is_told() or self._document.closed:
                    return Proof.UNKNOWN
        finally:
            self._watches.remove(self)
        return self._judge(fixed if place.broken else place.span)

    async def _is_told(self) -> bool:
        """Waits for news and then for silence; whether there was any news."""
        end = self._pace.now() + _LIMIT
        if not await self._pace.wait(self._news, _LIMIT):
            return False
        while not self._document.closed:
            self._news.clear()
            left = min(_QUIET, end - self._pace.now())
            if left <= 0 or not await self._pace.wait(self._news, left):
                return True
        return False

    def _closing(self, text: str | None) -> None:
        if text is None:
            self._news.set()

    def _judge(self, fixed: Span) -> Proof:
        lines = self._near(fixed)
        now = [one for one in self._known.of(self._document) if self._on(one, lines)]
        after = Counter(_words(one) for one in now)
        wanted = _words(self._diagnostic)
        # Of two that say the same, one may be gone.
        if after[wanted] and after[wanted] >= self._before[wanted]:
            return Proof.STILL_THERE
        # The same rule in other words ("x is not defined" has become "y is not defined"), unless it
        # is about something that was there before.
        rule = (self._diagnostic.source, self._diagnostic.code)
        fresh = after - self._before
        if self._diagnostic.code and any(words[:2] == rule for words in fresh):
            return Proof.STILL_THERE
        # The user has changed that very code since the editor last said it.
        if any(_words(one) == wanted for one in self._known.lost(self._document)):
            return Proof.UNKNOWN
        return Proof.GONE

    def _near(self, span: Span) -> range:
        line_at = self._document.buffer.line_at
        return range(line_at(span.start) - _NEAR, line_at(span.end) + _NEAR + 1)

    def _on(self, diagnostic: Diagnostic, lines: range) -> bool:
        return self._document.buffer.line_at(diagnostic.span.start) in lines


def _words(diagnostic: Diagnostic) -> tuple[str, str, str]:
    message = " ".join(diagnostic.message.split())
    return diagnostic.source, diagnostic.code, message
