"""Syntax trees, parsed with the grammar wheels."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from tree_sitter import Language, Parser

from codefare.source.languages import LANGUAGES

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


_BOM = b"\xef\xbb\xbf"
_AT_ONCE = 64 * 1024  # bytes; to parse so many takes 15 ms at most
# Bytes that the parser is given at a time. py-tree-sitter (0.25) keeps each piece for ever: small ones, of which it
# reads few after an edit.
_PIECE = 1024


class _Parsers(threading.local):
    """The parsers of one thread: a parser holds state while it works, so it is never shared."""

    def __init__(self) -> None:
        self.by_language: dict[str, Parser] = {}


_parsers = _Parsers()


@cache
def grammar(language_id: str) -> Language:
    """The grammar of a language; its wheel is imported at first use.

    Raises:
        KeyError: `language_id` is not in `LANGUAGES`.
    """
    language = LANGUAGES[language_id]
    return Language(getattr(import_module(language.module), language.factory)())


def parse(language_id: str, data: bytes, old: Tree | None = None) -> Tree:
    """The tree of `data` (UTF-8). Never fails on wrong syntax: the tree then holds error nodes.

    `old` is the tree of an earlier text that was told of every edit since (`Tree.edit`); it makes
    the parse quick: 10,000 lines take 50 to 90 ms without it and 0.4 to 4 ms with it. Safe to call
    from any thread; other threads run meanwhile.

    Raises:
        KeyError: `language_id` is not in `LANGUAGES`.
    """
    parser = _parsers.by_language.get(language_id)
    if parser is None:
        parser = _parsers.by_language[language_id] = Parser(grammar(language_id))

    def piece(start: int, _point: object) -> bytes:
        return data[start : start + _PIECE]

    if len(data) <= _AT_ONCE:
        return parser.parse(data) if old is None else parser.parse(data, old)
    if old is None:
        return parser.parse(piece, progress_callback=_go_on)
    return parser.parse(piece, old, progress_callback=_go_on)


def _go_on(_byte: int, _has_error: bool) -> bool:
    """Never cancels. Called all the while: the parser itself keeps the GIL, this lets it go."""
    return False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text and its tree. Every offset is in bytes.

    The tree may be that of an earlier text as long as `Tree.edit` told it of the edits since: its
    nodes then still stand at the right places. `Node.text` is None from then on, hence `text`.
    """

    language: str
    data: bytes
    tree: Tree

    @property
    def root(self) -> Node:
        """The tree's first node."""
        return self.tree.root_node

    def text(self, node: Node) -> str:
        """What stands at a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def path_to(self, byte: int) -> list[Node]:
        """The nodes around a byte, from the root inwards.

        Going down costs far less than `Node.parent`, which searches from the root each time.
        """
        cursor = self.root.walk()
        path = [self.root]
        while cursor.goto_first_child_for_byte(byte) is not None:
            node = cursor.node
            if node is None or node.start_byte > byte:
                break
            path.append(node)
        return path

    def line_start(self, byte: int) -> int:
        """Where the line of a byte begins; a byte order mark belongs to no line."""
        start = self.data.rfind(b"\n", 0, byte) + 1
        start = max(start, self.data.rfind(b"\r", start, byte) + 1)
        return start or len(_BOM) * self.data.startswith(_BOM)

    def next_line(self, byte: int) -> int:
        """Where the line after that of a byte begins, or the text's end."""
        feed = self.data.find(b"\n", byte)
        end = feed if feed >= 0 else len(self.data)
        carriage = self.data.find(b"\r", byte, end)
        # A carriage return right before the line feed is the same line break.
        return carriage + 1 if 0 <= carriage < end - 1 else min(end + 1, len(self.data))

    def indent_at(self, byte: int) -> str:
        """The white space that begins the line of a byte."""
        line = self.data[self.line_start(byte) : byte]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def begins_line(self, byte: int) -> bool:
        """Whether nothing but white space stands before a byte on its line."""
        return not self.data[self.line_start(byte) : byte].strip(b" \t\x0c")
