"""Finding definitions by their names."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tree_sitter import QueryCursor

from codefare.source.definitions import DEFINITIONS
from codefare.source.symbols import define, definition_query

if TYPE_CHECKING:
    from collections.abc import Collection

    from tree_sitter import Node

    from codefare.source.symbols import Definition
    from codefare.source.syntax import Parsed

_CODE = frozenset({"function", "method", "constructor"})
_WORD = re.compile(rb"[\w\x80-\xff]+")
_DEEPEST_VISIBLE = 10
_DEEPEST_WRAPPING = 6
_LONGEST_HEAD = 2_000  # bytes
_MOST_MEMBERS = 400
_MOST_NAMESAKES = 6
_WINDOW = 30_000  # bytes to each side: about 800 lines


def visible(parsed: Parsed, names: Collection[str], at: int) -> list[Definition]:
    """The definitions called one of `names`, in the order of the file, as far as they are near the byte `at`.

    Those inside of a function that does not hold `at` are out of its sight. Of a long file only some hundred lines
    around it are searched, and of many definitions of one name the nearest are taken: a menu waits for this.
    """
    words = _words(names)
    kinds = DEFINITIONS[parsed.language].kinds
    cursor = QueryCursor(definition_query(parsed.language))
    cursor.set_max_start_depth(_DEEPEST_VISIBLE)  # what stands deeper is inside of code
    cursor.set_byte_range(max(0, at - _WINDOW), at + _WINDOW)
    nodes = cursor.captures(parsed.root).get("definition", [])
    nodes.sort(key=lambda node: (node.start_byte, -node.end_byte))
    candidates = []
    hidden = -1  # where the function ends that nobody outside looks into
    for node in nodes:
        if node.start_byte < hidden:
            continue
        if kinds[node.type] in _CODE and not node.start_byte <= at < node.end_byte:
            hidden = node.end_byte if node.child_by_field_name("body") is not None else hidden
        if _may_be(parsed, node, words):
            candidates.append(node)
    found = []
    for node in _nearest(parsed, candidates, at):
        path = parsed.path_to(node.start_byte)
        if node not in path:
            continue
        definition = define(parsed, path[: path.index(node) + 1])
        if definition is not None and definition.name in names:
            found.append(definition)
    return found


def _nearest(parsed: Parsed, nodes: list[Node], at: int) -> list[Node]:
    """The nearest few of each name, in order."""
    counts: Counter[bytes] = Counter()
    kept = []
    for node in sorted(nodes, key=lambda node: abs(node.start_byte - at)):
        name = node.child_by_field_name("name")
        text = b"" if name is None else parsed.data[name.start_byte : name.end_byte]
        counts[text] += 1
        if not text or counts[text] <= _MOST_NAMESAKES:
            kept.append(node)
    return sorted(kept, key=lambda node: (node.start_byte, -node.end_byte))


def members(
    parsed: Parsed, definition: Definition, names: Collection[str], kinds: Collection[str]
) -> list[Definition]:
    """The definitions directly in the body of a type that have one of the names or kinds, in order."""
    rules = DEFINITIONS[parsed.language]
    words = _words(names)
    body = definition.node.child_by_field_name("body")
    base = parsed.path_to(definition.node.start_byte)
    found: list[Definition] = []
    if body is None or definition.node not in base:
        return found
    path = [*base[: base.index(definition.node) + 1], body]
    pending = [(kid, path) for kid in reversed(body.named_children[:_MOST_MEMBERS])]
    while pending:
        node, around = pending.pop()
        here = [*around, node]
        kind = rules.kinds.get(node.type)
        if kind is not None and (kind in kinds or _may_be(parsed, node, words)):
            inner = define(parsed, here)
            if inner is not None and (inner.name in names or inner.kind in kinds):
                found.append(inner)
        elif (
            kind is None
            and node.type in rules.wrappers
            and len(here) - len(path) < _DEEPEST_WRAPPING
        ):
            pending.extend((kid, here) for kid in reversed(node.named_children))
    return found


def _words(names: Collection[str]) -> frozenset[bytes]:
    return frozenset(word for name in names for word in _WORD.findall(name.encode()))


def _may_be(parsed: Parsed, node: Node, words: frozenset[bytes]) -> bool:
    """Whether one of `words` stands where a definition has its name: to look is cheaper than to read it."""
    name = node.child_by_field_name("name")
    if name is not None and node.type not in DEFINITIONS[parsed.language].values:
        text = parsed.data[name.start_byte : name.end_byte]
        return text in words or not words.isdisjoint(_WORD.findall(text))
    # From the line above it, where what it is assigned to may stand, up to its body.
    before = parsed.data.rfind(b"\n", 0, node.start_byte)
    start = parsed.data.rfind(b"\n", 0, max(0, before)) + 1
    body = node.child_by_field_name("body")
    end = body.start_byte if body is not None else node.end_byte
    start, end = max(start, node.start_byte - _LONGEST_HEAD), min(end, start + _LONGEST_HEAD)
    return not words.isdisjoint(_WORD.findall(parsed.data, start, end))
