"""A text editor for tests: it keeps documents as editors do, with positions counted in its own way.

Nothing here comes from the server's code: what both agree on is then the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.lsp.client import NEVER, Error

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lsp.client import Client

_CODECS = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_WIDTHS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


def units(text: str, encoding: str) -> int:
    """How many units of `encoding` a text takes."""
    return len(text.encode(_CODECS[encoding], "surrogatepass")) // _WIDTHS[encoding]


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, and an empty one after a final line break."""
    lines, start, at = [], 0, 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 2 if text[at : at + 2] == "\r\n" else 1
            lines.append(text[start:at])
            start = at
        else:
            at += 1
    return [*lines, text[start:]]


def position_of(text: str, offset: int, encoding: str) -> dict[str, int]:
    """The position of an offset."""
    before = lines_of(text[:offset])
    if text[offset - 1 : offset + 1] == "\r\n" and offset:
        raise ValueError("inside of a line break")
    return {"line": len(before) - 1, "character": units(before[-1], encoding)}


def offset_of(text: str, position: dict[str, int], encoding: str) -> int:
    """The offset of a position, which must be exact: a strict editor takes no other."""
    lines = lines_of(text)
    line = lines[position["line"]].rstrip("\r\n")
    for column in range(len(line) + 1):
        if units(line[:column], encoding) == position["character"]:
            return sum(map(len, lines[: position["line"]])) + column
    raise ValueError(f"{position} is not in {line!r}")


@dataclass
class Buffer:
    """An open document."""

    text: str
    version: int = 1


class Editor:
    """Documents that are in step with a server, and edits as the server asks for them."""

    def __init__(self, client: Client, encoding: str = "utf-16") -> None:
        self.client = client
        self.encoding = encoding
        self.buffers: dict[str, Buffer] = {}
        self.undo_steps = 0
        client.answers["workspace/applyEdit"] = self.apply

    def open(self, uri: str, text: str, language: str = "python") -> None:
        """Opens a document."""
        self.buffers[uri] = Buffer(text)
        self.client.open(uri, text, language=language)

    def close(self, uri: str) -> None:
        """Closes a document."""
        del self.buffers[uri]
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def type(self, uri: str, offset: int, text: str, *, tell: bool = True) -> None:
        """The user types; with `tell` false the editor keeps it to itself for now."""
        buffer = self.buffers[uri]
        at = position_of(buffer.text, offset, self.encoding)
        buffer.text = buffer.text[:offset] + text + buffer.text[offset:]
        buffer.version += 1
        if tell:
            self.changed(uri, [{"range": {"start": at, "end": at}, "text": text}])

    def changed(self, uri: str, changes: list[dict[str, Any]] | None = None) -> None:
        """Tells the server of changes, or of the whole text."""
        buffer = self.buffers[uri]
        document = {"uri": uri, "version": buffer.version}
        changes = [{"text": buffer.text}] if changes is None else changes
        params = {"textDocument": document, "contentChanges": changes}
        self.client.notify("textDocument/didChange", params)

    def apply(self, params: dict[str, Any]) -> Any:
        """Applies an edit of one document at its version, as VS Code does, and tells of it first."""
        uri, version, edits = self.read(params)
        if version is not None and version != self.buffers[uri].version:
            return {"applied": False}
        self.edit(uri, edits)
        self.changed(uri)
        return {"applied": True}

    def read(self, params: dict[str, Any]) -> tuple[str, int | None, list[dict[str, Any]]]:
        """What an edit is about: strictly one document."""
        assert params.get("label")
        edit = params["edit"]
        if "changes" in edit:
            assert "documentChanges" not in edit
            [(uri, edits)] = edit["changes"].items()
            return uri, None, edits
        [change] = edit["documentChanges"]
        document = change["textDocument"]
        return document["uri"], document["version"], change["edits"]

    def edit(self, uri: str, edits: list[dict[str, Any]]) -> None:
        """Changes a document's text in one undo step; edits must lie apart."""
        buffer = self.buffers[uri]
        spans = sorted(
            (
                offset_of(buffer.text, each["range"]["start"], self.encoding),
                offset_of(buffer.text, each["range"]["end"], self.encoding),
                each["newText"],
            )
            for each in edits
        )
        assert all(one[1] < two[0] for one, two in pairwise(spans))
        for start, end, new in reversed(spans):
            buffer.text = buffer.text[:start] + new + buffer.text[end:]
        buffer.version += 1
        self.undo_steps += 1


def never(*_: Any) -> Any:
    """An editor that does not answer."""
    return NEVER


def failing(code: int, message: str) -> Callable[[Any], Any]:
    """An editor that answers with an error."""

    def answer(_params: Any) -> Any:
        raise Error(code, message)

    return answer
