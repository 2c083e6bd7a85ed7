"""A diagnosis as people read it: lines for a terminal, Markdown for an editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, State
from codefare.folding import folded

if TYPE_CHECKING:
    from codefare.doctor.finding import Diagnosis

MARKS = {State.OK: "✓", State.NOTE: "·", State.WARNING: "!", State.PROBLEM: "✗"}
_INDENT = "    "
_ONE_LINE = 100  # characters of a finding with its remedy, where no terminal says how wide it is


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `state` colours its mark, which is its first word that is no space, if it has one."""

    text: str
    state: State | None = None
    heading: bool = False


def summary(diagnosis: Diagnosis) -> str:
    """`1 problem, 2 warnings`, or that nothing is wrong."""
    counts = diagnosis.counts
    said = [
        f"{counts[state]} {state.value}{'' if counts[state] == 1 else 's'}"
        for state in (State.PROBLEM, State.WARNING)
        if counts[state]
    ]
    return ", ".join(said) or "nothing is wrong"


def closing(diagnosis: Diagnosis) -> str:
    """What left this machine, at the end."""
    if diagnosis.offline:
        return "Nobody was asked."
    if not diagnosis.asked:
        return "No provider was asked, for want of a key. None of your code was sent."
    names = ", ".join(diagnosis.asked)
    return (
        f"Asked for the list of models, which costs nothing: {names}. None of your code was sent."
    )


def lines(diagnosis: Diagnosis, width: int | None) -> list[Line]:
    """The diagnosis, folded between words to `width` columns; not folded if that is None."""
    told = [Line(f"codefare doctor · {summary(diagnosis)}", heading=True)]
    for group, findings in diagnosis.groups:
        worst = findings[0].state
        told += [Line(""), Line(f"{MARKS[worst]} {group.heading}", worst, heading=True)]
        for finding in findings:
            told += _lines_of(finding, width)
    told += [Line(""), *(Line(part) for part in folded(closing(diagnosis), width, "", ""))]
    return told


def _lines_of(finding: Finding, width: int | None) -> list[Line]:
    begin = f"  {MARKS[finding.state]} "
    text = f"{finding.subject}: {finding.text}"
    whole = f"{text} → {finding.remedy}"
    if finding.remedy and len(begin + whole) <= (width or _ONE_LINE):
        return [Line(begin + whole, finding.state)]
    first, *rest = folded(text, width, begin, _INDENT)
    told = [Line(first, finding.state), *map(Line, rest)]
    if finding.remedy:
        told += map(Line, folded(finding.remedy, width, f"{_INDENT}→ ", f"{_INDENT}  "))
    return told


def markdown(diagnosis: Diagnosis) -> str:
    """The diagnosis as plain Markdown, which some editors show as it is written."""
    told = ["# codefare doctor", "", f"{_plain(summary(diagnosis))}.".capitalize()]
    for group, findings in diagnosis.groups:
        told += ["", f"## {group.heading}", ""]
        for one in findings:
            told.append(f"- {MARKS[one.state]} **{one.subject}**: {_plain(one.text)}")
            if one.remedy:
                told.append(f"  → {_plain(one.remedy)}")
    return "\n".join([*told, "", closing(diagnosis), ""])


def _plain(text: str) -> str:
    """A server's words may be in it: they make no link and no HTML."""
    return text.replace("](", "] (").replace("<", "&lt;")
