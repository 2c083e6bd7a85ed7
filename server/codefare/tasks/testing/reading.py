"""What a model's tests come to: a new file, an addition to one, or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.languages import language_of
from codefare.source.target import Span
from codefare.tasks.answer import code_block
from codefare.tasks.outcome import Addition, Edit, NewFile, Outcome, Refused, Report
from codefare.tasks.templates import fenced
from codefare.tasks.testing.addition import with_cases
from codefare.tasks.testing.fragment import Unfit

if TYPE_CHECKING:
    from codefare.source.target import Target
    from codefare.tasks.testing.plan import Plan

_REMEDY = "Nothing was changed. Run the action again, or add the cases by hand."


def read(answer: str, target: Target, plan: Plan) -> Outcome:
    """The outcome of an answer under `plan`. The path is the plan's: what the answer says of files is not read.

    A report where there is no place for a file (an unsaved document); an edit where the source holds its own tests.
    """
    block = code_block(answer)
    if isinstance(block, Refused):
        return block
    if plan.path is None:
        code = fenced(block, target.language or "")
        return Report(f"Tests for {target.label}", f"# Tests for {target.label}\n\n{code}\n")
    if plan.existing is None or plan.place is None:
        return NewFile(plan.path, block)
    language = language_of(plan.path, None) or target.language or ""
    try:
        new = with_cases(language, plan.existing, plan.place, block)
    except Unfit as unfit:
        return Refused(str(unfit), _REMEDY, answer)
    if plan.in_source:
        return _edit(plan.existing, new)
    return Addition(plan.path, plan.existing, new)


def _edit(old: str, new: str) -> Edit:
    """The lines that differ, as an edit of the document."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start = sum(map(len, before[:head]))
    end = len(old) - sum(map(len, before[len(before) - tail :]))
    return Edit(Span(start, end), old[start:end], new[start : len(new) - (len(old) - end)])
