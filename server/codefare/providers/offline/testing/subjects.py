"""What is tested: definitions with their cases, their class, and whether a test can reach them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.providers.offline.naming import is_property
from codefare.providers.offline.testing.cases import Case, Known, cases_of
from codefare.providers.offline.words import split_name
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codefare.source.facts import FileOutline, Outline
    from codefare.source.parameters import Parameter
    from codefare.source.target import Target
    from codefare.tasks.testing import Plan

_CONTAINERS = frozenset({"class", "struct", "interface", "trait", "enum", "type", "impl"})
_ABSTRACT = frozenset({"interface", "trait"})
_SPACES = frozenset({"module", "namespace"})
_NO_TESTS = frozenset({"__repr__", "__str__", "fmt"})
_MOST_CASES = 80


@dataclass(frozen=True, slots=True)
class Subject:
    """A definition to test. `owner` is its class; `blocked` says why a test cannot reach it."""

    outline: Outline
    owner: Outline | None
    cases: tuple[Case, ...]
    blocked: str = ""

    @property
    def is_method(self) -> bool:
        """Whether it is called on an object."""
        return (
            self.owner is not None
            and not self.outline.is_static
            and self.outline.kind != "constructor"
            and (self.outline.language != "rust" or self.has_receiver)
        )

    @property
    def has_receiver(self) -> bool:
        """Whether its first parameter is the object."""
        return any(not one.given for one in self.outline.parameters)

    @property
    def constructor(self) -> Outline | None:
        """The shortest constructor that its class declares."""
        members = self.owner.members if self.owner else ()
        found = [one for one in members if one.kind == "constructor"]
        return min(found, key=lambda one: len(one.given), default=None)

    @property
    def makes_itself(self) -> bool:
        """Whether an object of its class can be made without knowing anything else."""
        owner = self.owner
        if owner is None:
            return False
        bases = [one for one in owner.bases if one not in ("object", "Object")]
        plain = not bases and not owner.decorators and not self.is_abstract
        return plain and self.constructor is None and owner.kind not in _ABSTRACT

    @property
    def is_abstract(self) -> bool:
        """Whether no object can be made of its class."""
        owner = self.owner
        if owner is None or owner.is_abstract:
            return owner is not None
        pure = re.compile(r"=\s*0\Z")
        return any(one.is_abstract or pure.search(one.signature) for one in owner.members)

    def arguments(self, case: Case) -> list[Parameter]:
        """The parameters to pass: those without a default, and those that the case is about."""
        skipped = (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
        return [
            one
            for one in self.outline.given
            if one.kind not in skipped and (not one.optional or one.name in case.values)
        ]


def subjects_of(outline: Outline | None, file: FileOutline) -> list[Subject]:
    """What to test of a definition, or of a whole file.

    Raises:
        TargetError: There is nothing that could be called.
    """
    found: list[Subject] = []
    if outline is None:
        for one in file.definitions:
            found.extend(_inside(one, None, whole=True))
    else:
        owner = _owner(outline, file)
        found.extend(_inside(outline, owner, whole=False))
    if not found:
        what = f"{outline.kind} {outline.qualified_name}" if outline is not None else "this file"
        raise TargetError(
            f"There is nothing to call in {what}, so there is nothing to test.",
            remedy="Put the cursor in a function or in a class with methods and run it again.",
        )
    kept: list[Subject] = []
    left = _MOST_CASES
    for subject in found:
        if left > 0:
            kept.append(replace(subject, cases=subject.cases[:left]))
            left -= len(subject.cases)
    return kept


def slug(text: str, length: int = 60) -> str:
    """`text` as part of an identifier: `when_count_is_less_than_1`."""
    signs = {"-": " minus ", "<": " below ", ">": " above ", "!": " not ", "%": " percent "}
    text = re.sub(r"(?<![\w])-(?=\d)", signs["-"], text)
    words = re.findall(r"[A-Za-z0-9]+", text)
    out = "_".join(words).lower()
    return out if len(out) <= length else out[:length].rsplit("_", 1)[0]


def camel(text: str) -> str:
    """`text` as an identifier in camel case: `WhenCountIsLessThan1`."""
    return "".join(word[:1].upper() + word[1:] for word in slug(text).split("_"))


class Names:
    """Hands out names that are unique in a file."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """`name`, with a number where it is taken."""
        count = self._taken.get(name.lower(), 0) + 1
        self._taken[name.lower()] = count
        return name if count == 1 else self.unique(f"{name}_{count}")


def words_of(outline: Outline) -> str:
    """A definition's name as an identifier's part: `basket_add`."""
    owner = outline.container.rpartition(".")[2] if outline.container else ""
    if outline.kind == "constructor":
        return "_".join([*split_name(owner), "new"]).lower()
    return "_".join([*split_name(owner), *split_name(outline.name)]).lower() or "it"


def reason(subject: Subject, case: Case, call: str) -> str:
    """Why a case is pending, as a request to the user."""
    if subject.blocked:
        return subject.blocked
    if case.known is not Known.PENDING and subject.is_method:
        return f"say how to make the object that {subject.outline.name} is called on"
    if case.known in (Known.RAISES, Known.RETURNS):
        return f"check that {call} {case.known} {case.expected} {case.title}".strip()
    if case.error:
        return f"say how {call} comes to raise {case.error} {case.title}".replace("\n", " ")
    what = "should do" if not _gives(subject.outline) else "should return"
    return f"say what {call} {what} {case.title}".strip().replace("\n", " ")


def shown_call(subject: Subject) -> str:
    """The call in a reason: `Basket.add()`."""
    if subject.outline.kind == "constructor" and subject.owner is not None:
        return f"{subject.owner.name}()"
    return f"{subject.outline.qualified_name.rpartition('::')[2]}()"


def relative(source: Path, test: Path | None) -> str:
    """The way from the test file's folder to the source, with forward slashes."""
    if test is None:
        return source.name
    try:
        return os.path.relpath(source, test.parent).replace(os.sep, "/")
    except ValueError:  # on another drive of Windows
        return source.name


