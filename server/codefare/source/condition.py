"""Conditions, read from a tree into a form that can be said in words and reasoned about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_BINARY = frozenset(
    {"binary_expression", "binary", "boolean_operator", "is_pattern_expression", "is_expression"}
)
_UNARY = frozenset(
    {"not_operator", "unary_expression", "prefix_unary_expression", "unary", "unary_op_expression"}
)
_WRAPPERS = frozenset({"parenthesized_expression", "condition_clause", "parenthesized_statements"})
_COMPARISONS = {
    "==": "==",
    "===": "==",
    "is": "==",
    "!=": "!=",
    "!==": "!=",
    "<>": "!=",
    "is not": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "in": "in",
    "not in": "not in",
    "instanceof": "is a",
}
_OPPOSITE = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not in",
    "not in": "in",
    "is a": "is not a",
    "is not a": "is a",
    "empty": "not empty",
    "not empty": "empty",
    "null": "not null",
    "not null": "null",
}
NULLS = frozenset({"None", "null", "nil", "nullptr", "NULL", "undefined"})
"""The words of the languages for no value."""

_SIZE = re.compile(
    r"(?:(?:len|count|strlen)\((?P<inner>[\w.$@>-]+)\)"
    r"|(?P<outer>[\w.$@]+)\.(?:length|size|Length|Count)(?:\(\))?)\Z"
)
_EMPTY = re.compile(
    r"(?:(?P<outer>[\w.$@]+)\.(?:is_empty|isEmpty|empty|empty\?|isBlank)(?:\(\))?"
    r"|empty\((?P<inner>[\w.$@>-]+)\))\Z"
)
_NULL = re.compile(
    r"(?:(?P<outer>[\w.$@]+)\.(?:is_none\(\)|nil\?)|is_null\((?P<inner>[\w.$@>-]+)\))\Z"
)
_SOME = re.compile(r"(?:(?P<outer>[\w.$@]+)\.is_some\(\)|isset\((?P<inner>[\w.$@>-]+)\))\Z")
_IS_A = re.compile(r"isinstance\((?P<value>[\w.]+),\s*(?P<type>[\w.]+|\([\w., ]+\))\)\Z")
_KIND_OF = re.compile(
    r"(?:(?P<value>[\w.@]+)\.(?:is_a|kind_of|instance_of)\?\(?\s*(?P<type>[\w:]+)\)?"
    r"|is_(?P<php>string|int|array|bool|float|object|numeric|callable)\((?P<of>\$[\w>-]+)\)"
    r"|Array\.isArray\((?P<array>[\w.$]+)\))\Z"
)
_NULL_OR_EMPTY = re.compile(r"[Ss]tring\.IsNullOr(?:Empty|WhiteSpace)\((?P<value>[\w.]+)\)\Z")
_IDIOMS = ((_EMPTY, "empty"), (_NULL, "null"), (_SOME, "not null"))
_DEEPEST = 12
_SIDES = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition.

    `op` is `and` or `or` (with `parts`), `truth` and `false` (of `left`), `empty`, `null` and
    their `not ...`, or a comparison of `left` with `right`: == != < <= > >= `in` `not in` `is a`
    `is not a`. `text` is the source, with its white space collapsed; for a negation it is the
    text that is negated.
    """

    op: str
    text: str
    left: str = ""
    right: str = ""
    parts: tuple[Condition, ...] = ()

    def negated(self) -> Condition:
        """The condition that holds exactly when this one does not."""
        if self.op in ("and", "or"):
            other = "or" if self.op == "and" else "and"
            return Condition(other, self.text, parts=tuple(part.negated() for part in self.parts))
        if self.op in ("truth", "false"):
            return Condition("false" if self.op == "truth" else "truth", self.text, self.left)
        return Condition(_OPPOSITE[self.op], self.text, self.left, self.right, self.parts)


