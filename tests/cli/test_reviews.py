"""Reviews and fixes from the command line: findings as compilers print them, and fixes that are proved."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.shell import CODE, Shell, block, line

FINDING = {
    "line": 3,
    "code": "if a is None:",
    "severity": "warning",
    "message": "b may be None too.",
    "advice": "Look at b, too.",
}


@pytest.mark.parametrize("place", [line("def add"), "sums.py"])
async def test_review_prints_findings_as_compilers_do(shell: Shell, place: str) -> None:
    """File, line, how grave, what; the advice below. Nothing found is said, and is no failure."""
    says = block(json.dumps([FINDING]), "json")
    ran = await shell("run", "review", place, says=says)
    assert ran.code == 0
    assert ran.out == "sums.py:8: warning: b may be None too.\n    Look at b, too.\n"
    (found,) = (await shell("run", "review", place, "--json")).json["findings"]
    assert found == {
        "place": "sums.py:8",
        "severity": "warning",
        "message": "b may be None too.",
        "advice": "Look at b, too.",
        "code": "if a is None:",
    }
    assert len(shell.wire.requests) == 1
    ran = await shell("run", "review", line("def other"), says=block("[]", "json"))
    assert (ran.code, ran.out) == (0, "Nothing found.\n")


async def test_review_of_a_folder_is_one_of_what_is_not_committed(shell: Shell) -> None:
    """The diff is what is sent; without git, or without a change, nothing is."""
    ran = await shell("run", "review", ".")
    assert ran.code == 2
    assert "is in no git repository. Review a file or a selection instead" in ran.err
    shell.git("init")
    shell.git("add", ".")
    shell.git("commit", "-m", "one")
    ran = await shell("run", "review", ".")
    assert ran.code == 2
    assert "differs from the last commit. Change something, or name a file." in ran.err
    (shell.folder / "sums.py").write_text(CODE.replace("a + b", "a - b"), "utf-8")
    (shell.folder / "new.py").write_text("x = 1 / 0\n", "utf-8")
    found = [
        {"file": "sums.py", "line": 10, "code": "return a - b", "message": "It takes away."},
        {"file": "b/new.py", "line": 1, "code": "x = 1 / 0", "message": "It fails."},
    ]
    ran = await shell("run", "review", ".", says=block(json.dumps(found), "json"))
    assert ran.code == 0
    assert sorted(ran.out.splitlines()) == [
        "new.py:1: warning: It fails.",
        "sums.py:10: warning: It takes away.",
    ]
    assert "-    return a + b\n+    return a - b" in shell.prompt
    assert "+x = 1 / 0" in shell.prompt
    places = [f["place"] for f in (await shell("run", "review", ".", "--json")).json["findings"]]
    assert sorted(places) == ["new.py:1", "sums.py:10"]


FIXED = "def other(a):\n    return a"


async def test_fix_takes_what_a_tool_said(shell: Shell) -> None:
    """In the tool's words, or the user's own."""
    place = line("    return unknown")
    ran = await shell("run", "fix", place, "--diagnostic", "F821 unknown", says=block(FIXED))
    assert ran.code == 0
    assert "-    return unknown\n+    return a\n" in ran.out
    assert ran.err.endswith(" s\n")
    assert "```\nF821 unknown\n```" in shell.prompt
    ran = await shell("run", "fix", place, "--instruction", "give a back", says=block(FIXED))
    assert ran.code == 0
    assert shell.prompt.endswith("What is wanted: give a back")


async def test_fix_asks_the_users_own_checker_and_proves_the_fix(
    shell: Shell, configure: Callable[[str], Path]
) -> None:
    """What the checker says of the place is what is fixed; one that does not help is refused."""
    ruff = Path(sys.executable).with_name("ruff")
    command = json.dumps(
        [str(ruff), "check", "--isolated", "--select=F821", "--output-format=concise", "{file}"]
    )
    configure(
        f'[providers.anthropic]\nbase_url = "{shell.wire.url}"\n[checkers.python]\ncommand = {command}\n'
    )
    place = line("    return unknown")
    ran = await shell("run", "fix", place, says=block("def other(a):\n    return unknown or a"))
    assert ran.code == 1
    assert "Undefined name `unknown`" in shell.prompt
    assert (
        "A trial on a copy speaks against it (ruff: still there). Nothing was changed." in ran.err
    )
    assert shell.text == CODE
    ran = await shell("run", "fix", place, "--apply", "--json", says=block(FIXED))
    assert ran.code == 0
    assert ran.json["proof"] == "ruff: gone"
    assert shell.text == CODE.replace("return unknown", "return a")
    ran = await shell("run", "fix", line("def other"))  # which is well now
    assert ran.code == 2
    assert "it needs a diagnostic, and there is none" in ran.err
