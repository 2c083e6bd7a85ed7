"""Fix: what a tool, or the user, says is wrong with a piece of code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.diagnosed import about, around
from codefare.tasks.refactor import Rewrite
from codefare.tasks.task import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks.brief import Brief
    from codefare.tasks.subject import Subject


class Fix(Rewrite):
    """The definition around a diagnostic, of whichever tool."""

    unchanged = "The model found nothing to fix."

    def objection(self, subject: Subject) -> str | None:
        """Nothing without a diagnostic, or the user's word for what is wrong."""
        brief = subject.brief
        if brief.diagnostic is None and not brief.instruction.strip():
            return "it needs a diagnostic, and there is none"
        return super().objection(subject)

    def remedy(self, subject: Subject) -> str:
        """Where a diagnostic comes from."""
        brief = subject.brief
        if brief.diagnostic is not None or brief.instruction.strip():
            return super().remedy(subject)
        return (
            "Pick it where a tool says that something is wrong, say it with --diagnostic or --instruction, or set up"
            " a checker ([checkers.LANGUAGE] in config.toml)."
        )

    def aim(self, document: Document, cursor: Span, target: Target, brief: Brief) -> Target:
        """The code around the diagnostic."""
        return target if brief.diagnostic is None else around(document, brief.diagnostic)

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """One line for each diagnostic."""
        subjects = [about(document, each) for each in diagnostics]
        return [subject for subject in subjects if not self.objection(subject)]

    def label(self, subject: Subject) -> str:
        """What is said to be wrong."""
        said = subject.brief.diagnostic
        return subject.target.label if said is None else quoted(said.message)
