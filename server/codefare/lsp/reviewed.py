"""A file with findings, each pinned to its lines: in the text that is open, or the last that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pygls.uris import to_fs_path

from codefare.lsp.finding import LiveFinding
from codefare.lsp.hunks import hunks_between
from codefare.source.buffer import Buffer
from codefare.source.passage import Lines, Passage, State
from codefare.source.positions import line_break_of
from codefare.source.target import Span

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from lsprotocol import types as lsp

    from codefare.lsp.document import OpenDocument
    from codefare.tasks.outcome import Finding


@dataclass(frozen=True, slots=True)
class Review:
    """What the findings of one review have in common. `origin` names the diff that it was of; "" for others."""

    title: str
    receipt: str
    origin: str = ""


@dataclass(slots=True, eq=False)
class Pinned:
    """A finding with the lines that it is pinned to."""

    id: str
    finding: Finding
    passage: Passage
    review: Review

    @property
    def is_there(self) -> bool:
        """Whether its lines are still in the text."""
        return self.passage.state is not State.GONE

    def touches(self, span: Span) -> bool:
        """Whether a span touches its lines; one that ends where they begin does not, unless it is a bare cursor."""
        lines = self.passage.lines_span
        begins = span.end > lines.start or span == (lines.start, lines.start)
        return begins and span.start <= lines.end


@dataclass(slots=True, eq=False)
class ReviewedFile:
    """`document` is the file while it is open, and `buffer` its; else that of the last text that is known.

    `published` is what the client was told last, `timer` runs when it will be told anew.
    """

    uri: str
    buffer: Buffer
    document: OpenDocument | None
    pinned: list[Pinned] = field(default_factory=list)
    published: lsp.PublishDiagnosticsParams | None = None
    timer: asyncio.TimerHandle | None = None

    @property
    def key(self) -> str:
        """What it is known by, however its URI is written."""
        return key_of(self.uri)

    @property
    def name(self) -> str:
        """The file's name."""
        return name_of(self.uri)

    def pin(
        self, text: str, items: Sequence[Finding], review: Review, region: Span | None = None
    ) -> list[Pinned]:
        """Pin the findings of a review of `text`, from which the file's may differ by now.

        Those in `region` of `text` are replaced.
        """
        start = Buffer(text)
        lines = Lines(start)
        passages = [Passage(start, item.span, lines) for item in items]
        place = start.anchor(region) if region else None
        _align(start, self.buffer.text)
        if place is not None:
            now = _carried(place.span, start, self.buffer)
            self.look()
            self.drop(lambda one: one.touches(now))
        fresh = []
        for item, passage in zip(items, passages, strict=True):
            passage.carry(self.buffer)
            fresh.append(Pinned(self._new_id(item), item, passage, review))
            self.pinned.append(fresh[-1])
        self.look()
        return fresh

    def move_to(self, buffer: Buffer) -> None:
        """Take the findings over into another buffer, with a text that may have changed."""
        if buffer is not self.buffer:
            _align(self.buffer, buffer.text)
            for one in self.pinned:
                one.passage.carry(buffer)
            self.buffer = buffer

    def look(self) -> list[Pinned]:
        """See where all lines are now; those findings whose lines are in the text."""
        lines = Lines(self.buffer)
        for one in self.pinned:
            one.passage.look(lines)
        return [one for one in self.pinned if one.is_there]

    def live(self, one: Pinned) -> LiveFinding:
        """How a finding stands, by the last look."""
        start, end = one.passage.span
        touched = one.passage.state is State.TOUCHED
        code, review = self.buffer.text[start:end], one.review
        return LiveFinding(
            id=one.id,
            uri=self.uri,
            span=Span(start, end),
            code=code,
            touched=touched,
            finding=one.finding,
            title=review.title,
            receipt=review.receipt,
        )

    def drop(self, chosen: Callable[[Pinned], bool]) -> list[Pinned]:
        """Take findings out, and return them."""
        dropped = [one for one in self.pinned if chosen(one)]
        for one in dropped:
            self.pinned.remove(one)
            one.passage.release()
        return dropped

    def _new_id(self, finding: Finding) -> str:
        """A short id, the same whenever the same is found in the same file."""
        taken = {one.id for one in self.pinned}
        number = 0
        while True:
            said = "\0".join([self.key, finding.code, finding.message, str(number)])
            found = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            if found not in taken:
                return found
            number += 1


def key_of(uri: str) -> str:
    """What is the same for all ways to write a URI."""
    return to_fs_path(uri) or unquote(uri)


def name_of(uri: str) -> str:
    """The file's name; of a document that is no file its URI."""
    path = to_fs_path(uri)
    return Path(path).name if path else uri


def _align(buffer: Buffer, text: str) -> None:
    """Make the lines of `buffer` those of `text`, by the smallest edits: whatever it holds follows them."""
    for hunk in reversed(hunks_between(buffer.text, text, line_break_of(text))):
        buffer.replace(hunk.span, hunk.new)


def _carried(span: Span, buffer: Buffer, other: Buffer) -> Span:
    """The span in another buffer with the same lines, which may end otherwise."""
    start, end = (other.offset_at(*buffer.position_at(at, "utf-32"), "utf-32") for at in span)
    return Span(start, end)
