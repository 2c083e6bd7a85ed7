"""Opening a file in the editor: `window/showDocument` as clients really answer it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.uris import from_fs_path

from codefare.lsp.conversation import NoAnswer

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.lsp.base import Server

_LIMIT = 10.0  # seconds; eglot 1.9 shows the document and answers null, others never answer


class Shown(Enum):
    """Whether the editor opened the file."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # null or no answer: it may have


async def show_file(server: Server, path: Path, text: str) -> Shown:
    """Opens `path` in the editor; where that is not certain to have worked, shows `text` instead.

    `text` says where the file is. Raises nothing.
    """
    shown = await _show(server, path)
    if shown is not Shown.YES:
        server.show(text)
    return shown


async def _show(server: Server, path: Path) -> Shown:
    if not server.client.show_document:  # Neovim 0.7 would answer "method not found"
        return Shown.NO
    params = lsp.ShowDocumentParams(uri=uri_of(path), take_focus=True)
    try:
        result = await server.protocol.ask(lsp.WINDOW_SHOW_DOCUMENT, params, limit=_LIMIT)
    except NoAnswer:
        return Shown.UNKNOWN
    except JsonRpcException:
        return Shown.NO
    if result is None:
        return Shown.UNKNOWN
    return Shown.YES if result.success else Shown.NO


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path."""
    return str(from_fs_path(str(path)))
