"""Explain for text that has no grammar: its headings, its sections, its size."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.overview import section
from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import counted, joined
from codefare.source.record import REMINDER

if TYPE_CHECKING:
    from codefare.source.target import Target

_FENCE = re.compile(r"\s{0,3}(```+|~~~+)")
_MOST = 80
# (what it is called, the suffixes, the pattern of a line that begins a part of it)
_KINDS = (
    (
        "heading",
        (".md", ".markdown", ".mdx"),
        re.compile(r"(?P<level>#{1,6})\s+(?P<name>.+?)\s*#*\Z"),
    ),
    ("heading", (".adoc", ".asciidoc"), re.compile(r"(?P<level>={1,6})\s+(?P<name>.+)")),
    ("section", (".toml", ".ini", ".cfg", ".conf"), re.compile(r"\s*\[+(?P<name>[^\]]+)\]+")),
    (
        "function",
        (".sh", ".bash", ".zsh", ".fish", ".ksh"),
        re.compile(r"\s*(?:function\s+(?P<name>[\w:.-]+)|(?P<short>[\w:.-]+)\s*\(\))"),
    ),
    ("key", (".yaml", ".yml"), re.compile(r"(?P<name>[\w.\"'/ -]+):(?:\s|\Z)")),
    ("key", (".json", ".jsonc", ".json5"), re.compile(r"(?: {2}|\t| {4})\"(?P<name>[^\"]+)\"\s*:")),
    ("target", ("makefile", ".mk"), re.compile(r"(?P<name>[\w./%$()-]+(?: [\w./%-]+)*)\s*:(?!=)")),
    (
        "statement",
        (".sql",),
        re.compile(
            r"\s*(?P<name>(?:CREATE|ALTER|DROP|INSERT|SELECT|UPDATE|DELETE)\b[^;(]*)", re.IGNORECASE
        ),
    ),
    ("selector", (".css", ".scss", ".less"), re.compile(r"(?P<name>[^\s{}/@][^{};]*)\{")),
    ("stage", ("dockerfile",), re.compile(r"(?P<name>FROM\s+.+)", re.IGNORECASE)),
    (
        "definition",
        (".lua", ".kt", ".kts", ".swift", ".scala", ".dart", ".jl", ".r", ".ex", ".exs", ".zig"),
        re.compile(
            r"\s*(?:(?:public|private|internal|local|export|pub|override|abstract|final|data|open)\s+)*"
            r"(?P<name>(?:function|fun|func|fn|def|defp|class|struct|object|interface|enum|trait|module"
            r"|defmodule|protocol|extension)\s+[\w.:]+)"
        ),
    ),
)


def report(target: Target) -> str:
    """Headings or sections with their lines, and how long the text is."""
    name = target.path.name if target.path else "this text"
    first = 1
    lines = target.text.splitlines()
    blank = sum(not line.strip() for line in lines)
    words = len(re.findall(r"\w+", target.text))
    size = [counted(len(lines), "line")]
    if blank:
        size.append(f"{blank} of them blank")
    size.append(counted(words, "word"))
    kind, parts = _parts(name.lower(), lines)
    known = f" It has {counted(len(parts), kind)}." if parts else ""
    what = "There is no grammar for this language, so this is its outline as text."
    out = [f"# {code(name)}", f"{joined(size)}.{known} {what}"]
    shown = [
        f"{'  ' * level}- {line + first - 1}: {code(text, 90)}"
        for line, level, text in parts[:_MOST]
    ]
    if len(parts) > _MOST:
        shown.append(f"- … and {len(parts) - _MOST} more")
    out += section(f"{kind.capitalize()}s", shown, raw=True)
    out += section("Worth a look", _reminders(lines))
    return "\n\n".join(out)


def _parts(name: str, lines: list[str]) -> tuple[str, list[tuple[int, int, str]]]:
    """What the text is made of: (line, level, text) each."""
    for kind, suffixes, pattern in _KINDS:
        if name.endswith(suffixes):
            return kind, _matching(lines, pattern, fenced=kind == "heading")
    return "part", _matching(lines, re.compile(r"(?P<name>\S.*:)\s*\Z"), fenced=False)


def _matching(
    lines: list[str], pattern: re.Pattern[str], *, fenced: bool
) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    open_fence = ""
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line) if fenced else None
        if fence:
            open_fence = "" if open_fence == fence[1][:3] else open_fence or fence[1][:3]
            continue
        match = None if open_fence else pattern.match(line)
        if match:
            groups = match.groupdict()
            text = next(text for key, text in groups.items() if key != "level" and text)
            level = len(groups.get("level") or "#") - 1
            found.append((number, level, text.strip()))
    top = min((level for _, level, _ in found), default=0)
    return [(number, level - top, text) for number, level, text in found]


def _reminders(lines: list[str]) -> list[str]:
    found = ((number, REMINDER.search(line)) for number, line in enumerate(lines, 1))
    return [f"line {number}: {code(match[0], 90)}" for number, match in found if match][:10]
