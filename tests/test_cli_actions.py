"""Every action from the command line: a real process, a real project, a scripted provider behind HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = '''"""Sums."""

import json


def add(a, b):
    """Add two numbers."""
    if a is None:
        raise ValueError("a")
    return a + b


# TODO: a function that adds up a list of numbers


class Point:
    x: int
    y: int

    def __init__(self, x, y):
        self.x = x
        self.y = y


def later(numbers):
    raise NotImplementedError


# Why does add look at a alone, and not at b?
def other(a):
    return unknown
'''
ACTIONS = [
    *("explain", "refactor", "tests", "document", "review", "optimise", "fix", "generate"),
    *("boilerplate", "research", "architecture"),
]
BETTER = CODE[CODE.index("def add") : CODE.index("\n\n\n# TODO")].replace(
    "return a + b", "total = a + b\n    return total"
)
NOT_WRITTEN = "Not written. Run again with --apply: the same answer costs nothing more.\n"


def line(start: str) -> str:
    """Where a line of the code is, as the command line writes it."""
    number = [each.startswith(start) for each in CODE.split("\n")].index(True) + 1
    return f"sums.py:{number}"


def block(code: str, language: str = "python") -> str:
    """An answer as it was asked for."""
    return f"```{language}\n{code}\n```"


@dataclass(frozen=True)
class Ran:
    """What a run came to."""

    code: int
    out: str
    err: str
    raw: bytes = field(repr=False, default=b"")

    @property
    def json(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """A user at a terminal in a project, with a scripted model."""

    folder: Path
    config: Path
    wire: WireServer

    async def __call__(self, *words: str, says: str | None = None) -> Ran:
        """Runs the program; `says` is what the model answers."""
        if says is not None:
            self.wire.sse(*anthropic_stream(says))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "codefare", *words),
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode(), out)

    @property
    def text(self) -> str:
        """The project's file."""
        return (self.folder / "sums.py").read_text("utf-8")

    @property
    def prompt(self) -> str:
        """What the model was asked last."""
        asked: str = self.wire.requests[-1].json["messages"][0]["content"]
        return asked

    def has_own(self, row: str, **prompts: str) -> None:
        """An action of the user's own: its row, and the prompt files beside it."""
        (self.config / "catalog.toml").write_text(f"[actions.mine]\n{row}\n", "utf-8")
        for name, text in prompts.items():
            (self.config / f"{name}.md").write_text(text, "utf-8")

    def git(self, *words: str) -> None:
        """Runs git in the project."""
        who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True)  # noqa: S607  the user's own


