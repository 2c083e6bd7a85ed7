"""What an answer turned into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.diagnostic import Severity
    from codefare.source.target import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` of the target's document, which holds `old`, by `new`.

    `comments_only` is a promise that the guard checks. `remark` is what a user should know of an edit that the guard
    let pass, "" if there is nothing.
    """

    span: Span
    old: str
    new: str
    comments_only: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class NewFile:
    """Write `text` to `path`, which must not exist yet. `remark` is what a user should know of it."""

    path: Path
    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """Make `new` the text of another file than the target's, which holds `old`: `old` with something added.

    `remark` is what a user should know of it.
    """

    path: Path
    old: str
    new: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of a review.

    `span` is where it belongs, in code points of the text of `path` (None: the target's document); `code` is the text
    there. `advice` is what to do about it, "" if the answer does not say.
    """

    path: Path | None
    span: Span
    code: str
    severity: Severity
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a review found, in the order of the code; nothing, if the code is well."""

    title: str
    items: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Markdown to show."""

    title: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer was not used: why, and what the user can do. `answer` is kept so that nothing paid for is lost.

    `stands` marks an answer that says what it should, if only that there is nothing to do: it is worth keeping in the
    cache. Any other would be refused again for ever, so that running the action again must ask anew.
    """

    reason: str
    remedy: str
    answer: str = ""
    stands: bool = False


Outcome = Edit | NewFile | Addition | Findings | Report | Refused
