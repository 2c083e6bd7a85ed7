"""The findings of reviews in the editor: diagnostics that live as long as the code that they are about.

They move with edits, fade when their lines are touched, go when these are deleted and come back when that is undone.
Those of a closed file stay, since a review costs money: they are found again when the file is opened.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare.lsp.finding import SOURCE, LiveFinding
from codefare.lsp.reviewed import Pinned, Review, ReviewedFile, key_of, name_of
from codefare.source.buffer import Buffer
from codefare.store.content import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from codefare.lsp.base import Server
    from codefare.lsp.document import OpenDocument
    from codefare.source.target import Span
    from codefare.store.dismissals import Dismissals
    from codefare.tasks.outcome import Finding, Findings

_PAUSE = 0.1  # seconds from an edit to the findings in their new places


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of a review's findings: those that are shown, and how many were dismissed before."""

    findings: tuple[LiveFinding, ...]
    dismissed: int


class LiveFindings:
    """All findings of a session, by file. To be used on the event loop only."""

    def __init__(self, server: Server, dismissals: Dismissals) -> None:
        self._server = server
        self._dismissals = dismissals
        self._files: dict[str, ReviewedFile] = {}
        self._told: str | None = None

    async def open(self) -> None:
        """Start to follow the documents, and open the memory of dismissals; if it cannot be used, that is said."""
        self._server.documents.watch(self)
        await self._dismissals.open()
        self._tell()

    async def close(self) -> None:
        """Take all findings out of the editor, and close the memory of dismissals."""
        for file in list(self._files.values()):
            file.drop(lambda _: True)
            self._show(file)
        await self._dismissals.close()

    # -- reviews ------------------------------------------------------------------------------

    async def publish(
        self,
        uri: str,
        text: str,
        found: Findings,
        *,
        region: Span | None = None,
        receipt: str = "",
    ) -> Shown:
        """Show what a review found in a document, whether it is still open or not.

        `text` is the document's text that was reviewed, which the spans are of; what was typed since is allowed for.
        Earlier findings in `region` of it, all of it if None, are replaced.
        """
        kept = await self._dismissals.without_dismissed(found.items, name_of(uri))
        # Nothing below waits: the text stays what it is.
        file = self._file(uri, text)
        if region is None:
            file.drop(lambda _: True)
        pinned = file.pin(text, kept, Review(found.title, receipt), region)
        self._show(file)
        return _shown([(file, pinned)], len(found.items) - len(kept))

    async def publish_diff(
        self, texts: Mapping[Path, str], found: Findings, *, origin: str, receipt: str = ""
    ) -> Shown:
        """Show what a review of a diff found, in files that are open or not.

        `texts` are the texts that were reviewed, of all files that have findings. `origin` tells which diff it is: what
        an earlier review of it found is replaced.
        """
        by_path: dict[Path, tuple[Finding, ...]] = {}
        for path in dict.fromkeys(one.path for one in found.items if one.path is not None):
            items = [one for one in found.items if one.path == path]
            by_path[path] = await self._dismissals.without_dismissed(items, path.name)
        files = [
            file
            for file in self._files.values()
            if file.drop(lambda one: one.review.origin == origin)
        ]
        review = Review(found.title, receipt, origin)
        pinned = []
        for path, kept in by_path.items():
            file = self._file(path.as_uri(), texts[path])
            pinned.append((file, file.pin(texts[path], kept, review)))
        for file in dict.fromkeys([*files, *(file for file, _ in pinned)]):
            self._show(file)
        return _shown(pinned, len(found.items) - sum(map(len, by_path.values())))

    # -- what there is ------------------------------------------------------------------------

    def get(self, finding: str) -> LiveFinding | None:
        """The finding of that id, if it is still shown."""
        for file in self._files.values():
            for one in file.look():
                if one.id == finding:
                    return file.live(one)
        return None

    def at(self, uri: str, span: Span) -> list[LiveFinding]:
        """The findings on the lines that `span` of the document touches."""
        file = self._files.get(key_of(uri))
        return [file.live(one) for one in file.look() if one.touches(span)] if file else []

    def find(self, uri: str, diagnostics: Sequence[lsp.Diagnostic]) -> list[LiveFinding]:
        """Those of a client's diagnostics that are ours and still shown, in the order of `diagnostics`."""
        file = self._files.get(key_of(uri))
        if file is None:
            return []
        shown = [file.live(one) for one in file.look()]
        found = (self._meant(diagnostic, file, shown) for diagnostic in diagnostics)
        return list(dict.fromkeys(one for one in found if one is not None))

    # -- what the user does -------------------------------------------------------------------

    async def dismiss(self, finding: str) -> bool:
        """Take a finding away for good, with those that say the same of the same code; False if it is not there."""
        for file in self._files.values():
            for one in file.pinned:
                if one.id == finding:
                    content = Content.of(one.finding, file.name)
                    await self._dismiss(file, content.resembles)
                    return True
        return False

    # -- what happens to documents ------------------------------------------------------------

    def opened(self, document: OpenDocument) -> None:
        """Find the findings of a file again."""
        if file := self._files.get(key_of(document.uri)):
            file.uri, file.document = document.uri, document
            file.move_to(document.buffer)
            self._show(file)

    def changed(self, document: OpenDocument) -> None:
        """Move the findings, in a moment: whoever types does not wait for it."""
        file = self._files.get(key_of(document.uri))
        if file is not None and file.timer is None:
            loop = asyncio.get_running_loop()
            file.timer = loop.call_later(_PAUSE, self._show, file)

    def closed(self, document: OpenDocument) -> None:
        """Keep the findings of a file; what was never a file is gone."""
        if file := self._files.get(key_of(document.uri)):
            file.document = None
            if document.file_path is None:
                file.drop(lambda _: True)
            self._show(file)

    # -----------------------------------------------------------------------------------------

    async def _dismiss(self, file: ReviewedFile, chosen: Callable[[Content], bool]) -> int:
        """Take out at once, then remember; what is not in the text any more was not looked at."""
        file.look()
        dropped = file.drop(lambda one: chosen(Content.of(one.finding, file.name)))
        self._show(file)
        seen = [one.finding for one in dropped if one.is_there]
        await self._dismissals.dismiss(seen, file.name)
        self._tell()
        return len(seen)

    def _tell(self) -> None:
        """Say once if dismissals cannot be remembered."""
        health = self._dismissals.health
        if health and health != self._told:
            self._server.show(health, lsp.MessageType.Warning)
        self._told = health

    def _file(self, uri: str, text: str) -> ReviewedFile:
        """The file, made if need be; `text` is what was reviewed: the text of a file that is not open."""
        key = key_of(uri)
        opened = [one for one in self._server.documents.open_documents if key_of(one.uri) == key]
        file = self._files.get(key)
        if file is None:
            document = opened[0] if opened else None
            buffer = document.buffer if document else Buffer(text)
            file = ReviewedFile(document.uri if document else uri, buffer, document)
            self._files[key] = file
        elif file.document is None:
            file.move_to(Buffer(text))
        return file

    def _show(self, file: ReviewedFile) -> None:
        """Tell the client where the findings of a file are, if that is news."""
        if file.timer is not None:
            file.timer.cancel()
            file.timer = None
        client, encoding = self._server.client, self._server.encoding
        diagnostics = [
            file.live(one).published(file.buffer, encoding, data=client.diagnostic_data)
            for one in file.look()
        ]
        version = file.document.version if file.document and client.diagnostic_versions else None
        params = lsp.PublishDiagnosticsParams(file.uri, diagnostics, version)
        before = file.published
        if params != before and (diagnostics or (before and before.diagnostics)):
            self._server.text_document_publish_diagnostics(params)
            file.published = params
        if not file.pinned:
            self._files.pop(file.key, None)

    def _meant(
        self, diagnostic: lsp.Diagnostic, file: ReviewedFile, shown: Sequence[LiveFinding]
    ) -> LiveFinding | None:
        """The finding that a client's diagnostic shows: by its id, or by its words and place."""
        if diagnostic.source not in (SOURCE, None):
            return None
        for one in shown:
            if one.is_named_by(diagnostic):
                return one
        same = [one for one in shown if one.says(diagnostic.message)]
        if len(same) > 1:
            encoding = self._server.encoding
            same = [one for one in same if one.range(file.buffer, encoding) == diagnostic.range]
        return same[0] if same else None


def _shown(pinned: Sequence[tuple[ReviewedFile, list[Pinned]]], dismissed: int) -> Shown:
    there = ((file, one) for file, each in pinned for one in each if one.is_there)
    return Shown(tuple(file.live(one) for file, one in there), dismissed)
