"""Edits of open documents that land exactly where they were asked for, or not at all.

An editor's answer to `workspace/applyEdit` proves nothing: Neovim says yes to an edit that it drops
as stale, ALE applies edits and never answers, others answer null or an error. What proves it is the
`didChange` that follows, so that is what is waited for.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from codefare.errors import TargetError
from codefare.lsp.conversation import NoAnswer
from codefare.lsp.hunks import apply_hunks, hunks_between, with_ending_of
from codefare.source.buffer import common_prefix, common_suffix
from codefare.source.positions import line_break_of
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.lsp.base import Server
    from codefare.lsp.documents import OpenDocument
    from codefare.lsp.hunks import Hunk
    from codefare.source.buffer import Anchor
    from codefare.tasks.outcome import Edit

log = logging.getLogger(__name__)

_ANSWER = 600.0  # seconds; an editor may ask its user, who may be away
_UNASKED = 10.0  # seconds, for a client that says it applies no edits (ALE does all the same)
_LATE = 3.0  # seconds that the didChange may come after a yes; Neovim gathers changes for 0.15 s
_REFUSED = 0.5  # seconds that it may come after a no, which is as unreliable as a yes

CHANGED = "the code changed while the model worked"
CLOSED = "the file was closed while the model worked"
LOST = "codefare lost track of this file: close it and open it again"
STALE = "the editor said that it applied the edit, but the text did not change"
MOVED = (
    "the text changed while the editor applied the edit, and it is not as it should be: "
    "check it, and undo if needed"
)
REFUSED = "the editor did not apply the edit"
UNABLE = "this editor cannot apply edits"
NULL = "the editor gave no result for the edit, and the text did not change"
SILENT = "the editor did not answer in time, and the text did not change"

_ASK = "codefare"  # the change annotation that asks the user

_BREAK = re.compile(r"\r\n|\r")


@dataclass(frozen=True, slots=True)
class Applied:
    """The edit is in the document; `version` is the document's, as the editor counts."""

    version: int | None


@dataclass(frozen=True, slots=True)
class NotApplied:
    """The edit is not in the document, or nobody can tell; `reason` is written for the user."""

    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """A span of an open document, held while a model works: the document, its text, where it went.

    `span` and `text` are as they were when the place was taken.
    """

    document: OpenDocument
    anchor: Anchor
    span: Span
    text: str

    @property
    def now(self) -> Span | None:
        """Where the text is now; None if it was changed."""
        if self.anchor.broken:
            return None
        span = self.anchor.span
        return span if self.document.source[span.start : span.end] == self.text else None

    def with_edit(self, edit: Edit) -> str:
        """The place's text with `edit`, whose span is of the document as it was then.

        Raises:
            TargetError: the edit reaches out of the place or is about another text.
        """
        start, end = edit.span.start - self.span.start, edit.span.end - self.span.start
        if not 0 <= start <= end <= len(self.text) or self.text[start:end] != edit.old:
            raise TargetError("The answer is about another text than the one that was sent.")
        return self.text[:start] + edit.new + self.text[end:]


