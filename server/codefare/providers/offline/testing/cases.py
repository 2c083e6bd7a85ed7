"""What to test: a case for each definition and each of its branches, and what is known of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.providers.offline.outcomes import top_level_parts
from codefare.providers.offline.reasons import Reasons
from codefare.providers.offline.testing.values import Unknown, literal, solve
from codefare.source.roles import ParameterKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codefare.providers.offline.testing.values import Value
    from codefare.source.condition import Condition
    from codefare.source.facts import Outline
    from codefare.source.flow import Step
    from codefare.source.parameters import Parameter

_BRANCHES = frozenset(
    {Role.IF, Role.ELIF, Role.UNLESS, Role.CASE, Role.DEFAULT, Role.CATCH, Role.TERNARY}
)
_TESTS = frozenset({Role.IF, Role.ELIF, Role.UNLESS})
_NAMEOF = re.compile(r"new \w+\((?:\"[^\"{}]*\"|nameof\(\w+\)|,\s*)*\)\Z")
_LONGEST_AROUND = 50
_MOST = 20  # cases for one definition


class Known(StrEnum):
    """What the tree tells of a case's outcome."""

    RAISES = "raises"  # an error of the name `expected`
    FAILS = "fails"  # Go and Rust: an error is the result
    PANICS = "panics"
    RETURNS = "returns"  # the literal `expected`
    PENDING = "pending"  # nothing: the user has to say


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `title` is what happens when ("when count is less than 1"), "" for the ordinary case.

    `values` are the arguments that lead there as far as they are known; the others may be anything.
    `error` is what a pending case raises, if only it were known how to get there.
    """

    title: str
    known: Known
    expected: str
    values: dict[str, Value]
    error: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """A guard: its condition, and the step that it leads to."""

    test: Step
    condition: Condition
    exit: Step


def cases_of(outline: Outline) -> list[Case]:
    """The cases of a definition: the ordinary one, then one for each branch, in order."""
    guards, whole = _guards(outline)
    ordinary = _ordinary(outline, guards, whole)
    found = [ordinary]
    found.extend(_guarded(outline, guards))
    done = {id(guard.test) for guard in guards}
    reasons = Reasons(outline)
    for index, step in enumerate(outline.steps):
        if step.kind in _BRANCHES and not step.inner and id(step) not in done:
            title = _title(reasons, step)
            if title:
                inside = [one for one in outline.steps if one.parent == index]
                error = _raised(inside[-1]) if inside else ""
                found.append(Case(title, Known.PENDING, "", ordinary.values, error))
    unique: dict[str, Case] = {}
    for case in found:
        unique.setdefault(case.title, case)
    return list(unique.values())[:_MOST]


def _guards(outline: Outline) -> tuple[list[_Way], Step | None]:
    """The guards whose outcome is known, and the exit right after them if there is one."""
    guards: list[_Way] = []
    for index, step in enumerate(outline.steps):
        if step.parent != -1:
            continue
        if not step.leading:
            break
        if step.kind in (Role.RETURN, Role.RAISE):
            return guards, step
        inside = [one for one in outline.steps if one.parent == index]
        left = [one for one in inside if one.kind in (Role.RETURN, Role.RAISE)]
        if step.kind not in _TESTS or step.condition is None or len(inside) != 1 or not left:
            break
        guards.append(_Way(step, step.condition, left[0]))
    return guards, None


def _ordinary(outline: Outline, guards: Sequence[_Way], whole: Step | None) -> Case:
    values = solve([(one.condition, False) for one in guards], _free(outline), outline.language)
    if whole is None or values is None:
        return Case("", Known.PENDING, "", values or {})
    known, expected = _outcome(outline, whole)
    return Case("", known, expected, values)


def _guarded(outline: Outline, guards: Sequence[_Way]) -> Iterator[Case]:
    reasons = Reasons(outline)
    for number, guard in enumerate(guards):
        wanted = [(one.condition, False) for one in guards[:number]] + [(guard.condition, True)]
        values = solve(wanted, _free(outline), outline.language)
        known, expected = (Known.PENDING, "")
        if values is not None:
            known, expected = _outcome(outline, guard.exit)
        title = _plain(f"when {reasons.holds(guard.condition)}")
        error = _raised(guard.exit) if values is None else ""
        yield Case(title, known, expected, values or {}, error)


def _free(outline: Outline) -> list[Parameter]:
    skipped = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
    return [one for one in outline.given if one.kind not in skipped and not one.destructured]


def _outcome(outline: Outline, step: Step) -> tuple[Known, str]:  # noqa: PLR0911  one return for each way to leave
    """What a step that leaves comes to, if it is certain."""
    if step.kind is Role.RAISE:
        certain = step.plain or _NAMEOF.match(step.text) is not None
        if step.error == "panic":
            return (Known.PANICS, "") if certain else (Known.PENDING, "")
        return (Known.RAISES, step.error) if certain and step.error else (Known.PENDING, "")
    text = step.text
    if outline.language == "rust" and text.startswith("Err("):
        return Known.FAILS, ""
    if outline.language == "rust" and text == "None":
        return Known.RETURNS, text
    if outline.language == "go" and re.search(r"\berror\)?\Z", outline.returns):
        last = top_level_parts(text)[-1]
        made = re.match(r"(?:errors\.New|fmt\.Errorf)\(\"", last) is not None
        return (Known.FAILS, "") if made else (Known.PENDING, "")
    if not text:
        nothing = outline.language in ("python", "ruby") and not outline.is_generator
        word = "None" if outline.language == "python" else "nil"
        return (Known.RETURNS, word) if nothing else (Known.PENDING, "")
    try:
        literal(text)
    except Unknown:
        return Known.PENDING, ""
    return (Known.PENDING, "") if outline.is_generator else (Known.RETURNS, text)


def _raised(step: Step) -> str:
    """The name of the error that a step raises; "" if it does not, or has no name for it."""
    return step.error if step.kind is Role.RAISE and step.error != "panic" else ""


def _title(reasons: Reasons, step: Step) -> str:
    clause = reasons.own(step)
    if not clause:
        return ""
    around = reasons.when(step) if step.kind is not Role.CASE else ""
    return _plain(
        f"when {around} and {clause}"
        if around and len(around) < _LONGEST_AROUND
        else f"when {clause}"
    )


def _plain(text: str) -> str:
    return text.replace("`", "")
