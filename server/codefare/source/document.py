"""A document: its text, its syntax tree, and what can be worked on in it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.buffer import Buffer, Change
from codefare.source.complexity import measure_code, measure_text
from codefare.source.faults import faults
from codefare.source.positions import line_break_of
from codefare.source.selection import locate, select, select_lines
from codefare.source.symbols import definitions, enclosing
from codefare.source.syntax import Parsed, parse
from codefare.source.target import Measure, Scope, Span, Symbol, Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tree_sitter import Node, Tree

    from codefare.source.documentation import Range
    from codefare.source.symbols import Definition


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document's text at one revision, to be parsed elsewhere (in a worker thread, say)."""

    language: str
    data: bytes
    old: Tree | None
    revision: int

    def parse(self) -> Tree:
        """The tree of this text; hand it to `Document.adopt` with `revision`."""
        return parse(self.language, self.data, self.old)


class Document:
    """A text with its tree. Not safe to share between threads; only a `Snapshot` is.

    Edits do not parse. They tell the tree what moved, so that its nodes stand at the right places
    until a new tree is adopted; what was typed since is then not known as a symbol yet. The one
    parse that happens by itself is the first, when something asks for symbols.
    """

    def __init__(
        self,
        uri: str,
        path: Path | None,
        language: str | None,
        text: str,
        version: int | None = None,
        *,
        buffer: Buffer | None = None,
    ) -> None:
        """`buffer` holds `text` already, for whoever kept it before its code was of interest."""
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self.buffer = Buffer(text) if buffer is None else buffer
        self.revision = 0
        self._data = _encoded(text)
        self._tree: Tree | None = None
        self._tree_revision = -1
        # What was found in the text and the tree as they are.
        self._symbols: list[Symbol] | None = None
        self._digest: tuple[int, str] | None = None
        self._measures: dict[Span, Measure] = {}

    @property
    def text(self) -> str:
        """The whole text, exactly as it is."""
        return self.buffer.text

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        return self._data

    @property
    def digest(self) -> str:
        """SHA-256 of `data` in hexadecimal, by which `file.replace_text` knows the old text."""
        if self._digest is None or self._digest[0] != self.revision:
            self._digest = self.revision, sha256(self._data).hexdigest()
        return self._digest[1]

    @property
    def name(self) -> str:
        """What to call the document in a message."""
        return self.path.name if self.path else self.uri

    @property
    def line_break(self) -> str:
        """The line break that new text gets."""
        return line_break_of(self.text)

    @property
    def has_tree(self) -> bool:
        """Whether there is a tree at all, be it of an earlier text; true where there is no grammar."""
        return self.language is None or self._tree is not None

    @property
    def is_parsed(self) -> bool:
        """Whether the tree is that of the text as it is now; true where there is no grammar."""
        return self.language is None or self._tree_revision == self.revision

    def apply(self, span: Span, new: str, version: int | None = None) -> Change | None:
        """Replace `span` by `new`; None if nothing changed. A `version` given is taken over."""
        if version is not None:
            self.version = version
        change = self.buffer.replace(span, new)
        if change is None:
            return None
        inserted = _encoded(self.text[change.start : change.new_end])
        head, tail = self._data[: change.start_byte], self._data[change.old_end_byte :]
        self._data = b"".join((head, inserted, tail))
        self.revision += 1
        self._symbols = None
        self._measures.clear()
        if self._tree is not None:
            self._tree.edit(
                start_byte=change.start_byte,
                old_end_byte=change.old_end_byte,
                new_end_byte=change.new_end_byte,
                start_point=change.start_point,
                old_end_point=change.old_end_point,
                new_end_point=change.new_end_point,
            )
        return change

    @property
    def tree(self) -> Tree:
        """The last tree, parsed if there is none yet.

        Raises:
            LookupError: there is no grammar for the document.
        """
        if (parsed := self.parsed()) is None:
            raise LookupError(f"no grammar for {self.name}")
        return parsed.tree

    def copy(self) -> Document:
        """The document as it is now; later edits of either do not reach the other."""
        copy = Document(self.uri, self.path, self.language, self.text, self.version)
        if self._tree is not None and self.is_parsed:
            copy.adopt(self._tree.copy(), copy.revision)
        return copy

    def snapshot(self) -> Snapshot | None:
        """What a parse needs, cut loose from the document; None where there is no grammar."""
        if self.language is None:
            return None
        old = self._tree.copy() if self._tree is not None else None
        return Snapshot(self.language, self._data, old, self.revision)

    def adopt(self, tree: Tree, revision: int) -> bool:
        """Take a snapshot's tree over; False, and nothing happens, if the text has moved on."""
        if revision != self.revision:
            return False
        self._tree = tree
        self._tree_revision = revision
        self._symbols = None
        self._measures.clear()
        return True

    def reparse(self) -> None:
        """Parse here and now, unless the tree is up to date. Takes up to 0.1 s for 10,000 lines."""
        if not self.is_parsed and (snapshot := self.snapshot()):
            self.adopt(snapshot.parse(), snapshot.revision)

    def parsed(self) -> Parsed | None:
        """The text with its last tree, parsed if there is none yet; None without a grammar."""
        if self._tree is None:
            self.reparse()
        if self._tree is None or self.language is None:
            return None
        return Parsed(self.language, self._data, self._tree)

    def symbols(self) -> list[Symbol]:
        """All named definitions in the order of the file."""
        if self._symbols is None:
            parsed = self.parsed()
            self._symbols = [self._symbol(each) for each in definitions(parsed)] if parsed else []
        return list(self._symbols)

    def symbol_at(self, offset: int) -> Symbol | None:
        """The innermost named definition around `offset`, its decorators and comments included."""
        return next(self.symbols_around(offset), None)

    def symbols_around(self, offset: int) -> Iterator[Symbol]:
        """All named definitions around `offset`, the innermost first."""
        if parsed := self.parsed():
            for each in enclosing(parsed, self.buffer.byte_offset(offset)):
                yield self._symbol(each)

    def node_of(self, symbol: Symbol) -> Node:
        """The tree's node that defines `symbol`.

        Raises:
            LookupError: the text has changed, and the symbol is no longer where it was.
        """
        if parsed := self.parsed():
            for each in enclosing(parsed, self.buffer.byte_offset(symbol.signature.start)):
                if each.name == symbol.name and self._symbol(each) == symbol:
                    return each.node
        raise LookupError(symbol.qualified_name)

    def target(self, span: Span, *, whole_file: bool = False) -> Target:
        """What an action works on when it is called with `span`: see `selection.select`.

        Raises:
            TargetError: the document is empty.
        """
        return select(self, span, whole_file=whole_file)

    def lines(self, span: Span) -> Target:
        """The lines that `span` touches, whatever they hold, as a target."""
        return select_lines(self, span)

    def locate(self, span: Span) -> tuple[Span, Scope]:
        """The range and the kind of the target of `span`; found in a moment, however large it is.

        Raises:
            TargetError: the document is empty.
        """
        place, scope, _ = locate(self, span)
        return place, scope

    def span_of_lines(self, first: int, last: int) -> Span:
        """The span of lines as people count them: from 1, and both included.

        Raises:
            TargetError: the document has no such lines.
        """
        count = self.buffer.line_count
        if count > 1 and self.buffer.line_span(count - 1) == (len(self.text), len(self.text)):
            count -= 1  # the empty line after the last line break is none to a reader
        if not 1 <= first <= last <= count:
            asked = f"is no line {first}" if first == last else f"are no lines {first} to {last}"
            has = "1 line" if count == 1 else f"{count} lines"
            raise TargetError(
                f"There {asked} in {self.name}, which has {has}.",
                remedy="Lines count from 1, and the first comes before the last.",
            )
        return Span(self.buffer.line_span(first - 1).start, self.buffer.line_span(last - 1).end)

    def measure(self, span: Span) -> Measure:
        """How demanding the code in `span` is."""
        measure = self._measures.get(span)
        if measure is None:
            parsed = self.parsed()
            if parsed is None:
                measure = measure_text(self.text[span.start : span.end])
            else:
                measure = measure_code(parsed, *self._in_bytes(span))
            self._measures[span] = measure
        return measure

    def parses(self, span: Span) -> bool:
        """Whether `span` is free of syntax errors; true where there is no grammar."""
        parsed = self.parsed()
        return parsed is None or not faults(parsed.root, *self._in_bytes(span))

    def _in_bytes(self, span: Span) -> Range:
        return self.buffer.byte_offset(span.start), self.buffer.byte_offset(span.end)

    def _symbol(self, definition: Definition) -> Symbol:
        at = self.buffer.offset_of_byte

        def span(part: Range) -> Span:
            return Span(at(part[0]), at(part[1]))

        return Symbol(
            name=definition.name,
            kind=definition.kind,
            container=definition.container,
            span=span(definition.span),
            signature=span(definition.signature),
            body=span(definition.body) if definition.body else None,
            doc=span(definition.doc) if definition.doc else None,
            doc_at=at(definition.doc_at),
            indent=definition.indent,
        )


def _encoded(text: str) -> bytes:
    # An editor may send half a surrogate pair; it must not end the server.
    return text.encode("utf-8", "surrogatepass")
