"""Where new code goes: into a type, behind it, or at the end of a file. What stands there is not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.document import Document
from codefare.source.target import Span
from codefare.tasks.answer import dedented, indented

if TYPE_CHECKING:
    from codefare.source.target import Symbol

# What belongs to a type stands outside of it there.
_OUTSIDE = frozenset({"go", "rust", "c"})
_UNIT = "    "


def unwrapped(block: str, language: str, symbol: Symbol) -> str:
    """The members in an answer that may have come with the type around them."""
    if language in _OUTSIDE:
        return block
    whole = Document("", None, language, block)
    wrapper = next(
        (s for s in whole.symbols() if s.name == symbol.name and s.kind == symbol.kind), None
    )
    if wrapper is None or wrapper.body is None:
        return block
    inside = block[wrapper.body.start : wrapper.body.end]
    if inside.startswith("{"):
        return inside[1:-1].strip("\n")
    start = whole.buffer.line_start(wrapper.body.start)
    return block[start : wrapper.body.end]


def into(document: Document, symbol: Symbol, code: str, *, first: bool) -> tuple[Span, str]:
    """The insertion that makes `code` (lines that end with a line feed) part of a type.

    With `first` it goes before the type's first method, else to its end. In Go, Rust and C it goes behind the type.
    """
    text = document.text
    bare = dedented(code.strip("\n")).rstrip()
    if document.language in _OUTSIDE:
        return _fitted(document, symbol.span.end, f"\n\n{bare}")
    own = document.buffer.line_start(symbol.signature.start)
    outer = _indent(text, own)
    members = [
        s for s in document.symbols() if s.container == symbol.qualified_name and _inside(s, symbol)
    ]
    indent = _member_indent(document, symbol, members, outer)
    new = indented(bare, indent)
    methods = [s for s in members if s.kind in {"method", "constructor"}]
    if first and methods:
        start = methods[0].doc or methods[0].span
        at = document.buffer.line_start(min(start.start, methods[0].span.start))
        return _fitted(document, at, f"{new}\n\n")
    return _at_the_end(document, symbol, new, outer)


def behind(document: Document, code: str) -> tuple[Span, str]:
    """The insertion at the end of a file."""
    text = document.text
    end = len(text.rstrip())
    return _fitted(document, end, f"\n\n\n{code.strip(chr(10)).rstrip()}")


def _at_the_end(document: Document, symbol: Symbol, new: str, outer: str) -> tuple[Span, str]:
    text = document.text
    if symbol.body is None:
        return _fitted(document, symbol.span.end, f"\n{new}")
    if text[symbol.body.start] != "{":
        return _fitted(document, symbol.body.end, f"\n\n{new}")
    inside = text[symbol.body.start + 1 : symbol.body.end - 1]
    at = symbol.body.start + 1 + len(inside.rstrip())
    gap = "\n\n" if inside.strip() else "\n"
    # Where the brace closes on the line of what is before it, it gets a line of its own.
    tail = "" if "\n" in inside[len(inside.rstrip()) :] else f"\n{outer}"
    return _fitted(document, at, f"{gap}{new}{tail}")


def _member_indent(document: Document, symbol: Symbol, members: list[Symbol], outer: str) -> str:
    """That of the first member, or of the body's first line; else one step deeper than the type."""
    text, body = document.text, symbol.body
    step = outer + ("\t" if outer.startswith("\t") else _UNIT)
    if members:
        return _indent(text, document.buffer.line_start(members[0].span.start))
    if body is None:
        return step
    if text[body.start] != "{":
        return _indent(text, document.buffer.line_start(body.start))
    inside = text[body.start + 1 : body.end - 1].splitlines()[1:]
    first = next((line for line in inside if line.strip()), "")
    deeper = first[: len(first) - len(first.lstrip())]
    return deeper if len(deeper) > len(outer) else step


def _inside(one: Symbol, other: Symbol) -> bool:
    return other.span.start <= one.span.start and one.span.end <= other.span.end


def _indent(text: str, line_start: int) -> str:
    line = text[line_start:].split("\n", 1)[0]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _fitted(document: Document, at: int, new: str) -> tuple[Span, str]:
    return Span(at, at), new.replace("\r\n", "\n").replace("\n", document.line_break)
