"""Generate: code that is asked for by a stub, a comment, or the user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.refactor import Rewrite

if TYPE_CHECKING:
    from codefare.tasks.subject import Subject


class Generate(Rewrite):
    """A stub's body, what a TODO asks for, or what the user says."""

    unchanged = "The model wrote nothing new."

    def objection(self, subject: Subject) -> str | None:
        """Nothing without something that asks for code."""
        if not subject.brief.instruction.strip():
            return "nothing there asks for code: it needs a stub, a TODO comment, or an instruction"
        return super().objection(subject)
