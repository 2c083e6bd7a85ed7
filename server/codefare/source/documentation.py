"""Where the documentation of a definition stands, and where new documentation belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.definitions import DEFINITIONS
from codefare.source.directives import Bearing, bearing
from codefare.source.languages import LANGUAGES

if TYPE_CHECKING:
    from tree_sitter import Node

    from codefare.source.syntax import Parsed

Range = tuple[int, int]

_MOST_LINES = 400  # of one run of comments; the climb has to end somewhere
_LINE_BREAK = re.compile(rb"\r\n|\n|\r")
# Bytes and f-strings are values; the language reference wants a plain string.
_NO_DOCSTRING = re.compile(rb"(?i)[a-z]*[fbt][a-z]*['\"]")


@dataclass(frozen=True, slots=True)
class Above:
    """What stands directly above a definition, in bytes.

    `start` is the first decoration that is a node of its own (a Rust attribute), or the definition
    itself. `top` is the first line that new documentation must stay above: directives such as
    `//go:noinline` are between the two. `doc` is the documentation.
    """

    start: int
    top: int
    doc: Range | None


def above(parsed: Parsed, start: int) -> Above:
    """What documents and decorates the definition that begins at `start`."""
    decorations = DEFINITIONS[parsed.language].decorations
    first = top = at = start
    doc: Range | None = None
    run = b""
    for _ in range(_MOST_LINES):
        node = _neighbour(parsed, at)
        if node is None:
            break
        if node.type in decorations and doc is None:
            first = top = at = node.start_byte
            continue
        comment = _leading(parsed, node, at)
        if not comment:
            break
        if (about := bearing(parsed.language, comment)) is not None:
            if doc is not None or about is Bearing.FILE:
                break
            top = at = node.start_byte
            continue
        opener = _opener(comment)
        if not _documents(parsed.language, comment) or (run and opener != run):
            break
        doc = (node.start_byte, doc[1] if doc else node.start_byte + len(comment))
        at, run = node.start_byte, opener
        if opener == b"/*":
            break
    return Above(first, top, doc)


def docstring(body: Node, data: bytes) -> Range | None:
    """The docstring of a Python body or module."""
    for statement in body.named_children:
        if statement.type == "comment":
            continue
        if statement.type == "expression_statement" and statement.named_child_count == 1:
            string = statement.named_child(0)
            parts = [string] if string.type == "string" else string.named_children
            if string.type in {"string", "concatenated_string"} and not any(
                _NO_DOCSTRING.match(data, part.start_byte, part.start_byte + 4) for part in parts
            ):
                return string.start_byte, string.end_byte
        return None
    return None


def _neighbour(parsed: Parsed, start: int) -> Node | None:
    """The comment or decoration that ends above `start`, with no blank line between."""
    head = parsed.data[max(0, start - 4096) : start]
    gap = head[len(head.rstrip()) :]
    end = start - len(gap)
    if end <= 0 or len(gap) == len(head) or len(_LINE_BREAK.findall(gap)) > 1:
        return None
    wanted = LANGUAGES[parsed.language].comments | DEFINITIONS[parsed.language].decorations
    for node in parsed.path_to(end - 1):
        if node.type in wanted:
            return node if node.end_byte <= start else None
    return None


def _leading(parsed: Parsed, node: Node, start: int) -> bytes:
    """The text of a comment above `start`; empty if it trails other code, or is no comment."""
    if node.type not in LANGUAGES[parsed.language].comments:
        return b""
    comment = parsed.data[node.start_byte : node.end_byte].rstrip()
    if parsed.begins_line(node.start_byte):
        return comment
    between = parsed.data[node.start_byte + len(comment) : start]
    same_line = comment.startswith(b"/*") and not _LINE_BREAK.search(between)
    return comment if same_line else b""


def _opener(comment: bytes) -> bytes:
    """What the lines of one run of comments begin with; `/*` for a comment that ends itself."""
    if comment.startswith(b"=begin"):
        return b"/*"
    return next((mark for mark in (b"///", b"//", b"/*") if comment.startswith(mark)), b"#")


def _documents(language_id: str, comment: bytes) -> bool:
    language = LANGUAGES[language_id]
    openers = tuple(opener.encode() for opener in language.doc_openers)
    if not comment.startswith(openers) or comment == b"/**/":
        return False
    # Four slashes or three stars open a plain comment in the languages that have `///` and `/**`.
    return language.doc_marker != "///" or not comment.startswith((b"////", b"/***"))
