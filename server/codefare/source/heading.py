"""Reading a definition's heading: what stands around it, before its name and before its body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.expressions import source
from codefare.source.parameters import parameter_list

if TYPE_CHECKING:
    from tree_sitter import Node

_RESULTS = ("return_type", "result", "returns")
_WRAPPERS = frozenset(
    {
        "decorated_definition",
        "export_statement",
        "template_declaration",
        "lexical_declaration",
        "variable_declaration",
        "variable_declarator",
        "public_field_definition",
        "field_definition",
        "type_declaration",
        "argument_list",
        "call",
    }
)
_NOT_TYPE = re.compile(
    r"\b(?:static|inline|extern|virtual|explicit|friend|constexpr|consteval|_Noreturn|register)\b"
)
_CLIMB = 5


def body_of(node: Node) -> Node | None:
    """The body of a definition, also of one that its declaration holds as a value."""
    found = node.child_by_field_name("body")
    if found is None:
        for name in ("accessors", "value"):
            found = found or node.child_by_field_name(name)
        if node.type not in ("property_declaration", "indexer_declaration"):
            return None
    return found


def outermost(node: Node) -> Node:
    """The node with its decorators, its `export` or the variable that names it."""
    here = node
    for _ in range(_CLIMB):
        parent = here.parent
        if parent is None or parent.type not in _WRAPPERS:
            break
        if parent.type == "type_declaration" and parent.named_child_count > 1:
            break
        here = parent
    return here


def head_of(node: Node, data: bytes) -> str:
    """The words before the name, with the decorators; before the parameters where a variable names it."""
    name, declarator = node.child_by_field_name("name"), node.child_by_field_name("declarator")
    marks = [name or declarator or parameter_list(node), body_of(node)]
    end = min((mark.start_byte for mark in marks if mark is not None), default=node.end_byte)
    return data[outermost(node).start_byte : end].decode("utf-8", "replace")


def result_of(node: Node, data: bytes, *, constructor: bool) -> str:
    """The type of the result as written, without the modifiers of the definition; "" where there is none."""
    for name in _RESULTS:
        if (found := node.child_by_field_name(name)) is not None:
            return source(found, data).removeprefix(":").strip()
    kind = node.child_by_field_name("type")
    if kind is None or constructor:
        return ""
    listed = parameter_list(node)
    declarator = node.child_by_field_name("declarator")
    if declarator is None or listed is None:
        return source(kind, data)
    trailing = _trailing(declarator, data)
    if trailing:
        return trailing
    around = data[node.start_byte : declarator.start_byte]
    stars = re.match(rb"[*&\s]*", data[declarator.start_byte : listed.start_byte])
    text = (around + (stars[0] if stars else b"")).decode("utf-8", "replace")
    return " ".join(_NOT_TYPE.sub(" ", re.sub(r"\[\[.*?\]\]", " ", text)).split())


def _trailing(declarator: Node, data: bytes) -> str:
    for kid in declarator.named_children:
        if kid.type == "trailing_return_type" and kid.named_children:
            return source(kid.named_children[0], data)
    return ""
