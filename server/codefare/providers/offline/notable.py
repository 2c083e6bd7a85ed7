"""What is worth a second look in a definition, each point with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import counted, joined
from codefare.source.roles import ParameterKind, Role

if TYPE_CHECKING:
    from codefare.source.facts import Outline

_LONG = 60  # lines
_DEEP = 4
_BRANCHY = 12
_MANY = 6
_MUTABLE = re.compile(
    r"(?:\[.*\]|\{.*\}|(?:list|dict|set|bytearray|defaultdict|deque)\(.*\))\Z", re.DOTALL
)
_BROAD = frozenset({"Exception", "BaseException", "Throwable", "\\Throwable", "StandardError"}) | {
    "System.Exception",
    "\\Exception",
}
_SPEAKS_OF_ALL = frozenset(
    {"locals", "vars", "eval", "exec", "super", "func_get_args", "compact", "extract", "binding"}
)
_CAN_BE_UNUSED = frozenset({"interface", "trait", "type"})
_REMINDERS = 10


def notable(outline: Outline) -> list[str]:
    """The points as Markdown text, without list marks, in the order of their weight."""
    found = [*_shape(outline), *_handlers(outline), *_defaults(outline), *_unused(outline)]
    if not outline.doc and not outline.is_private and outline.has_body:
        kind = "docstring" if outline.language == "python" else "documentation comment"
        found.append(f"line {outline.line}: there is no {kind}")
    found.extend(f"line {line}: {code(text, 90)}" for line, text in outline.reminders[:_REMINDERS])
    if outline.broken:
        found.append("the code holds a syntax error, so parts of this may be missing")
    return found


def weighty(outline: Outline) -> list[str]:
    """The points that matter from further away: not reminders, nor that a comment is missing."""
    return [*_shape(outline), *_handlers(outline), *_defaults(outline)]


def _shape(outline: Outline) -> list[str]:
    found: list[str] = []
    if outline.is_callable and outline.lines > _LONG:
        found.append(f"line {outline.line}: it is long, {counted(outline.lines, 'line')}")
    if outline.nesting >= _DEEP:
        found.append(f"it is nested {outline.nesting} deep at line {_deepest_line(outline)}")
    if len(outline.branches) > _BRANCHY:
        found.append(f"it has {len(outline.branches)} branches")
    given = [one for one in outline.given if one.kind is not ParameterKind.KEYWORD]
    if len(given) > _MANY:
        found.append(f"line {outline.line}: {len(given)} parameters to keep in order")
    return found


def _deepest_line(outline: Outline) -> int:
    return max(outline.branches, key=lambda step: (step.depth, -step.line)).line


def _handlers(outline: Outline) -> list[str]:
    found: list[str] = []
    for index, step in enumerate(outline.steps):
        if step.kind is not Role.CATCH:
            continue
        inside = [one for one in outline.steps[index + 1 :] if one.parent == index]
        again = any(one.kind is Role.RAISE for one in inside)
        if outline.language == "python" and not step.text and not again:
            found.append(
                f"line {step.line}: a bare `except` also catches KeyboardInterrupt and SystemExit"
            )
        elif step.text in _BROAD and not again:
            found.append(f"line {step.line}: catches {code(step.text)}, which is nearly everything")
    return found


def _defaults(outline: Outline) -> list[str]:
    if outline.language != "python":
        return []
    shared = [one for one in outline.parameters if _MUTABLE.match(one.default)]
    return [
        f"line {outline.line}: the default {code(one.default)} of {code(one.name)} is made once and"
        " shared by all calls"
        for one in shared
    ]


def _unused(outline: Outline) -> list[str]:
    """Parameters that the body never names, where that is the definition's own choice."""
    if not outline.has_body or not outline.is_callable or outline.broken or outline.is_abstract:
        return []
    if "override" in outline.words or {"override", "Override"} & {*outline.decorators}:
        return []
    if outline.container and outline.language in ("rust", "go", "csharp", "java", "php"):
        return []  # the interface that it implements may ask for it
    calls = {call.rpartition(".")[2] for call in outline.calls}
    only_raises = len(outline.steps) == 1 and outline.steps[0].kind is Role.RAISE
    if calls & _SPEAKS_OF_ALL or only_raises or not (outline.uses or outline.steps):
        return []
    names = [
        one.name
        for one in outline.given
        if re.fullmatch(r"\$?[A-Za-z]\w*", one.name)
        and one.name not in outline.uses
        and one.kind is not ParameterKind.BLOCK
    ]
    if not names:
        return []
    are = "is" if len(names) == 1 else "are"
    return [f"line {outline.line}: {joined([code(name) for name in names])} {are} never used"]
