"""The code around a diagnostic: what is fixed, or explained with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.target import Scope, Span
from codefare.tasks.brief import Brief
from codefare.tasks.subject import Subject

if TYPE_CHECKING:
    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Target

_WHOLE_FILE = (
    120  # lines; of a longer file without a definition around the diagnostic, the lines near it
)
_NEAR = 20


def about(document: Document, diagnostic: Diagnostic) -> Subject:
    """The subject that a diagnostic makes."""
    return Subject(document, around(document, diagnostic), Brief(diagnostic=diagnostic))


def around(document: Document, diagnostic: Diagnostic) -> Target:
    """The innermost definition around a diagnostic; else the file if it is short, or the lines near."""
    at = diagnostic.span.start
    target = document.target(Span(at, at))
    buffer = document.buffer
    if target.scope is Scope.SYMBOL or buffer.line_count <= _WHOLE_FILE:
        return target
    first, last = buffer.line_at(at), buffer.line_at(diagnostic.span.end)
    start = buffer.line_span(max(0, first - _NEAR)).start
    end = buffer.line_span(min(buffer.line_count - 1, last + _NEAR)).end
    return document.lines(Span(start, end))
