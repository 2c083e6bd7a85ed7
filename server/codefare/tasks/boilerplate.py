"""Boilerplate: members that follow from a type's fields, or a command line for a file. Only new code comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.source.boilerplate import missing_boilerplate
from codefare.source.target import Scope
from codefare.tasks.answer import code_block
from codefare.tasks.brief import NOTHING
from codefare.tasks.insertion import behind, into, unwrapped
from codefare.tasks.outcome import Edit, Refused
from codefare.tasks.subject import Subject
from codefare.tasks.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks.outcome import Outcome
    from codefare.tasks.prompt import Prompt

_TYPES = frozenset({"class", "struct", "interface", "enum", "trait", "type"})
_FIRST = frozenset({"constructor"})
_FOR_A_FILE = "cli"


class Boilerplate(Task):
    """The answer is new code alone: it costs little, and what is there cannot be changed."""

    def objection(self, subject: Subject) -> str | None:
        """It needs a type, or a file for a command line, and a word for what to add."""
        target, brief = subject.target, subject.brief
        if target.language is None:
            return "it reads no grammar for this language"
        known = [variant.id for variant in self.row.variants]
        if brief.variant and brief.variant not in known:
            return super().objection(subject)
        if not self.instruction(subject).strip():
            return "it has to be said what to add"
        is_type = target.symbol is not None and target.symbol.kind in _TYPES
        if target.scope is not Scope.FILE and not is_type:
            return "it works on a type or a file"
        if brief.variant and (brief.variant == _FOR_A_FILE) == is_type:
            return "it works on a file" if is_type else "it works on a type"
        return super().objection(subject)

    def remedy(self, subject: Subject) -> str:
        """What can be added."""
        if self.instruction(subject).strip():
            return ""
        known = ", ".join(variant.id for variant in self.row.variants)
        return f"Choose with --variant ({known}), or say it with --instruction."

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """A line for each thing that follows from the type's fields and is not there yet."""
        if target.scope not in {Scope.SYMBOL, Scope.FILE}:
            return []
        missing = missing_boilerplate(document, target.symbol)
        briefs = (replace(NOTHING, variant=variant) for variant in missing)
        subjects = (Subject(document, target, brief) for brief in briefs)
        return [subject for subject in subjects if not self.objection(subject)]

    def phrase(self, subject: Subject) -> str:
        """The variant's own line, if it is one."""
        variants = {variant.id: variant.phrase for variant in self.row.variants}
        phrase = variants.get(subject.brief.variant, self.row.phrase)
        return phrase.replace("{label}", self.label(subject))

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for the new code alone."""
        return self.build(subject)

    def read(self, answer: str, subject: Subject) -> Outcome:
        """An insertion into the type, behind it where the language wants that, or at the end of the file."""
        block = code_block(answer, subject.target.language)
        if isinstance(block, Refused):
            return block
        document, symbol = subject.document, subject.target.symbol
        if symbol is None:
            span, new = behind(document, block)
        else:
            code = unwrapped(block, document.language or "", symbol)
            if not code.strip():
                return self.refused("The answer adds nothing.", answer)
            span, new = into(document, symbol, code, first=subject.brief.variant in _FIRST)
        return Edit(span, "", new)
