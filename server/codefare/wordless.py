"""Errors told without their words: what failed and where, never what it was about.

The text of an exception may quote anything: a line of code, a header with a key, a whole message of an editor. What is
kept of one are the kinds of it and of its causes, error numbers, and the places in programs that it passed.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
import threading
import traceback
import warnings
from typing import Any

_MOST_CAUSES = 10
_MOST_STEPS = 200
_OURS = "codefare"


def told(error: BaseException | None) -> str:
    """The trace of an error and its causes, the first cause first as Python prints them, without any message."""
    parts: list[str] = []
    while error is not None and len(parts) < _MOST_CAUSES:
        parts.append(
            "\n".join(("Traceback (most recent call last):", *_places(error), _kind(error)))
        )
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)
    return "\n\n".join(reversed(parts))


class Wordless(logging.Formatter):
    """Tells errors without their words; of what other programs' modules log, who says it and how bad it is."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name is logging's
        """The trace of a record's error."""
        return told(ei[1])

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the same
        """Its line."""
        if record.name.partition(".")[0] != _OURS:
            record.message = f"({record.module}, line {record.lineno})"
        return super().formatMessage(record)


def keep_quiet() -> None:
    """From here on this process writes no error's words to standard error, which editors keep in files of their own."""
    last = logging.StreamHandler()
    last.setLevel(logging.WARNING)
    last.setFormatter(Wordless("%(name)s: %(levelname)s %(message)s"))
    logging.lastResort = last
    sys.excepthook = lambda _kind, error, _trace: _say(told(error))
    sys.unraisablehook = lambda failed: _say(told(failed.exc_value))
    threading.excepthook = lambda failed: _say(told(failed.exc_value))
    warnings.showwarning = lambda _words, kind, file, line, *_: _say(
        f"{kind.__name__} at {file}, line {line}"
    )


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


def _kind(error: BaseException) -> str:
    """What it is, as far as that tells nothing else: the numbers of the system and of SQLite."""
    name = type(error).__qualname__
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name} {error.errno}"
    if isinstance(error, sqlite3.Error):
        return f"{name} {getattr(error, 'sqlite_errorname', '')}".rstrip()
    return name


def _places(error: BaseException) -> list[str]:
    """Where in programs it passed, the outermost first, and what a group of errors holds."""
    steps = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=_MOST_STEPS, lookup_lines=False
    )
    places = [f'  File "{step.filename}", line {step.lineno}, in {step.name}' for step in steps]
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions[:_MOST_CAUSES]:
            places += [f"  | {line}" for line in told(one).splitlines()]
    return places
