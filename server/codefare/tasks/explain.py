"""Explain: a report on the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.outcome import Outcome, Refused, Report
from codefare.tasks.task import build_prompt

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.prompt import Prompt
    from codefare_catalog import Action


class Explain:
    """Any target, any language."""

    id = "explain"

    def serves(self, target: Target) -> bool:
        """Always: there is something to say about any text."""
        return bool(target.text.strip())

    def prompt(self, document: Document, target: Target, action: Action) -> Prompt:
        """Ask for a report of about 300 words."""
        return build_prompt(action, target, "explain", {})

    def destination(self, target: Target) -> Path | None:
        """None: it is shown."""
        return None

    def read(self, answer: str, document: Document, target: Target) -> Outcome:
        """The answer is the report."""
        if not answer.strip():
            return Refused("The answer is empty.", "Run the action again, or pick another model.")
        return Report(f"Explain {target.label}", answer.strip() + "\n")
