"""What an action is about: a target in its document, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.tasks.brief import NOTHING, Brief

if TYPE_CHECKING:
    from codefare.source.context import Context
    from codefare.source.document import Document
    from codefare.source.target import Target


@dataclass(frozen=True, slots=True)
class Subject:
    """The exact range, in the text that it belongs to, with the user's brief.

    The document of a menu goes on changing; one that is run is a copy. `known` is what the prompt says of the code
    around it; None for what is known at that moment.
    """

    document: Document
    target: Target
    brief: Brief = NOTHING
    known: Context | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """An action, by its id, on a subject: one line of a menu, or what the command line was told."""

    action: str
    subject: Subject