class Editor:
    """Changes open documents through the client."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._answers: set[asyncio.Future[Any]] = set()

    def hold(self, document: OpenDocument, span: Span) -> Place:
        """Takes a place before the model is asked; it follows the edits around it."""
        text = document.source[span.start : span.end]
        return Place(document, document.anchor(span), span, text)

    async def apply(
        self, place: Place, new_text: str, label: str, *, confirm: bool = False
    ) -> Applied | NotApplied:
        """Replaces the text of `place` in one undo step, and returns once it is seen to be there.

        Only lines that differ are touched; the document's line endings are kept, and so is whether
        the place ends with one. `confirm` asks the user in the editor, if the client can.
        Cancellable while the editor (or its user) thinks.
        """
        document = place.document
        # Of two edits at once, the second one would be stale.
        async with document.editing:
            wanted = with_ending_of(place.text, new_text)
            # In a thread: comparing long texts takes a while.
            hunks = await self._server.in_thread(
                hunks_between, place.text, wanted, line_break_of(document.source)
            )
            if document.lost:
                return NotApplied(LOST)
            if document.closed:
                return NotApplied(CLOSED)
            span = place.now
            if span is None:
                return NotApplied(CHANGED)
            if not hunks:
                return Applied(document.version)
            return await self._send(document, span, hunks, label, confirm=confirm)

    async def _send(
        self,
        document: OpenDocument,
        span: Span,
        hunks: Sequence[Hunk],
        label: str,
        *,
        confirm: bool,
    ) -> Applied | NotApplied:
        """From here to the request nothing is awaited: what was checked still holds."""
        old = document.source
        landing = _Landing(old, span, hunks)
        with document.watched(landing.look):
            params = self._params(document, span, hunks, label, confirm=confirm)
            limit = _ANSWER if self._server.client.apply_edit else _UNASKED
            answer: asyncio.Future[Any] = asyncio.create_task(
                self._server.protocol.ask(lsp.WORKSPACE_APPLY_EDIT, params, limit=limit)
            )
            # Kept when the text shows first that the edit landed: the answer is then of no use.
            self._answers.add(answer)
            answer.add_done_callback(self._forget)
            try:
                await asyncio.wait({answer, landing.seen}, return_when=asyncio.FIRST_COMPLETED)
                reason = CLOSED
                if not landing.seen.done():
                    reason, grace = _judge(answer)
                    await asyncio.wait({landing.seen}, timeout=grace)
            except asyncio.CancelledError:
                answer.cancel()
                raise
            if landing.seen.done() and landing.seen.result():
                return Applied(document.version)
            if document.closed:
                return NotApplied(CLOSED)
            if reason == STALE and document.source != old:
                reason = MOVED
            log.warning("an edit did not land: %s", reason)
            return NotApplied(reason)

    def _params(
        self,
        document: OpenDocument,
        span: Span,
        hunks: Sequence[Hunk],
        label: str,
        *,
        confirm: bool,
    ) -> lsp.ApplyWorkspaceEditParams:
        client = self._server.client
        edits: list[lsp.TextEdit] = []
        for hunk in hunks:
            at = Span(span.start + hunk.span.start, span.start + hunk.span.end)
            at, new = _before_the_end(document.source, at, hunk.new)
            edits.append(lsp.TextEdit(range=document.range_of(at), new_text=new))
        if not client.document_changes:
            return lsp.ApplyWorkspaceEditParams(
                label=label, edit=lsp.WorkspaceEdit(changes={document.uri: edits})
            )
        version = document.version
        if client.is_neovim and version == 0:
            # Neovim counts from 0, takes 0 for "any version", and goes on with 3 or more: in this
            # way an edit that crosses with the first typing in a file is stale to it as well.
            version = 1
        identifier = lsp.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=version)
        if not (confirm and client.confirmed_edits):
            change = lsp.TextDocumentEdit(text_document=identifier, edits=edits)
            return lsp.ApplyWorkspaceEditParams(
                label=label, edit=lsp.WorkspaceEdit(document_changes=[change])
            )
        asked = [lsp.AnnotatedTextEdit(_ASK, edit.range, edit.new_text) for edit in edits]
        change = lsp.TextDocumentEdit(text_document=identifier, edits=asked)
        annotation = lsp.ChangeAnnotation(label=label, needs_confirmation=True)
        return lsp.ApplyWorkspaceEditParams(
            label=label,
            edit=lsp.WorkspaceEdit(
                document_changes=[change], change_annotations={_ASK: annotation}
            ),
        )

    def _forget(self, answer: asyncio.Future[Any]) -> None:
        self._answers.discard(answer)
        if not answer.cancelled():
            answer.exception()  # looked at, so that asyncio does not complain about it


class _Landing:
    """Watches a document for an edit to appear. `seen` is True when it has, False if it cannot."""

    def __init__(self, old: str, span: Span, hunks: Sequence[Hunk]) -> None:
        replaced = apply_hunks(old[span.start : span.end], hunks)
        self._old = old
        self._expected = old[: span.start] + replaced + old[span.end :]
        # What the edit touches in the new text.
        start, end = span.start + hunks[0].span.start, span.start + hunks[-1].span.end
        self._touched = Span(start, end + len(self._expected) - len(old))
        self.seen: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def look(self, text: str | None) -> None:
        """Given the document's text after each change, None when it is closed."""
        if self.seen.done():
            return
        if text is None:
            self.seen.set_result(False)
        elif self._landed(text):
            self.seen.set_result(True)

    def _landed(self, text: str) -> bool:
        expected = self._expected
        if text == expected:
            return True
        if "\r" in expected and _BREAK.sub("\n", text) == _BREAK.sub("\n", expected):
            return True  # an editor with its own mind about line endings
        # The user typed elsewhere, and the editor told both changes as one: what differs from the
        # expected text lies outside of what the edit touches, and is less than what differs from
        # the old text (an edit that repeats a line looks like none).
        start, end, size = _difference(text, expected)
        outside = start >= self._touched.end or end <= self._touched.start
        return outside and size < _difference(text, self._old)[2]


def _before_the_end(text: str, at: Span, new: str) -> tuple[Span, str]:
    """The same insertion, made before the last line break where it stood after it.

    Neovim adds an empty line to what is inserted after the last line of a file.
    """
    ending = next((end for end in ("\r\n", "\n", "\r") if text.endswith(end)), "")
    if not ending or at.start != len(text) or not new.endswith(ending):
        return at, new
    start = at.start - len(ending)
    return Span(start, start), ending + new[: -len(ending)]


def _difference(text: str, other: str) -> tuple[int, int, int]:
    """The one range of `other` that holds all that differs, and how many characters differ."""
    head = common_prefix(text, other)
    tail = common_suffix(text, other, min(len(text), len(other)) - head)
    return head, len(other) - tail, len(text) + len(other) - 2 * (head + tail)


def _judge(answer: asyncio.Future[Any]) -> tuple[str, float]:
    """What to tell the user if the edit is not seen within the returned seconds."""
    error = answer.exception()
    if isinstance(error, NoAnswer):
        return SILENT, 0.0
    if isinstance(error, JsonRpcException):
        if error.code == lsp.ErrorCodes.MethodNotFound.value:
            return UNABLE, 0.0
        return f"{REFUSED}: {error.message}", _REFUSED
    if error is not None:
        raise error
    result = answer.result()
    if result is None:
        return NULL, _LATE
    if result.applied:
        return STALE, _LATE
    return (f"{REFUSED}: {result.failure_reason}" if result.failure_reason else REFUSED), _REFUSED
