"""Test files that the offline engine writes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codefare.errors import TargetError
from codefare.providers.offline import answer
from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.shapes import SHAPES
from codefare.source.syntax import parse
from codefare.source.target import Span
from codefare.tasks.testing import nothing_open, plan

SAMPLES = Path(__file__).parent.parent / "data" / "offline"


def written(path: Path, language: str, name: str = "") -> str:
    """The test file for a whole file, or for one definition."""
    source = Document(path.as_uri(), path, language, path.read_text("utf-8"))
    target = source.target(Span(0, 0), whole_file=True)
    if name:
        symbol = next(one for one in source.symbols() if one.qualified_name == name)
        target = source.target(Span(symbol.signature.start, symbol.signature.start))
    text = answer("tests", source, target)
    return text.split("\n", 1)[1].rsplit("\n```", 1)[0] + "\n"


def placed(folder: Path, language: str, text: str | None = None, stem: str = "sample") -> Path:
    """The sample as a file of a project."""
    path = folder / f"{stem}{LANGUAGES[language].extensions[0]}"
    path.write_text(text or (SAMPLES / f"{language}.sample").read_text("utf-8"), "utf-8")
    (folder / ".git").mkdir(exist_ok=True)
    return path


def run_pytest(path: Path) -> str:
    """The closing line of pytest on one file, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", path.name],
        cwd=path.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("language", sorted(SHAPES))
def test_the_test_file_parses_in_its_language(language: str, tmp_path: Path) -> None:
    """A test file has no syntax error, for the file and for each definition alone."""
    path = placed(tmp_path, language)
    assert not parse(language, written(path, language).encode()).root_node.has_error
    source = Document(path.as_uri(), path, language, path.read_text("utf-8"))
    for symbol in source.symbols():
        try:
            text = written(path, language, symbol.qualified_name)
        except TargetError:
            continue
        assert not parse(language, text.encode()).root_node.has_error, symbol.qualified_name


def test_the_python_file_runs_and_claims_only_what_it_checked(tmp_path: Path) -> None:
    """What the tree tells is asserted and passes; all else is skipped."""
    path = placed(tmp_path, "python")
    test = tmp_path / "test_sample.py"
    test.write_text(written(path, "python"), "utf-8")
    assert re.match(r"8 passed, 14 skipped", run_pytest(test)), run_pytest(test)


def test_the_python_file_fails_when_the_code_no_longer_does_so(tmp_path: Path) -> None:
    """The assertions are real: changed code breaks them."""
    path = placed(
        tmp_path,
        "python",
        "def f(a: int) -> int:\n    if a < 0:\n        raise ValueError('no')\n    return 1\n",
    )
    test = tmp_path / "test_sample.py"
    test.write_text(written(path, "python"), "utf-8")
    assert run_pytest(test).startswith("2 passed")
    path.write_text("def f(a: int) -> int:\n    return 2\n", "utf-8")
    assert run_pytest(test).startswith("2 failed")


def test_the_python_file_is_found_from_a_folder_of_tests(tmp_path: Path) -> None:
    """A module in a package is imported by its full name, one in none by its folder."""
    (tmp_path / "tests").mkdir()
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    inside = placed(package, "python", "def f():\n    return 1\n")
    assert "from shop.sample import f" in written(inside, "python")
    alone = placed(tmp_path, "python", "def f():\n    return 1\n", stem="alone")
    test = tmp_path / "tests" / "test_alone.py"
    test.write_text(written(alone, "python"), "utf-8")
    assert run_pytest(test).startswith("1 passed")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@wrap\ndef f(a):\n    if a is None:\n        raise ValueError('x')\n", False),
        ("def f(a):\n    a = g(a)\n    if a is None:\n        raise ValueError('x')\n", False),
        ("def f(a):\n    if a is None:\n        raise ValueError(f'{a.b}')\n", False),
        ("def f(a):\n    if a is None:\n        raise other.Error('x')\n", False),
        ("def f(a):\n    if a.b is None:\n        raise ValueError('x')\n", False),
        ("from m import *\ndef f(a):\n    if a is None:\n        raise ValueError('x')\n", False),
        ("def f(a):\n    if a is None:\n        raise ValueError('x')\n", True),
        ("def f(a):\n    if len(a) > 3:\n        return 'long'\n", True),
        (
            "class A:\n    def f(self, a):\n        if a < 1:\n            return None\n        return a\n",
            True,
        ),
        (
            "class A(B):\n    def f(self, a):\n        if a < 1:\n            return None\n        return a\n",
            False,
        ),
        ("async def f(a):\n    if not a:\n        raise KeyError('x')\n", True),
    ],
)
def test_only_what_is_certain_is_asserted(text: str, expected: bool, tmp_path: Path) -> None:
    """A decorator, an earlier statement, an unknown base or error make a case pending."""
    found = written(placed(tmp_path, "python", text), "python")
    tests = found.split("\n\n\n")[1:]
    certain = [test for test in tests if not test.startswith("@pytest.mark.skip")]
    assert bool(certain) is expected


