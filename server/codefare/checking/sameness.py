"""Which of a checker's complaints is the diagnostic that an editor shows.

The two rarely say the same words: a language server and its command line differ in how they write
the code, and two type checkers in all but the place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.checking.complaints import Complaint
    from codefare.source.diagnostic import Diagnostic

_WORD = re.compile(r"\w+")
_ALIKE = 0.5  # of the diagnostic's words are in the complaint, on the same line
_THE_SAME = 0.9  # of them are, wherever the complaint stands
# Tools that look for the same faults: on one line they mean one.
_KINDS = (
    (
        "basedpyright",
        "dmypy",
        "mypy",
        "pylance",
        "pyre",
        "pyrefly",
        "pyright",
        "pytype",
        "ty",
        "zuban",
    ),
    (
        "deno-ts",
        "js",
        "javascript",
        "ts",
        "tsc",
        "tsserver",
        "typescript",
        "vtsls",
        "vue-tsc",
    ),
    (
        "compiler",
        "go",
        "gopls",
    ),
)


def complaint_of(
    diagnostic: Diagnostic, lines: range, file: str, tool: str, complaints: Iterable[Complaint]
) -> Complaint | None:
    """The complaint that is `diagnostic`, which covers `lines` (from 1) of `file`; None if there is none."""
    best: tuple[float, Complaint] | None = None
    for complaint in complaints:
        if complaint.file not in {file, ""}:
            continue
        score = _score(diagnostic, lines, tool, complaint)
        if score and (best is None or score > best[0]):
            best = score, complaint
    return best[1] if best else None


def _score(diagnostic: Diagnostic, lines: range, tool: str, complaint: Complaint) -> float:
    """How surely both are the same; 0 if they are not."""
    code = has_code(complaint.words, diagnostic.code)
    share = _share(diagnostic.message, complaint.words)
    if complaint.line in lines:
        if code or share >= _ALIKE or _of_one_kind(diagnostic.source, tool):
            # Most servers mark where the fault begins.
            return 4 + 2 * code + share + (complaint.line == lines.start)
        return 0
    return share + code if share >= _THE_SAME else 0


def has_code(words: str, code: str) -> bool:
    """Whether a rule is named in `words`; TypeScript's server leaves `TS` away."""
    return bool(code and re.search(rf"(?<![\w-])(?:TS)?{re.escape(code)}(?![\w-])", words))


def _share(message: str, words: str) -> float:
    """How much of a message's first line is in `words`."""
    asked = {word.casefold() for word in _WORD.findall(message.strip().partition("\n")[0])}
    there = {word.casefold() for word in _WORD.findall(words)}
    return len(asked & there) / len(asked) if asked else 0.0


def _of_one_kind(source: str, tool: str) -> bool:
    names = {source.casefold(), tool.casefold()}
    return any(names <= set(kind) for kind in _KINDS)
