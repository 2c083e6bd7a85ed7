"""Edits of open documents that land exactly where they were asked for, or not at all.

An editor's answer to `workspace/applyEdit` proves nothing: Neovim says yes to an edit that it drops
as stale, ALE applies edits and never answers, others answer null or an error. What proves it is the
`didChange` that follows, so that is what is waited for.

An edit that crossed with typing elsewhere, so that the editor dropped it as stale, is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from codefare.errors import TargetError
from codefare.lsp.conversation import NoAnswer
from codefare.lsp.hunks import (
    before_the_end,
    hunks_between,
    kept_apart,
    moved,
    with_ending_of,
)
from codefare.lsp.landing import Landing
from codefare.source.positions import line_break_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.lsp.base import Server
    from codefare.lsp.document import OpenDocument
    from codefare.lsp.hunks import Hunk
    from codefare.source.buffer import Anchor
    from codefare.source.target import Span
    from codefare.tasks.outcome import Edit

log = logging.getLogger(__name__)

_ANSWER = 600.0  # seconds; an editor may ask its user, who may be away
_UNASKED = 10.0  # seconds, for a client that says it applies no edits (ALE does all the same)
_LATE = 3.0  # seconds that the didChange may come after a yes; Neovim gathers changes for 0.15 s
_REFUSED = 0.5  # seconds that it may come after a no, which is as unreliable as a yes
_AT_ONCE = 5.0  # seconds; an editor that takes longer has asked its user, who is not asked twice
_SENDS = 3  # times that an edit is sent at most, if the user types just then each time

CHANGED = "the code changed while the model worked"
CLOSED = "the file was closed while the model worked"
LOST = "codefare lost track of this file: close it and open it again"
STALE = "the editor said that it applied the edit, but the code did not change"
MOVED = (
    "the code changed while the edit was on its way: "
    "check that it is as it should be, and undo if needed"
)
REFUSED = "the editor did not apply the edit"
UNABLE = "this editor cannot apply edits"
NULL = "the editor gave no result for the edit, and the code did not change"
SILENT = "the editor did not answer in time, and the code did not change"

_ASK = "codefare"  # the change annotation that asks the user


@dataclass(frozen=True, slots=True)
class Applied:
    """The edit is in the document; `version` is the document's, as the editor counts."""

    version: int | None


@dataclass(frozen=True, slots=True)
class NotApplied:
    """The edit is not in the document, or nobody can tell; `reason` is written for the user.

    `crossed`: it met with typing elsewhere on its way, and the editor dropped it for that.
    """

    reason: str
    crossed: bool = False


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What an answer says if the edit is not seen within `grace` seconds of it.

    `dropped`: the editor may have found the edit stale, as each editor says in its own way.
    """

    reason: str
    grace: float
    dropped: bool = False


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
        span, source = self.anchor.span, self.document.source
        # What was typed beside it may have made its last CR, or its first LF, a part of a CR LF.
        if any(at and source[at - 1 : at + 1] == "\r\n" for at in span):
            return None
        return span if source[span.start : span.end] == self.text else None

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
            for send in range(1, _SENDS + 1):
                if document.lost:
                    return NotApplied(LOST)
                if document.closed:
                    return NotApplied(CLOSED)
                span = place.now
                if span is None:
                    return NotApplied(CHANGED)
                if not hunks:
                    return Applied(document.version)
                result = await self._send(document, span, hunks, label, confirm=confirm)
                if isinstance(result, Applied) or not result.crossed:
                    break
                log.info("an edit crossed with typing (%d of %d)", send, _SENDS)
            return result

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
        source = document.source
        before, after = source[max(0, span.start - 1) : span.start], source[span.end : span.end + 1]
        hunks = kept_apart(source[span.start : span.end], hunks, before, after)
        landing = Landing(document, span, hunks)
        loop = asyncio.get_running_loop()
        version, started = document.version, loop.time()
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
                seconds = loop.time() - started
                verdict = _Verdict(CLOSED, 0.0)
                if not landing.seen.done():
                    verdict = _judge(answer)
                    await asyncio.wait({landing.seen}, timeout=verdict.grace)
            except asyncio.CancelledError:
                answer.cancel()
                raise
        if landing.seen.done() and landing.seen.result():
            return Applied(document.version)
        if document.closed:
            return NotApplied(CLOSED)
        reason = MOVED if landing.touched and verdict.reason != UNABLE else verdict.reason
        log.warning("an edit did not land: %s", reason)
        # Only an editor that heeds versions cannot apply the first one after all when the second one comes: to it the
        # first is stale for good, since the version has moved on.
        versioned = self._server.client.document_changes and version is not None
        again = versioned and verdict.dropped and seconds < _AT_ONCE and not confirm
        crossed = again and document.version != version and not landing.touched
        return NotApplied(reason, crossed)

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
        edits = [
            lsp.TextEdit(range=document.range_of(hunk.span), new_text=hunk.new)
            for hunk in before_the_end(document.source, moved(hunks, span.start))
        ]
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


def _judge(answer: asyncio.Future[Any]) -> _Verdict:
    """What to make of an answer before which the edit was not seen."""
    error = answer.exception()
    if isinstance(error, NoAnswer):
        return _Verdict(SILENT, 0.0)
    if isinstance(error, JsonRpcException):
        if error.code == lsp.ErrorCodes.MethodNotFound.value:
            return _Verdict(UNABLE, 0.0)
        return _Verdict(f"{REFUSED}: {error.message}", _REFUSED, dropped=True)
    if error is not None:
        raise error
    result = answer.result()
    if result is None:
        return _Verdict(NULL, _LATE)
    if result.applied:
        return _Verdict(STALE, _LATE, dropped=True)
    said = f": {result.failure_reason}" if result.failure_reason else ""
    return _Verdict(f"{REFUSED}{said}", _REFUSED, dropped=True)
