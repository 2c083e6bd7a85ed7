"""Generate: code that is asked for by a stub, a comment, or the user."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.source.notes import comment_at, todo_at
from codefare.source.stubs import is_stub
from codefare.source.target import Scope
from codefare.tasks.brief import NOTHING
from codefare.tasks.refactor import Rewrite
from codefare.tasks.subject import Subject
from codefare.tasks.task import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks.brief import Brief

_BODY = "write the body of this stub, as its name, signature and documentation say"


class Generate(Rewrite):
    """What a TODO or a comment asks for, in its place; a stub's body; or what the user says."""

    unchanged = "The model wrote nothing new."

    def objection(self, subject: Subject) -> str | None:
        """Nothing without something that asks for code."""
        if not subject.brief.instruction.strip():
            return "nothing there asks for code: it needs a stub, a TODO comment, or an instruction"
        return super().objection(subject)

    def remedy(self, subject: Subject) -> str:
        """How to ask for code."""
        if subject.brief.instruction.strip():
            return super().remedy(subject)
        return "Put the cursor on such a stub or comment, or say what to write with --instruction."

    def aim(self, document: Document, cursor: Span, target: Target, brief: Brief) -> Target:
        """The lines of the comment, with what stands in for its code; else the target."""
        note = _asking(document, cursor)
        if note is None or brief.instruction not in ("", note[0]):
            return target
        return document.lines(note[1])

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """One line: for the comment under the cursor, or for a stub."""
        note = _asking(document, cursor)
        if note is not None:
            brief = replace(NOTHING, instruction=note[0])
            subject = Subject(document, document.lines(note[1]), brief)
        elif target.symbol is not None and is_stub(document, target.symbol):
            subject = Subject(document, target, replace(NOTHING, instruction=_BODY))
        else:
            return []
        return [] if self.objection(subject) else [subject]

    def label(self, subject: Subject) -> str:
        """What is asked for."""
        words = subject.brief.instruction
        if words == _BODY:
            return f"the body of {subject.target.label}"
        return quoted(words) if subject.target.scope is Scope.SELECTION else subject.target.label


def _asking(document: Document, cursor: Span) -> tuple[str, Span] | None:
    """The words of the comment at a place that asks for code, and the lines that the code replaces."""
    if cursor.end > cursor.start and "\n" in document.text[cursor.start : cursor.end].strip():
        return None
    todo = todo_at(document, cursor.start)
    if todo is not None:
        return todo.text or todo.word, todo.place
    note = comment_at(document, cursor.start)
    return (note.text, note.place) if note is not None and note.awaits_code else None
