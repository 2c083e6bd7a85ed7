"""The documents that the client has open, in place of pygls' workspace.

pygls ends lines where LSP does not (form feed, U+2028 and others), clamps positions wrongly, builds
the whole text anew for each typed character and reads unopened files again at every look. Here the
text lives in `codefare.source`, which knows LSP's lines and follows edits.
"""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument, Workspace

from codefare.errors import TargetError
from codefare.lsp.codec import Codec
from codefare.lsp.hunks import split_lines
from codefare.source.buffer import Buffer
from codefare.source.target import LARGE, Span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from codefare.lsp.base import Server
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
        super().__init__(uri, text, version, language_id, position_codec=Codec(encoding))
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


class Watcher(Protocol):
    """Is told what happens to documents, once it has happened."""

    def opened(self, document: OpenDocument) -> None:
        """The client opened a document."""

    def changed(self, document: OpenDocument) -> None:
        """All changes of one didChange were applied."""

    def closed(self, document: OpenDocument) -> None:
        """The client closed a document; its text is the last one."""


class Documents(Workspace):
    """All open documents, by URI, and the folders of the workspace."""

    def __init__(
        self,
        server: Server,
        root_uri: str | None,
        folders: Sequence[lsp.WorkspaceFolder],
        encoding: Encoding,
    ) -> None:
        super().__init__(
            root_uri,
            lsp.TextDocumentSyncKind.Incremental,
            folders,
            lsp.PositionEncodingKind(encoding),
        )
        self._server = server
        self._encoding = encoding
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Tells `watcher` of all documents from here on, and of those that are open already."""
        self._watchers.append(watcher)
        for document in self.open_documents:
            watcher.opened(document)

    @property
    def open_documents(self) -> list[OpenDocument]:
        """Those that are open now."""
        documents = self._text_documents.values()
        return [document for document in documents if isinstance(document, OpenDocument)]

    @property
    def folder_paths(self) -> list[Path]:
        """The workspace's folders on disk; the root where the client names no folders."""
        uris = [folder.uri for folder in self.folders.values()] or [self.root_uri]
        paths = [to_fs_path(uri) for uri in uris if uri]
        return [Path(path) for path in paths if path]

    def text_at(self, path: Path) -> str | None:
        """The text of a file that is open; None if it is not. From any thread."""
        opened = tuple(self.open_documents)
        return next((one.source for one in opened if one.file_path == path), None)

    def folder_of(self, document: OpenDocument) -> Path | None:
        """The folder of the workspace that a document is in, the innermost of several."""
        file = document.file_path
        folders = [f for f in self.folder_paths if file is not None and file.is_relative_to(f)]
        return max(folders, key=lambda folder: len(folder.parts), default=None)

    def folder_at(self, uri: str) -> Path | None:
        """The folder that a URI means, however it is escaped, if it is one of the workspace's or in one."""
        try:
            path = to_fs_path(uri)
        except ValueError:  # no URI at all
            return None
        folder = Path(os.path.abspath(path)) if path else None  # noqa: PTH100  links are left as they are
        inside = folder is not None and any(
            # A link in the workspace may lead out of it.
            folder.is_relative_to(f)
            and Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(f))
            for f in self.folder_paths
        )
        return folder if inside else None

    def find(self, uri: str) -> OpenDocument | None:
        """The open document of that URI, however it is escaped."""
        document = self._text_documents.get(unquote(uri))
        return document if isinstance(document, OpenDocument) else None

    def get_text_document(self, doc_uri: str) -> OpenDocument:
        """The open document of that URI. Never reads the disk.

        Raises:
            TargetError: it is not open.
        """
        document = self.find(doc_uri)
        if document is None:
            raise TargetError(f"{doc_uri} is not open in the editor.", remedy="Open it first.")
        return document

    def put_text_document(
        self, text_document: lsp.TextDocumentItem, notebook_uri: str | None = None
    ) -> None:
        """Takes a document in (didOpen). One that was open already is another one from here on."""
        self.remove_text_document(text_document.uri)
        super().put_text_document(text_document, notebook_uri)
        if document := self.find(text_document.uri):
            self._parse_soon(document)
            for watcher in self._watchers:
                watcher.opened(document)

    def remove_text_document(self, doc_uri: str) -> None:
        """Lets a document go (didClose)."""
        document = self.find(doc_uri)
        if document is not None:
            document.close()
        super().remove_text_document(doc_uri)
        if document is not None:
            for watcher in self._watchers:
                watcher.closed(document)

    def change(self, params: lsp.DidChangeTextDocumentParams) -> None:
        """Applies a didChange.

        Versions must rise, says LSP. A client whose versions do not is noted and believed: the
        order of the messages is the order of the changes, and text that is left out is lost.
        """
        identifier = params.text_document
        document = self.find(identifier.uri)
        if document is None:
            log.warning("a change of a document that is not open was ignored")
            return
        if document.version is not None and identifier.version <= document.version:
            log.warning("version %s after %s", identifier.version, document.version)
        document.version = identifier.version
        for change in params.content_changes:
            document.apply_change(change)
        self._parse_soon(document)
        for watcher in self._watchers:
            watcher.changed(document)

    def parse_open(self) -> None:
        """Parses what was opened before the server was ready."""
        for document in self.open_documents:
            self._parse_soon(document)

    def _parse_soon(self, document: OpenDocument) -> None:
        if self._server.is_ready:  # before, it would import the grammars in the way of `initialize`
            document.parse_soon(self._server.in_thread)

    def lose(self, params: Any) -> None:
        """A didChange could not be read, so what it changed is not known. `params` is raw JSON."""
        try:
            document = self.find(params["textDocument"]["uri"])
        except (KeyError, TypeError, AttributeError):
            return
        if document is not None:
            document.lost = True

    def _create_text_document(
        self,
        doc_uri: str,
        source: str | None = None,
        version: int | None = None,
        language_id: str | None = None,
    ) -> OpenDocument:
        return OpenDocument(doc_uri, source or "", version, language_id, self._encoding)
