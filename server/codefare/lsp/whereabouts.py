"""Where the code that an answer was made for stands now: typed in, moved, or closed and opened again since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.target import Scope, Span
from codefare.tasks import Subject

if TYPE_CHECKING:
    from codefare.lsp.document import OpenDocument
    from codefare.lsp.kept import Kept
    from codefare.lsp.server import CodefareServer
    from codefare.quoter import Quoter
    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks import Task


_LOOKS = 3  # at most, when the user types faster than it is found


def document_of(kept: Kept, server: CodefareServer) -> OpenDocument:
    """The document that an answer is for; one that was closed and opened again is another one.

    Raises:
        TargetError: It is not open.
    """
    document = server.documents.find(kept.uri)
    if document is None:
        raise TargetError("The file was closed.", remedy="Open it, and pick this again.")
    return document


async def subject_now(kept: Kept, server: CodefareServer, quoter: Quoter) -> Subject:
    """What an answer was for, as it is now: in a copy of the document, which does not change any more.

    Found in a thread: 10,000 lines take 0.1 s. What is typed meanwhile starts it anew, but not for ever.

    Raises:
        TargetError: It cannot be found any more, or the text changes all the time.
    """
    task, old = quoter.tasks[kept.result.quote.action.id], kept.result.quote.target
    lines = old.scope is not Scope.FILE and old.symbol is None
    for _ in range(_LOOKS):
        document = document_of(kept, server)
        code = (await document.parsed(server.in_thread)).copy()
        span = _span(kept, document) if lines else None
        subject = await server.in_thread(_subject, kept, code, span, task)
        if is_of_now(subject, document):
            return subject
    raise TargetError(f"{kept.result.title}: the text has changed.", remedy="Pick this again.")


def is_of_now(subject: Subject, document: OpenDocument) -> bool:
    """Whether the document still is open and holds the text in which a subject was found."""
    return not document.closed and document.source == subject.document.text


def _subject(kept: Kept, code: Document, span: Span | None, task: Task) -> Subject:
    """The subject in the text of now; `span` is where selected lines stand."""
    target, old = _target(kept, code, span), kept.result.quote.subject
    brief, said = old.brief, old.brief.diagnostic
    if said is None:
        return Subject(code, target, brief)
    # It moved with its definition, more or less: what matters is that the same code is meant.
    shift = target.span.start - old.target.span.start
    about = Span(*(min(max(at + shift, target.span.start), target.span.end) for at in said.span))
    moved = replace(brief, diagnostic=replace(said, span=about))
    at = point_in(target)
    if task.aim(code, at, target, moved).span != target.span:
        moved = replace(brief, diagnostic=replace(said, span=at))
    return Subject(code, target, moved)


def point_in(target: Target) -> Span:
    """A place that means the target: a definition's own line, since comments and decorators may stand before it."""
    if target.symbol is None:
        return target.span
    at = target.symbol.signature.start
    return Span(at, at)


def _target(kept: Kept, code: Document, span: Span | None) -> Target:
    old = kept.result.quote.target
    if span is not None:
        target = code.target(span)
        return target if target.span == span else code.lines(span)
    if old.symbol is None:
        return code.target(Span(0, 0), whole_file=True)
    name, kind = old.symbol.qualified_name, old.symbol.kind
    same = [s for s in code.symbols() if (s.qualified_name, s.kind) == (name, kind)]
    if len(same) != 1:
        raise _gone(kept)
    at = same[0].signature.start
    return code.target(Span(at, at))


def _span(kept: Kept, document: OpenDocument) -> Span:
    """Where selected lines are; in a document that was opened again, where their text stands, if only once."""
    place, now = kept.place, kept.place.now
    if document is place.document:
        if now is None:
            raise _gone(kept)
        return now
    source = document.source
    if not place.text or source.count(place.text) != 1:
        raise _gone(kept)
    start = source.index(place.text)
    return Span(start, start + len(place.text))


def _gone(kept: Kept) -> TargetError:
    return TargetError(
        f"{kept.result.title}: its code cannot be found any more.",
        remedy="Show the answer and take from it what you need, or run the action again.",
    )
