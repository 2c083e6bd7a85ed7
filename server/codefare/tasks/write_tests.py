"""Write tests: a new test file beside the project's others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.answer import code_block
from codefare.tasks.outcome import NewFile, Outcome, Refused, Report
from codefare.tasks.plain import is_program
from codefare.tasks.task import Task
from codefare.tasks.templates import fenced
from codefare.tasks.test_file import framework, module_name, test_file

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.tasks.prompt import Prompt
    from codefare.tasks.subject import Subject


class WriteTests(Task):
    """Any code; the path is computed here, never taken from the model."""

    placeholders = Task.placeholders | {"framework", "module"}

    def objection(self, subject: Subject) -> str | None:
        """Prose and settings have nothing to test."""
        target = subject.target
        if target.language is None and not is_program(target):
            return "there is no program to test"
        return super().objection(subject)

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for a complete test file."""
        target = subject.target
        values = {"framework": framework(target), "module": module_name(target)}
        return self.build(subject, values)

    def destination(self, subject: Subject) -> Path | None:
        """A path that is free now, where the project keeps its tests."""
        return test_file(subject.target)

    def read(self, answer: str, subject: Subject) -> Outcome:
        """A new file; a report where there is no place for one (an unsaved document)."""
        target = subject.target
        block = code_block(answer)
        if isinstance(block, Refused):
            return block
        path = self.destination(subject)
        if path is None:
            code = fenced(block, target.language or "")
            return Report(f"Tests for {target.label}", f"# Tests for {target.label}\n\n{code}\n")
        return NewFile(path, block)
