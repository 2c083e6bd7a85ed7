"""Arguments and certainty of the cases in a test class."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from codefare.providers.offline.testing.cases import Case, Known
from codefare.providers.offline.testing.values import kind_of
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from codefare.providers.offline.testing.subjects import Subject
    from codefare.source.parameters import Parameter

PLAIN = {"text": '"text"', "integer": "1", "float": "1.0", "number": "1", "boolean": "true"}
"""Arguments of the kinds of type that a literal fits."""


def is_sure(subject: Subject, case: Case, *, on_object: bool | None = None) -> bool:
    """Whether the outcome of a case can be asserted."""
    if subject.blocked or case.known not in (Known.RAISES, Known.RETURNS):
        return False
    method = subject.is_method if on_object is None else on_object
    if method and not subject.makes_itself:
        return False
    owner = subject.owner
    if subject.outline.kind == "constructor" and owner is not None:
        return not subject.is_abstract and (not owner.bases or owner.language in ("java", "csharp"))
    return not subject.outline.is_generator


def passed_to(subject: Subject) -> list[Parameter]:
    """The parameters that a call names."""
    skipped = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
    return [one for one in subject.outline.given if one.kind not in skipped]


def is_simple(one: Parameter, case: Case) -> bool:
    """Whether there is a value that is certain to be accepted."""
    return one.name in case.values or kind_of(one.type) in (*PLAIN, "none") or bool(one.default)


def plain_literal(value: object) -> str:
    """A value as most languages write it."""
    return json.dumps(value, ensure_ascii=False)


def lower_first(name: str) -> str:
    """The name with a small first letter."""
    return name[:1].lower() + name[1:]


def indented(lines: list[str], indent: str) -> str:
    """The lines in one text, each moved right."""
    return "\n".join(f"{indent}{line}" if line else "" for line in lines)
