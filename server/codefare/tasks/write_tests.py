"""Write tests: a new test file where the project keeps its own, or new cases in the one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.outcome import Addition, Edit
from codefare.tasks.plain import is_program
from codefare.tasks.prompt import Part
from codefare.tasks.task import Task
from codefare.tasks.templates import fenced
from codefare.tasks.testing import Plan, read

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.tasks.outcome import Outcome
    from codefare.tasks.prompt import Prompt
    from codefare.tasks.subject import Subject


class WriteTests(Task):
    """Any code; the path is computed here, never taken from the model."""

    placeholders = Task.placeholders | {"framework", "module", "place"}

    def objection(self, subject: Subject) -> str | None:
        """Prose and settings have nothing to test."""
        target = subject.target
        if target.language is None and not is_program(target):
            return "there is no program to test"
        return super().objection(subject)

    def is_prepared(self, subject: Subject) -> bool:
        """Whether the plan is known."""
        return self.around.has_test_plan(subject.target)

    def prepare(self, subject: Subject) -> None:
        """Look where the project keeps its tests."""
        self._plan(subject)

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for a complete test file, or for the cases that one lacks."""
        plan = self._plan(subject)
        values = {
            "framework": plan.framework,
            "module": plan.module,
            "place": _place(plan),
        }
        return self.build(subject, values, _sample(plan))

    def destination(self, subject: Subject) -> Path | None:
        """The new file; None where cases are added to one that is there."""
        plan = self._plan(subject)
        return None if plan.existing is not None or plan.in_source else plan.path

    def read(self, answer: str, subject: Subject) -> Outcome:
        """A new file, or an addition to one; a report where there is no place (an unsaved document)."""
        document, target = subject.document, subject.target
        outcome = read(answer, target, self._plan(subject, anew=True))
        if isinstance(outcome, Edit) and target.path is not None:
            # Rust's tests may stand in the source's own file, beyond the target.
            text, span = document.text, outcome.span
            return Addition(target.path, text, text[: span.start] + outcome.new + text[span.end :])
        return outcome

    def _plan(self, subject: Subject, *, anew: bool = False) -> Plan:
        return self.around.test_plan(subject.document, subject.target, anew=anew)


def _place(plan: Plan) -> str:
    if plan.path is None:
        return "a new file"
    if plan.place is None:
        return f"a new file, `{plan.path.name}`"
    names = ", ".join(f"`{' '.join(name.split())}`" for name in plan.place.names)
    there = f" It has these cases: {names}." if names else ""
    return f"{plan.place.words} of `{plan.path.name}`, which is there already.{there}"


def _sample(plan: Plan) -> list[Part]:
    if plan.sample is None:
        return []
    path, text = plan.sample
    what = "The test file that is there" if path == plan.path else "One of the project's tests"
    return [Part("a sample of tests", f"{what}, `{path.name}`, for its style:\n{fenced(text, '')}")]