def read_condition(node: Node, data: bytes, *, depth: int = 0) -> Condition:
    """The condition of an expression node over the document's bytes; never fails."""
    text = collapse(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    while node.type in _WRAPPERS and node.named_child_count == 1:
        node = node.named_children[0]
        text = collapse(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    if depth < _DEEPEST:
        if node.type in _UNARY and (inner := _negated(node)) is not None:
            return read_condition(inner, data, depth=depth + 1).negated()
        if node.type == "comparison_operator":
            return _python_comparison(node, data, text)
        if node.type in _BINARY:
            return _binary(node, data, text, depth)
        if node.type == "instanceof_expression":
            return _compare(text, "is a", *_sides(node, data))
    return _idiom(text)


def collapse(text: str) -> str:
    """`text` on one line, with single spaces."""
    return " ".join(text.split())


def _negated(node: Node) -> Node | None:
    first = node.children[0] if node.children else None
    if first is None or first.type not in ("!", "not"):
        return None
    return node.named_children[-1] if node.named_children else None


def _source(node: Node | None, data: bytes) -> str:
    if node is None:
        return ""
    return collapse(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))


def _sides(node: Node, data: bytes) -> tuple[str, str]:
    left = node.child_by_field_name("left") or (node.children[0] if node.children else None)
    right = node.child_by_field_name("right") or (node.children[-1] if node.children else None)
    return _source(left, data), _source(right, data)


def _python_comparison(node: Node, data: bytes, text: str) -> Condition:
    operands = node.named_children
    if len(operands) != _SIDES:  # a chain such as `0 < x < 9` is said as it stands
        return _idiom(text)
    between = data[operands[0].end_byte : operands[1].start_byte].decode("utf-8", "replace")
    op = _COMPARISONS.get(collapse(between))
    if op is None:
        return _idiom(text)
    return _compare(text, op, _source(operands[0], data), _source(operands[1], data))


def _binary(node: Node, data: bytes, text: str, depth: int) -> Condition:
    children = [child for child in node.children if child.type != "comment"]
    if len(children) != _SIDES + 1:  # the operator stands between
        return _idiom(text)
    word = children[1].type
    if word in ("and", "&&", "or", "||"):
        op = "and" if word in ("and", "&&") else "or"
        parts: list[Condition] = []
        for side in (children[0], children[2]):
            part = read_condition(side, data, depth=depth + 1)
            parts.extend(part.parts if part.op == op else (part,))
        return Condition(op, text, parts=tuple(parts))
    left, right = _source(children[0], data), _source(children[2], data)
    if word == "is":  # C#: a pattern
        negative, kind = right.startswith("not "), right.removeprefix("not ")
        if kind in NULLS:
            return _compare(text, "!=" if negative else "==", left, kind)
        return Condition("is not a" if negative else "is a", text, left, kind)
    known = _COMPARISONS.get(word)
    return _idiom(text) if known is None else _compare(text, known, left, right)


def _compare(text: str, op: str, left: str, right: str) -> Condition:
    if left in NULLS or re.fullmatch(r"-?\d+|\"[^\"]*\"|'[^']*'", left):
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
        if mirrored in ("==", "!=", "<", ">", "<=", ">="):
            left, right, op = right, left, mirrored
    if right in NULLS and op in ("==", "!="):
        return Condition("null" if op == "==" else "not null", text, left, right)
    if left.startswith("typeof ") and op in ("==", "!="):
        kind = right.strip("\"'")
        return Condition("is a" if op == "==" else "is not a", text, left[7:].strip("() "), kind)
    size = _SIZE.match(left)
    if size is not None:
        if (op, right) in {("==", "0"), ("<", "1"), ("<=", "0")}:
            return Condition("empty", text, size["inner"] or size["outer"])
        if (op, right) in {("!=", "0"), (">", "0"), (">=", "1")}:
            return Condition("not empty", text, size["inner"] or size["outer"])
    if right in ('""', "''") and op in ("==", "!="):
        return Condition("empty" if op == "==" else "not empty", text, left, right)
    return Condition(op, text, left, right)


def _idiom(text: str) -> Condition:
    """A condition that is one value, by the idioms of the languages."""
    for pattern, op in _IDIOMS:
        if found := pattern.match(text):
            return Condition(op, text, found["outer"] or found["inner"])
    if found := _IS_A.match(text):
        return Condition("is a", text, found["value"], found["type"])
    if found := _KIND_OF.match(text):
        value = found["value"] or found["of"] or found["array"]
        return Condition("is a", text, value, found["type"] or found["php"] or "Array")
    if found := _NULL_OR_EMPTY.match(text):
        sides = (Condition("null", text, found[1], "null"), Condition("empty", text, found[1]))
        return Condition("or", text, parts=sides)
    return Condition("truth", text, text)
