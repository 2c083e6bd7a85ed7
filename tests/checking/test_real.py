"""Fixes are proved by the real ruff and the real mypy, and broken ones are found out."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.checking.test_shadow import tree

from codefare.checking import VerdictKind, check, complaints
from codefare.settings import Checker
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.target import Span

BIN = Path(sys.executable).parent
RUFF = Checker((str(BIN / "ruff"), "check", "{file}"), 120)
RUFF_IN_FULL = Checker((*RUFF.command, "--output-format=full"), 120)
MYPY = Checker((str(BIN / "mypy"), "{file}"), 120)

OLD = """\
import os
import sys

from shop.prices import price


def total(names: list[str]) -> int:
    result: int = "none"
    for name in names:
        result += price(nam)
    return result
"""
UNUSED = ("`os` imported but unused", "Ruff", "F401", "import os")
UNDEFINED = ("Undefined name `nam`", "Ruff", "F821", "nam)")
TYPES = (
    'Incompatible types in assignment (expression has type "str", variable has type "int")',
    "mypy",
    "assignment",
    "result: int",
)
# The same, in the words of another server.
PYRIGHT = (
    'Type "Literal[\'none\']" is not assignable to declared type "int"',
    "Pyright",
    "reportAssignmentType",
    "result: int",
)


@pytest.fixture
def file(project: Path) -> Path:
    """A module of a package that imports another, which is in another file."""
    package = project / "src" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "prices.py").write_text("def price(name: str) -> int:\n    return len(name)\n")
    (package / "totals é.py").write_text(OLD)
    (project / "pyproject.toml").write_text(
        '[tool.mypy]\nmypy_path = "src"\nstrict = true\n[tool.ruff.lint]\nselect = ["F"]\n'
    )
    return package / "totals é.py"


def diagnostic(message: str, source: str, code: str, at: str) -> Diagnostic:
    """One of the editor's, at the first place with these characters."""
    start = OLD.index(at)
    return Diagnostic(Span(start, start + len(at)), message, Severity.ERROR, source, code)


@pytest.mark.parametrize("checker", [RUFF, RUFF_IN_FULL], ids=["concise", "full"])
async def test_ruff_says_gone_when_the_import_is_gone(file: Path, checker: Checker) -> None:
    """All below it has moved up a line, and the other complaints are the same as before."""
    new = OLD.replace("import os\n", "")
    verdict = await check(checker, file, OLD, new, diagnostic(*UNUSED))
    assert (verdict.kind, verdict.text) == (VerdictKind.GONE, "ruff: gone")


@pytest.mark.parametrize("checker", [RUFF, RUFF_IN_FULL], ids=["concise", "full"])
async def test_ruff_says_still_there_after_a_change_of_something_else(
    file: Path, checker: Checker
) -> None:
    """That it stands on another line does not make it another one; its like beside it is not it."""
    new = "# Totals.\n\n" + OLD.replace("import sys\n", "")
    verdict = await check(checker, file, OLD, new, diagnostic(*UNUSED))
    assert (verdict.kind, verdict.new) == (VerdictKind.STILL_THERE, ())


@pytest.mark.parametrize("checker", [RUFF, RUFF_IN_FULL], ids=["concise", "full"])
async def test_ruff_names_what_a_fix_breaks(file: Path, checker: Checker) -> None:
    """The new complaints are listed where they are now."""
    new = OLD.replace("nam)", "nom)")
    verdict = await check(checker, file, OLD, new, diagnostic(*UNDEFINED))
    assert verdict.kind is VerdictKind.NEW_COMPLAINTS
    assert verdict.new == ("src/shop/totals é.py:10: F821 Undefined name `nom`",)


async def test_no_more_than_five_new_complaints_are_listed(file: Path) -> None:
    """The rest is counted."""
    new = OLD.replace("nam)", "0)") + "".join(f"name_{at}\n" for at in range(7))
    verdict = await check(RUFF, file, OLD, new, diagnostic(*UNDEFINED))
    assert (len(verdict.new), verdict.new_count) == (5, 7)
    assert verdict.text.splitlines()[-1] == "and 2 more"


@pytest.mark.parametrize("known", [TYPES, PYRIGHT], ids=["mypy's words", "pyright's words"])
async def test_mypy_tells_a_fix_from_a_change_of_the_same_length(
    file: Path, known: tuple[str, str, str, str]
) -> None:
    """It knows the types of the other module, and its cache does not take the new text for the old."""
    wanted = diagnostic(*known)
    fixed = await check(MYPY, file, OLD, OLD.replace('"none"', "000000"), wanted)
    assert fixed.text == "mypy: gone"
    same = await check(MYPY, file, OLD, OLD.replace('"none"', '"some"'), wanted)
    assert same.text == "mypy: still there"


async def test_mypy_finds_what_a_fix_breaks_by_what_another_file_says(file: Path) -> None:
    """The neighbour's function takes a text."""
    new = OLD.replace('"none"', "0").replace("price(nam)", "price(1)")
    verdict = await check(MYPY, file, OLD, new, diagnostic(*TYPES))
    assert verdict.kind is VerdictKind.NEW_COMPLAINTS
    assert "[arg-type]" in verdict.new[0]


async def test_a_checker_that_does_not_know_the_diagnostic_says_so(file: Path) -> None:
    """What it does not look at it cannot tell: ruff knows no types: that nothing new came up is no proof."""
    new = OLD.replace('"none"', "0")
    assert (await check(RUFF, file, OLD, new, diagnostic(*PYRIGHT))).kind is VerdictKind.UNSEEN


async def test_the_project_is_as_it_was(file: Path, project: Path) -> None:
    """No cache, no compiled file, and the old text."""
    before = tree(project)
    for checker in (RUFF, MYPY):
        await check(checker, file, OLD, "x: int = ''\n", diagnostic(*TYPES))
    assert tree(project) == before


async def test_what_ruff_says_now_are_diagnostics(file: Path) -> None:
    """Each begins where ruff says; the command line finds the one of a line among them."""
    found = await complaints(RUFF, file, "# 😋\nprint('é😋', nam)\n" + OLD)
    first, second, *_ = sorted(found, key=lambda each: each.span)
    assert (first.source, first.code, first.message) == ("ruff", "F821", "Undefined name `nam`")
    assert first.span.start == "# 😋\nprint('é😋', nam)".index("nam")
    assert (second.code, second.message) == ("F401", "`os` imported but unused")


async def test_what_mypy_says_now_are_diagnostics(file: Path) -> None:
    """It tells no columns: such a diagnostic is its line, without the indentation."""
    found = await complaints(MYPY, file, OLD)
    types = next(each for each in found if each.code == "assignment")
    assert types.message == TYPES[0]
    assert OLD[types.span.start : types.span.end] == 'result: int = "none"'


async def test_a_file_that_is_well_has_no_diagnostics(file: Path) -> None:
    """The checker ran, and says nothing."""
    assert await complaints(RUFF, file, "x = 1\n") == []
