"""What a definition, a file or selected lines say about themselves, read from the syntax tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.expressions import source
from codefare.source.facts import Extract, FileOutline, Outline
from codefare.source.fields import read_bases, read_fields
from codefare.source.flow import Flow
from codefare.source.heading import body_of, head_of, outermost, result_of
from codefare.source.imports import read_exports, read_imports
from codefare.source.languages import LANGUAGES
from codefare.source.parameters import read_parameters
from codefare.source.roles import ParameterKind
from codefare.source.shapes import SHAPES
from codefare.source.visibility import visibility
from codefare.source.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.parameters import Parameter
    from codefare.source.target import Span, Symbol

_CALLABLE = frozenset({"function", "method", "constructor", "macro", "property"})
_EXPRESSION_BODIES = frozenset({"arrow_expression_clause"})
_BLOCKS = frozenset({"statement_block", "block", "compound_statement", "body_statement"})
_BEFORE_BODY = frozenset({"field_initializer_list", "constructor_initializer"})
_DECORATOR = re.compile(r"@([A-Za-z_][\w.]*)")
_WORD = re.compile(r"[A-Za-z_]+|\*")
_PACKAGES = frozenset(
    {
        "package_clause",
        "package_declaration",
        "namespace_definition",
        "file_scoped_namespace_declaration",
        "namespace_declaration",
    }
)
_MODULE = re.compile(r"^\s*(?:import|export)\b", re.MULTILINE)
_OUTSIDE = frozenset({"go", "rust", "cpp"})
_SHORT = 120  # characters


def outline(document: Document, symbol: Symbol) -> Outline:
    """What `symbol`, a definition of `document`, says about itself, with its members.

    Raises:
        KeyError: The document has no grammar.
        LookupError: The text has changed, and the symbol is no longer where it was.
    """
    return _Reader(document).outline(symbol)


def outline_file(document: Document) -> FileOutline:
    """What the whole of `document` holds.

    Raises:
        KeyError: The document has no grammar.
    """
    return _Reader(document).file()


def outline_lines(document: Document, span: Span) -> Extract:
    """What the code in `span` of `document` does.

    Raises:
        KeyError: The document has no grammar.
    """
    return _Reader(document).lines(span)


class _Reader:
    """Reads one document; its bytes are made once."""

    def __init__(self, document: Document) -> None:
        parsed = document.parsed()
        if parsed is None:
            raise KeyError(document.language)
        self._document = document
        self._language = parsed.language
        self._shape = SHAPES[self._language]
        self._root = parsed.root
        self._data = document.data
        self._inside: dict[str, list[Symbol]] = {}
        self._symbols = document.symbols()
        for symbol in self._symbols:
            self._inside.setdefault(symbol.container, []).append(symbol)

    def outline(self, symbol: Symbol) -> Outline:
        node = self._document.node_of(symbol)
        body = body_of(node)
        callable_ = symbol.kind in _CALLABLE
        parameters = self._parameters(node, symbol) if callable_ else ()
        returns = (
            result_of(node, self._data, constructor=symbol.kind == "constructor")
            if callable_
            else ""
        )
        flow = self._flow(node, body, symbol, parameters, returns) if callable_ else Flow()
        inside = [] if callable_ else self._members(symbol)
        read = tuple(self.outline(one) for one in inside)
        known = {one.name for one in read}
        fields = () if callable_ else read_fields(node, self._data, self._shape)
        outer = outermost(node)
        head = head_of(node, self._data)
        doc = symbol.doc
        return Outline(
            language=self._language,
            name=symbol.name,
            kind=symbol.kind,
            container=symbol.container,
            line=outer.start_point.row + 1,
            end_line=max(outer.end_point.row, node.end_point.row) + 1,
            signature=self._signature(symbol),
            parameters=parameters,
            returns=returns,
            words=frozenset(_WORD.findall(_DECORATOR.sub(" ", head))),
            decorators=tuple(_DECORATOR.findall(head)),
            visibility=visibility(self._language, symbol.name, head, node, self._data),
            bases=() if callable_ else read_bases(node, self._data),
            steps=tuple(flow.steps),
            calls=tuple(flow.calls),
            assigned=tuple(flow.assigned),
            uses=frozenset(flow.uses),
            reminders=tuple(flow.reminders)
            + tuple(found for member in read for found in member.reminders),
            fields=tuple(one for one in fields if one.name not in known),
            members=read,
            doc=self._document.text[doc.start : doc.end] if doc is not None else "",
            has_body=body is not None,
            broken=node.has_error,
        )

    def file(self) -> FileOutline:
        root = self._root
        known = LANGUAGES[self._language]
        scripted = self._language in ("javascript", "typescript", "tsx")
        top = [self.outline(one) for one in self._shown()]
        flow = walk([root], self._data, self._shape, (), shallow=True)
        package = next((kid for kid in root.named_children if kid.type in _PACKAGES), None)
        name = package.child_by_field_name("name") if package is not None else None
        if package is not None and name is None and package.named_children:
            name = package.named_children[0]
        lines = self._document.text.splitlines()
        markers = (known.line_comment, "/*", "*")
        code = [one for one in lines if one.strip() and not one.strip().startswith(markers)]
        return FileOutline(
            language=self._language,
            package=source(name, self._data),
            imports=read_imports(root, self._data, self._shape),
            exports=read_exports(self._document.text) if scripted else {},
            common=scripted and not _MODULE.search(self._document.text),
            definitions=tuple(top),
            steps=tuple(flow.steps),
            reminders=tuple(flow.reminders) + tuple(r for one in top for r in one.reminders),
            doc=self._file_doc(root, known.comments),
            lines=len(lines),
            code_lines=len(code),
            broken=root.has_error,
        )

    def lines(self, span: Span) -> Extract:
        text = self._document.text
        start = len(text[: span.start].encode("utf-8", "surrogatepass"))
        end = start + len(text[span.start : span.end].encode("utf-8", "surrogatepass"))
        nodes = list(_within(self._root, start, end))
        flow = walk(nodes, self._data, self._shape, self._shape.own)
        first = self._data.count(b"\n", 0, start) + 1
        last = first + self._data.count(b"\n", start, max(start, end - 1))
        return Extract(
            language=self._language,
            line=first,
            end_line=last,
            steps=tuple(flow.steps),
            calls=tuple(flow.calls),
            reminders=tuple(flow.reminders),
            broken=any(node.has_error for node in nodes),
        )

    def _top(self, start: int = 0) -> list[Symbol]:
        """The outermost definitions from `start` on."""
        found: list[Symbol] = []
        end = start - 1
        for symbol in self._symbols:
            if symbol.span.start > end:
                found.append(symbol)
                end = symbol.span.end - 1
        return found

    def _shown(self) -> list[Symbol]:
        """The outermost definitions, without methods that are shown with their type."""
        top = self._top()
        types = {one.name for one in top if one.kind not in _CALLABLE and one.kind != "impl"}
        return [
            one
            for one in top
            if not (one.kind == "method" and one.container in types)
            and not (one.kind == "impl" and one.name.split("<")[0] in types)
        ]

    def _members(self, symbol: Symbol) -> list[Symbol]:
        """The definitions directly inside one, with those that its language keeps outside of it.

        A method that C++ declares inside and defines outside is there once, as it is defined.
        """
        if symbol.kind == "impl":  # its methods are named after the type
            return [
                one for one in self._top(symbol.span.start + 1) if one.span.end <= symbol.span.end
            ]
        found: dict[tuple[str, int], Symbol] = {}
        count: dict[str, int] = {}
        for one in self._inside.get(symbol.qualified_name, ()):
            within = symbol.span.start < one.span.start and one.span.end <= symbol.span.end
            outside = self._language in _OUTSIDE and one.kind in ("method", "constructor")
            if not within and not (outside and one.body is not None):
                continue
            declared = found.get((one.name, 0))
            if not within and declared is not None and declared.body is None:
                found[one.name, 0] = one
            else:
                found[one.name, count.get(one.name, 0)] = one
                count[one.name] = count.get(one.name, 0) + 1
        return list(found.values())

    def _signature(self, symbol: Symbol) -> str:
        """The source up to the body; a property's accessors belong to it."""
        start, end = symbol.signature
        if symbol.kind == "property" and symbol.body is not None:
            whole = self._document.text[start : symbol.body.end]
            if len(whole) <= _SHORT and "\n" not in whole:
                end = symbol.body.end
        return self._document.text[start:end].strip()

    def _parameters(self, node: Node, symbol: Symbol) -> tuple[Parameter, ...]:
        found = read_parameters(node, self._data, self._shape.parameters)
        if self._language == "python" and found and symbol.kind in ("method", "constructor"):
            static = "@staticmethod" in head_of(node, self._data)
            if not static and found[0].kind.value.startswith("positional"):
                first = found[0]
                receiver = type(first)(first.name, ParameterKind.RECEIVER, first.type)
                return (receiver, *found[1:])
        return found

    def _flow(
        self,
        node: Node,
        body: Node | None,
        symbol: Symbol,
        parameters: tuple[Parameter, ...],
        returns: str,
    ) -> Flow:
        if body is None:
            return Flow()
        own = self._shape.own
        receiver = next((one.name for one in parameters if not one.given), "")
        if receiver and self._language in ("go", "python"):
            own = (f"{receiver}.",)
        expression = body.type in _EXPRESSION_BODIES or body.type not in _BLOCKS
        implicit = self._shape.implicit_result and symbol.kind != "constructor"
        if self._language == "rust":
            implicit = returns not in self._shape.nothing
        braces = body.child_count > 0 and body.children[0].type == "{"
        valued = implicit or (expression and not braces and self._language != "python")
        before = [
            kid
            for kid in node.named_children
            if kid.type in _BEFORE_BODY
            or kid.type == "comment"  # Python: above the first statement
        ]
        return walk([*before, body], self._data, self._shape, own, valued=valued)

    def _file_doc(self, root: Node, comments: frozenset[str]) -> str:
        """The docstring or the first comment of the file, without a shebang."""
        for kid in root.named_children:
            text = self._data[kid.start_byte : kid.end_byte].decode("utf-8", "replace")
            if kid.type in comments and not text.startswith(("#!", "# -*-")):
                return text if self._language != "python" else ""
            if kid.type == "expression_statement" and self._language == "python":
                inner = kid.named_children[0] if kid.named_children else kid
                return text if inner.type == "string" else ""
            if kid.type not in comments and kid.type not in ("php_tag", "hash_bang_line"):
                return ""
        return ""


def _within(root: Node, start: int, end: int) -> Iterator[Node]:
    """The topmost nodes that lie in a range of bytes, in order."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.end_byte <= start or node.start_byte >= end:
            continue
        if start <= node.start_byte and node.end_byte <= end and node != root:
            yield node
        else:
            pending.extend(reversed(node.named_children))
