"""What a project's tests are written with, and the sample of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tasks.testing.projects import PYTHON, planned, project

from codefare.tasks.testing.sample import MOST_LINES

JS, JAVA, CS = "export function f() {}\n", "class A { void f() {} }\n", "class A { void F() {} }\n"
RB, PHP, GO, RS = (
    "def f; end\n",
    "<?php\nfunction f() {}\n",
    "package a\n\nfunc F() {}\n",
    "pub fn f() {}\n",
)
SCRIPTS = '{"scripts": {"test": "%s"}}'

FRAMEWORKS = [
    ("a.py", PYTHON, {"pyproject.toml": "[tool.pytest.ini_options]\n"}, "pytest"),
    ("a.py", PYTHON, {"pytest.ini": ""}, "pytest"),
    ("a.py", PYTHON, {"tox.ini": "commands = python -m unittest\n"}, "unittest (TestCase)"),
    ("a.py", PYTHON, {"pyproject.toml": "pytest", "test_b.py": "import unittest\nclass T(unittest.TestCase): pass\n"}, "unittest (TestCase)"),
    ("a.py", PYTHON, {"test_b.py": "import pytest\nfrom hypothesis import given\n"}, "pytest with Hypothesis"),
    ("a.ts", JS, {"package.json": '{"devDependencies": {"vitest": "1"}}'}, "Vitest (describe, it, expect)"),
    ("a.ts", JS, {"package.json": '{"devDependencies": {"jest": "1", "@testing-library/react": "1"}}'}, "Jest (describe, it, expect) with Testing Library"),
    ("a.js", JS, {"package.json": SCRIPTS % "node --test"}, "node:test and node:assert"),
    ("a.js", JS, {"package.json": SCRIPTS % "bun test"}, "Bun's test runner (bun:test)"),
    ("a.js", JS, {"package.json": SCRIPTS % "mocha"}, "Mocha (describe, it)"),
    ("a.ts", JS, {"package.json": '{"devDependencies": {"jest": "1"}}', "b.test.ts": "import { it } from 'vitest';\n"}, "Vitest (describe, it, expect)"),
    ("a.js", JS, {"b.test.js": "import test from 'node:test';\n"}, "node:test and node:assert"),
    ("a.js", JS, {"package.json": "{ broken", "b.test.js": "import { expect } from 'chai';\n"}, "the test runner of the project, Vitest or Jest (describe, it, expect)"),
    ("pkg/x/a.ts", JS, {"package.json": '{"devDependencies": {"vitest": "1"}}', "pkg/x/package.json": "{}"}, "Vitest (describe, it, expect)"),
    ("A.java", JAVA, {"pom.xml": "<artifactId>junit-jupiter</artifactId><artifactId>assertj-core</artifactId>"}, "JUnit 5 with AssertJ"),
    ("A.java", JAVA, {"pom.xml": "<artifactId>junit</artifactId>"}, "JUnit 4"),
    ("A.java", JAVA, {"build.gradle": "testImplementation 'org.testng:testng:7'"}, "TestNG"),
    ("A.java", JAVA, {"pom.xml": "<artifactId>junit</artifactId>", "BTest.java": "import org.junit.jupiter.api.Test;\nimport static org.mockito.Mockito.*;\n"}, "JUnit 5 with Mockito"),
    ("A.cs", CS, {"T.csproj": '<PackageReference Include="NUnit" />'}, "NUnit"),
    ("A.cs", CS, {"T.csproj": '<PackageReference Include="MSTest.TestFramework" />'}, "MSTest"),
    ("A.cs", CS, {"BTests.cs": "using Xunit;\nusing FluentAssertions;\n"}, "xUnit with FluentAssertions"),
    ("a.rb", RB, {"Gemfile": "gem 'rspec-rails'\n"}, "RSpec"),
    ("a.rb", RB, {"Gemfile": "gem 'minitest'\n"}, "Minitest"),
    ("a.rb", RB, {"spec/b_spec.rb": "require 'spec_helper'\n"}, "RSpec"),
    ("a.php", PHP, {"composer.json": '{"require-dev": {"pestphp/pest": "^2", "phpunit/phpunit": "*"}}'}, "Pest (it, test, expect)"),
    ("a.php", PHP, {"composer.json": '{"require-dev": {"phpunit/phpunit": "*"}}'}, "PHPUnit"),
    ("a.php", PHP, {"tests/BTest.php": "<?php\nit('x', function () {});\n"}, "Pest (it, test, expect)"),
    ("a.go", GO, {"go.mod": "require (\n\tgithub.com/stretchr/testify v1.9.0\n)\n"}, "the standard testing package and table-driven tests with testify"),
    ("a.go", GO, {"b_test.go": 'import (\n\t"testing"\n\t"github.com/google/go-cmp/cmp"\n)\n'}, "the standard testing package and table-driven tests with go-cmp"),
    ("src/a.rs", RS, {"Cargo.toml": "[dev-dependencies]\nrstest = '0.18'\nproptest = '1'\n"}, "Rust's built-in test harness with rstest and proptest"),
    ("a.cpp", "int f() { return 1; }\n", {"CMakeLists.txt": "find_package(Catch2 3)\n"}, "Catch2"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "others", "expected"), FRAMEWORKS)
def test_the_framework_is_that_of_the_project(
    tmp_path: Path, source: str, text: str, others: dict[str, str], expected: str
) -> None:
    """The imports of the nearest tests tell, then the configuration, from the source's folder outwards."""
    project(tmp_path, {source: text, **others})
    assert planned(tmp_path, source).framework == expected


