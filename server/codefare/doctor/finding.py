"""What the doctor finds: one fact each, how bad it is, and what to do about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from codefare import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class State(StrEnum):
    """How bad it is. A problem must be seen to; a warning can wait; a note is good to know."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"

    @property
    def grave(self) -> int:
        """From 0 (nothing to do) on."""
        return _ORDER.index(self)


_ORDER = (State.OK, State.NOTE, State.WARNING, State.PROBLEM)


class Group(StrEnum):
    """What a finding is about, in the order in which equally bad groups are told."""

    MODELS = "models"
    PROVIDERS = "providers"
    LOCAL = "local servers"
    PRICES = "prices"
    EDITOR = "editor"
    FILES = "files"
    MACHINE = "machine"

    @property
    def heading(self) -> str:
        """Its name at the head of a list."""
        return self.value[0].upper() + self.value[1:]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact.

    `id` stays the same from one release to the next ("provider.anthropic.key"); `subject` names the thing for people,
    `text` says what is with it, `remedy` what to do, empty where there is nothing to.
    """

    id: str
    group: Group
    subject: str
    state: State
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings. `at` is when it was made, `offline` whether nobody was to be asked, `asked` those who were."""

    findings: tuple[Finding, ...]
    at: datetime
    offline: bool = False
    asked: tuple[str, ...] = ()

    @property
    def worst(self) -> State:
        """How bad the worst finding is."""
        return max((one.state for one in self.findings), key=lambda s: s.grave, default=State.OK)

    @property
    def counts(self) -> Mapping[State, int]:
        """How many findings there are of each state."""
        counted = Counter(one.state for one in self.findings)
        return {state: counted[state] for state in reversed(_ORDER)}

    @property
    def groups(self) -> list[tuple[Group, list[Finding]]]:
        """The groups that have findings, the worst first; and so are the findings in each."""
        found = [(group, _sorted(f for f in self.findings if f.group is group)) for group in Group]
        there = [(group, findings) for group, findings in found if findings]
        return sorted(there, key=lambda pair: -pair[1][0].state.grave)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: -one.state.grave)


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as data, worst first; later releases only ever add to it."""
    return {
        "version": __version__,
        "checked_at": diagnosis.at.isoformat(timespec="seconds"),
        "offline": diagnosis.offline,
        "asked": list(diagnosis.asked),
        "state": diagnosis.worst.value,
        "counts": {state.value: count for state, count in diagnosis.counts.items()},
        "findings": [
            {
                "id": one.id,
                "group": group.value,
                "subject": one.subject,
                "state": one.state.value,
                "text": one.text,
                "remedy": one.remedy,
            }
            for group, findings in diagnosis.groups
            for one in findings
        ],
    }
