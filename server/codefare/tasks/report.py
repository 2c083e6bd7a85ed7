"""Reports: explain, research, architecture, and whatever else answers in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.legible import visible
from codefare.source.notes import question_at
from codefare.tasks.brief import NOTHING
from codefare.tasks.diagnosed import about, around
from codefare.tasks.outcome import Report
from codefare.tasks.subject import Subject
from codefare.tasks.task import Task, quoted
from codefare.tasks.templates import template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks.brief import Brief
    from codefare.tasks.outcome import Outcome
    from codefare.tasks.prompt import Prompt


class Reporting(Task):
    """The answer is shown, and nothing is changed."""

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for a report."""
        return self.build(subject)

    def read(self, answer: str, subject: Subject) -> Outcome:
        """The answer is the report. It is shown to people, so that nothing in it may be out of sight."""
        if not answer.strip():
            return self.refused("The answer is empty.", answer)
        return Report(self.phrase(subject), visible(answer.strip()) + "\n")


class Explain(Reporting):
    """Any target, any language; or what a tool says of it."""

    def aim(self, document: Document, cursor: Span, target: Target, brief: Brief) -> Target:
        """A diagnostic is explained with the code around it."""
        return target if brief.diagnostic is None else around(document, brief.diagnostic)

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """Each diagnostic, and the target."""
        plain = super().offers(document, cursor, target, diagnostics)
        return [*(about(document, each) for each in diagnostics), *plain]

    def prompt(self, subject: Subject) -> Prompt:
        """A diagnostic has a prompt of its own, unless the user wrote another one."""
        if subject.brief.diagnostic is None or self.row.prompt:
            return self.build(subject)
        return self.build(subject, template=template("explain_diagnostic"))

    def label(self, subject: Subject) -> str:
        """The diagnostic, if it is about one."""
        said = subject.brief.diagnostic
        return subject.target.label if said is None else quoted(said.message)


class Research(Reporting):
    """A question about the code: the user's own words, or a comment that asks."""

    def objection(self, subject: Subject) -> str | None:
        """Nothing without a question."""
        if not subject.brief.instruction.strip():
            return "it answers a question, and there is none"
        return super().objection(subject)

    def remedy(self, subject: Subject) -> str:
        """How to ask."""
        if subject.brief.instruction.strip():
            return super().remedy(subject)
        return "Put the cursor on a comment that asks one, or ask it with --instruction."

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """One line, for a comment under the cursor that is a question."""
        note = question_at(document, cursor.start)
        if note is None:
            return []
        subject = Subject(document, target, replace(NOTHING, instruction=note.text))
        return [] if self.objection(subject) else [subject]

    def label(self, subject: Subject) -> str:
        """The question."""
        return quoted(subject.brief.instruction)
