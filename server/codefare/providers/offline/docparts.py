"""A documentation in parts, before it takes the form of a language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.providers.offline.describing import describe
from codefare.providers.offline.naming import is_property, summary
from codefare.providers.offline.outcomes import errors, failures, result, yielded
from codefare.source.parameters import Parameter
from codefare.source.roles import ParameterKind, Role

if TYPE_CHECKING:
    from codefare.source.facts import Outline

_SCRIPTS = frozenset({"javascript"})
_LITERAL_TYPES = (
    (re.compile(r"-?[\d._]+n?\Z"), "number"),
    (re.compile(r"[\"'`].*[\"'`]\Z", re.DOTALL), "string"),
    (re.compile(r"(?:true|false)\Z"), "boolean"),
    (re.compile(r"\[.*\]\Z", re.DOTALL), "Array"),
    (re.compile(r"\{.*\}\Z", re.DOTALL), "Object"),
    (re.compile(r"null\Z"), "null"),
)
_MOST_FIELDS = 20
_LONGEST_DEFAULT = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter, field or error: `name` as the code has it, `type` where it has to be said."""

    name: str
    text: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a documentation says. Empty parts are left out."""

    summary: str
    parameters: tuple[Entry, ...] = ()
    fields: tuple[Entry, ...] = ()
    result: str = ""
    result_type: str = ""
    yields: str = ""
    errors: tuple[Entry, ...] = ()
    failures: str = ""
    panics: str = ""


def parts_of(outline: Outline) -> Parts:
    """All that can be said of a definition."""
    if not outline.is_callable:
        return Parts(summary(outline), fields=_fields(outline))
    raised = errors(outline)
    panics = raised.pop("panic", "") if outline.language in ("go", "rust") else ""
    for name in ("unreachable", "todo", "unimplemented"):
        if outline.language == "rust":
            raised.pop(name, None)
    if outline.language == "rust" and not panics:
        panics = _assertions(outline)
    read = is_property(outline)
    return Parts(
        summary=summary(outline),
        parameters=() if read else tuple(_entry(one, outline) for one in outline.given),
        result="" if read else result(outline),
        result_type=_result_type(outline),
        yields=yielded(outline) if outline.is_generator else "",
        errors=tuple(Entry(name, text) for name, text in raised.items()),
        failures=failures(outline) if outline.language in ("go", "rust") else "",
        panics=panics,
    )


def _entry(one: Parameter, outline: Outline) -> Entry:
    kind = one.type
    if not kind and outline.language in _SCRIPTS:
        kind = _guessed(one, outline)
    return Entry(one.name, describe(one), kind)


def _fields(outline: Outline) -> tuple[Entry, ...]:
    """The fields that a caller sees; an enum's cases are in its summary already."""
    found = []
    for one in outline.fields[:_MOST_FIELDS]:
        name = one.name.lstrip("$")
        if (
            one.kind != "field"
            or name.startswith(("_", "#"))
            or "private" in one.text.split("=")[0]
        ):
            continue
        default = one.default if len(one.default) <= _LONGEST_DEFAULT else ""
        like = Parameter(name, ParameterKind.POSITIONAL, one.type, default)
        found.append(Entry(one.name, describe(like), one.type))
    return tuple(found)


def _assertions(outline: Outline) -> str:
    """Rust's `assert!` panics: the conditions that it demands."""
    texts = [step.text for step in outline.steps if step.kind is Role.ASSERT and not step.inner]
    known = [text.split(', "')[0] for text in texts][:3]
    return f"Unless {' and '.join(f'`{text}`' for text in known)}." if known else ""


def _guessed(one: Parameter, outline: Outline) -> str:
    """A JSDoc type, as far as the default or a type check in the body tells it."""
    if one.kind is ParameterKind.VARIADIC:
        return "...*"
    if one.destructured:
        return "Object" if one.name.startswith("{") else "Array"
    for step in outline.steps:
        test = step.condition
        if test is not None and test.op in ("is a", "is not a") and test.left == one.name:
            return test.right
    return _literal_type(one.default) or "*"


def _literal_type(text: str) -> str:
    return next((kind for pattern, kind in _LITERAL_TYPES if pattern.match(text)), "")


def _result_type(outline: Outline) -> str:
    """The result's type: as written, or for JavaScript as far as literals tell it."""
    if outline.language not in _SCRIPTS:
        return outline.returns
    found = list(dict.fromkeys(_literal_type(step.text) for step in outline.results if step.text))
    kind = "|".join(found) if found and all(found) else "*"
    if outline.name.startswith(("is", "has", "can")) and kind == "*":
        kind = "boolean"
    return f"Promise<{kind}>" if outline.is_async else kind
