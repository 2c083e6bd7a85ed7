"""From a cursor or a selection to a target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.target import Scope, Span, Symbol, Target

if TYPE_CHECKING:
    from codefare.source.document import Document

_BLANKS = " \t\r\n\x0b\x0c\ufeff"
_WORD = re.compile(r"[\w$]+")


def select(document: Document, span: Span, *, whole_file: bool = False) -> Target:
    """What an action works on when it is called with `span`: what `locate` finds, and how demanding it is.

    Raises:
        TargetError: the document is empty.
    """
    return _target(document, *locate(document, span, whole_file=whole_file))


def select_lines(document: Document, span: Span) -> Target:
    """The lines that `span` touches, as a selection, be they a cursor, a symbol or white space."""
    first = document.buffer.line_span(document.buffer.line_at(span.start))
    last = document.buffer.line_span(document.buffer.line_at(max(span.start, span.end)))
    return _target(document, Span(first.start, last.end), Scope.SELECTION, None)


def _target(document: Document, place: Span, scope: Scope, symbol: Symbol | None) -> Target:
    return Target(
        uri=document.uri,
        path=document.path,
        language=document.language,
        version=document.version,
        span=place,
        text=document.text[place.start : place.end],
        scope=scope,
        symbol=symbol,
        measure=document.measure(place),
        parses=document.parses(place),
    )


def locate(
    document: Document, span: Span, *, whole_file: bool = False
) -> tuple[Span, Scope, Symbol | None]:
    """What `span` means; found in a moment, however large it is.

    - A cursor means the innermost named symbol around it, also from its decorators, its `export` or
      the documentation above it; where there is none it means the whole file.
    - So does a range of white space, and one that covers one line whole: Kate sends a cursor as
      the line with its line break, eglot as the line without. And so does one word of code, which
      alone is nothing to work on: eglot 1.9 sends a cursor as what it stands on.
    - A selection that covers exactly one symbol means that symbol, with all that belongs to it.
    - A selection of everything means the file.
    - A selection that covers the code of whole lines means those lines, from the first column to
      the end of the last line, without its line break. Any other means exactly itself.

    Raises:
        TargetError: the document is empty.
    """
    text = document.text
    if not text.strip(_BLANKS):
        raise TargetError(
            f"{document.name} is empty: there is nothing to work on.",
            remedy="Write something first, or open another file.",
        )
    everything = Span(0, len(text))
    if whole_file:
        return everything, Scope.FILE, None
    chosen = _trimmed(text, span)
    if chosen is None or _is_cursor(document, chosen):
        cursor = min(max(span.start, 0), len(text)) if chosen is None else chosen.start
        symbol = document.symbol_at(_on_code(document, cursor))
        if symbol is None:
            return everything, Scope.FILE, None
        return symbol.span, Scope.SYMBOL, symbol
    if symbol := _covered(document, chosen):
        return symbol.span, Scope.SYMBOL, symbol
    if chosen == _trimmed(text, everything):
        return everything, Scope.FILE, None
    return _whole_lines(document, chosen), Scope.SELECTION, None


def _trimmed(text: str, span: Span) -> Span | None:
    """`span` without the white space at both ends; None if there is nothing else in it."""
    part = text[max(0, span.start) : max(0, span.end)]
    inner = part.strip(_BLANKS)
    if not inner:
        return None
    start = max(0, span.start) + len(part) - len(part.lstrip(_BLANKS))
    return Span(start, start + len(inner))


def _is_cursor(document: Document, chosen: Span) -> bool:
    """Whether a trimmed selection is all there is on one line, or one word of code."""
    word = document.language and _WORD.fullmatch(document.text, chosen.start, chosen.end)
    if word:
        return True
    line = document.buffer.line_at(chosen.start)
    return _trimmed(document.text, document.buffer.line_span(line)) == chosen


def _whole_lines(document: Document, chosen: Span) -> Span:
    first = document.buffer.line_span(document.buffer.line_at(chosen.start))
    last = document.buffer.line_span(document.buffer.line_at(chosen.end))
    lines = Span(first.start, last.end)
    return lines if _trimmed(document.text, lines) == chosen else chosen


def _on_code(document: Document, cursor: int) -> int:
    """The cursor, moved onto the code of its line when it stands before or after it."""
    line = document.buffer.line_span(document.buffer.line_at(cursor))
    code = _trimmed(document.text, line)
    return cursor if code is None else min(max(cursor, code.start), code.end - 1)


def _covered(document: Document, chosen: Span) -> Symbol | None:
    """The symbol that a trimmed selection covers exactly, with or without what stands above it."""
    for symbol in document.symbols_around(chosen.start):
        starts = {symbol.span.start, symbol.signature.start}
        if symbol.doc:
            starts.add(symbol.doc.start)
        after = document.text[symbol.span.end : chosen.end].strip(" \t,;")
        missing = document.text[chosen.end : symbol.span.end].strip(" \t;")
        if chosen.start in starts and not after and not missing:
            return symbol
    return None
