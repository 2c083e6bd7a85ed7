"""What an action is to the engine: it builds a prompt and reads the answer."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from codefare.source.languages import LANGUAGES
from codefare.source.target import Scope
from codefare.tasks.prompt import Prompt
from codefare.tasks.templates import fenced, template
from codefare.tokens import YARDSTICK, count

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.outcome import Outcome
    from codefare_catalog import Action


class Task(Protocol):
    """One action. `id` is its row in the catalog."""

    id: str

    def serves(self, target: Target) -> bool:
        """Whether the action makes sense for this target."""
        ...

    def prompt(self, document: Document, target: Target, action: Action) -> Prompt:
        """What a model is asked; the same document and target give the same prompt."""
        ...

    def destination(self, target: Target) -> Path | None:
        """The new file that the answer would go to; None where it changes the document, or only is shown."""
        ...

    def read(self, answer: str, document: Document, target: Target) -> Outcome:
        """What a complete answer means for the document. Nothing is written yet."""
        ...


def build_prompt(action: Action, target: Target, name: str, values: Mapping[str, str]) -> Prompt:
    """The prompt file `name` filled with what every action says of its target, and with `values`."""
    language = language_name(target)
    file = target.path.name if target.path else "untitled"
    code = fenced(target.text, target.language or "")
    system, user = template(name).fill(
        {"language": language, "file": file, "subject": subject(target), "code": code, **values}
    )
    shape = action.output
    tokens = count(YARDSTICK, target.text)
    low, likely, high = (
        base + round(tokens * Decimal(slope))
        for base, slope in zip(shape.base, shape.per_input, strict=True)
    )
    most = shape.max_base + round(tokens * Decimal(shape.max_per_input))
    return Prompt(action.id, template(name).version, system, user, low, likely, high, most)


def language_name(target: Target) -> str:
    """`Python`, `Go`, or `plain text`."""
    return LANGUAGES[target.language].name if target.language else "plain text"


def subject(target: Target) -> str:
    """What the action is about: `method Parser.feed`, `the selected lines`, `the whole file`."""
    if target.symbol is not None:
        return f"{target.symbol.kind} {target.symbol.qualified_name}"
    return "the whole file" if target.scope is Scope.FILE else "the selected lines"
