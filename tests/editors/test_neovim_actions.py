"""Every action in a real Neovim, from the menu to what came of it, with a model on this machine.

All scenes are played in one Neovim, each in a file of its own; a test looks at one of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.editors.conftest import serving
from tests.editors.neovim import KEY, Played, Step, configure, play

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)

SHOP = '''\
"""A small shop."""


def total(prices):
    result = 0
    for price in prices:
        result = result + price
    return result


def is_rich(prices):
    return total(prices) > 1000
'''
LOOP = """\
    result = 0
    for price in prices:
        result = result + price
    return result
"""
SUM = "    return sum(prices)\n"


@dataclass(frozen=True)
class Scene:
    """An action in a file: the steps to it, what the model answers, the file that comes of it, and parts of the prompt.

    Of a report the file stays as it is.
    """

    steps: list[Step]
    answer: str
    after: str = SHOP
    asked: tuple[str, ...] = ()
    before: str = SHOP


@dataclass(frozen=True)
class Seen:
    """A scene that was played: its file, and what the model was asked for it."""

    scene: Scene
    played: Played
    file: Path
    prompts: list[str]


def fenced(code: str) -> str:
    """An answer that is code."""
    return f"```python\n{code}```\n"


TOTAL: Step = ["cursor", 5, 5]  # inside of the function
NOWHERE: Step = ["cursor", 2, 1]
TOLD: Step = ["diagnose", 5, 5, 11, "result could be a sum", "linter", "W42"]
SHORT = fenced(f"def total(prices):\n{SUM}")
SHORTER = SHOP.replace(LOOP, SUM)

EDITS: Mapping[str, Scene] = {
    "refactor": Scene([TOTAL, ["choose", "Refactor total · "]], SHORT, SHORTER),
    "optimise": Scene([TOTAL, ["choose", "Optimise total · "]], SHORT, SHORTER),
    "refactor_selection": Scene(
        [["choose", "Refactor the selection · ", "5,8Codefare"]], fenced(SUM), SHORTER
    ),
    "refactor_with_words": Scene(
        [TOTAL, ["command", "CodefareAsk refactor use the built-in one"]],
        SHORT,
        SHORTER,
        ("What is wanted: use the built-in one",),
    ),
    "refactor_when_asked": Scene(
        # While the question is open, the editor serves the user.
        [TOTAL, ["command", "CodefareAsk refactor"], ["hover"], ["type", "use the built-in one"]],
        SHORT,
        SHORTER,
        ("What is wanted: use the built-in one",),
    ),
    "document": Scene(
        [TOTAL, ["choose", "Document total · "]],
        fenced('"""Add prices up."""\n'),
        SHOP.replace(LOOP, f'    """Add prices up."""\n{LOOP}'),
    ),
    "fix": Scene(
        [TOTAL, TOLD, ["choose", "Fix “result could be a sum” · ", "Codefare"]],
        SHORT,
        SHORTER,
        ("What a tool says of it (linter W42)", "result could be a sum"),
    ),
}
REPORTS: Mapping[str, Scene] = {
    "explain": Scene([TOTAL, ["choose", "Explain total · "]], "Adds prices up.", asked=(LOOP,)),
    "explain_selection": Scene(
        [["choose", "Explain the selection · ", "6,7Codefare"]],
        "A plain loop.",
        asked=("What to explain: the selected lines",),
    ),
    "explain_file": Scene(
        [NOWHERE, ["choose", "Explain explain_file.py · "]], "A shop.", asked=(SHOP,)
    ),
    "explain_diagnostic": Scene(
        [TOTAL, TOLD, ["choose", "Explain “result could be a sum” · ", "Codefare"]],
        "It is a sum.",
        asked=("What a tool says of it (linter W42)", "result could be a sum"),
    ),
    "research": Scene(
        [TOTAL, ["command", "CodefareAsk research"], ["type", "why no sum?"]],
        "There is no reason.",
        asked=("What is wanted: why no sum?",),
    ),
}
TESTS = "from write_tests import total\n\n\ndef test_nothing_costs_nothing():\n    assert total([]) == 0\n"
NEW_FILES: Mapping[str, Scene] = {
    "write_tests": Scene([TOTAL, ["choose", "Write tests for total · "]], fenced(TESTS))
}

EDITED: list[Step] = [
    ["changed"],
    ["status", ""],
    ["command", "write"],
    ["command", "undo"],
    ["buffer"],
]
REPORTED: list[Step] = [["shown", ".md"], ["buffer"], ["command", "only"]]
CREATED: list[Step] = [["shown", "test_write_tests.py"], ["buffer"]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """All scenes, played by a user who set a model up."""
    folder = tmp_path_factory.mktemp("actions")
    home, workspace = folder / "home", folder / "my shöp"
    home.mkdir()
    (workspace / ".git").mkdir(parents=True)
    ends = [(EDITS, EDITED), (REPORTS, REPORTED), (NEW_FILES, CREATED)]
    scenes = {name: scene for part, _ in ends for name, scene in part.items()}
    scripts: list[list[Step]] = []
    for part, end in ends:
        for name, scene in part.items():
            (workspace / f"{name}.py").write_text(scene.before, encoding="utf-8")
            scripts.append([["open", f"{name}.py"], ["served"], *scene.steps, *end])
    with serving() as model:
        configure(home, model.base_url)
        model.answers = {f"{name}.py": [scene.answer] for name, scene in scenes.items()}
        model.go.set()
        played = play(scripts, home=home, workspace=workspace, variables=KEY)
    prompts = {
        name: [prompt for prompt in model.prompts if f"File: {name}.py\n" in prompt]
        for name in scenes
    }
    return {
        name: Seen(scene, each, workspace / f"{name}.py", prompts[name])
        for (name, scene), each in zip(scenes.items(), played, strict=True)
    }


def asked(seen: Seen) -> None:
    """The scene went to its end, and the model was asked once, for what the user wanted."""
    assert seen.played.error is None, (seen.played.error, seen.played.messages)
    (prompt,) = seen.prompts
    assert all(part in prompt for part in seen.scene.asked), prompt


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_lands_where_it_was_asked_for(seen: dict[str, Seen], name: str) -> None:
    """The saved file is the answer in its place and nothing else; one undo takes it back."""
    one = seen[name]
    asked(one)
    *_, undone = one.played.results
    assert one.file.read_text(encoding="utf-8") == one.scene.after
    assert undone == one.scene.before
    assert one.played.messages == []


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_opens_with_what_it_cost(seen: dict[str, Seen], name: str) -> None:
    """It is a Markdown file outside of the project; the code stays as it is."""
    one = seen[name]
    asked(one)
    *_, path, report = one.played.results
    assert not Path(path).is_relative_to(one.file.parent)
    assert one.scene.answer in report
    assert "¢" in report.splitlines()[-1]
    assert one.file.read_text(encoding="utf-8") == one.scene.after


def test_tests_are_in_a_file_of_their_own(seen: dict[str, Seen]) -> None:
    """The new file is on disk and open; the code stays as it is."""
    one = seen["write_tests"]
    asked(one)
    *_, path, shown = one.played.results
    assert Path(path) == one.file.with_name("test_write_tests.py")
    assert Path(path).read_text(encoding="utf-8") == shown == TESTS
    assert one.file.read_text(encoding="utf-8") == one.scene.after


def test_the_server_asks_for_words_with_a_question(seen: dict[str, Seen]) -> None:
    """The question names the action."""
    hover, question, *_ = seen["refactor_when_asked"].played.results
    assert "total" in hover
    assert question == "Refactor: what do you want? "
