"""How a text is set: its unit of indentation, and code moved to another depth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.tasks.testing.items import inside_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.source.syntax import Parsed


_MOST_LINES = 1_000
_WIDEST = 8  # no style goes in by more


@dataclass(frozen=True, slots=True)
class Insertion:
    """Text to put in at a byte."""

    at: int
    text: str


def inserted(data: bytes, insertions: Iterable[Insertion], line_break: str) -> str:
    """`data` with the insertions, whose line feeds become `line_break`; at one byte they keep their order."""
    for _, each in sorted(enumerate(insertions), key=lambda one: (one[1].at, one[0]), reverse=True):
        new = each.text.replace("\n", line_break).encode("utf-8", "surrogatepass")
        data = data[: each.at] + new + data[each.at :]
    return data.decode("utf-8", "surrogatepass")


def unit_of(code: Parsed) -> str | None:
    """The white space of one level: a tab, or the step that lines go in most often; None if none goes in."""
    steps: Counter[str] = Counter()
    before = at = 0
    for line in code.data.split(b"\n")[:_MOST_LINES]:
        bare = line.lstrip(b" \t")
        width = len(line) - len(bare)
        start, at = at, at + len(line) + 1
        if not bare.strip() or bare.startswith(b"*") or inside_string(code.path_to(start), start):
            continue
        if line.startswith(b"\t"):
            steps["\t"] += 1
        elif 1 < width - before <= _WIDEST:
            steps[" " * (width - before)] += 1
        before = 0 if line.startswith(b"\t") else width
    return steps.most_common(1)[0][0] if steps else None


def moved(code: Parsed, start: int, end: int, margin: str, unit: str | None) -> str:
    """The code from `start` to `end` with its first line at `margin`, going in by `unit`.

    Lines that begin inside a text of the program's stay as they are.
    """
    own = code.indent_at(start)
    step = unit_of(code)
    lines = []
    at = start
    while at < end:
        line_end = code.data.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        line = code.data[at:line_end].decode("utf-8", "replace")
        if at == start:
            lines.append(f"{margin}{line}")
        elif inside_string(code.path_to(at), at):
            lines.append(line)
        else:
            lines.append(_set(line.removeprefix(own), margin, step, unit))
        at = line_end + 1
    return "\n".join(lines)


def _set(line: str, margin: str, step: str | None, unit: str | None) -> str:
    bare = line.lstrip(" \t")
    if not bare:
        return ""
    white = line[: len(line) - len(bare)]
    if step and unit and step != unit:
        levels = white.count(step) if step == "\t" else len(white) // len(step)
        rest = "" if step == "\t" else white[levels * len(step) :]
        white = unit * levels + rest
    return f"{margin}{white}{bare}"
