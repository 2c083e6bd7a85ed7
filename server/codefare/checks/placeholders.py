"""Placeholders: what stands in a text in place of code, such as `# ... rest of the code unchanged`.

A comment counts by its place as well as by its words: one that heads code is a comment, one with nothing below it in
its block stands for what is missing. Strings hold no placeholders, whatever they say.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Query, QueryCursor

from codefare.checks.phrases import Weight, weigh
from codefare.source.languages import LANGUAGES
from codefare.source.syntax import grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.syntax import Parsed
    from codefare.source.target import Span

_MARKS = re.compile(r"^\s*(?:<!--|/\*+|\*+/|///?!?|#+!?|--+|;+|%+|\*)?\s*")
_CLOSING = re.compile(r"\s*(?:\*+/|-->)\s*\Z")
_OPENERS = b"{([:"
# What goes on after a block, not in it.
_AFTER = re.compile(
    rb"[)}\]]|\?>|(?:end|else|elif|elsif|elseif|except|catch|finally|case|default|when|rescue|ensure)\b"
)
_QUOTED = re.compile(r"string|heredoc|regex|template_literal|nowdoc|character|char_literal")
_BARE = re.compile(r"\s*[<\[(]*(?:\.{3,}|…)|\s*[<\[][\w ]+[>\]]\s*\Z|\s*\w+(?: \w+){1,7}\s*\Z")
_LINE_COMMENT = re.compile(r"\s*(?:#|//|--|;|%|/\*|<!--|\*|')")
_STUBS = re.compile(r"overload|abstract|Protocol|ABC\b")
_ELLIPSES = "(expression_statement (ellipsis) @found)"


@dataclass(frozen=True, slots=True)
class _Run:
    """Comments that are read as one: lines of text, and where they stand (in bytes)."""

    lines: tuple[str, ...]
    start: int
    end: int
    alone: bool


def new_placeholder(
    old: Document, was: Span, new: Document, now: Span, *, shrunk: bool = False
) -> str | None:
    """The first placeholder in `now` of `new` that `was` of `old` does not hold; None if there is none.

    `shrunk` tells that much less code stands there than before: then a phrase that could also be
    a common comment is taken for a placeholder, too.
    """
    held = Counter(text.lower() for text in _found(old, was, shrunk=True))
    for text in _found(new, now, shrunk=shrunk):
        held[text.lower()] -= 1
        if held[text.lower()] < 0:
            return text
    return None


def is_placeholder(comment: str) -> bool:
    """Whether a comment or docstring, with its marks, says nothing but that something was left out."""
    lines = _lines(comment.strip().strip("\"'"))
    return bool(lines) and all(weigh(line) >= Weight.DOTS for line in lines)


def _found(document: Document, span: Span, *, shrunk: bool) -> Iterator[str]:
    """The placeholders in a part of a document, as they are written."""
    parsed = document.parsed()
    if parsed is None:
        yield from _in_plain_text(document.text[span.start : span.end])
        return
    start, end = (document.buffer.byte_offset(offset) for offset in span)
    for run in _runs(parsed, _nodes(parsed, _comments(parsed.language), start, end)):
        yield from _judged(parsed, run, shrunk=shrunk)
    yield from _bare_lines(parsed, start, end)
    if parsed.language == "python" and (document.path is None or document.path.suffix != ".pyi"):
        for node in _nodes(parsed, _ELLIPSES, start, end):
            if not _is_stub(parsed, node):
                yield "..."


def _comments(language: str) -> str:
    kinds = " ".join(f"({kind})" for kind in sorted(LANGUAGES[language].comments))
    return f"[{kinds}] @found"


@cache
def _query(language: str, pattern: str) -> Query:
    return Query(grammar(language), pattern)


def _nodes(parsed: Parsed, pattern: str, start: int, end: int) -> list[Node]:
    cursor = QueryCursor(_query(parsed.language, pattern))
    cursor.set_byte_range(start, end)
    nodes = cursor.captures(parsed.root).get("found", [])
    return sorted(
        (node for node in nodes if start <= node.start_byte < end), key=lambda node: node.start_byte
    )


def _runs(parsed: Parsed, nodes: Sequence[Node]) -> Iterator[_Run]:
    """The comments, those that stand below one another taken together."""
    waiting: list[tuple[int, int, int, str]] = []  # row, start, end, text
    for node in nodes:
        text = parsed.text(node).rstrip()
        end = node.start_byte + len(text.encode("utf-8", "replace"))
        begins = parsed.begins_line(node.start_byte)
        single = begins and "\n" not in text
        row = node.start_point.row
        if waiting and not (single and waiting[-1][0] == row - 1):
            yield _run(waiting)
            waiting = []
        if single:
            waiting.append((row, node.start_byte, end, text))
        else:
            before = parsed.data[: node.start_byte].rstrip(b" \t")[-1:]
            opened = begins or (before != b"" and before in _OPENERS)
            yield _Run(_lines(text), node.start_byte, end, opened)
    if waiting:
        yield _run(waiting)


def _run(waiting: Sequence[tuple[int, int, int, str]]) -> _Run:
    lines = tuple(line for _, _, _, text in waiting for line in _lines(text))
    return _Run(lines, waiting[0][1], waiting[-1][2], alone=True)


def _lines(text: str) -> tuple[str, ...]:
    """The lines of a comment without its marks, and without those that are blank."""
    lines = (_MARKS.sub("", _CLOSING.sub("", line), count=1).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def _judged(parsed: Parsed, run: _Run, *, shrunk: bool) -> tuple[str, ...]:
    """The lines of a run of comments that are placeholders."""
    weights = [weigh(line) for line in run.lines]
    heaviest = max(weights, default=Weight.NONE)
    if heaviest is Weight.MARKED:
        return tuple(
            line for line, weight in zip(run.lines, weights, strict=True) if weight is heaviest
        )
    if not run.alone or Weight.NONE in weights:
        return ()  # beside code, or among lines of prose
    in_doubt = heaviest is Weight.HEAD or (heaviest is Weight.LOOSE and not shrunk)
    return () if in_doubt and not _is_last(parsed, run) else run.lines


def _is_last(parsed: Parsed, run: _Run) -> bool:
    """Whether nothing follows in the block of a comment."""
    rest = parsed.data[run.end : run.end + 4096]
    ahead = rest.lstrip()
    at = run.end + len(rest) - len(ahead)
    if not ahead or _AFTER.match(ahead):
        return True
    return at - parsed.line_start(at) < run.start - parsed.line_start(run.start)


def _bare_lines(parsed: Parsed, start: int, end: int) -> Iterator[str]:
    """Lines that are nothing but a placeholder, without any mark of a comment."""
    at = start
    for line in parsed.data[start:end].splitlines(keepends=True):
        text = line.decode("utf-8", "replace").strip()
        dots = weigh(text) if _BARE.match(text) else Weight.NONE
        lead = len(line) - len(line.lstrip())
        python_dots = parsed.language == "python" and dots is Weight.DOTS
        if dots > Weight.LOOSE and not python_dots and not is_text(parsed, at + lead):
            yield text
        at += len(line)


def is_text(parsed: Parsed, byte: int) -> bool:
    """Whether a byte is inside a string or a comment."""
    inert = LANGUAGES[parsed.language].comments
    return any(
        node.type in inert or (_QUOTED.search(node.type) and node.start_byte < byte)
        for node in parsed.path_to(byte)
    )


def _is_stub(parsed: Parsed, node: Node) -> bool:
    """Whether an ellipsis of Python's is a body that is meant to be empty."""
    statement = node.parent
    block = statement.parent if statement is not None else None
    owner = block.parent if block is not None else None
    if statement is None or block is None or owner is None:
        return False
    others = [
        each
        for each in block.named_children
        if each.id != statement.id and each.type != "comment" and not _is_docstring(each)
    ]
    if others:
        return False
    if owner.type in {"class_definition", "except_clause"}:
        return True
    if owner.type != "function_definition":
        return False
    holder = owner.parent
    heads = [holder] if holder is not None and holder.type == "decorated_definition" else []
    above: Node | None = owner
    for _ in range(40):
        if above is None:
            break
        if above.type == "class_definition":
            heads.append(above)
            break
        above = above.parent
    return any(_STUBS.search(_head(parsed, each)) for each in heads)


def _is_docstring(node: Node) -> bool:
    return (
        node.type == "expression_statement"
        and node.named_children[:1] != []
        and (node.named_children[0].type == "string")
    )


def _head(parsed: Parsed, node: Node) -> str:
    """The decorators of a definition, or what a class derives from."""
    if node.type == "class_definition":
        bases = node.child_by_field_name("superclasses")
        return parsed.text(bases) if bases is not None else ""
    return " ".join(parsed.text(each) for each in node.named_children if each.type == "decorator")


def _in_plain_text(text: str) -> Iterator[str]:
    """Where there is no grammar: the lines that are a comment by their first character, or an ellipsis."""
    for line in text.splitlines():
        commented = _LINE_COMMENT.match(line) is not None
        bare = _MARKS.sub("", _CLOSING.sub("", line), count=1) if commented else line
        weight = weigh(bare)
        if weight is Weight.MARKED or (weight in (Weight.DOTS, Weight.SURE) and commented):
            yield line.strip()
