"""Every action in a real Neovim, from the menu to what came of it, with a model on this machine.

All scenes are played in one Neovim, each in a file of its own; a test looks at one of them.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.editors.conftest import Asked, serving
from tests.editors.neovim import Played, Step, play, set_up
from tests.editors.scenes import (
    EDITED,
    EDITS,
    LOOP,
    NEW_TESTS,
    OTHERS,
    REPORTED,
    REPORTS,
    SHOP,
    TYPED,
    Scene,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)


OWN_ACTION = """\
[actions.shorten]
title = "Shorten"
task_type = "refactoring"
prompt = "shorten.md"
"""


@dataclass(frozen=True)
class Seen:
    """A scene that was played: its file, and what models were asked for it."""

    scene: Scene
    played: Played
    file: Path
    asked: list[Asked]


def head(name: str) -> str:
    """What a prompt for a scene begins with."""
    return f"File: {name}.py\n"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """All scenes, played by a user who set a model up."""
    folder = tmp_path_factory.mktemp("actions")
    home, workspace = folder / "home", folder / "my shöp"
    home.mkdir()
    (workspace / ".git").mkdir(parents=True)
    scripts: list[list[Step]] = []
    scenes: dict[str, Scene] = {}
    for part, end in ((EDITS, EDITED), (REPORTS, REPORTED), (NEW_TESTS, []), (OTHERS, [])):
        for name, scene in part.items():
            (workspace / f"{name}.py").write_text(SHOP, encoding="utf-8")
            if scene.tests:
                (workspace / f"test_{name}.py").write_text(scene.tests, encoding="utf-8")
            shown: list[Step] = [["shown", f"test_{name}.py"], ["buffer"]] if scene.tested else []
            scripts.append([["open", f"{name}.py"], ["served"], *scene.steps, *end, *shown])
            scenes[name] = scene
    with serving() as model:
        model.answers = {head(name): list(scene.answers) for name, scene in scenes.items()}
        model.held = frozenset(head(name) for name, scene in scenes.items() if scene.held)
        variables = set_up(home, model)
        own = home / ".config" / "codefare"
        (own / "catalog.toml").write_text(OWN_ACTION, encoding="utf-8")
        (own / "shorten.md").write_text("Make the code shorter.\n", encoding="utf-8")
        played = play(scripts, home=home, workspace=workspace, variables=variables)
    return {
        name: Seen(
            scene,
            each,
            workspace / f"{name}.py",
            [asked for asked in model.asked if head(name) in asked.prompt],
        )
        for (name, scene), each in zip(scenes.items(), played, strict=True)
    }


def asked(seen: Seen) -> None:
    """The scene went to its end, and the model was asked as often as it answered, for what the user wanted."""
    assert seen.played.error is None, (seen.played.error, seen.played.messages)
    assert len(seen.asked) == len(seen.scene.answers)
    for last in seen.asked[-1:]:
        assert all(part in last.prompt for part in seen.scene.asked), last
        assert seen.scene.model in ("", last.model)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_lands_where_it_was_asked_for(seen: dict[str, Seen], name: str) -> None:
    """The saved file is the answer in its place and nothing else; one undo takes it back."""
    one = seen[name]
    asked(one)
    assert one.file.read_text(encoding="utf-8") == one.scene.after
    assert one.played.results[-1] == one.scene.undone
    told = one.played.messages
    assert len(told) == len(one.scene.told), told
    assert all(map(str.startswith, told, one.scene.told)), told


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_opens_with_what_it_cost(seen: dict[str, Seen], name: str) -> None:
    """It is a Markdown file outside of the project; the code stays as it is."""
    one = seen[name]
    asked(one)
    *_, path, report = one.played.results
    assert not Path(path).is_relative_to(one.file.parent)
    assert one.scene.answers[-1] in report
    assert "¢" in report.splitlines()[-1]
    assert one.file.read_text(encoding="utf-8") == SHOP


@pytest.mark.parametrize("name", NEW_TESTS)
def test_tests_are_in_a_file_of_their_own(seen: dict[str, Seen], name: str) -> None:
    """It is on disk and open, with the cases that were there before; the code stays as it is."""
    one = seen[name]
    asked(one)
    *_, path, shown = one.played.results
    assert Path(path) == one.file.with_name(f"test_{name}.py")
    assert Path(path).read_text(encoding="utf-8") == shown == one.scene.tested
    assert one.file.read_text(encoding="utf-8") == SHOP


def test_findings_are_diagnostics_until_they_are_dismissed(seen: dict[str, Seen]) -> None:
    """Each stands on the line that the review quotes, and says what to do."""
    one = seen["review"]
    asked(one)
    _, found, offered, left = one.played.results
    assert found == ["6: The loop is a sum.\nCall sum()."]
    assert any(title.startswith("Explain “The loop is a sum.") for title in offered)
    assert left == []


def test_the_server_asks_for_words_with_a_question(seen: dict[str, Seen]) -> None:
    """The question names the action; while it is open, the editor goes on."""
    hover, question, *_ = seen["words_asked_for"].played.results
    assert "total" in hover
    assert question == "Refactor: what do you want? "


def test_what_would_be_sent_can_be_looked_at(seen: dict[str, Seen]) -> None:
    """The report holds the address and the code; nothing was sent."""
    one = seen["shown_before"]
    asked(one)
    *_, report = one.played.results
    assert "POST http://127.0.0.1:" in report
    assert LOOP in report


def test_an_answer_that_came_too_late_is_shown_as_a_difference(seen: dict[str, Seen]) -> None:
    """The user sees what the answer makes of the text that was sent."""
    one = seen["difference"]
    asked(one)
    *_, report = one.played.results
    assert "-    result = 0" in report
    assert "+    return sum(prices)" in report


def test_a_discarded_answer_is_offered_no_more(seen: dict[str, Seen]) -> None:
    """The text is what the user typed, and the menu is as it was."""
    one = seen["discarded"]
    asked(one)
    *_, titles, text = one.played.results
    assert text == TYPED
    assert not any(title.startswith(("Apply", "Discard", "Show")) for title in titles)


def test_no_list_is_shown_while_the_user_types(seen: dict[str, Seen]) -> None:
    """It would take the keys that are meant for the text; it comes when insert mode is left."""
    one = seen["typing"]
    asked(one)
    *_, shown, choices, text = one.played.results
    assert shown == 0
    assert "Discard" in choices
    assert text == SHOP.replace("result + price", "result + price  # slow")
