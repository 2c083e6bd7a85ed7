"""Write tests: a new test file beside the project's others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.answer import code_block
from codefare.tasks.outcome import NewFile, Outcome, Refused, Report
from codefare.tasks.plain import is_program
from codefare.tasks.task import build_prompt
from codefare.tasks.templates import fenced
from codefare.tasks.test_file import framework, module_name, test_file

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.prompt import Prompt
    from codefare_catalog import Action


class WriteTests:
    """Any code; the path is computed here, never taken from the model."""

    id = "tests"

    def serves(self, target: Target) -> bool:
        """Wherever there is a program: prose and settings have nothing to test."""
        return bool(target.text.strip()) and (target.language is not None or is_program(target))

    def prompt(self, document: Document, target: Target, action: Action) -> Prompt:
        """Ask for a complete test file."""
        values = {
            "framework": framework(target),
            "module": module_name(target),
            "context": "",
        }
        return build_prompt(action, target, "tests", values)

    def destination(self, target: Target) -> Path | None:
        """A path that is free now, where the project keeps its tests."""
        return test_file(target)

    def read(self, answer: str, document: Document, target: Target) -> Outcome:
        """A new file; a report where there is no place for one (an unsaved document)."""
        block = code_block(answer)
        if isinstance(block, Refused):
            return block
        path = self.destination(target)
        if path is None:
            code = fenced(block, target.language or "")
            return Report(f"Tests for {target.label}", f"# Tests for {target.label}\n\n{code}\n")
        return NewFile(path, block)
