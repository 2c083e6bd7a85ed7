"""Refactor: the target rewritten in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.answer import code_block, dedented, indented
from codefare.tasks.outcome import Edit, Outcome, Refused
from codefare.tasks.task import build_prompt

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.prompt import Prompt
    from codefare_catalog import Action


class Refactor:
    """Any target; the answer replaces exactly its range."""

    id = "refactor"

    def serves(self, target: Target) -> bool:
        """Wherever there is code."""
        return bool(target.text.strip())

    def prompt(self, document: Document, target: Target, action: Action) -> Prompt:
        """Ask for the complete replacement of the target."""
        return build_prompt(action, target, "refactor", {"context": ""})

    def destination(self, target: Target) -> Path | None:
        """None: the target is replaced."""
        return None

    def read(self, answer: str, document: Document, target: Target) -> Outcome:
        """An edit of the target's range, with its indentation, line endings and last line end kept."""
        block = code_block(answer)
        if isinstance(block, Refused):
            return block
        new = fitted(block, target, document)
        if new == target.text:
            return Refused(
                "The model found nothing worth changing.",
                "The code stays as it is.",
                answer,
                stands=True,
            )
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