def test_the_sample_is_the_nearest_test_file(tmp_path: Path) -> None:
    """A test of a source beside this one is shown, not one from elsewhere."""
    project(
        tmp_path,
        {
            "pkg/a/mod.py": PYTHON,
            "pkg/a/x.py": "",
            "pkg/b/y.py": "",
            "tests/a/test_x.py": "def test_near(): pass\n",
            "tests/b/test_y.py": "def test_far(): pass\n",
        },
    )
    made = planned(tmp_path, "pkg/a/mod.py")
    assert made.sample == (tmp_path / "tests/a/test_x.py", "def test_near(): pass\n")


def test_a_long_sample_ends_between_definitions(tmp_path: Path) -> None:
    """At most some sixty lines are shown, and no half case."""
    case = "def test_{}():\n    value = 1\n    assert value == 1\n\n\n"
    text = "import pytest\n\n\n" + "".join(case.format(index) for index in range(40))
    project(tmp_path, {"mod.py": PYTHON, "test_other.py": text})
    made = planned(tmp_path, "mod.py").sample
    assert made is not None
    lines = made[1].splitlines()
    assert MOST_LINES - 5 <= len(lines) <= MOST_LINES
    assert lines[0] == "import pytest"
    assert lines[-1] == "    assert value == 1"


def test_of_a_file_that_is_added_to_the_right_part_is_shown(tmp_path: Path) -> None:
    """The imports, and the scope that the new cases go into, though it comes late in the file."""
    filler = "".join(
        f"class TestOther{i}:\n    def test_{i}(self):\n        pass\n\n\n" for i in range(40)
    )
    text = f"import pytest\n\n\n{filler}class TestFeed:\n    def test_feed(self):\n        pass\n"
    project(tmp_path, {"mod.py": PYTHON, "test_mod.py": text})
    made = planned(tmp_path, "mod.py", "Parser.feed")
    assert made.place is not None
    assert made.place.words == "the class `TestFeed`"
    assert made.place.names == ("test_feed",)
    assert made.sample is not None
    assert made.sample[1].startswith("import pytest\n")
    assert "class TestFeed:\n    def test_feed(self):\n        pass\n" in made.sample[1]
    assert made.sample[1].count("\n") <= MOST_LINES + 1


def test_binary_and_foreign_files_are_no_sample(tmp_path: Path) -> None:
    """What is no text in UTF-8 is passed over."""
    project(tmp_path, {"mod.py": PYTHON})
    (tmp_path / "test_a.py").write_bytes(b"\xff\xfea\x00")
    (tmp_path / "test_b.py").write_bytes(b"\xe9")
    (tmp_path / "test_c.py").mkdir()
    (tmp_path / "test_d.py").write_text("def test_d(): pass\n")
    made = planned(tmp_path, "mod.py")
    assert made.sample is not None
    assert made.sample[0].name == "test_d.py"