def plan_of(target: Target) -> Plan:
    """Where the test file will stand, or stands."""
    from codefare.tasks.testing import nothing_open, plan

    return plan(target, nothing_open)


def _gives(outline: Outline) -> bool:
    if outline.returns:
        return outline.returns not in ("None", "void", "()", "Task")
    return any(step.text for step in outline.results) or bool(outline.yields)


def _owner(outline: Outline, file: FileOutline) -> Outline | None:
    """The class around a definition."""
    pending = list(file.definitions)
    while pending:
        one = pending.pop()
        name = one.qualified_name
        if one.kind in _CONTAINERS and outline.container == name:
            return one
        pending.extend(one.members)
    return None


def _inside(one: Outline, owner: Outline | None, *, whole: bool) -> Iterator[Subject]:
    """The subjects of a definition and of what it holds."""
    if one.is_callable:
        tests_itself = one.language == "python" and one.name.startswith("test")
        if not is_property(one) and not tests_itself and not (whole and _passed_over(one)):
            yield Subject(one, owner, tuple(cases_of(one)), _blocked(one, owner))
        return
    for member in one.members:
        inner = one if one.kind in _CONTAINERS else None
        if member.is_callable and (_passed_over(member) or one.kind in _ABSTRACT):
            continue
        yield from _inside(member, inner, whole=whole)


def _passed_over(one: Outline) -> bool:
    """Whether a test of a whole class or file leaves a definition out."""
    if one.is_abstract or one.name in _NO_TESTS or one.name.startswith("~"):
        return True
    if is_property(one) or "overload" in one.decorators:
        return True
    if one.kind == "constructor":
        return not one.branches
    dunder = one.name.startswith("__") and one.language == "python"
    declared = not one.has_body
    return declared or dunder or (one.is_private and one.language not in ("go", "rust", "c"))


def _blocked(one: Outline, owner: Outline | None) -> str:
    inside = one.container and owner is None
    if (
        inside
        and one.language in ("python", "javascript", "typescript", "tsx")
        and "." not in one.name
    ):
        return f"{one.name} is defined inside {one.container}: test it through that"
    if one.is_private and one.language in ("java", "csharp", "php", "cpp") and owner is not None:
        return f"{one.name} is private: test it through what calls it"
    return ""
