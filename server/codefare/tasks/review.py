"""Review: findings on a definition, a file, or what is not committed yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.file import SIZE_LIMIT
from codefare.source.regular import read_regular
from codefare.source.target import Scope
from codefare.tasks.findings import read_diff_findings, read_findings
from codefare.tasks.task import Task
from codefare.tasks.templates import template

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.project.diff import Diff
    from codefare.tasks.outcome import Outcome
    from codefare.tasks.prompt import Prompt
    from codefare.tasks.subject import Subject


class Review(Task):
    """Each finding is put on the line that it quotes; nothing is changed."""

    def prompt(self, subject: Subject) -> Prompt:
        """A diff has a prompt of its own, unless the user wrote another one."""
        if subject.target.scope is not Scope.DIFF or self.row.prompt:
            return self.build(subject)
        return self.build(subject, template=template("review_diff"))

    def read(self, answer: str, subject: Subject) -> Outcome:
        """The findings, in the order of the code."""
        target, title = subject.target, self.phrase(subject)
        if target.scope is Scope.DIFF:
            diff = self.around.diff_of(target)
            return read_diff_findings(answer, title, changed_texts(diff))
        return read_findings(answer, title, subject.document.text, target.span)


def changed_texts(diff: Diff) -> list[tuple[Path, str | None]]:
    """The changed files as they are on disk now, in the order of the diff; None for one that is gone."""
    found = []
    for file in diff.files:
        path = diff.root / file.path
        try:
            text = read_regular(path, SIZE_LIMIT).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            text = None
        found.append((path, text))
    return found
