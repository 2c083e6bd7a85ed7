"""The whole way of an action in a real Neovim, with the client that we ship.

Unless a test says otherwise there is no key and no network: the offline engine answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.editors.neovim import PROGRAMS, Step, play, set_up

if TYPE_CHECKING:
    from tests.editors.conftest import Model

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the packaged Neovim of requirements-dev.lock is for Linux"
)

Drive = Callable[..., list[Any]]

OPEN: list[Step] = [["open", "shop.py"], ["served"], ["cursor", 4, 5]]


@pytest.fixture
def workspace(tmp_path: Path, shop: str) -> Path:
    """A project of one file, in a folder whose name has a space and a letter beyond ASCII."""
    folder = tmp_path / "my shöp"
    (folder / ".git").mkdir(parents=True)
    (folder / "shop.py").write_text(shop, encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home, which all Neovims of a test share."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def drive(workspace: Path, home: Path) -> Drive:
    """Plays steps in a new Neovim; gives the results of those that have one."""

    def drive(*steps: Step, path: Path = PROGRAMS, **variables: str) -> list[Any]:
        (played,) = play(
            [list(steps)], home=home, workspace=workspace, path=path, variables=variables
        )
        assert played.error is None, (played.error, played.messages)
        return played.results

    return drive


@pytest.fixture
def paid(home: Path, model: Model) -> dict[str, str]:
    """The environment of a user who set a model up: the one of the fixture `model`."""
    return set_up(home, model)


def test_hover_quotes_the_actions_of_the_function_under_the_cursor(drive: Drive) -> None:
    """Hover names the symbol and what each action costs, in a few lines of plain Markdown."""
    (hover,) = drive(*OPEN, ["hover"])
    assert "total" in hover
    assert "- Document · " in hover
    assert "- Explain · " in hover
    assert len(hover.splitlines()) <= 10
    assert "|" not in hover  # Neovim shows a table as it is written


def test_every_title_of_the_menu_carries_its_price(drive: Drive) -> None:
    """The menu names each action with what it works on and what it costs, and needs no key for that."""
    (titles,) = drive(*OPEN, ["choose", ""])
    *lines, last = titles
    actions, prices = zip(*(line.split(" · ", 1) for line in lines), strict=True)
    assert set(actions) == {
        "Document total",
        "Explain total",
        "Optimise total",
        "Refactor total",
        "Review total",
        "Write tests for total",
    }
    assert all("free" in price or "¢" in price or "$" in price for price in prices)
    assert last == "codefare: other models, your own words, what would be sent …"


def test_document_inserts_a_docstring_that_one_undo_takes_back(
    drive: Drive, workspace: Path, shop: str, undocumented: Callable[[str], str]
) -> None:
    """Document adds a docstring and nothing else; the saved file has it, one undo removes it."""
    _, edited, undone = drive(
        *OPEN,
        ["choose", "Document total · "],
        ["changed"],
        ["command", "write"],
        ["command", "undo"],
        ["buffer"],
    )
    saved = (workspace / "shop.py").read_text(encoding="utf-8")
    assert saved == edited
    assert undocumented(saved) == shop
    assert undone == shop


def test_an_answer_is_free_the_second_time_in_this_session_and_the_next(drive: Drive) -> None:
    """The menu says that the answer is cached, and picking it gives the very same edit."""
    run: list[Step] = [["choose", "Document total · "], ["changed"]]
    _, first, again, second = drive(*OPEN, *run, ["command", "undo"], ["cursor", 4, 5], *run)
    assert any(title.startswith("Document total · cached") for title in again)
    assert second == first
    later, third = drive(*OPEN, *run)
    assert any(title.startswith("Document total · cached") for title in later)
    assert third == first


def test_explain_opens_a_report_that_says_no_model_was_asked(drive: Drive) -> None:
    """`:Codefare explain` runs at once and opens a report below the code; so does `:CodefareUsage`; `q` closes them."""
    path, report, beside, spent, again, closed, typed = drive(
        *OPEN,
        ["command", "Codefare explain"],
        ["shown", ".md"],
        ["text", "no model"],
        ["windows"],
        ["command", "CodefareUsage day 7d"],  # from the report, which no server serves
        ["text", "What was spent"],
        ["windows"],
        ["command", "normal q"],
        ["windows"],
        ["typing", "Codefare explain"],
    )
    assert "my shöp" not in path
    assert (beside[0], beside[1].endswith(".md *")) == ("shop.py", True)
    assert (again[0], len(again)) == ("shop.py", 2)
    assert closed == ["shop.py *"]
    assert (typed[0], len(typed)) == ("shop.py *", 2)
    assert "total" in report
    assert "nothing was spent." in spent


def test_what_cannot_be_summed_up_by_is_said_in_words(drive: Drive) -> None:
    """Nothing stands before the server's own words: neither a number nor a trace."""
    drive(*OPEN, ["command", "CodefareUsage colour"], ["told", "codefare: There is no way to sum"])


def test_the_status_lines_of_all_windows_forget_what_has_ended(
    drive: Drive, paid: dict[str, str], model: Model
) -> None:
    """The cursor is elsewhere when a job ends, in its report for one; the code's window shows no longer what ran."""
    model.answer = "It adds prices up."
    drive(
        ["statusline"],
        *OPEN,
        ["choose", "Explain total · "],
        ["command", "rightbelow new"],
        ["lines", "Explain total"],
        ["command", "CodefareCancel"],
        ["lines", ""],
        **paid,
    )


