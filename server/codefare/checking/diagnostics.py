"""A checker's complaints as diagnostics of the text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.buffer import Buffer
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.checking.complaints import Complaint
    from codefare.source.positions import Encoding

_SEVERITY = re.compile(r"(?:fatal )?(?P<severity>error|warning)\b:?\s*", re.IGNORECASE)
_CODES = (
    re.compile(r"(?P<code>[A-Z]{1,8}\d{2,6}):? (?:\[\*\] )?(?P<message>.+)"),  # ruff, tsc
    re.compile(r"(?P<message>.+?)\s+\[(?P<code>[\w-]+)\]"),  # mypy
    re.compile(r"(?P<message>.+?)\s+\((?P<code>report\w+)\)"),  # pyright
    re.compile(r"(?P<message>.+?)\s{2,}(?P<code>@?[\w/-]+)"),  # eslint
)
# What the columns of a tool count, where it is not characters.
_UNITS: dict[str, Encoding] = {
    "tsc": "utf-16",
    "vue-tsc": "utf-16",
    "eslint": "utf-16",
    "go": "utf-8",
}


def diagnostics_of(complaints: Iterable[Complaint], text: str, tool: str) -> list[Diagnostic]:
    """Those that tell a line of `text`, each from its column to the end of that line."""
    buffer = Buffer(text)
    found: list[Diagnostic] = []
    for one in complaints:
        if one.line is None or not 1 <= one.line <= buffer.line_count:
            continue
        start, end = buffer.line_span(one.line - 1)
        if one.column is None:
            line = text[start:end]
            start += len(line) - len(line.lstrip())
        else:
            units = _UNITS.get(tool, "utf-32")
            start = min(end, buffer.offset_at(one.line - 1, one.column - 1, units))
        severity, code, message = _parts(one.words)
        found.append(Diagnostic(Span(start, end), message, severity, tool, code))
    return found


def _parts(words: str) -> tuple[Severity, str, str]:
    severity = Severity.ERROR
    if named := _SEVERITY.match(words):
        severity = Severity.WARNING if named["severity"].lower() == "warning" else severity
        words = words[named.end() :]
    for pattern in _CODES:
        if found := pattern.fullmatch(words):
            return severity, found["code"], found["message"].strip()
    return severity, "", words.strip()
