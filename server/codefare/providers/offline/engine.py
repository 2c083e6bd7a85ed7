"""Answers that no model made, in the form in which a model's answer is expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.source.target import Scope

if TYPE_CHECKING:
    from codefare.source.document import Document
    from codefare.source.facts import FileOutline, Outline
    from codefare.source.target import Symbol, Target

SERVES = frozenset({"explain", "document", "tests"})
"""The ids of the actions that this engine can do."""

ENGINE_VERSION = "3"
"""Part of an answer's key in the cache: it changes whenever an answer would."""

MADE_BY = "Made by codefare's offline engine from the syntax tree; no model was asked."
"""The first line of every report."""

_BACKTICKS = re.compile(r"`{3,}")


def serves(action: str, target: Target) -> bool:
    """Whether this engine can do `action` on `target`; only whether there is something to test shows later.

    Any text can be explained. A comment is written for a definition, tests for a definition or a file, and both
    take a grammar.
    """
    if action == "explain":
        return True
    if action not in SERVES or target.language is None:
        return False
    return target.symbol is not None or (action == "tests" and target.scope is Scope.FILE)


def answer(action: str, document: Document, target: Target, *, reason_line: str = "") -> str:
    """What `action` (one of `SERVES`) gives for `target`, a part of `document`.

    `explain` gives Markdown whose first line says that no model was asked, with `reason_line`
    below it; `document` the bare comment or docstring and `tests` a whole test file, each in one
    fenced code block. The same text gives the same answer. The document is only read: its text is
    parsed anew, so that this may run in a thread of its own.

    Raises:
        TargetError: There is nothing to document or test at the target, its language has no
            grammar, or the document has changed since the target was taken.
        ValueError: `action` is not one of `SERVES`.
    """
    if action not in SERVES:
        raise ValueError(f"the offline engine does not serve {action!r}")
    if action == "explain":
        return _explain(document, target, reason_line)
    if target.language is None:
        raise TargetError(
            f"The offline engine cannot read {_named(target)}: it has no grammar for it.",
            remedy=f"It reads {_languages()}; for other files a model is needed.",
        )
    if action == "document":
        return _document(document, target)
    return _tests(document, target)


def _explain(document: Document, target: Target, reason_line: str) -> str:
    from codefare.providers.offline import explain, overview, plain

    if target.language is None:
        body = plain.report(target)
    elif target.symbol is not None:
        body = explain.definition(*_found(document, target, target.symbol))
    elif target.scope is Scope.FILE:
        body = overview.file(_fresh(document, target), target)
    else:
        body = overview.lines(_fresh(document, target), target)
    head = f"{MADE_BY}\n{reason_line}".strip()
    return f"{head}\n\n{body.strip()}\n"


def _document(document: Document, target: Target) -> str:
    from codefare.providers.offline.comment import comment

    if target.symbol is None:
        raise _no_symbol("document")
    outline, _ = _found(document, target, target.symbol)
    return _fenced(comment(outline), outline.language)


def _tests(document: Document, target: Target) -> str:
    from codefare.providers.offline.testing import test_file
    from codefare.source.outline import outline_file

    if target.symbol is not None:
        outline, file = _found(document, target, target.symbol)
        return _fenced(test_file(outline, file, target), outline.language)
    if target.scope != "file":
        raise _no_symbol("test")
    file = outline_file(_fresh(document, target))
    text = test_file(None, file, target)
    return _fenced(text, file.language)


def _fresh(document: Document, target: Target) -> Document:
    """A document of our own with the same text, which nobody edits while we read it.

    Raises:
        TargetError: The target's text is no longer where it was.
    """
    from codefare.source.document import Document as Fresh

    text = document.text
    if text[target.span.start : target.span.end] != target.text:
        raise _moved(target)
    return Fresh(document.uri, document.path, target.language, text)


def _found(document: Document, target: Target, symbol: Symbol) -> tuple[Outline, FileOutline]:
    """The outlines of the target's definition and of its file.

    Raises:
        TargetError: The definition is no longer where it was.
    """
    from codefare.source.outline import outline, outline_file

    fresh = _fresh(document, target)
    wanted = (symbol.qualified_name, symbol.kind, symbol.span.start)
    for one in fresh.symbols():
        if (one.qualified_name, one.kind, one.span.start) == wanted:
            return outline(fresh, one), outline_file(fresh)
    raise _moved(target)


def _fenced(text: str, language: str) -> str:
    """`text` in a fence that is longer than any inside it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}\n"


def _no_symbol(action: str) -> TargetError:
    return TargetError(
        f"There is no definition here to {action}.",
        remedy="Put the cursor in a function or class and run the action again.",
    )


def _moved(target: Target) -> TargetError:
    return TargetError(
        f"{_named(target)} has changed since the action was started.",
        remedy="Run the action again.",
    )


def _named(target: Target) -> str:
    return target.path.name if target.path else "this document"


def _languages() -> str:
    from codefare.providers.offline.words import joined
    from codefare.source.languages import LANGUAGES

    return joined([language.name for language in LANGUAGES.values()])