def test_each_branch_has_a_case_named_by_its_condition(tmp_path: Path) -> None:
    """The names say under which condition a case stands."""
    found = written(placed(tmp_path, "python"), "python", "parse_header")
    assert re.findall(r"def (\w+)\(", found) == [
        "test_parse_header",
        "test_parse_header_returns_none_when_text_is_none",
        "test_parse_header_raises_typeerror_when_text_is_not_of_type_str",
        "test_parse_header_raises_valueerror_when_strict_is_true_and_is_not_in_text",
    ]


def test_a_pending_case_says_what_is_wanted(tmp_path: Path) -> None:
    """The reason is a request to the user."""
    found = written(placed(tmp_path, "python"), "python", "batches")
    assert '@pytest.mark.skip(reason="say what batches() should return")' in found


def test_a_branch_that_raises_is_pending_as_one_that_raises(tmp_path: Path) -> None:
    """Where the arguments that lead to an error are not known, only they are asked for."""
    code = """
class Stack:
    def push(self, item):
        if len(self.items) >= self.limit:
            raise Full(item)
        for other in self.items:
            if other == item:
                raise ValueError(item)


class Full(Exception):
    pass
"""
    found = written(placed(tmp_path, "python", code), "python", "Stack.push")
    when = "when len(self.items) is at least self.limit"
    assert f'skip(reason="say how Stack.push() comes to raise Full {when}")' in found
    assert "    with pytest.raises(Full):\n        stack.push(item)" in found
    assert "from sample import Full, Stack" in found
    assert "comes to raise ValueError when" in found
    assert "    with pytest.raises(ValueError):" in found


def test_scripts_import_from_where_they_stand(tmp_path: Path) -> None:
    """Vitest is imported where the project has it; named and default imports are told apart."""
    path = placed(tmp_path, "javascript")
    (tmp_path / "package.json").write_text('{"devDependencies": {"vitest": "1"}}', "utf-8")
    found = written(path, "javascript")
    assert found.startswith('import { describe, expect, it } from "vitest";\n')
    assert 'import readConfig, { Queue, parseSize, isReady } from "./sample.js";' in found
    assert 'it.todo("hidden is not exported: export it to test it");' in found
    assert "expect(() => parseSize(text)).toThrow(TypeError);" in found


def test_each_language_asserts_what_it_knows(tmp_path: Path) -> None:
    """A guard's error or literal result is checked in the language's own words."""
    expected = {
        "typescript": "expect(() => clamp(value, low, high)).toThrow(RangeError);",
        "go": '{name: "when limit is at most 0", limit: 0, wantErr: true},',
        "rust": "assert!(parse_pair(text).is_err());",
        "java": "assertThrows(NullPointerException.class, () -> OrderReader.compare((String) null",
        "c": "assert(sign(-1) == -1);",
        "cpp": 'EXPECT_EQ(std::string(bank::version()), "2.1");',
        "csharp": "Assert.Throws<ArgumentOutOfRangeException>(() => { Cart.Sign(-1); });",
        "ruby": 'assert_equal("1.0", version)',
        "php": "$this->expectException(\\InvalidArgumentException::class);",
    }
    for language, line in expected.items():
        folder = tmp_path / language
        folder.mkdir()
        assert line in written(placed(folder, language), language), language


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a C compiler")
def test_the_c_program_runs(tmp_path: Path) -> None:
    """It compiles alone, passes, and names what is pending."""
    path = placed(tmp_path, "c")
    source = Document(path.as_uri(), path, "c", path.read_text("utf-8"))
    test = plan(source.target(Span(0, 0), whole_file=True), nothing_open).path
    assert test is not None
    test.write_text(written(path, "c"), "utf-8")
    subprocess.run(
        ["gcc", str(test), "-o", str(tmp_path / "run")],  # noqa: S607  the compiler of the machine
        check=True,
        stdin=subprocess.DEVNULL,
    )
    done = subprocess.run(
        [str(tmp_path / "run")],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert "pending: test_fail: say what fail() should do" in done.stdout


def test_a_class_without_methods_has_nothing_to_test(tmp_path: Path) -> None:
    """The error says what to do."""
    path = placed(tmp_path, "python", "class A:\n    x = 1\n")
    with pytest.raises(TargetError, match="nothing to call"):
        written(path, "python", "A")
