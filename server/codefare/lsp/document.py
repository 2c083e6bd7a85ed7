"""One document that the client has open, in place of pygls' own: its text, its lines, its tree once it is asked for."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from codefare.errors import TargetError
from codefare.lsp.hunks import split_lines
from codefare.source.buffer import Buffer
from codefare.source.target import LARGE, Span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from codefare.source.buffer import Anchor
    from codefare.source.document import Document
    from codefare.source.positions import Encoding
    from codefare.source.target import Target

    Parse = Callable[[Callable[[], Any]], Awaitable[Any]]

log = logging.getLogger(__name__)

_QUIET = 0.05  # seconds without typing, then the text is parsed
_PARSES = 3  # at most, when the user types faster than it is parsed


class OpenDocument(TextDocument):
    """One document, from its didOpen to its didClose.

    `lost` is true when a change of it could not be read: our text is then not the editor's. `came_whole` tells that
    the last change was the whole text, which may be several changes in one.
    """

    def __init__(
        self, uri: str, text: str, version: int | None, language_id: str | None, encoding: Encoding
    ) -> None:
        super().__init__(uri, text, version, language_id)
        self.buffer = Buffer(text)
        self.closed = False
        self.lost = False
        self.came_whole = False
        self.editing = asyncio.Lock()
        self._code: Document | None = None
        self._parsing: asyncio.Task[None] | None = None
        self._encoding = encoding
        self._watchers: list[Callable[[str | None], None]] = []
        self._lines: tuple[str, tuple[str, ...]] | None = None

    @property
    def source(self) -> str:
        """The whole text."""
        return self.buffer.text

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends."""
        text = self.buffer.text
        if self._lines is None or self._lines[0] is not text:
            self._lines = text, tuple(split_lines(text))
        return self._lines[1]

    @property
    def file_path(self) -> Path | None:
        """Where the document is on disk, if it is a file."""
        path = to_fs_path(self.uri)
        return Path(path) if path else None

    @property
    def code(self) -> Document:
        """The document as code; made at the first use, since grammars are imported for it.

        Raises:
            TargetError: it is too large or binary, as for a file on disk: to parse it or to count
                its tokens would hold up every other request.
        """
        from codefare.source.file import check_workable

        path, text = self.file_path, self.buffer.text
        size = self.buffer.byte_offset(len(text))
        check_workable(path.name if path else self.uri, size, binary="\0" in text)
        if self._code is None:
            from codefare.source.document import Document
            from codefare.source.languages import language_of

            language = language_of(path, self.language_id)
            self._code = Document(self.uri, path, language, text, self.version, buffer=self.buffer)
        return self._code

    async def parsed(self, in_thread: Parse) -> Document:
        """The document as code with a tree of its text as it is now, parsed in a thread.

        Typing meanwhile starts it anew, but not for ever: a tree that is an edit behind serves too.
        """
        for _ in range(_PARSES):
            snapshot = None if self.code.is_parsed else self.code.snapshot()
            if snapshot is None:
                break
            tree = await in_thread(snapshot.parse)
            self.code.adopt(tree, snapshot.revision)
        return self.code

    async def glanced(self, in_thread: Parse) -> Document:
        """The document as code, with the last tree: only a document without any waits for a parse.

        Edits have moved the tree's nodes along, so a symbol is found where it is. A parse right after
        an edit takes a few milliseconds, but up to 130 in a large file that is broken just then.
        """
        return self.code if self.code.has_tree else await self.parsed(in_thread)

    async def targeted(self, span: Span, in_thread: Parse) -> tuple[Document, Target]:
        """What `span` means now, with the code as it is now: a copy, for a large target is made in a thread.

        Raises:
            TargetError: there is nothing to work on.
        """
        code = self.code
        place, _ = code.locate(span)
        if place.end - place.start <= LARGE:
            return code, code.target(span)
        frozen = code.copy()
        return frozen, await in_thread(lambda: frozen.target(span))

    def parse_soon(self, in_thread: Parse) -> None:
        """Parses once nothing was typed for a moment, so that requests need not."""
        if self._parsing is not None:
            self._parsing.cancel()

        async def wait_and_parse() -> None:
            await asyncio.sleep(_QUIET)
            try:
                await self.parsed(in_thread)
            except TargetError as error:
                log.debug("not parsed: %s", error)
            except (
                Exception
            ):  # a request that needs the tree will say so; this one nobody asked for
                log.exception("a document could not be parsed")

        self._parsing = asyncio.create_task(wait_and_parse(), name="codefare parse")

    def offset_at_position(self, client_position: lsp.Position) -> int:
        """The offset of a client's position in code points."""
        return self.buffer.offset_at(
            client_position.line, client_position.character, self._encoding
        )

    def client_position_at_offset(self, offset: int) -> lsp.Position:
        """A client's position for an offset in code points."""
        return lsp.Position(*self.buffer.position_at(offset, self._encoding))

    def span_of(self, at: lsp.Range) -> Span:
        """The span of a client's range; an inverted one is empty."""
        start = self.offset_at_position(at.start)
        return Span(start, max(start, self.offset_at_position(at.end)))

    def range_of(self, span: Span) -> lsp.Range:
        """The client's range of a span."""
        return lsp.Range(
            self.client_position_at_offset(span.start), self.client_position_at_offset(span.end)
        )

    def anchor(self, span: Span, *, tight: bool = False) -> Anchor:
        """An anchor that follows the text in `span` through edits, and breaks when it changes.

        A `tight` one breaks at an edit beside it, too.
        """
        return self.buffer.anchor(span, tight=tight)

    @contextmanager
    def watched(self, look: Callable[[str | None], None]) -> Iterator[None]:
        """Calls `look` with the text after every change, and with None when the document closes."""
        self._watchers.append(look)
        try:
            yield
        finally:
            self._watchers.remove(look)

    def apply_change(self, change: lsp.TextDocumentContentChangeEvent) -> None:
        """Applies one change of the client's."""
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            self.came_whole = False
            self._replace(self.span_of(change.range), change.text)
        else:
            self.came_whole = True
            self._replace(Span(0, len(self.buffer.text)), change.text)
            self.lost = False  # whatever was missed, this is the whole text
        for look in tuple(self._watchers):
            look(self.buffer.text)

    def _replace(self, span: Span, text: str) -> None:
        if self._code is None:
            self.buffer.replace(span, text)
        else:
            self._code.apply(span, text, self.version)

    def close(self) -> None:
        """The client closed it: nobody waits for it any longer."""
        self.closed = True
        if self._parsing is not None:
            self._parsing.cancel()
        for look in tuple(self._watchers):
            look(None)
