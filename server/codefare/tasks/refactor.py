"""Refactor, optimise, and whatever else gives the target back rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.answer import dedented, indented
from codefare.tasks.outcome import Edit, Outcome, Refused
from codefare.tasks.replacement import replacement
from codefare.tasks.task import Task

if TYPE_CHECKING:
    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.prompt import Prompt
    from codefare.tasks.subject import Subject


class Rewrite(Task):
    """The answer replaces exactly the target's range."""

    unchanged = "The model found nothing worth changing."

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for the complete replacement of the target."""
        return self.build(subject)

    def read(self, answer: str, subject: Subject) -> Outcome:
        """An edit of the target's range, with its indentation, line endings and last line end kept."""
        document, target = subject.document, subject.target
        block = replacement(answer, document, target)
        if isinstance(block, Refused):
            return block
        new = fitted(block, target, document)
        if new == target.text:
            return Refused(self.unchanged, "The code stays as it is.", answer, stands=True)
        return Edit(target.span, target.text, new)


def fitted(block: str, target: Target, document: Document) -> str:
    """`block` as it must stand in the target's range of `document`.

    The range starts after the indentation of its first line, so that this line comes without and the others with it.
    """
    line_start = document.buffer.line_start(target.span.start)
    before = document.text[line_start : target.span.start]
    indent = before if not before.strip() else before[: len(before) - len(before.lstrip())]
    lead = target.text[: len(target.text) - len(target.text.lstrip(" \t"))]
    first = block.lstrip("\r\n")
    own = first[: len(first) - len(first.lstrip(" \t"))]
    wanted = indent + lead
    if own != wanted and not _hangs(first, own, target.text):
        first = indented(dedented(first), wanted)
    body = first.lstrip(" \t") if not lead else first.removeprefix(indent)
    body = body.rstrip() + _tail(target.text)
    return body.replace("\r\n", "\n").replace("\n", document.line_break)


def _hangs(block: str, own: str, old: str) -> bool:
    """Whether only the first line lost its indentation: the others stand as deep as those of the old text."""
    kept, was = _margin(block), _margin(old)
    return not own and kept is not None and was is not None and kept >= was > 0


def _margin(text: str) -> int | None:
    """The least indentation of the lines after the first; None if there are none."""
    rest = [line for line in text.splitlines()[1:] if line.strip()]
    return min((len(line) - len(line.lstrip(" \t")) for line in rest), default=None)


def _tail(text: str) -> str:
    """The white space that `text` ends with."""
    return text[len(text.rstrip()) :].replace("\r\n", "\n").replace("\r", "\n")
