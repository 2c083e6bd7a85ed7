"""Reading single expressions of a body: callees, raised errors, caught types, values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.flow import callee_name
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tree_sitter import Node

    from codefare.source.roles import Shape

_ARGUMENTS = frozenset({"arguments", "argument_list", "token_tree", "initializer_expression"})
_SEQUENCES = frozenset(
    {"block", "body_statement", "then", "block_body", "unsafe_block", "arrow_expression_clause"}
)
_CAUGHT = frozenset({"catch_type", "exceptions", "type_list"})
_CAUGHT_IN = frozenset({"catch_declaration", "parameter_declaration", "catch_formal_parameter"})
_CLAUSES = frozenset({Role.ELSE, Role.CATCH, Role.CASE, Role.DEFAULT})
_TESTS = frozenset({Role.IF, Role.UNLESS, Role.ELIF})
NO_VALUE = frozenset(
    {
        Role.ASSIGN,
        Role.LOOP,
        Role.DEFINITION,
        Role.RETURN,
        Role.RAISE,
        Role.BREAK,
        Role.CONTINUE,
        Role.FINALLY,
        Role.COMMENT,
    }
)
"""Statements that are not the value of a body, also where its last expression is."""

_NOT_VALUES = frozenset({"let_declaration", "empty_statement", "expression_statement", "ERROR"})
_LITERAL = re.compile(
    r"[\w-]*(?:string|literal|integer|float|number|true|false|none|null|nil|boolean)[\w-]*\Z",
    re.IGNORECASE,
)
_HARMLESS = frozenset(
    {"interpolation", "template_substitution", "expression_list", "argument", "variable_name"}
)
_CLASS = re.compile(r"[\w.:\\<>]+\Z")


def source(node: Node | None, data: bytes) -> str:
    """The text of a node, on one line and not cut; "" for none."""
    if node is None:
        return ""
    return " ".join(data[node.start_byte : node.end_byte].decode("utf-8", "replace").split())


def arguments_of(node: Node) -> Node | None:
    """The node that holds the arguments of a call."""
    found = node.child_by_field_name("arguments")
    if found is not None:
        return found
    return next((kid for kid in node.named_children if kid.type in _ARGUMENTS), None)


def callee_of(node: Node, data: bytes) -> str:
    """What a call calls, without arguments; "" where it has no name."""
    arguments, block = arguments_of(node), node.child_by_field_name("block")
    ends = [part.start_byte for part in (arguments, block) if part is not None]
    written = data[node.start_byte : min(ends, default=node.end_byte)].decode("utf-8", "replace")
    bare = written.strip().removeprefix("new ").strip().rstrip("(")
    return callee_name(re.sub(r"::<.*", "", bare) if bare.endswith(">") else bare)


def error_of(node: Node, data: bytes) -> str:
    """The class of a raised expression; "" for a variable, which holds an error made elsewhere."""
    inner: Node | None = node
    for name in ("constructor", "type", "function", "receiver"):
        if (found := node.child_by_field_name(name)) is not None:
            inner = found
            break
    else:
        if node.type == "object_creation_expression":  # PHP has no field for the class
            inner = next(iter(node.named_children), None)
    text = source(inner, data).lstrip("\\")
    if not _CLASS.match(text):
        return ""
    last = re.split(r"[.:\\]+", text)[-1]
    variable = node.type in ("identifier", "variable_name", "attribute", "member_expression")
    return "" if variable and not last[:1].isupper() else text


def caught_by(node: Node) -> Node | None:
    """The node that names what a handler catches; None where it catches everything."""
    value = node.child_by_field_name("value")
    if value is not None:  # Python
        return value.named_children[0] if value.type == "as_pattern" else value
    body = node.child_by_field_name("body")
    pending = [kid for kid in node.named_children if kid != body]
    while pending:
        kid = pending.pop(0)
        if kid.type in _CAUGHT:
            return kid
        if kid.type in _CAUGHT_IN:
            if (found := kid.child_by_field_name("type")) is not None:
                return found
            pending.extend(kid.named_children)
        elif kid.type == "parameter_list":
            pending.extend(kid.named_children)
    return None


def is_plain(nodes: Iterable[Node], roles: Mapping[str, Role]) -> bool:
    """Whether expressions hold only literals and names, so that nothing in them can fail."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if roles.get(node.type) is Role.CALL or node.type.startswith("format_"):
            return False
        if node.child_count and not _LITERAL.match(node.type) and node.type not in _HARMLESS:
            return False
        pending.extend(node.named_children)
    return True


def values_of(body: Node, roles: Mapping[str, Role]) -> frozenset[int]:
    """The ids of the expressions whose value is the value of `body` (Rust, Ruby, lambdas)."""
    found: set[int] = set()
    pending = [body]
    while pending:
        node = pending.pop()
        role = roles.get(node.type)
        kids = [kid for kid in node.named_children if roles.get(kid.type) is not Role.COMMENT]
        if role in _TESTS and "modifier" not in node.type:
            for name in ("consequence", "alternative"):
                pending.extend(node.children_by_field_name(name))
        elif role is Role.SWITCH:
            cases = (node.child_by_field_name("body") or node).named_children
            pending.extend(kid for kid in cases if roles.get(kid.type) in _CLAUSES)
        elif role is Role.TRY or node.type in _SEQUENCES:
            skipped = _CLAUSES | {Role.FINALLY}
            pending.extend([kid for kid in kids if roles.get(kid.type) not in skipped][-1:])
            pending.extend(kid for kid in kids if roles.get(kid.type) is Role.CATCH)
        elif role in _CLAUSES or (node.type == "expression_statement" and not _ended(node)):
            pending.extend(kids[-1:])
        elif role not in NO_VALUE and node.type not in _NOT_VALUES:
            found.add(node.id)
    return frozenset(found)


def _ended(statement: Node) -> bool:
    return bool(statement.children) and statement.children[-1].type == ";"


def ending_of(
    callee: str, arguments: list[Node], data: bytes, shape: Shape
) -> tuple[Role | None, str]:
    """What a call is that raises, ends the process or demands a condition; and the error."""
    name = callee.replace(" ", "")
    if name in shape.raise_calls:
        if name not in ("raise", "fail"):
            return Role.RAISE, name.rstrip("!")
        error = error_of(arguments[0], data) if arguments else ""
        return Role.RAISE, error or ("RuntimeError" if arguments else "")
    if name in shape.exit_calls:
        return Role.EXIT, ""
    return (Role.ASSERT if name in shape.assert_calls and arguments else None), ""
