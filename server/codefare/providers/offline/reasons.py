"""When something happens: the conditions around a step, in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.words import joined
from codefare.source.condition import NULLS
from codefare.source.roles import Role
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.source.condition import Condition
    from codefare.source.facts import Outline
    from codefare.source.flow import Step

_COMPARED = {
    "==": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is greater than",
    ">=": "is at least",
    "in": "is in",
    "not in": "is not in",
    "is a": "is of type",
    "is not a": "is not of type",
}
_NOTHING = {"python": "None", "rust": "None", "go": "nil", "ruby": "nil"}
_ONE_VALUE = re.compile(r"[!\w.$@:>?-]+(?:\(.*\)|\[.*\])?[?!]?\Z")
_GUARD = re.compile(r"(?P<label>.+?)\s+(?:if|when)\s+(?P<guard>.+)\Z")
_MOST_PARTS = 3
_LONGEST = 70
_TESTS = frozenset({Role.IF, Role.ELIF, Role.UNLESS, Role.TERNARY})


def code(text: str, length: int = _LONGEST) -> str:
    """`text` as code in Markdown, on one line and cut at `length`."""
    line = " ".join(text.split()).replace("`", "'")
    return f"`{line if len(line) <= length else line[: length - 1].rstrip() + '…'}`"


class Reasons:
    """Speaks of the conditions of one outline, knowing its language and its parameters' types."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._language = outline.language
        self._truth = SHAPES[outline.language].truth
        self._types: Mapping[str, str] = {one.name: one.type for one in outline.parameters}

    def holds(self, condition: Condition) -> str:
        """The condition as a clause: "`count` is less than `1`"."""
        if condition.op in ("and", "or"):
            if len(condition.parts) > _MOST_PARTS:
                return f"{code(condition.text)} holds"
            parts = [self._part(part, condition.op) for part in condition.parts]
            return f" {condition.op} ".join(parts)
        left = code(condition.left)
        if condition.op in ("truth", "false"):
            return self._truthful(condition)
        if condition.op in ("empty", "not empty"):
            return f"{left} is {condition.op}"
        if condition.op in ("null", "not null"):
            word = condition.right if condition.right in NULLS else ""
            word = word or _NOTHING.get(self._language, "null")
            return f"{left} is {'not ' if condition.op == 'not null' else ''}{word}"
        return f"{left} {_COMPARED[condition.op]} {code(condition.right)}"

    def when(self, step: Step) -> str:
        """The clause for the nearest conditions around `step`; "" if it always comes to it."""
        found: list[str] = []
        for around in self._outline.around(step):
            clause = self._clause(around)
            if clause:
                found.append(clause)
            if len(found) > 1 or around.kind in (Role.CATCH, Role.CASE, Role.DEFAULT):
                break
        if len(found) > 1 and any(len(clause) > _LONGEST for clause in found):
            del found[1:]
        return " and ".join(reversed(found))

    def own(self, step: Step) -> str:
        """The clause of a branch itself; "" for a step that asks for nothing."""
        return self._clause(step)

    def _part(self, condition: Condition, op: str) -> str:
        clause = self.holds(condition)
        return f"({clause})" if condition.op in ("and", "or") and condition.op != op else clause

    def _truthful(self, condition: Condition) -> str:
        negative = condition.op == "false"
        if not _ONE_VALUE.match(condition.left):
            return f"{code(condition.left)} {'does not hold' if negative else 'holds'}"
        left, kind = code(condition.left), self._types.get(condition.left, "")
        base = re.split(r"[\[<|]", kind)[0].strip().lower()
        if base in ("bool", "boolean") and "|" not in kind:
            word = "false" if negative else "true"
        elif self._language == "python" and base in (
            "str",
            "bytes",
            "list",
            "dict",
            "set",
            "tuple",
        ):
            other = kind.rpartition("|")[2].strip() if "|" in kind else ""
            word = "empty or None" if other == "None" else "empty"
            word = word if negative else "not empty"
        elif kind.endswith("*"):
            word = "null" if negative else "not null"
        else:
            return f"{left} {self._truth[negative]}"
        return f"{left} is {word}"

    def _clause(self, step: Step) -> str:  # noqa: PLR0911  one return for each kind of branch
        if step.kind in _TESTS and step.condition is not None:
            return self.holds(step.condition)
        if step.kind is Role.ELSE and step.of >= 0:
            first = self._outline.steps[step.of]
            if first.kind in (Role.IF, Role.UNLESS) and first.condition is not None:
                return self.holds(first.condition.negated())
            return "none of these holds"
        if step.kind is Role.CATCH:
            return f"{code(step.text)} is caught" if step.text else "an error is caught"
        if step.kind in (Role.CASE, Role.DEFAULT) and step.parent >= 0:
            subject = self._outline.steps[step.parent].text
            if step.kind is Role.DEFAULT:
                asked = subject and subject != "true"
                return f"{code(subject)} is anything else" if asked else "no case matches"
            return _matched(subject, step.text)
        return ""


def _matched(subject: str, label: str) -> str:
    """A case as a clause; its guard alone where the label only gives a name."""
    guarded = _GUARD.match(label)
    if guarded:
        guard = f"{code(guarded['guard'])} holds"
        if guarded["label"].isidentifier() or not subject:
            return guard
        return f"{code(subject)} is {code(guarded['label'])} and {guard}"
    if not subject or subject == "true":
        return f"{code(label)} holds"
    parts = [part.strip() for part in re.split(r"\s\|\s|,\s", label)]
    if 1 < len(parts) <= _MOST_PARTS + 1 and not re.search(r"[({\[]", label):
        return f"{code(subject)} is {joined([code(part) for part in parts], 'or')}"
    return f"{code(subject)} is {code(label)}"
