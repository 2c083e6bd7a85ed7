"""What a project's tests are written with, in the words of a prompt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One framework: its words, and what shows it in a test file (`code`) and in a project's configuration.

    The first row found is the framework. One that `adds` is named with it: "JUnit 5 with AssertJ".
    """

    words: str
    code: str
    configuration: str
    adds: bool = False


NEVER = r"(?!)"
"""A pattern that nothing matches."""

_JVM_ADDED = (
    Row("AssertJ", r"org\.assertj", r"assertj", adds=True),
    Row("Hamcrest", r"org\.hamcrest", r"<artifactId>hamcrest", adds=True),
    Row("Mockito", r"org\.mockito", r"mockito", adds=True),
)
_SCRIPTS = (
    Row("Vitest (describe, it, expect)", r"[\"']vitest[\"']", r'"vitest"|\bvitest\b'),
    Row(
        "Jest (describe, it, expect)",
        r"[\"']@jest/globals[\"']|\bjest\.\w",
        r'"(?:ts-)?jest"|\bjest\b|react-scripts test',
    ),
    Row("node:test and node:assert", r"[\"']node:test[\"']", r"node (?:\S+ )*--test\b"),
    Row("Bun's test runner (bun:test)", r"[\"']bun:test[\"']", r"\bbun test\b"),
    Row("AVA", r"[\"']ava[\"']", r'"ava"'),
    Row("Deno.test", r"\bDeno\.test\b", r"\bdeno test\b"),
    Row("Mocha (describe, it)", r"[\"']mocha[\"']", r'"mocha"|\bmocha\b'),
    Row("Jasmine", r"\bjasmine\.", r'"jasmine(?:-core)?"'),
    Row("Chai", r"[\"']chai[\"']", r'"chai"', adds=True),
    Row("Testing Library", r"[\"']@testing-library/", r'"@testing-library/(?!jest-dom)', adds=True),
    Row("Sinon", r"[\"']sinon[\"']", r'"sinon"', adds=True),
)
_C = (
    Row("Unity", r"[\"<]unity\.h", r"\bunity\b"),
    Row("cmocka", r"cmocka\.h", r"\bcmocka\b"),
    Row("Criterion", r"criterion/", r"\bcriterion\b"),
    Row("Check", r"<check\.h>", r"\bCHECK_LIBRAR"),
)

ROWS: Mapping[str, Sequence[Row]] = MappingProxyType(
    {
        "python": (
            Row(
                "unittest (TestCase)",
                r"^\s*class \w+\((?:unittest\.)?(?:\w*TestCase)\b",
                r"-m unittest\b",
            ),
            Row("pytest", r"^\s*(?:import|from) pytest\b|^(?:async )?def test_", r"\bpytest\b"),
            Row("Hypothesis", r"^\s*(?:import|from) hypothesis\b", NEVER, adds=True),
        ),
        **dict.fromkeys(("javascript", "typescript", "tsx"), _SCRIPTS),
        "go": (
            Row("Ginkgo and Gomega", r"onsi/ginkgo", NEVER),
            Row(
                "the standard testing package and table-driven tests",
                r'^\s*(?:import )?"testing"',
                NEVER,
            ),
            Row(
                "testify", r"stretchr/testify", r"^\s*github\.com/stretchr/testify v\S+$", adds=True
            ),
            Row("go-cmp", r"google/go-cmp", NEVER, adds=True),
        ),
        "rust": (
            Row("Rust's built-in test harness", r"#\[test\]", NEVER),
            Row("rstest", r"\brstest\b", r"^rstest\b", adds=True),
            Row("proptest", r"\bproptest\b", r"^proptest\b", adds=True),
            Row("tokio::test", r"tokio::test", NEVER, adds=True),
        ),
        "java": (
            Row(
                "JUnit 5",
                r"org\.junit\.jupiter",
                r"junit-jupiter|useJUnitPlatform|org\.junit\.jupiter",
            ),
            Row("TestNG", r"org\.testng", r"testng|useTestNG"),
            Row(
                "JUnit 4",
                r"org\.junit\.(?:Test|Assert|\*)",
                r"<artifactId>junit</artifactId>|junit:junit:",
            ),
            *_JVM_ADDED,
        ),
        "csharp": (
            Row("xUnit", r"\busing Xunit\b|\[(?:Fact|Theory)\b", r'Include="xunit'),
            Row("NUnit", r"\busing NUnit\b", r'Include="NUnit"'),
            Row("MSTest", r"VisualStudio\.TestTools|\[TestMethod\]", r'Include="MSTest'),
            Row("TUnit", r"\busing TUnit\b", r'Include="TUnit'),
            Row(
                "FluentAssertions",
                r"FluentAssertions|\.Should\(\)",
                r'Include="FluentAssertions',
                adds=True,
            ),
            Row("Shouldly", r"\busing Shouldly\b", r'Include="Shouldly', adds=True),
            Row("Moq", r"\busing Moq\b", r'Include="Moq', adds=True),
            Row("NSubstitute", r"\busing NSubstitute\b", r'Include="NSubstitute', adds=True),
        ),
        "ruby": (
            Row(
                "RSpec",
                r"\bRSpec\b|[\"'](?:spec|rails)_helper[\"']",
                r"gem ['\"]rspec|add_\w*dependency\W+rspec",
            ),
            Row(
                "Minitest as Rails has it (ActiveSupport::TestCase)",
                r"\bActiveSupport::TestCase\b",
                NEVER,
            ),
            Row("test-unit (Test::Unit::TestCase)", r"\bTest::Unit\b", r"gem ['\"]test-unit"),
            Row("Minitest", r"\b[Mm]initest\b", r"minitest"),
        ),
        "php": (
            Row("PHPUnit", r"\bPHPUnit\\Framework|extends \w*TestCase\b", NEVER),
            Row("Pest (it, test, expect)", r"^(?:it|test|describe|uses)\(", r"pestphp/pest"),
            Row("PHPUnit", NEVER, r"phpunit/phpunit"),
        ),
        "c": _C,
        "cpp": (
            Row("GoogleTest", r"gtest/|gmock/", r"\bGTest\b|\bgtest\b"),
            Row("Catch2", r"catch2/|catch\.hpp", r"\bCatch2\b"),
            Row("doctest", r"doctest", r"\bdoctest\b"),
            Row("Boost.Test", r"boost/test", r"unit_test_framework"),
            *_C,
        ),
    }
)

