"""Finding definitions in a syntax tree. Every offset here is in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Query, QueryCursor

from codefare.source.definitions import DEFINITIONS
from codefare.source.documentation import above
from codefare.source.extents import (
    body_of,
    end_of,
    outermost,
    place_above,
    place_inside,
    undecorated,
)
from codefare.source.languages import LANGUAGES, DocStyle
from codefare.source.names import container_name, is_prototype, name_of
from codefare.source.syntax import grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from codefare.source.documentation import Range
    from codefare.source.syntax import Parsed

_MOST_STEPS = 400  # over comments and decorations in front of a definition
_DEEPEST_WRAPPING = 6
# In these a function is a method.
_TYPES = frozenset({"class", "struct", "interface", "enum", "trait", "impl"})
_GO_KINDS = {"struct_type": "struct", "interface_type": "interface"}
_PROTOTYPES = frozenset({"declaration", "field_declaration"})


@dataclass(frozen=True, slots=True)
class Definition:
    """A named definition, as `Symbol` describes it, but in bytes and with its node.

    `reach` is where what belongs to it begins: its documentation, or the directives above it.
    """

    node: Node
    name: str
    kind: str
    container: str
    span: Range
    signature: Range
    body: Range | None
    doc: Range | None
    doc_at: int
    indent: str
    reach: int


@cache
def definition_query(language_id: str) -> Query:
    """What matches every node that may define something."""
    patterns = " ".join(f"({kind})" for kind in DEFINITIONS[language_id].kinds)
    return Query(grammar(language_id), f"[{patterns}] @definition")


def definitions(parsed: Parsed) -> list[Definition]:
    """All named definitions in the order of the file; an outer one comes before those in it."""
    nodes = (
        QueryCursor(definition_query(parsed.language)).captures(parsed.root).get("definition", [])
    )
    nodes.sort(key=lambda node: (node.start_byte, -node.end_byte))
    found = []
    for node in nodes:
        path = parsed.path_to(node.start_byte)
        if node in path and (definition := define(parsed, path[: path.index(node) + 1])):
            found.append(definition)
    return found


def enclosing(parsed: Parsed, byte: int) -> Iterator[Definition]:
    """The named definitions around a byte, the innermost first.

    What belongs to a definition counts as inside it: decorators, `export`, `template`, and the
    documentation and directives directly above.
    """
    path = parsed.path_to(_before_semicolon(parsed, byte))
    if (following := _following(parsed, path)) is None:
        yield from _on(parsed, path, byte)
        return
    found = [
        definition
        for definition in _on(parsed, parsed.path_to(following), following)
        if definition.reach <= byte
    ]
    nodes = {definition.node.id for definition in found}
    found += [each for each in _on(parsed, path, byte) if each.node.id not in nodes]
    yield from sorted(found, key=lambda definition: definition.span[0], reverse=True)


def _before_semicolon(parsed: Parsed, byte: int) -> int:
    """The last byte before a semicolon, which may belong to a definition but not to its node."""
    if not DEFINITIONS[parsed.language].semicolon or parsed.data[byte : byte + 1] != b";":
        return byte
    line = parsed.line_start(byte)
    before = parsed.data[line:byte].rstrip(b" \t")
    return line + len(before) - 1 if before else byte


def _following(parsed: Parsed, path: Sequence[Node]) -> int | None:
    """Where the code begins that the comment or decoration on `path` stands in front of."""
    skipped = LANGUAGES[parsed.language].comments | DEFINITIONS[parsed.language].decorations
    node = next((node for node in path if node.type in skipped), None)
    if node is None:
        return None
    for _ in range(_MOST_STEPS):
        rest = parsed.data[node.end_byte : node.end_byte + 4096]
        byte = node.end_byte + len(rest) - len(rest.lstrip())
        node = next((each for each in parsed.path_to(byte) if each.type in skipped), None)
        if node is None:
            return byte
    return None


def _on(parsed: Parsed, path: Sequence[Node], byte: int) -> Iterator[Definition]:
    rules = DEFINITIONS[parsed.language]
    seen: set[int] = set()
    for index in range(len(path) - 1, -1, -1):
        kind = path[index].type
        if kind not in rules.kinds and kind not in rules.wrappers:
            continue
        here = path[: index + 1]
        definition = define(parsed, here)
        if definition is None and kind in rules.wrappers:
            definition = _unwrapped(parsed, here)
        if definition is None or definition.node.id in seen:
            continue
        seen.add(definition.node.id)
        if definition.span[0] <= byte < definition.span[1]:
            yield definition


def _unwrapped(parsed: Parsed, path: Sequence[Node], depth: int = 0) -> Definition | None:
    """The definition that the wrapper at the end of `path` holds."""
    rules = DEFINITIONS[parsed.language]
    for child in path[-1].named_children:
        inner = [*path, child]
        definition = define(parsed, inner) if child.type in rules.kinds else None
        goes_on = child.type in rules.wrappers or child.type in rules.passes
        if definition is None and goes_on and depth < _DEEPEST_WRAPPING:
            definition = _unwrapped(parsed, inner, depth + 1)
        if definition is not None:
            return definition
    return None


def define(parsed: Parsed, path: Sequence[Node]) -> Definition | None:
    """The definition at the end of `path`, or None if there is none or it has no name."""
    node = path[-1]
    kind = _kind(parsed, path)
    if kind is None:
        return None
    qualifiers, name = name_of(parsed, path)
    if not name:
        return None
    containers, inside = [], ""
    rules = DEFINITIONS[parsed.language]
    for index in range(len(path) - 1):
        if path[index].type not in rules.kinds:
            continue
        outer_kind = _kind(parsed, path[: index + 1])
        if outer_kind and (container := container_name(parsed, path[: index + 1])):
            containers.append(container)
            inside = outer_kind
    container = ".".join((*containers, *qualifiers))
    # What is written as `Stack::pop` is a method of Stack, whatever is around it.
    kind = _refined(parsed, kind, name, container, "class" if qualifiers else inside)
    outer = outermost(parsed, path)
    end = end_of(parsed, outer)
    body, signature_end = body_of(parsed, node, end)
    around = above(parsed, outer.start_byte)
    doc, doc_at, indent = around.doc, *place_above(parsed, around.top)
    if LANGUAGES[parsed.language].doc_style is DocStyle.DOCSTRING:
        doc, doc_at, indent = place_inside(parsed, node, signature_end)
    return Definition(
        node=node,
        name=name,
        kind=kind,
        container=container,
        span=(around.start, end),
        signature=(undecorated(parsed, outer), signature_end),
        body=body,
        doc=doc,
        doc_at=doc_at,
        indent=indent,
        reach=min(around.top, doc[0] if doc else around.top),
    )


def _kind(parsed: Parsed, path: Sequence[Node]) -> str | None:
    """The kind that the node at the end of `path` has by its type; None if it defines nothing."""
    node = path[-1]
    rules = DEFINITIONS[parsed.language]
    kind = rules.kinds.get(node.type)
    if kind is None or not node.is_named:
        return None
    if node.type in rules.need_body and node.child_by_field_name("body") is None:
        return None
    if node.type in _PROTOTYPES and parsed.language in {"c", "cpp"}:
        return kind if is_prototype(node, path[-2] if len(path) > 1 else None) else None
    if node.type == "type_spec":
        declared = node.child_by_field_name("type")
        return _GO_KINDS.get(declared.type, kind) if declared else kind
    if node.type == "record_declaration" and any(part.type == "struct" for part in node.children):
        return "struct"
    return kind


def _refined(parsed: Parsed, kind: str, name: str, container: str, inside: str) -> str:
    if kind in {"function", "method"}:
        if kind == "function" and inside in _TYPES:
            kind = "method"
        elif parsed.language == "ruby" and not container:
            kind = "function"
        constructor = DEFINITIONS[parsed.language].constructor
        if parsed.language == "cpp":
            constructor = container.rpartition(".")[2]
        return "constructor" if kind == "method" and name == constructor else kind
    return kind
