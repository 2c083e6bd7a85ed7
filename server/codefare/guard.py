"""What an answer must satisfy before it may touch a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.comments import only_comments_changed, syntax_errors
from codefare.source.languages import language_of
from codefare.tasks.outcome import Edit, NewFile, Outcome, Refused, Report

if TYPE_CHECKING:
    from codefare.source.document import Document
    from codefare.source.target import Target

_NOTHING_CHANGED = "Nothing was changed. Run the action again, or pick another model."


def verify(outcome: Outcome, document: Document, target: Target, answer: str) -> Outcome:
    """`outcome` if it may be used, else a refusal that says what failed and keeps the answer.

    An edit must still meet the text it was made for, must not add syntax errors, and must change nothing but
    comments where it promises so. A new file must parse. Reports always pass. Runs in a worker thread: it parses.
    """
    match outcome:
        case Edit():
            reason = _edit(outcome, document, target)
        case NewFile():
            reason = _new_file(outcome)
        case Report() | Refused():
            return outcome
    return outcome if reason is None else Refused(reason, _NOTHING_CHANGED, answer)


def _edit(edit: Edit, document: Document, target: Target) -> str | None:
    text = document.text
    if text[edit.span.start : edit.span.end] != edit.old:
        return "The code changed while the model worked."
    new = text[: edit.span.start] + edit.new + text[edit.span.end :]
    if document.language is None:
        return None
    before, after = text.encode("utf-8", "replace"), new.encode("utf-8", "replace")
    had, has = syntax_errors(document.language, before), syntax_errors(document.language, after)
    if has > had:
        return f"The answer does not parse: it adds {has - had} syntax error(s)."
    if edit.comments_only:
        return _comments_only(edit, document, target, before, after, intact=had == 0)
    return None


def _comments_only(
    edit: Edit, document: Document, target: Target, before: bytes, after: bytes, *, intact: bool
) -> str | None:
    """Why the edit changes more than comments. In a file with errors the target's own region is compared."""
    language = document.language
    if language is None:
        return None
    if not intact:
        region = target.region
        text = document.text
        start = text.rfind("\n", 0, region.start) + 1
        piece = text[start : region.end]
        local = edit.span.start - start
        changed = piece[:local] + edit.new + piece[local + len(edit.old) :]
        before, after = piece.encode("utf-8", "replace"), changed.encode("utf-8", "replace")
    reason = only_comments_changed(language, before, after)
    return None if reason is None else f"The answer changes more than comments: {reason}."


def _new_file(new: NewFile) -> str | None:
    if new.path.exists() or new.path.is_symlink():
        return f"{new.path.name} exists already."
    language = language_of(new.path, None)
    if language is not None and syntax_errors(language, new.text.encode("utf-8", "replace")):
        return "The new file does not parse."
    return None
