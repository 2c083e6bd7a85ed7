"""What a definition does, step by step: branches, results and errors in the order of the source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.source.condition import Condition

BRANCHES = frozenset(
    {
        Role.IF,
        Role.UNLESS,
        Role.ELIF,
        Role.ELSE,
        Role.TERNARY,
        Role.CASE,
        Role.DEFAULT,
        Role.LOOP,
        Role.CATCH,
    }
)
"""The steps after which one of several ways is taken."""

_NESTS = BRANCHES - {Role.TERNARY} | {Role.TRY}
_HOLDERS = frozenset({Role.CALLBACK, Role.BLOCK})
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
TEXT_LENGTH = 100
"""How many characters of source a step's text holds at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `line` counts from 1; `parent` is the index of the step around it, -1 for none.

    `text` is the condition, the header, the expression or the name, on one line. `depth` is the
    number of steps around it. `inner` is true inside a callback, whose results are not the
    definition's. `error` is the raised error's name, "" where a caught one is raised again. `of`
    is, for an `else`, the index of its `if`. `plain` tells that a raised error's message or a
    result is made of literals and names only, so that making it cannot fail. `leading` tells that
    nothing ran before that could change what happens here.
    """

    kind: Role
    text: str
    line: int
    parent: int = -1
    depth: int = 0
    inner: bool = False
    condition: Condition | None = None
    error: str = ""
    of: int = -1
    plain: bool = False
    leading: bool = False


@dataclass(slots=True)
class Flow:
    """What a walk collected.

    `calls`, `uses` and `assigned` map a callee, a name and an attribute to the line where it first
    appears; `reminders` are the TODO comments with their lines.
    """

    steps: list[Step] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    assigned: dict[str, int] = field(default_factory=dict)
    reminders: list[tuple[int, str]] = field(default_factory=list)


def shorten(text: str, length: int = TEXT_LENGTH) -> str:
    """`text` on one line, cut at `length` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def unwrapped(text: str) -> str:
    """`text` without one pair of round brackets around all of it."""
    if text.startswith("(") and text.endswith(")") and _closing(text, 0) == len(text) - 1:
        return text[1:-1].strip()
    return text


def callee_name(text: str) -> str:
    """A callee as a reader knows it: `a.b` as it is, `.c` for what is called on `a(b)`."""
    bare = _QUOTED.sub("''", text)
    position = next((i for i, char in enumerate(bare) if char in _BRACKETS), -1)
    if position < 0 and not bare.startswith("''"):
        return shorten(bare, 60)
    last = max(0, position)
    while position >= 0:
        last = _closing(bare, position) + 1
        position = next((i for i in range(last, len(bare)) if bare[i] in _BRACKETS), -1)
    name = bare[last:].replace("''", "").strip().lstrip("?!.:->").strip()
    return f".{shorten(name, 60)}" if name else ""


def _closing(text: str, start: int) -> int:
    """The index of the bracket that closes the one at `start`; the last index if none does."""
    opening, closing = text[start], _BRACKETS[text[start]]
    depth = 0
    for position in range(start, len(text)):
        if text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if not depth:
                return position
    return len(text) - 1


def settled(steps: list[Step], falls_through: Iterable[int]) -> list[Step]:
    """The steps as they are shown, with their depths.

    Callbacks and blocks in which nothing happens are left out, and the cases of a switch that fall
    through to the next one are joined with it.
    """
    used = {step.parent for step in steps}
    empty = set(falls_through) - used
    kept: list[Step] = []
    index: dict[int, int] = {-1: -1}
    joined: list[str] = []
    for number, step in enumerate(steps):
        if step.kind in _HOLDERS and number not in used:
            continue
        following = steps[number + 1] if number + 1 < len(steps) else None
        if number in empty and following is not None and following.parent == step.parent:
            joined.append(step.text)
            continue
        parent = index.get(step.parent, -1)
        text = ", ".join([*joined, step.text]) if step.kind is Role.CASE else step.text
        joined = []
        index[number] = len(kept)
        depth = kept[parent].depth + 1 if parent >= 0 else 0
        kept.append(replace(step, text=text, parent=parent, depth=depth, of=index.get(step.of, -1)))
    return kept


def nesting(steps: Iterable[Step]) -> int:
    """How deep branches, loops and handlers stand inside one another; 1 for a single one."""
    depths: list[int] = []
    for step in steps:
        around = depths[step.parent] if step.parent >= 0 else 0
        depths.append(around + (step.kind in _NESTS))
    return max(depths, default=0)
