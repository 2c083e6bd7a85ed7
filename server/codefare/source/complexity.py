"""How demanding a piece of code is, with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Query, QueryCursor

from codefare.source.syntax import grammar
from codefare.source.target import Complexity, Measure

if TYPE_CHECKING:
    from tree_sitter import Node

    from codefare.source.syntax import Parsed

# (medium from, high from). Pylint's defaults for one function are 12 branches, 50 statements and 5
# nested blocks; McCabe's advice of 1976 is to split from 10 branches on.
_LINES = (40, 120)
_BRANCHES = (5, 13)
_NESTING = (3, 5)
_CALLS = (12, 30)
_LONG = 300  # lines that are too many to hold in mind, however straight
_TEXT_LINES = (20, 100)  # without a grammar the size is all there is to go by

# Blocks that run or not, or run repeatedly: each is a branch, and they nest.
_BLOCKS = frozenset(
    {
        *("if_statement", "if_expression", "if", "unless"),
        *("for_statement", "for_in_statement", "enhanced_for_statement", "for_range_loop"),
        *("foreach_statement", "for_expression", "for", "loop_expression"),
        *("while_statement", "while_expression", "while", "until", "do_statement"),
    }
)
# Ways through the code that open no level of their own.
_WAYS = frozenset(
    {
        *("elif_clause", "elsif", "else_if_clause", "catch_clause", "except_clause", "rescue"),
        *("case_clause", "switch_case", "expression_case", "type_case", "communication_case"),
        *("match_arm", "switch_label", "case_statement", "switch_section", "when", "in_clause"),
        *("switch_expression_arm", "match_conditional_expression"),
        *("conditional_expression", "ternary_expression", "conditional"),
        *("if_modifier", "unless_modifier", "while_modifier", "until_modifier"),
        *("rescue_modifier", "if_clause", "for_in_clause"),
    }
)
# Levels that decide nothing by themselves.
_LEVELS = frozenset(
    {
        *("try_statement", "with_statement", "match_statement", "match_expression"),
        *("switch_statement", "expression_switch_statement", "type_switch_statement"),
        *("switch_expression", "select_statement", "begin", "case", "case_match"),
    }
)
_OPERATORS = frozenset({"&&", "||", "??", "and", "or"})
_CALLS_OF = frozenset(
    {
        *("call", "call_expression", "new_expression", "method_invocation", "macro_invocation"),
        *("object_creation_expression", "invocation_expression", "function_call_expression"),
        *("member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression"),
    }
)
# The fields that hold what is called, the nearest to a name first.
_CALLED = ("name", "method", "function", "constructor", "type", "macro")
_TYPE_ARGUMENTS = re.compile(r"(?:::)?<[^()]*>\s*\Z")
_WORD = re.compile(r"[\w$!?]+")


@dataclass(frozen=True, slots=True)
class _Counts:
    lines: int
    branches: int
    nesting: int
    calls: int

    @property
    def reason(self) -> str:
        """The counts in words."""
        parts = [_count(self.lines, "line"), _count(self.branches, "branch", "branches")]
        if self.nesting:
            parts.append(f"nesting {self.nesting}")
        if self.calls:
            parts.append(_count(self.calls, "call"))
        return ", ".join(parts)

    @property
    def complexity(self) -> Complexity:
        """High for much branching or deep nesting; by length alone only when it is huge."""
        if (
            self.branches >= _BRANCHES[1]
            or self.nesting >= _NESTING[1]
            or (self.lines >= _LINES[1] and self.calls >= _CALLS[1])
            or self.lines >= _LONG
        ):
            return Complexity.HIGH
        medium = (
            self.lines >= _LINES[0],
            self.branches >= _BRANCHES[0],
            self.nesting >= _NESTING[0],
            self.calls >= _CALLS[0],
        )
        return Complexity.MEDIUM if any(medium) else Complexity.LOW


def measure_text(text: str) -> Measure:
    """The measure of a text without a grammar: by its lines that are not blank."""
    lines = _lines_in(text)
    medium, high = _TEXT_LINES
    level = Complexity.HIGH if lines >= high else Complexity.MEDIUM
    return Measure(Complexity.LOW if lines < medium else level, _count(lines, "line"))


def measure_code(parsed: Parsed, start: int, end: int) -> Measure:
    """The measure of the code in the bytes from `start` to `end`.

    It counts lines that are not blank, branches (loops, conditions, cases, handlers, `and` and
    `or`), the deepest nesting of blocks, and how many different functions are called. Takes
    0.1 s for 10,000 lines, and seconds where tens of thousands of words follow each other in one
    syntax error (the grammar's cursor is quadratic there).
    """
    cursor = QueryCursor(_query(parsed.language))
    cursor.set_byte_range(start, max(start, end))
    found = {
        name: [node for node in nodes if start <= node.start_byte and node.end_byte <= end]
        for name, nodes in cursor.captures(parsed.root).items()
    }
    blocks = found.get("block", [])
    levels = [node for node in blocks if not _continues(parsed, node)] + found.get("level", [])
    operators = [node for node in found.get("operator", []) if _decides(parsed, node)]
    called = {_called(parsed, node) for node in found.get("call", [])} - {""}
    counts = _Counts(
        lines=_lines_in(parsed.data[start:end].decode("utf-8", "replace")),
        branches=len(blocks) + len(found.get("way", [])) + len(operators),
        nesting=_depth(levels),
        calls=len(called),
    )
    return Measure(counts.complexity, counts.reason)


def _continues(parsed: Parsed, node: Node) -> bool:
    """Whether a block is an `else if`: it nests in the tree, but not in the reader's mind."""
    return parsed.data[max(0, node.start_byte - 64) : node.start_byte].rstrip().endswith(b"else")


def _decides(parsed: Parsed, node: Node) -> bool:
    """Whether `&&` is an operator; in C++ it is also the mark of a reference to a temporary."""
    if parsed.language != "cpp":
        return True
    holder = node.parent
    return holder is not None and holder.type == "binary_expression"


def _called(parsed: Parsed, node: Node) -> str:
    """The last word of what a call calls."""
    for field in _CALLED:
        if target := node.child_by_field_name(field):
            words = _WORD.findall(_TYPE_ARGUMENTS.sub("", parsed.text(target)))
            return words[-1] if words else ""
    return ""


def _depth(nodes: list[Node]) -> int:
    deepest = 0
    open_ends: list[int] = []
    for start, end in sorted((node.start_byte, -node.end_byte) for node in nodes):
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        open_ends.append(-end)
        deepest = max(deepest, len(open_ends))
    return deepest


@cache
def _query(language_id: str) -> Query:
    """A pattern for everything that counts, as far as the grammar knows its node types.

    Types alone: fields in a pattern make some grammars take a tenth of a second to read it.
    """
    language = grammar(language_id)
    parts: list[str] = []
    for names, named, capture in (
        (_BLOCKS, True, "block"),
        (_WAYS, True, "way"),
        (_LEVELS, True, "level"),
        (_CALLS_OF, True, "call"),
        (_OPERATORS, False, "operator"),
    ):
        parts += [
            (f"({name})" if named else f'"{name}"') + f" @{capture}"
            for name in sorted(names)
            if language.id_for_node_kind(name, named) is not None
        ]
    return Query(language, "\n".join(parts))


def _lines_in(text: str) -> int:
    return sum(not line.isspace() for line in text.replace("\r", "\n").split("\n") if line)


def _count(number: int, word: str, plural: str = "") -> str:
    return f"{number} {word if number == 1 else plural or word + 's'}"