@pytest.fixture
async def shell(
    configure: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shell]:
    """A project of one file, a key, and a provider that answers what a test says."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(CODE, "utf-8")
    async with WireServer().running() as wire:
        file = configure(f'[providers.anthropic]\nbase_url = "{wire.url}"\n')
        yield Shell(folder, file.parent, wire)


async def test_the_actions_are_listed(shell: Shell) -> None:
    """Eleven of them, with what comes of each and what it works on."""
    listed = await shell("actions")
    data = (await shell("actions", "--json")).json
    assert [each["id"] for each in data] == ACTIONS
    assert not any(each["own"] for each in data)
    assert (
        "boilerplate\n  Add boilerplate · boilerplate · insertion · on symbol, file\n" in listed.out
    )
    assert "  variants: constructor, equality, text, serialisation, cli\n" in listed.out


@pytest.mark.parametrize(
    ("place", "words", "asked", "title"),
    [
        (line("def add"), [], "What to explain: function add", "Explain add"),
        ("sums.py:8-9", [], "What to explain: the selected lines", "Explain the selection"),
        ("sums.py", [], "What to explain: the whole file", "Explain sums.py"),
        (
            line("    return unknown"),
            ["--diagnostic", "undefined name 'unknown'"],
            "What a tool says of it:\n```\nundefined name 'unknown'\n```",
            "Explain “undefined name 'unknown'”",
        ),
    ],
)
async def test_explain_prints_a_report(
    shell: Shell, place: str, words: list[str], asked: str, title: str
) -> None:
    """The report alone is on stdout, what it took on stderr; nothing is ever written."""
    ran = await shell("run", "explain", place, *words, "--apply", says="It **means** this.")
    assert (ran.code, ran.out) == (0, "It **means** this.\n")
    assert ran.err.startswith(f"{title} · Claude ")
    assert asked in shell.prompt
    assert shell.text == CODE


async def test_refactor_writes_when_it_is_told_to(shell: Shell) -> None:
    """First a diff that `patch` takes, then, for nothing more, the same in the file."""
    words = ("run", "refactor", line("def add"), "--instruction", "name the sum")
    ran = await shell(*words, says=block(BETTER))
    assert ran.code == 0
    assert ran.out.startswith("--- sums.py\n+++ sums.py\n@@ ")
    assert "-    return a + b\n+    total = a + b\n+    return total\n" in ran.out
    assert ran.err.startswith(NOT_WRITTEN)
    assert shell.prompt.endswith("What is wanted: name the sum")
    assert shell.text == CODE
    ran = await shell(*words, "--apply")
    assert ran.code == 0
    assert ran.err == "Written: sums.py\nRefactor add · answered from the cache · free\n"
    assert shell.text == CODE.replace("return a + b", "total = a + b\n    return total")
    assert len(shell.wire.requests) == 1


async def test_optimise_may_find_nothing(shell: Shell) -> None:
    """That there is nothing to change is an answer, not a failure."""
    same = CODE[CODE.index("def add") : CODE.index("\n\n\n# TODO")]
    ran = await shell("run", "optimise", line("def add"), "--apply", says=block(same))
    assert (ran.code, ran.out) == (0, "The model found nothing worth changing.\n")
    assert shell.text == CODE
    better = await shell(
        "run", "optimise", line("class Point"), "--json", says=block("class Other:\n    pass")
    )
    assert (better.code, better.json["outcome"]) == (1, "refused")
    assert (
        better.json["reason"] == "The answer renames Point to Other: whatever uses it would break."
    )


async def test_tests_become_a_file_and_then_go_into_it(shell: Shell) -> None:
    """The second time they are added; the cases that are there stay."""
    one = "from sums import add\n\n\ndef test_add():\n    assert add(1, 2) == 3"
    two = "from sums import other\n\n\ndef test_other():\n    assert other"
    made = shell.folder / "test_sums.py"
    ran = await shell("run", "tests", line("def add"), says=block(one))
    assert ran.out.startswith("--- /dev/null\n+++ test_sums.py\n@@ -0,0 +1,5 @@\n")
    assert not made.exists()
    ran = await shell("run", "tests", line("def add"), "--apply")
    assert (ran.code, made.read_text("utf-8")) == (0, f"{one}\n")
    assert ran.err.startswith("Written: test_sums.py\n")
    ran = await shell("run", "tests", line("def other"), "--apply", "--json", says=block(two))
    assert (ran.json["outcome"], ran.json["applied"]) == ("addition", True)
    assert ran.json["path"] == str(made)
    assert "def test_add" in made.read_text("utf-8")
    assert "def test_other" in made.read_text("utf-8")
    assert shell.text == CODE


async def test_document_writes_a_docstring(shell: Shell) -> None:
    """Nothing but the comment is new."""
    ran = await shell(
        "run", "document", line("def other"), "--apply", says=block('"""Give what is unknown."""')
    )
    assert ran.code == 0
    assert shell.text == CODE.replace(
        "def other(a):\n", 'def other(a):\n    """Give what is unknown."""\n'
    )


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


GENERATED = [
    (line("# TODO"), [], "def total(numbers):\n    return sum(numbers)", "a function that adds up"),
    (
        line("def later"),
        [],
        "def later(numbers):\n    return sorted(numbers)",
        "the body of this stub",
    ),
    (
        line("def later"),
        ["--instruction", "sort them"],
        "def later(numbers):\n    return sorted(numbers)",
        "What is wanted: sort them",
    ),
]


@pytest.mark.parametrize(("place", "words", "code", "asked"), GENERATED)
async def test_generate_writes_what_the_code_or_the_user_asks_for(
    shell: Shell, place: str, words: list[str], code: str, asked: str
) -> None:
    """A TODO comment, a stub, an instruction."""
    ran = await shell("run", "generate", place, *words, "--apply", says=block(code))
    assert ran.code == 0
    assert asked in shell.prompt
    assert code in shell.text
    gone = "NotImplementedError" if "def later" in code else "# TODO"
    assert gone not in shell.text


EQUALITY = (
    "def __eq__(self, other):\n"
    "    return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)"
)


async def test_boilerplate_is_chosen_by_the_user(shell: Shell) -> None:
    """Where several things are missing the first is not simply bought; each has its quote."""
    ran = await shell("run", "boilerplate", line("class Point"))
    assert ran.code == 2
    assert "Add equality to Point (equality); Add a text form to Point (text)" in ran.err
    assert ran.err.endswith("Choose one with --variant, or say what you want with --instruction.\n")
    ran = await shell("preview", "boilerplate", line("class Point"))
    assert (ran.code, ran.out) == (2, "")
    quoted = (await shell("quote", line("class Point"), "--action", "boilerplate")).out
    assert quoted.count("to Point · Claude") == 3
    words = ("run", "boilerplate", line("class Point"), "--variant", "equality", "--apply")
    ran = await shell(*words, says=block(EQUALITY))
    assert ran.code == 0
    assert EQUALITY.replace("\n", "\n    ") in shell.text
    assert shell.text.replace("\n\n    " + EQUALITY.replace("\n", "\n    "), "") == CODE


async def test_boilerplate_for_a_file(shell: Shell) -> None:
    """A command line goes to its end, and it alone is missing."""
    code = 'def main():\n    print(add(1, 2))\n\n\nif __name__ == "__main__":\n    main()'
    ran = await shell("run", "boilerplate", "sums.py", "--apply", says=block(code))
    assert ran.code == 0
    assert shell.text == f"{CODE}\n\n{code}\n"


@pytest.mark.parametrize(
    ("place", "words", "asked"),
    [
        (line("# Why"), [], "Why does add look at a alone, and not at b?"),
        (line("def add"), ["--instruction", "is it fast?"], "is it fast?"),
        ("sums.py", ["--instruction", "what is it?"], "what is it?"),
        (".", ["--instruction", "what is here?"], "what is here?"),
    ],
)
async def test_research_answers_a_question(
    shell: Shell, place: str, words: list[str], asked: str
) -> None:
    """One that a comment asks, or the user, about code or a folder."""
    ran = await shell("run", "research", place, *words, says="Because.")
    assert (ran.code, ran.out) == (0, "Because.\n")
    assert shell.prompt.endswith(f"What is wanted: {asked}")
    assert ran.err.startswith(f"Research “{asked}” · Claude ")


async def test_architecture_describes_a_folder(shell: Shell) -> None:
    """Its outline is sent, no bodies of functions."""
    ran = await shell("run", "architecture", ".", says="One file.")
    assert (ran.code, ran.out) == (0, "One file.\n")
    assert ran.err.startswith("Describe the architecture of project · Claude ")
    assert "def add" in shell.prompt
    assert "return a + b" not in shell.prompt


@pytest.mark.parametrize(
    ("action", "place", "words"),
    [
        ("explain", line("def add"), ["--diagnostic", "ünknown"]),
        ("refactor", line("def add"), ["--instruction", "kürzer 🚀"]),
        ("tests", line("def add"), []),
        ("document", line("def add"), ["--budget"]),
        ("review", "sums.py", ["--complexity", "high"]),
        ("generate", line("# TODO"), []),
        ("boilerplate", line("class Point"), ["--variant", "text"]),
        ("architecture", ".", ["--model", "claude-haiku-4.5"]),
    ],
)
async def test_what_is_previewed_is_what_is_sent(
    shell: Shell, action: str, place: str, words: list[str]
) -> None:
    """Byte for byte; and looking sends nothing."""
    raw = await shell("preview", action, place, *words, "--raw")
    shown = await shell("preview", action, place, *words, "--json")
    text = await shell("preview", action, place, *words)
    assert (raw.code, raw.err, shell.wire.requests) == (0, "", [])
    await shell("run", action, place, *words, says="Sorry.")
    (request,) = shell.wire.requests
    assert raw.raw == request.body
    assert shown.json["body"].encode() == request.body
    assert request.body.decode() in text.out
    assert text.out.startswith("# What would be sent: ")


async def test_a_look_at_what_was_paid_for_says_that_it_is_free(shell: Shell) -> None:
    """Before the run its price, after it that the answer is in the cache: not a sum that no part adds up to."""
    place = line("def add")
    assert "In all: ~" in (await shell("preview", "explain", place)).out
    await shell("run", "explain", place, says="It adds.")
    assert (
        "In all: free, its answer is in the cache."
        in (await shell("preview", "explain", place)).out
    )


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


WRONG_USES = [
    (["refactor", "."], "works on a symbol, a selection or a file. Put the cursor in"),
    (["architecture", "sums.py"], "it works on a folder. Name a folder.\n"),
    (["document", "sums.py"], "it works on a definition. Put the cursor in"),
    (
        ["research", "sums.py"],
        "there is none. Put the cursor on a comment that asks one, or ask it",
    ),
    (["generate", line("def add")], "or say what to write with --instruction.\n"),
    (["fix", line("def add")], "say it with --diagnostic or --instruction, or set up a checker"),
    (
        ["boilerplate", line("class Point"), "--variant", "x"],
        "no variant 'x'; known are constructor",
    ),
    (["boilerplate", line("def add")], "Choose with --variant (constructor, equality"),
    (["explain", "sums.py", "--variant", "x"], "there is no variant 'x'; there are none.\n"),
    (["expl", "sums.py"], "There is no action 'expl'. Did you mean explain?"),
    (["explain", "no.py"], "no.py cannot be read: no such file or directory."),
    (["explain", "sums.py:999"], "There is no line 999 in sums.py"),
]


@pytest.mark.parametrize(("words", "said"), WRONG_USES)
async def test_wrong_use_says_what_to_do(shell: Shell, words: list[str], said: str) -> None:
    """One line on stderr that fits the mistake, exit code 2, and nothing sent."""
    ran = await shell("run", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert shell.wire.requests == []
