"""Actions of the user's own from the command line: what a row may say, and what is said of a wrong one."""

from __future__ import annotations

import pytest
from tests.cli.shell import BETTER, CODE, Shell, block, line

OWN = 'title = "Shorten"\ntask_type = "refactoring"\nprompt = "mine.md"'


async def test_an_own_action_that_edits(shell: Shell) -> None:
    """A row and a prompt file: listed, quoted, guarded, cached and written like any other."""
    shell.has_own(OWN, mine="Shorten this $language code ($name).\n---\nFile $file: $subject")
    assert "mine · your own\n  Shorten · refactoring · edit" in (await shell("actions")).out
    assert "Shorten add · Claude" in (await shell("quote", line("def add"))).out
    ran = await shell("run", "mine", line("def add"), says=block("def sub(): pass"))
    assert (ran.code, ran.out) == (1, "```python\ndef sub(): pass\n```\n")
    assert "The answer renames add to sub" in ran.err
    ran = await shell("run", "mine", line("def add"), says=block(BETTER))
    assert ran.code == 0
    ran = await shell("run", "Shorten", line("def add"), "--apply")
    assert ran.err == "Written: sums.py\nShorten add · answered from the cache · free\n"
    assert shell.text == CODE.replace("return a + b", "total = a + b\n    return total")
    sent = shell.wire.requests[-1].json
    assert sent["system"][0]["text"] == "Shorten this Python code (add)."
    assert shell.prompt.startswith("File sums.py: function add\n")


async def test_own_actions_that_report_and_that_comment(shell: Shell) -> None:
    """The result that a row names decides what is done with the answer."""
    shell.has_own(f'{OWN}\nresult = "report"\nscopes = ["file", "folder"]', mine="Rate it.")
    ran = await shell("run", "mine", "sums.py", says="Good.")
    assert (ran.code, ran.out) == (0, "Good.\n")
    ran = await shell("run", "mine", ".", says="Good, all of it.")
    assert (ran.code, ran.out) == (0, "Good, all of it.\n")
    shell.has_own(f'{OWN}\nresult = "comment"', mine="Document in verse: $convention.")
    ran = await shell("run", "mine", line("def other"), says=block("def other(a):\n    return a"))
    assert ran.code == 1
    ran = await shell("run", "mine", line("def other"), "--apply", says=block('"""O, unknown."""'))
    assert ran.code == 0
    assert 'def other(a):\n    """O, unknown."""\n' in shell.text


async def test_an_own_action_on_what_is_not_committed(shell: Shell) -> None:
    """A message for the commit, say: a folder stands for its diff."""
    shell.has_own(f'{OWN}\nresult = "report"\nscopes = ["diff"]', mine="Write the message.")
    shell.git("init")
    shell.git("add", ".")
    shell.git("commit", "-m", "one")
    (shell.folder / "sums.py").write_text(CODE.replace("a + b", "a - b"), "utf-8")
    ran = await shell("run", "mine", ".", says="Take away.")
    assert (ran.code, ran.out) == (0, "Take away.\n")
    assert "-    return a + b\n+    return a - b" in shell.prompt


WRONG_ROWS = [
    ('title = "T"\ntask_type = "refactoring"', 'has no prompt. Add prompt = "mine.md" to it'),
    (f"{OWN}\nresult = 'shell'", "actions.mine.result should be 'edit', 'comment'"),
    (f"{OWN}\nkind = 'source.fixAll'", "kind must begin with one of refactor, quickfix, codefare"),
    (f"{OWN}\nscopes = ['folder']", "go with the results report and findings only"),
    (f"{OWN}\nlanguages = ['pyton']", "names 'pyton', which is none. Did you mean 'python'?"),
    (OWN.replace("refactoring", "refactorin"), "did you mean 'refactoring'?"),
    (OWN.replace("mine.md", "other.md"), "other.md: No such file or directory. Write the file, or"),
    (OWN.replace("mine.md", "../mine.md"), "is not in your configuration folder: ../mine.md. Move"),
    (
        OWN.replace("mine.md", "/etc/hostname"),
        "is not in your configuration folder: /etc/hostname.",
    ),
]


@pytest.mark.parametrize(("row", "said"), WRONG_ROWS)
async def test_a_wrong_row_is_told_by_every_command(shell: Shell, row: str, said: str) -> None:
    """With what is wrong, where, and what to do; nothing is sent, and the list does not hide it."""
    shell.has_own(row, mine="Shorten it.")
    for words in (("run", "mine", line("def add")), ("actions",), ("quote", line("def add"))):
        ran = await shell(*words)
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
        assert "Traceback" not in ran.err
    assert shell.wire.requests == []


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("Shorten $languag.", "$languag stands for nothing. There are $file, $language, $name"),
        ("It costs $5.", "a dollar sign stands for nothing: write $$ for a plain one"),
        (" \n", "mine.md is empty. Write what a model is to do."),
    ],
)
async def test_a_wrong_prompt_is_told(shell: Shell, prompt: str, said: str) -> None:
    """The file is named, and what it may hold."""
    shell.has_own(OWN, mine=prompt)
    ran = await shell("run", "mine", line("def add"))
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert shell.wire.requests == []


@pytest.mark.parametrize("id_", ["../mine", "Mine", "my own", "\\u001b[31m", ""])
async def test_an_own_id_is_plain(shell: Shell, id_: str) -> None:
    """It is a word on the command line, and part of a command's name in some editors."""
    (shell.config / "catalog.toml").write_text(f'[actions."{id_}"]\n{OWN}\n', "utf-8")
    (shell.config / "mine.md").write_text("Shorten it.", "utf-8")
    ran = await shell("actions")
    assert (ran.code, ran.out) == (2, "")
    assert "an action cannot be called" in ran.err
    assert "\x1b" not in ran.err
