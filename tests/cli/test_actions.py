"""Every action from the command line: a real process, a real project, a scripted provider behind HTTP."""

from __future__ import annotations

import pytest
from tests.cli.shell import BETTER, CODE, NOT_WRITTEN, Shell, block, line

ACTIONS = [
    *("explain", "refactor", "tests", "document", "review", "optimise", "fix", "generate"),
    *("boilerplate", "research", "architecture"),
]


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
