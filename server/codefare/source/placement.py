"""Putting a documentation comment where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.target import Span

if TYPE_CHECKING:
    from codefare.source.document import Document
    from codefare.source.target import Symbol


def place_comment(document: Document, symbol: Symbol, comment: str) -> tuple[Span, str]:
    """The edit that makes `comment` the documentation of `symbol`: what to replace, and by what.

    `comment` is complete and not indented (`/** ... */`, or a docstring with its quotes); its lines
    end with a line feed. The documentation there is replaced, else the comment goes to `doc_at`. If
    other code stands before it on its line (`def f(): return 1`), the comment and what follows move
    to lines of their own.
    """
    line_break = document.line_break
    lines = comment.strip("\n").split("\n")
    # Blank lines inside a docstring stay free of white space.
    first, *rest = [f"{symbol.indent}{line}" if line.strip() else "" for line in lines]
    bare = line_break.join([first.removeprefix(symbol.indent), *rest])
    if symbol.doc is not None:
        return symbol.doc, bare
    at = symbol.doc_at
    text = document.text
    if (
        document.buffer.line_span(document.buffer.line_at(at)).start == at
        or text[at - 1] == "\ufeff"
    ):
        return Span(at, at), f"{symbol.indent}{bare}{line_break}"
    if bare.startswith("/*") and not rest:
        return Span(at, at), f"{bare} "
    begin = len(text[:at].rstrip(" \t"))
    own_line = f"{line_break}{symbol.indent}"
    return Span(begin, at), f"{own_line}{bare}{own_line}"