_UNKNOWN: Mapping[str, str] = MappingProxyType(
    {
        "python": "pytest",
        **dict.fromkeys(
            ("javascript", "typescript", "tsx"),
            "the test runner of the project, Vitest or Jest (describe, it, expect)",
        ),
        "go": "the standard testing package and table-driven tests",
        "rust": "Rust's built-in test harness",
        "java": "JUnit 5",
        "c": "plain assert() in a main function",
        "cpp": "GoogleTest",
        "csharp": "xUnit",
        "ruby": "Minitest",
        "php": "PHPUnit",
    }
)

_CONFIGURATIONS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "python": (
            *("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg", "noxfile.py"),
            *("requirements-dev.txt", "requirements.txt", "Makefile"),
        ),
        **dict.fromkeys(("javascript", "typescript", "tsx"), ("package.json", "deno.json")),
        "go": ("go.mod",),
        "rust": ("Cargo.toml",),
        "java": ("pom.xml", "build.gradle", "build.gradle.kts"),
        "c": ("CMakeLists.txt", "meson.build", "Makefile"),
        "cpp": ("CMakeLists.txt", "meson.build", "Makefile"),
        "csharp": ("Directory.Packages.props", "Directory.Build.props"),
        "ruby": ("Gemfile", ".rspec"),
        "php": ("composer.json",),
    }
)
_SPOKEN = {"pytest.ini": "pytest", ".rspec": "gem 'rspec'"}  # files that tell by being there
_MOST_TESTS = 4


def framework(
    language: str,
    source: Path,
    top: Path,
    tests: Sequence[Path],
    text_of: Callable[[Path], str | None],
) -> str:
    """What the tests of `source` are written with. The nearest tests tell more than the configuration does."""
    rows = ROWS.get(language, ())
    code = [text for test in tests[:_MOST_TESTS] if (text := text_of(test)) is not None]
    for one in code:
        if words := _named(rows, [one], code, by_code=True):
            return words
    settings: list[str] = []
    for folder in _folders(source, tests, top):
        names = [folder / name for name in _CONFIGURATIONS.get(language, ())]
        if language == "csharp":
            names += sorted(folder.glob("*.csproj"))[:2]
        texts = [text for path in names if (text := _configuration(path, text_of)) is not None]
        if words := _named(rows, texts, texts, by_code=False):
            return words
        settings += texts
    return _with(
        usual(language), [row for row in rows if row.adds and _shows(row, settings, by_code=False)]
    )


def usual(language: str | None) -> str:
    """What a language's tests are written with where nothing tells."""
    return _UNKNOWN.get(language or "", "the language's usual test library")


def _configuration(path: Path, text_of: Callable[[Path], str | None]) -> str | None:
    text = text_of(path)
    return text if text is None else f"{_SPOKEN.get(path.name, '')}\n{text}"


def _folders(source: Path, tests: Sequence[Path], top: Path) -> list[Path]:
    """From the nearest test outwards, then from the source outwards."""
    start = (*(tests[0].parents if tests else ()), *source.parents)
    return list(dict.fromkeys(folder for folder in start if folder.is_relative_to(top)))


def _named(
    rows: Sequence[Row], shown: Sequence[str], added: Sequence[str], *, by_code: bool
) -> str:
    base = next((row for row in rows if not row.adds and _shows(row, shown, by_code=by_code)), None)
    if base is None:
        return ""
    return _with(
        base.words, [row for row in rows if row.adds and _shows(row, added, by_code=by_code)]
    )


def _with(words: str, extra: Sequence[Row]) -> str:
    return f"{words} with {' and '.join(row.words for row in extra)}" if extra else words


def _shows(row: Row, texts: Sequence[str], *, by_code: bool) -> bool:
    pattern = re.compile(row.code if by_code else row.configuration, re.MULTILINE)
    return any(pattern.search(text) for text in texts)
