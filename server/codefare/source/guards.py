"""The guards of a body: the conditions at its start that end it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

_HOLDERS = frozenset({"expression_statement", "statement_list", "then", "body_statement"})
_EXITS = frozenset({Role.RETURN, Role.RAISE})
_TESTS = frozenset({Role.IF, Role.UNLESS, Role.ELIF})
_CALLS = frozenset({Role.CALL})
_DEEPEST = 20


def leading(body: Node, roles: Mapping[str, Role]) -> frozenset[int]:
    """The ids of the nodes that run first: conditions whose only statement leaves, and a last exit.

    What such a node does depends on nothing but the parameters, as no other statement ran before.
    """
    found = {body.id}  # the body of a lambda is its value
    for statement in _statements(body, roles):
        role = roles.get(statement.type)
        if role in _TESTS:
            if not _chain(statement, roles, found):
                break
        else:
            found.add(statement.id)
            break
    return frozenset(found)


def _statements(body: Node, roles: Mapping[str, Role]) -> list[Node]:
    """The statements of a block, without comments, docstrings and the nodes that only hold one."""
    kids = [kid for kid in body.named_children if roles.get(kid.type) is not Role.COMMENT]
    if len(kids) == 1 and kids[0].type in _HOLDERS - {"expression_statement"}:
        return _statements(kids[0], roles)
    found: list[Node] = []
    for kid in kids:
        inner = kid
        if kid.type == "expression_statement" and kid.named_child_count == 1:
            inner = kid.named_children[0]
            if inner.type == "string":
                continue
        found.append(inner)
    return found


def _chain(test: Node, roles: Mapping[str, Role], found: set[int]) -> bool:
    """Note a condition and its `elif`s; whether what follows runs only if all of them fail."""
    here: Node | None = test
    for _ in range(_DEEPEST):
        if here is None:
            return True
        if not _leaves(here, roles):
            return False
        found.add(here.id)
        following: Node | None = None
        for other in here.children_by_field_name("alternative"):
            inner = other
            kids = other.named_children
            if roles.get(other.type) is Role.ELSE and len(kids) == 1:
                inner = kids[0]
            if roles.get(inner.type) not in _TESTS or following is not None:
                return _elifs(here, roles, found)
            following = inner
        here = following
    return False


def _elifs(test: Node, roles: Mapping[str, Role], found: set[int]) -> bool:
    """Python lists every `elif` and the `else` beside one another."""
    for other in test.children_by_field_name("alternative"):
        if roles.get(other.type) is not Role.ELIF or not _leaves(other, roles):
            return False
        found.add(other.id)
    return True


def _leaves(test: Node, roles: Mapping[str, Role]) -> bool:
    """Whether the way that a condition opens is one statement that leaves."""
    way = test.child_by_field_name("consequence") or test.child_by_field_name("body")
    if way is None:
        return False
    if roles.get(way.type) in _EXITS | _CALLS:
        return True
    inside = _statements(way, roles)
    return len(inside) == 1 and roles.get(inside[0].type) in _EXITS | _CALLS
