"""What an action works on: an exact range of a document, with its symbol."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from codefare import legible

if TYPE_CHECKING:
    from pathlib import Path


LARGE = 20_000
"""Characters. Measuring a larger target and counting its tokens takes more than a moment: nothing for an event loop."""


class Span(NamedTuple):
    """A half-open range of code-point offsets into a document's text."""

    start: int
    end: int


class Complexity(StrEnum):
    """How demanding a target is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Measure:
    """A complexity with its reason in a few words ("64 lines, 9 branches, nesting 4")."""

    complexity: Complexity
    reason: str


class Scope(StrEnum):
    """What the target is: one definition, a free selection, the whole file; an outline of a folder, or a diff."""

    SYMBOL = "symbol"
    SELECTION = "selection"
    FILE = "file"
    FOLDER = "folder"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. Spans are in code points.

    `kind` is function, method, constructor, class, struct, interface, enum, trait, impl, module, namespace, type,
    property or macro. `container` is the dotted path of the definitions around it. `span` starts at the first
    decorator, export or template and excludes doc comments before it; `signature` runs up to the body; `body` is
    None for a declaration; `doc` is the doc comment or docstring, None if there is none. `doc_at` is the offset
    at which a new doc comment or docstring line begins (the start of a line), `indent` the white space it needs.
    """

    name: str
    kind: str
    container: str
    span: Span
    signature: Span
    body: Span | None
    doc: Span | None
    doc_at: int
    indent: str

    @property
    def qualified_name(self) -> str:
        """The name with its containers: `Parser.feed`."""
        return f"{self.container}.{self.name}" if self.container else self.name


@dataclass(frozen=True, slots=True)
class Target:
    """The exact range an action works on, as it was at `version` of the document.

    `language` is an id of `source.languages` (None: no grammar, plain text). `text` is the document's text in `span`
    and `text_hash` its SHA-256. `parses` tells whether `span` was free of syntax errors.
    """

    uri: str
    path: Path | None
    language: str | None
    version: int | None
    span: Span
    text: str
    scope: Scope
    symbol: Symbol | None
    measure: Measure
    parses: bool

    @property
    def region(self) -> Span:
        """The range that an action on this target may change: `span` with the place of its doc comment."""
        if self.symbol is None:
            return self.span
        doc = self.symbol.doc or Span(self.symbol.doc_at, self.symbol.doc_at)
        return Span(min(self.span.start, doc.start), max(self.span.end, doc.end))

    @property
    def text_hash(self) -> str:
        """SHA-256 of `text` in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def label(self) -> str:
        """What a user calls it, on one line: the symbol's name, `the selection`, or the file's name."""
        if self.symbol:
            return legible.name(self.symbol.qualified_name)
        if self.scope is Scope.DIFF:
            return "uncommitted changes"
        if self.scope is Scope.SELECTION:
            return "the selection"
        return legible.name(self.path.name) if self.path else f"the {self.scope}"
