"""What a class body holds besides methods with a body: fields, enum cases, declared methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.roles import Shape

_CASES = frozenset(
    {"enum_constant", "enum_variant", "enumerator", "enum_case", "enum_member_declaration"}
    | {"enum_assignment"}
)
_METHODS = frozenset({"method_elem", "method_spec"})
_NAMES = frozenset(
    {
        "identifier",
        "field_identifier",
        "property_identifier",
        "private_property_identifier",
        "variable_name",
        "type_identifier",
        "name",
    }
)
_HOLDERS = frozenset({"variable_declaration", "property_element", "const_element"})
_BODIES = frozenset({"statement_block", "compound_statement", "constructor_body", "accessor_list"})
_BASE_NODES = frozenset(
    {
        "class_heritage",
        "extends_clause",
        "extends_type_clause",
        "implements_clause",
        "superclass",
        "super_interfaces",
        "extends_interfaces",
        "interfaces",
        "base_list",
        "base_clause",
        "base_class_clause",
        "class_interface_clause",
        "type_list",
    }
)
_NOT_BASES = frozenset({"access_specifier", "keyword_argument", "comment"})
_DEEPEST = 5
_MOST = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A field, an enum's case or a method without a body; `kind` is `field`, `case` or `method`."""

    name: str
    kind: str
    type: str
    default: str
    line: int
    text: str


def read_fields(node: Node, data: bytes, shape: Shape) -> tuple[Field, ...]:
    """The fields that a class, struct, interface or enum node declares, in order."""
    found: list[Field] = []
    pending = [(kid, 1) for kid in reversed(_insides(node))]
    while pending and len(found) < _MOST:
        kid, depth = pending.pop()
        if kid.type in shape.fields:
            found.extend(_field(kid, data))
        elif kid.type in _CASES or kid.type in _METHODS:
            kind = "case" if kid.type in _CASES else "method"
            name = _text(kid.child_by_field_name("name") or _leaf(kid), data)
            default = _text(kid.child_by_field_name("value"), data)
            found.append(Field(name, kind, "", default, kid.start_point.row + 1, _text(kid, data)))
        elif kid.type == "property_identifier" and node.type == "enum_declaration":
            name = _text(kid, data)
            found.append(Field(name, "case", "", "", kid.start_point.row + 1, name))
        elif kid.type == "call":
            found.extend(_ruby_attributes(kid, data))
        elif _opens(kid, shape, depth):
            pending.extend((inner, depth + 1) for inner in reversed(kid.named_children))
    return tuple(found)


def read_bases(node: Node, data: bytes) -> tuple[str, ...]:
    """What a class node extends and implements, as written."""
    found: list[str] = []
    superclasses = node.child_by_field_name("superclasses")
    pending = [superclasses] if superclasses is not None else []
    pending.extend(kid for kid in reversed(node.named_children) if kid.type in _BASE_NODES)
    while pending:
        here = pending.pop()
        kids = [kid for kid in here.named_children if kid.type not in _NOT_BASES]
        inner = [kid for kid in kids if kid.type in _BASE_NODES]
        if inner:
            pending.extend(reversed(inner))
        found.extend(_text(kid, data) for kid in kids if kid.type not in _BASE_NODES)
    return tuple(found)


def _insides(node: Node) -> list[Node]:
    body = node.child_by_field_name("body") or node.child_by_field_name("type")
    return body.named_children if body is not None else node.named_children


def _opens(node: Node, shape: Shape, depth: int) -> bool:
    """Whether fields may stand inside a node: not in definitions nor in code."""
    if depth >= _DEEPEST or node.type in _BODIES:
        return False
    role = shape.roles.get(node.type)
    return role is None or (role is Role.IF and depth == 1)


def _field(node: Node, data: bytes) -> Iterator[Field]:
    """The fields of one declaration, which may name several."""
    line, text = node.start_point.row + 1, _text(node, data).rstrip(";")
    holder = next((kid for kid in node.named_children if kid.type in _HOLDERS), node)
    kind = _text(node.child_by_field_name("type") or holder.child_by_field_name("type"), data)
    kind = kind.removeprefix(":").strip()
    places = [
        place
        for name in ("declarator", "name", "left", "property")
        for place in node.children_by_field_name(name)
    ]
    if not places:
        places = [kid for kid in holder.named_children if kid.type == "variable_declarator"]
    if not places and holder is not node:
        places = [holder]
    if not places:  # Go: an embedded type
        yield Field(kind, "field", kind, "", line, text)
        return
    for place in places:
        leaf = _leaf(place)
        if leaf is None:
            continue
        method = any(kid.type == "function_declarator" for kid in (place, *place.named_children))
        default = ""
        for owner in (place, node):
            for name in ("value", "default_value", "right"):
                default = default or _text(owner.child_by_field_name(name), data)
        default = default or _text(_after_equals(place), data)
        yield Field(_text(leaf, data), "method" if method else "field", kind, default, line, text)


def _after_equals(declarator: Node) -> Node | None:
    """C#: a declarator has no field for its value."""
    equals = next((kid for kid in declarator.children if kid.type == "="), None)
    following = (
        kid for kid in declarator.named_children if equals and kid.start_byte > equals.start_byte
    )
    return next(following, None)


def _ruby_attributes(node: Node, data: bytes) -> Iterator[Field]:
    method = _text(node.child_by_field_name("method"), data)
    arguments = node.child_by_field_name("arguments")
    if arguments is None or method not in ("attr_reader", "attr_writer", "attr_accessor"):
        return
    for kid in arguments.named_children:
        name, text = _text(kid, data).lstrip(":"), f"{method} {_text(kid, data)}"
        yield Field(name, "field", "", "", kid.start_point.row + 1, text)


def _leaf(node: Node) -> Node | None:
    pending = [node]
    for _ in range(_DEEPEST * 8):
        if not pending:
            return None
        here = pending.pop()
        if here.type in _NAMES:
            return here
        pending.extend(reversed(here.named_children))
    return None


def _text(node: Node | None, data: bytes) -> str:
    if node is None:
        return ""
    return " ".join(data[node.start_byte : node.end_byte].decode("utf-8", "replace").split())