def test_write_tests_opens_a_new_file(drive: Drive, workspace: Path) -> None:
    """The tests are in a file of their own, which is on disk and open."""
    _, path, tests = drive(
        *OPEN,
        ["choose", "Write tests for total · "],
        ["shown", "test_shop.py"],
        ["text", "def test_"],
    )
    assert Path(path).is_relative_to(workspace)
    assert Path(path).read_text(encoding="utf-8") == tests


def test_an_action_without_a_model_says_which_key_to_set(drive: Drive) -> None:
    """Picking what nothing can serve yet tells what to do; Neovim drops what is null in a command's arguments."""
    drive(
        *OPEN,
        ["choose", "Refactor total · "],
        ["told", "Refactor needs a model. For "],
        ["told", "_API_KEY."],
    )


def test_a_selection_is_what_the_action_works_on(drive: Drive) -> None:
    """`:5,6Codefare` opens the menu for these lines, which hold no definition to document."""
    whole, lines = drive(*OPEN, ["choose", "", "Codefare"], ["choose", "", "5,6Codefare"])
    assert any(title.startswith("Document") for title in whole)
    assert not any(title.startswith("Document") for title in lines)
    assert any(title.startswith("Explain") for title in lines)


def test_cancelling_ends_the_request_and_leaves_the_text_alone(
    drive: Drive, model: Model, paid: dict[str, str], shop: str
) -> None:
    """The statusline says what runs and what it costs; cancelled, the provider's stream ends."""
    model.answer = '```python\n"""Add prices up."""\n```\n'
    _, running, menu, idle, left = drive(
        *OPEN,
        ["choose", "Document total · "],
        ["status", "¢"],
        ["choose", "", "Codefare"],
        ["command", "CodefareCancel"],
        ["status", ""],
        ["buffer"],
        **paid,
    )
    assert "Document" in running
    assert any(title.startswith("Cancel") for title in menu)
    assert idle == ""
    assert left == shop
    assert model.hung_up.wait(60)


TYPE: Step = ["command", "call append(1, ['', 'import math'])"]


def test_an_edit_follows_its_function_when_lines_are_typed_above(
    drive: Drive, model: Model, paid: dict[str, str], shop: str, undocumented: Callable[[str], str]
) -> None:
    """What was typed while the model worked is kept, and the edit lands where it was asked for."""
    model.answer = '```python\n"""Add prices up."""\n```\n'
    run: list[Step] = [["choose", "Document total · "], ["status", "Document total"], TYPE]
    told: Step = ["hover"]  # with any request, Neovim tells the server what was typed
    *_, edited = drive(*OPEN, *run, told, ["go"], ["text", "Add prices up."], **paid)
    assert undocumented(edited) == shop.replace('shop."""\n', 'shop."""\n\nimport math\n')


def test_an_edit_that_crosses_with_typing_lands_right_or_not_at_all(
    drive: Drive, model: Model, paid: dict[str, str], shop: str, undocumented: Callable[[str], str]
) -> None:
    """Neovim tells what was typed 0.15 s late: an edit that comes before is for an older text."""
    model.answer = '```python\n"""Add prices up."""\n```\n'
    run: list[Step] = [
        ["choose", "Document total · "],
        ["status", "Document total"],
        TYPE,
        ["go"],
    ]
    *_, left = drive(*OPEN, *run, ["status", ""], ["command", "buffer shop.py"], ["buffer"], **paid)
    typed = shop.replace('shop."""\n', 'shop."""\n\nimport math\n')
    assert left == typed or undocumented(left) == typed


def git(folder: Path, *arguments: str) -> None:
    """Runs git in a folder as nobody in particular."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607 - as the server does


def test_a_folder_is_described_and_what_is_not_committed_reviewed(
    drive: Drive, workspace: Path, model: Model, paid: dict[str, str], shop: str
) -> None:
    """Both are offered where the cursor is in no definition; findings stand in the file that they are about."""
    git(workspace, "init", "--quiet")
    git(workspace, "add", ".")
    git(workspace, "commit", "--quiet", "--message", "A shop")
    changed = shop.replace("(1 - discount)", "(1 + discount)")
    (workspace / "shop.py").write_text(changed, encoding="utf-8")
    finding = {
        "file": "shop.py",
        "line": 7,
        "message": "The discount is added.",
        "severity": "error",
    }
    finding["code"] = "    return sum(prices) * (1 + discount)"
    model.answers = {
        "Folder: my shöp": ["There is one shop."],
        "What to review: what is not committed yet": [f"```json\n{json.dumps([finding])}\n```"],
    }
    *_, report, _, found = drive(
        ["open", "shop.py"],
        ["served"],
        ["cursor", 2, 1],
        ["insist", "Describe the architecture of my shöp · "],
        ["shown", ".md"],
        ["buffer"],
        ["command", "only | edit shop.py"],
        ["insist", "Review uncommitted changes · "],
        ["found", 1],
        **paid,
    )
    assert "There is one shop." in report
    assert "total" in model.asked[0].prompt
    assert found == ["7: The discount is added."]
    assert "+    return sum(prices) * (1 + discount)" in model.asked[1].prompt


def test_restart_starts_a_new_server(drive: Drive) -> None:
    """`:CodefareRestart` leaves the buffer with another client, which answers."""
    first, second, hover = drive(
        *OPEN, ["client"], ["command", "CodefareRestart"], ["served"], ["client"], ["hover"]
    )
    assert first != second
    assert "total" in hover


def test_a_missing_program_is_said_with_what_to_do(drive: Drive, home: Path) -> None:
    """Without the `codefare` program the commands say so and where to read on."""
    drive(
        ["open", "shop.py"],
        ["command", "Codefare"],
        ["told", "needs the program 'codefare': put it on your PATH"],
        path=home,
    )
