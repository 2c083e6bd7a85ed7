"""Names of files, messages and reports hold nothing that an editor or a terminal obeys, or that runs as code."""

from __future__ import annotations

import ast
import io
import os
from typing import TYPE_CHECKING

import pytest
from tests.hostile.workspace import CODE, codefare

from codefare import legible
from codefare.lsp.markdown import _active, harmless
from codefare.screen import Screen
from codefare.source.file import read_document
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")

NAMES = [
    "a\nb.py",
    "a\r\nContent-Length: 5\r\n\r\n.py",
    "a\x1b]0;taken\x07.py",
    "a\x1b]8;;command:evil\x07b\x1b]8;;\x07.py",
    "\x9b2J.py",
    "\u202eyp.exe.py",
    "[a](command:evil).py",
    "![a](http:evil.example).py",
    "`a` <img src=x>.py",
    "$(touch pwned).py",
    "; touch pwned;.py",
    "-rf.py",
    "--apply.py",
    "%s%n.py",
    "x" * 250 + ".py",
    os.fsdecode(b"\xff\xfe.py"),
]
TRIPLE = 'a"""; import os; os.mkdir("pwned"); """.py'
COMMENT = 'a\nimport os; os.mkdir("pwned")  # .py'


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_line_that_nothing_obeys(
    name: str, tmp_path: Path, count: Callable[[str], None]
) -> None:
    """In titles, hovers and messages; a terminal gets no sequence of it."""
    path = tmp_path / name
    path.write_text(CODE)
    document = read_document(path)
    label = document.target(Span(0, 0), whole_file=True).label
    assert label.isprintable()
    assert len(label) <= 80
    assert "`" not in label
    assert "](" not in legible.message(f"Explain {label}: done")
    printed = io.StringIO()
    screen = Screen(file=printed, force_terminal=True, color_system=None, highlight=False)
    screen.print(name, markup=False)
    assert not [
        c for c in printed.getvalue() if c != "\n" and ord(c) in {*range(32), *range(127, 160)}
    ]
    count("names")


@pytest.mark.parametrize("name", [TRIPLE, COMMENT])
def test_a_name_is_no_code_in_tests(
    name: str, home: Path, tmp_path: Path, count: Callable[[str], None]
) -> None:
    """The offline engine names the file in comments and strings: a name that would end them is not written there."""
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / name).write_text(CODE)
    done = codefare(folder, "run", "tests", f"./{name}", "--apply")
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("test_*")
    names = {
        node.attr
        for node in ast.walk(ast.parse(made.read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert "mkdir" not in names
    count("names")


MESSAGES = [
    "see [this](command:workbench.action.quit)",
    "see [this] (x) and [that](http://evil.example 'title')",
    "[a][b](command:x)",
    "[a]: command:x",
]


@pytest.mark.parametrize("said", MESSAGES)
def test_a_message_has_no_link(said: str, count: Callable[[str], None]) -> None:
    """VS Code runs what a message's link names."""
    assert "](" not in legible.message(said)
    assert "][" not in legible.message(said)
    assert legible.message("a list[int](3) is \x1b[1mfine") == "a list[int] (3) is \\x1b[1mfine"
    count("links")


REPORTS = [
    "![x](https://evil.example/?q=code)",
    "![x][r]\n\n[r]: https://evil.example/x.png",
    "![x]\n\n[x]: https://evil.example/x.png",
    "> - # ![x](https://evil.example)",
    "| a | b |\n|---|---|\n| ![x](https://evil.example) | y |",
    "<img src=https://evil.example/x.png>",
    "text <IMG\nsrc='https://evil.example'> text",
    "<script>fetch('https://evil.example')</script>",
    "<div>\n![x](https://evil.example)\n\n![y](https://evil.example)\n</div>",
    "<!-- --><iframe src=//evil.example></iframe>",
    "<?x ?>",
    "<![CDATA[<img src=x>]]>",
    "[x](command:workbench.action.terminal.sendSequence?%7B%7D)",
    "[x](&#99;ommand:evil)",
    "[x](<COMMAND:evil>)",
    "[x](vscode://evil/install)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,x)",
    "[x](file:///etc/passwd)",
    "[x][r]\n\n[r]: command:evil",
    "<command:evil>",
    "``a` ![x](https://evil.example) ``",
    "\\`![x](https://evil.example)\\`",
    "```\n```\n![x](https://evil.example)\n```\n```",
    "    code\n![x](https://evil.example)",
    "![![x](https://evil.example/1)](https://evil.example/2)",
    "[![x](https://evil.example/1)](https://example.org)",
    "\\![x](https://evil.example)",
    "\\\\![x](https://evil.example)",
    "![x](https://evil.example)\x0b![y](https://evil.example)\u2028![z](https://evil.example)",
    "~~~\n![x](https://evil.example)\n~~~~ x\n~~~\n![x](https://evil.example)",
]


@pytest.mark.parametrize("markdown", REPORTS)
def test_a_report_fetches_and_runs_nothing(markdown: str, count: Callable[[str], None]) -> None:
    """Wherever it is shown; its words are still there to be read."""
    safe = harmless(markdown)
    assert not list(_active(safe))
    assert safe.replace("\\", "").strip("~\n") == markdown.replace("\\", "").strip("~\n")
    assert harmless(safe) == safe
    count("links")


@pytest.mark.parametrize(
    "markdown",
    [
        "# A title\n\nA list[int] of `![x](y)`, 1 < 2, [docs](https://docs.python.org) and [above](#a-title).\n",
        "```html\n<img src=x>\n![x](https://example.org)\n```\n\n    <b>\n",
        "\\![x](https://example.org) is no image? It is a link. a<b, x < y > z\n",
    ],
)
def test_an_ordinary_report_stays_as_it_is(markdown: str) -> None:
    """Code, links to the web, comparisons."""
    assert harmless(markdown) == markdown
