"""The documents that the client has open, in place of pygls' workspace.

pygls ends lines where LSP does not (form feed, U+2028 and others), clamps positions wrongly, builds
the whole text anew for each typed character and reads unopened files again at every look. Here the
text lives in `codefare.source`, which knows LSP's lines and follows edits.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.uris import to_fs_path
from pygls.workspace import Workspace

from codefare.errors import TargetError
from codefare.lsp.document import OpenDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.lsp.base import Server
    from codefare.source.positions import Encoding

log = logging.getLogger(__name__)


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
