"""Syntax errors, as the grammars see them. Every offset is in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.syntax import parse

if TYPE_CHECKING:
    from tree_sitter import Node


def syntax_errors(language_id: str, data: bytes) -> int:
    """How many syntax errors a text has.

    A grammar is no compiler: it overlooks some errors and counts several as one. In C and C++ a
    macro may look like an error. So compare the counts before and after an edit.

    Raises:
        KeyError: `language_id` is not in `LANGUAGES`.
    """
    return len(faults(parse(language_id, data).root_node, 0, len(data)))


def faults(root: Node, start: int, end: int) -> list[int]:
    """Where the errors begin that touch the bytes from `start` to `end`."""
    found: list[int] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not node.has_error or node.start_byte > end or node.end_byte < start:
            continue
        if node.is_missing:
            found.append(node.start_byte)
        elif node.is_error:
            if node.start_byte < end and node.end_byte > start:
                found.append(node.start_byte)
        else:
            waiting.extend(reversed(node.children))
    return found
