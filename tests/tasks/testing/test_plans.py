"""A plan for tests is made once for a menu and the action that is picked from it, and anew some seconds later."""

from __future__ import annotations

from pathlib import Path

from codefare.source.document import Document
from codefare.source.target import Span, Target
from codefare.tasks.testing import Plan, Plans


class Planner:
    """Makes plans, and counts them; and the time, which only it moves."""

    def __init__(self) -> None:
        self.made = 0
        self.seconds = 100.0

    def now(self) -> float:
        """The seconds."""
        return self.seconds

    def make(self) -> Plan:
        """Another plan."""
        self.made += 1
        return Plan(None, "", f"plan {self.made}")


def target_at(name: str, start: int = 0) -> Target:
    """A function in a file of that name."""
    text = "def one():\n    pass\n\n\ndef two():\n    pass\n"
    document = Document(f"file:///{name}", Path(f"/{name}"), "python", text)
    return document.target(Span(start, start))


def test_a_plan_holds_for_some_seconds() -> None:
    """The same one is given until it is old; then, and when it is asked for anew, another is made."""
    planner = Planner()
    plans, target = Plans(planner.now), target_at("a.py")
    assert target not in plans
    first = plans.get(target, planner.make)
    assert target in plans
    planner.seconds += 4.9
    assert plans.get(target, planner.make) is first
    second = plans.get(target, planner.make, anew=True)
    assert second is not first
    assert plans.get(target, planner.make) is second
    planner.seconds += 5.1
    assert target not in plans
    assert plans.get(target, planner.make).module == "plan 3"


def test_a_plan_is_one_symbols_in_one_file() -> None:
    """Another file or another function has a plan of its own."""
    planner = Planner()
    plans = Plans(planner.now)
    targets = [target_at("a.py"), target_at("b.py"), target_at("a.py", 25)]
    made = [plans.get(target, planner.make) for target in targets]
    assert [one.module for one in made] == ["plan 1", "plan 2", "plan 3"]


def test_the_oldest_plans_are_forgotten() -> None:
    """However many files are looked at, only the last plans are kept."""
    planner = Planner()
    plans = Plans(planner.now)
    targets = [target_at(f"{number}.py") for number in range(40)]
    for target in targets:
        plans.get(target, planner.make)
    assert [target in plans for target in targets] == [False] * 8 + [True] * 32
