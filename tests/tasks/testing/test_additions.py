"""New cases put into a test file that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tasks.testing.projects import PYTHON, added, outcome, planned, project, target_in

from codefare.guard import verify
from codefare.source.file import read_document
from codefare.source.languages import language_of
from codefare.source.syntax import parse
from codefare.tasks.outcome import Addition, Edit, NewFile, Refused
from codefare.tasks.testing import nothing_open, plan, read

SOURCES = {
    "py": ("pkg/mod.py", PYTHON, "Parser.feed"),
    "js": ("src/cart.js", "export function total(a) { return a; }\n", "total"),
    "ts": ("src/cart.ts", "export function total(a: number) { return a; }\n", "total"),
    "go": ("cart/cart.go", "package cart\n\nfunc Total(a int) int { return a }\n", "Total"),
    "rs": ("src/cart.rs", "pub fn total(a: i32) -> i32 { a }\n", "total"),
    "java": ("src/main/java/x/Cart.java", "package x;\nclass Cart { int total(int a) { return a; } }\n", "Cart.total"),
    "cs": ("Shop/Cart.cs", "class Cart { int Total(int a) { return a; } }\n", "Cart.Total"),
    "rb": ("lib/cart.rb", "class Cart\n  def total(a)\n    a\n  end\nend\n", "Cart.total"),
    "php": ("src/Cart.php", "<?php\nclass Cart { function total($a) { return $a; } }\n", "Cart.total"),
}  # fmt: skip

# Each: the language, the test file's place and text, the answer's code, the text that comes of it.
CASES = {
    "python, in the class of the symbol; the import joins its module": (
        "py",
        "tests/test_mod.py",
        """import pytest
from pkg.mod import Parser


class TestFeed:
    def test_old(self):
        assert Parser().feed(1) == 1


class TestReset:
    def test_zero(self):
        assert True
""",
        """from pkg.mod import Parser, reset
import math


class TestFeed:
    def test_nan(self):
        assert math.isnan(Parser().feed(math.nan)) and reset() == 0
""",
        """import pytest
from pkg.mod import Parser, reset
import math


class TestFeed:
    def test_old(self):
        assert Parser().feed(1) == 1

    def test_nan(self):
        assert math.isnan(Parser().feed(math.nan)) and reset() == 0


class TestReset:
    def test_zero(self):
        assert True
""",
    ),
    "python, functions at the end, above what runs the file": (
        "py",
        "tests/test_mod.py",
        '''"""Tests."""

def test_old():
    pass

if __name__ == "__main__":
    main()
''',
        '''import os
from pkg.mod import Parser

TEXT = """
  kept
"""

def test_text():
    assert Parser().feed(TEXT) == TEXT
''',
        '''"""Tests."""

from pkg.mod import Parser

def test_old():
    pass

TEXT = """
  kept
"""


def test_text():
    assert Parser().feed(TEXT) == TEXT


if __name__ == "__main__":
    main()
''',
    ),
    "python, functions for a class go below it, and no case comes twice": (
        "py",
        "tests/test_mod.py",
        "from pkg.mod import Parser\n\nclass TestParser:\n    def test_old(self):\n        pass\n",
        "from pkg.mod import Parser\n\ndef test_new():\n    assert Parser()\n\ndef test_new():\n    pass\n",
        "from pkg.mod import Parser\n\nclass TestParser:\n    def test_old(self):\n        pass\n\n\ndef test_new():\n    assert Parser()\n",
    ),
    "python, unittest with tabs": (
        "py",
        "tests/test_mod.py",
        "import unittest\nfrom pkg.mod import (\n\tParser,\n)\n\nclass All(unittest.TestCase):\n\tdef test_old(self):\n\t\tself.assertTrue(1)\n",
        "from pkg.mod import Parser, reset\n\ndef test_new(self):\n    if reset():\n        self.fail()\n    self.assertEqual(Parser(), '''\n    x''')\n",
        "import unittest\nfrom pkg.mod import (\n\tParser,\n\treset,\n)\n\nclass All(unittest.TestCase):\n\tdef test_old(self):\n\t\tself.assertTrue(1)\n\n\tdef test_new(self):\n\t\tif reset():\n\t\t\tself.fail()\n\t\tself.assertEqual(Parser(), '''\n    x''')\n",
    ),
    "typescript, in the describe of the symbol": (
        "ts",
        "src/cart.test.ts",
        """import { describe, it, expect } from 'vitest'
import { total } from './cart'

describe('cart', () => {
  describe('total', () => {
    it('adds', () => {
      expect(total(1)).toBe(1)
    })
  })
})
""",
        """import { describe, it, expect, vi } from "vitest";
import { total } from "../src/cart";
import fs from "node:fs";

describe("cart", () => {
    describe("total", () => {
        it("adds", () => {});
        it("reads", () => {
            vi.fn();
            expect(fs).toBe(`
  kept
`);
        });
    });
});
""",
        """import { describe, it, expect, vi } from 'vitest'
import { total } from './cart'
import fs from 'node:fs'

describe('cart', () => {
  describe('total', () => {
    it('adds', () => {
      expect(total(1)).toBe(1)
    })

    it("reads", () => {
      vi.fn();
      expect(fs).toBe(`
  kept
`);
    });
  })
})
""",
    ),
    "javascript, require and cases at the end": (
        "js",
        "src/cart.test.js",
        "const { total } = require('./cart');\n\ntest('old', () => {});\n",
        "const { total, other } = require('./cart');\nconst assert = require('node:assert');\n\ntest('new', () => { assert(total, other); });\n",
        "const { total, other } = require('./cart');\nconst assert = require('node:assert');\n\ntest('old', () => {});\n\ntest('new', () => { assert(total, other); });\n",
    ),
    "javascript, a block with a hook of its own stays a block": (
        "js",
        "src/cart.test.js",
        "describe('total', () => {\n  it('old', () => {});\n});\n",
        "describe('total', () => {\n  let a;\n  beforeEach(() => { a = 1; });\n  it('new', () => { a; });\n});\n",
        "describe('total', () => {\n  it('old', () => {});\n\n  describe('total', () => {\n    let a;\n    beforeEach(() => { a = 1; });\n    it('new', () => { a; });\n  });\n});\n",
    ),
    "go, at the end, the import in the block": (
        "go",
        "cart/cart_test.go",
        'package cart\n\nimport (\n\t"testing"\n)\n\nfunc TestOld(t *testing.T) {\n}\n',
        'package cart\n\nimport (\n\t"errors"\n\t"fmt"\n\t"testing"\n)\n\nfunc TestNew(t *testing.T) {\n\tt.Fatal(errors.New("x"))\n}\n',
        'package cart\n\nimport (\n\t"testing"\n\t"errors"\n)\n\nfunc TestOld(t *testing.T) {\n}\n\nfunc TestNew(t *testing.T) {\n\tt.Fatal(errors.New("x"))\n}\n',
    ),
    "rust, an integration test": (
        "rs",
        "tests/cart.rs",
        "use shop::cart::total;\n\n#[test]\nfn old() {\n    assert_eq!(total(1), 1);\n}\n",
        "use shop::cart::{total, Cart};\n\n/// Checks.\n#[test]\nfn negative() {\n    assert_eq!(total(-1), Cart::new());\n}\n",
        "use shop::cart::total;\nuse shop::cart::Cart;\n\n#[test]\nfn old() {\n    assert_eq!(total(1), 1);\n}\n\n/// Checks.\n#[test]\nfn negative() {\n    assert_eq!(total(-1), Cart::new());\n}\n",
    ),
    "java, bare methods in the nested class": (
        "java",
        "src/test/java/x/CartTest.java",
        """package x;

import org.junit.jupiter.api.Test;

class CartTest {
    @Nested
    class Total {
        @Test
        void old() {
        }
    }
}
""",
        """import static org.junit.jupiter.api.Assertions.assertEquals;
import org.junit.jupiter.api.Test;
import java.util.List;

@Test
void negative() {
  assertEquals(-1, new Cart().total(-1));
}
""",
        """package x;

import org.junit.jupiter.api.Test;
import static org.junit.jupiter.api.Assertions.assertEquals;

class CartTest {
    @Nested
    class Total {
        @Test
        void old() {
        }

        @Test
        void negative() {
            assertEquals(-1, new Cart().total(-1));
        }
    }
}
""",
    ),
    "c#, the answer in its own class and namespace": (
        "cs",
        "Shop/CartTests.cs",
        "using Xunit;\n\nnamespace Shop.Tests;\n\npublic class CartTests\n{\n    [Fact]\n    public void Old()\n    {\n    }\n}\n",
        "using System;\nusing Xunit;\n\nnamespace Other;\n\npublic class CartTests\n{\n    [Theory, InlineData(1)]\n    public void New(int a)\n    {\n        Assert.Equal(a, a);\n    }\n}\n",
        "using Xunit;\nusing System;\n\nnamespace Shop.Tests;\n\npublic class CartTests\n{\n    [Fact]\n    public void Old()\n    {\n    }\n\n    [Theory, InlineData(1)]\n    public void New(int a)\n    {\n        Assert.Equal(a, a);\n    }\n}\n",
    ),
    "ruby, in the describe of the method": (
        "rb",
        "spec/cart_spec.rb",
        "require 'spec_helper'\n\nRSpec.describe Cart do\n  describe '#total' do\n    it 'adds' do\n      expect(1).to eq(1)\n    end\n  end\nend\n",
        'require "spec_helper"\nrequire "json"\n\nRSpec.describe Cart do\n  describe "#total" do\n    it "is nil" do\n      expect(nil).to be_nil\n    end\n  end\nend\n',
        'require \'spec_helper\'\nrequire "json"\n\nRSpec.describe Cart do\n  describe \'#total\' do\n    it \'adds\' do\n      expect(1).to eq(1)\n    end\n\n    it "is nil" do\n      expect(nil).to be_nil\n    end\n  end\nend\n',
    ),
    "ruby, Minitest": (
        "rb",
        "test/test_cart.rb",
        "# frozen_string_literal: true\n\nclass TestCart < Minitest::Test\nend\n",
        "require 'minitest/autorun'\n\nclass CartTest < Minitest::Test\n  def test_new\n    assert_equal 1, Cart.new.total(1)\n  end\nend\n",
        "# frozen_string_literal: true\n\nrequire 'minitest/autorun'\n\nclass TestCart < Minitest::Test\n  def test_new\n    assert_equal 1, Cart.new.total(1)\n  end\nend\n",
    ),
    "php, bare methods": (
        "php",
        "tests/CartTest.php",
        "<?php\n\nnamespace Tests;\n\nuse PHPUnit\\Framework\\TestCase;\n\nfinal class CartTest extends TestCase\n{\n    public function testOld(): void\n    {\n    }\n}\n",
        "use App\\{Cart, Unused};\n\n#[Test]\npublic function negative(): void\n{\n    $this->assertSame(-1, (new Cart())->total(-1));\n}\n",
        "<?php\n\nnamespace Tests;\n\nuse PHPUnit\\Framework\\TestCase;\nuse App\\Cart;\n\nfinal class CartTest extends TestCase\n{\n    public function testOld(): void\n    {\n    }\n\n    #[Test]\n    public function negative(): void\n    {\n        $this->assertSame(-1, (new Cart())->total(-1));\n    }\n}\n",
    ),
    "php, Pest": (
        "php",
        "tests/CartTest.php",
        "<?php\n\nit('adds', function () {\n    expect(1)->toBe(1);\n});\n",
        "<?php\n\nuse App\\Cart;\n\nit('is new', function () {\n    expect(new Cart())->toBeObject();\n});\n",
        "<?php\n\nuse App\\Cart;\n\nit('adds', function () {\n    expect(1)->toBe(1);\n});\n\nit('is new', function () {\n    expect(new Cart())->toBeObject();\n});\n",
    ),
}  # fmt: skip


def only_inserts(old: str, new: str) -> bool:
    """Whether `new` is `old` with something put in."""
    at = iter(new)
    return all(character in at for character in old)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
def test_cases_are_added_in_the_right_scope(
    tmp_path: Path, name: str, ending: str, final: bool
) -> None:
    """Cases and imports land where they belong, in the file's indentation, line ends and last line; nothing else changes."""
    key, test, old, code, expected = CASES[name]
    source, text, symbol = SOURCES[key]
    if not final:
        old, expected = old.removesuffix("\n"), expected.removesuffix("\n")
    old, expected = old.replace("\n", ending), expected.replace("\n", ending)
    project(tmp_path, {source: text, test: old})
    if key == "rs":
        (tmp_path / "Cargo.toml").touch()
    new = added(tmp_path, source, code, symbol)
    assert new == expected
    assert only_inserts(old, new)
    assert not parse(language_of(Path(test), None) or "", new.encode()).root_node.has_error


@pytest.mark.parametrize("name", [name for name in CASES if "hook" not in name])
def test_the_same_answer_is_not_added_twice(tmp_path: Path, name: str) -> None:
    """Once the cases are there, the same answer is refused and nothing changes."""
    key, test, _, code, expected = CASES[name]
    source, text, symbol = SOURCES[key]
    project(tmp_path, {source: text, test: expected})
    if key == "rs":
        (tmp_path / "Cargo.toml").touch()
    made = outcome(tmp_path, source, code, symbol)
    assert isinstance(made, Refused), made
    assert "already" in made.reason


MODULE = """pub fn total(a: i32) -> i32 { a }

pub fn other() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old() {
        assert_eq!(total(1), 1);
    }
}
"""


@pytest.mark.parametrize(
    "code",
    [
        "use super::*;\nuse std::mem::swap;\n\n#[test]\nfn swaps() {\n    swap(&mut 1, &mut total(2));\n}\n",
        "#[cfg(test)]\nmod tests {\n    use super::total;\n    use std::mem::swap;\n\n    #[test]\n    fn swaps() {\n        swap(&mut 1, &mut total(2));\n    }\n}\n",
    ],
)
def test_rust_tests_go_into_the_module_of_the_source(tmp_path: Path, code: str) -> None:
    """A source with a test module is edited inside that module, whether the answer brings the module or not."""
    project(tmp_path, {"src/cart.rs": MODULE, "Cargo.toml": "[dev-dependencies]\nrstest = '1'\n"})
    made = outcome(tmp_path, "src/cart.rs", code, "total")
    assert isinstance(made, Edit)
    new = MODULE[: made.span.start] + made.new + MODULE[made.span.end :]
    assert new == MODULE.replace(
        "use super::*;\n", "use super::*;\n    use std::mem::swap;\n"
    ).replace(
        "1);\n    }\n",
        "1);\n    }\n\n    #[test]\n    fn swaps() {\n        swap(&mut 1, &mut total(2));\n    }\n",
    )
    assert MODULE[made.span.start : made.span.end] == made.old
    target, document = (
        target_in(tmp_path / "src/cart.rs", "total"),
        read_document(tmp_path / "src/cart.rs"),
    )
    assert verify(made, document, target, "") == made


FEED = "class TestFeed:\n    LIMIT = 1\n\n    def setup_method(self):\n        self.a = 1\n\n    def test_old(self):\n        pass\n"
JEST = "import { a } from './a';\ndescribe('total', () => {\n  it('old', () => {});\n});\n"

REFUSED = {
    "a helper that means something else": ("py", "tests/test_mod.py", FEED, "class TestFeed:\n    LIMIT = 2\n    def test_new(self):\n        assert self.LIMIT\n", "LIMIT"),
    "a set-up that would work on the others": ("py", "tests/test_mod.py", FEED, "class TestFeed:\n    def setup_method(self):\n        self.a = 2\n    def test_new(self):\n        pass\n", "change how"),
    "a fixture that would work on the others": ("py", "tests/test_mod.py", "def test_old(): pass\n", "import pytest\n@pytest.fixture(autouse=True)\ndef f():\n    pass\ndef test_new():\n    pass\n", "change how"),
    "a statement that runs on its own": ("py", "tests/test_mod.py", "def test_old(): pass\n", "import os\nos.system('rm -rf /')\ndef test_new():\n    pass\n", "change how"),
    "an import of another thing by the same name": ("py", "tests/test_mod.py", "from a import f\ndef test_old(): f()\n", "from b import f\ndef test_new():\n    f()\n", "`f`"),
    "methods without a class": ("py", "tests/test_mod.py", "def test_old(): pass\n", "def test_new(self):\n    pass\n", "class"),
    "no case": ("py", "tests/test_mod.py", "def test_old(): pass\n", "VALUE = 1\n", "no test case"),
    "a shell command": ("py", "tests/test_mod.py", "def test_old(): pass\n", "rm -rf tests && curl x | sh\n", "parse"),
    "half a case": ("py", "tests/test_mod.py", "def test_old(): pass\n", "def test_new(:\n", "parse"),
    "a mock of a module": ("ts", "src/cart.test.ts", JEST, "vi.mock('./a');\nit('new', () => {});\n", "change how"),
    "a hook": ("ts", "src/cart.test.ts", JEST, "beforeEach(() => {});\nit('new', () => {});\n", "change how"),
    "a class with an annotation that is not there": ("java", "src/test/java/x/CartTest.java", "class CartTest {\n    @Test void old() {}\n}\n", "@ExtendWith(X.class)\nclass CartTest {\n    @Test void fresh() {}\n}\n", "@ExtendWith"),
    "another class beside the cases": ("java", "src/test/java/x/CartTest.java", "class CartTest {\n    @Test void old() {}\n}\n", "class CartTest {\n    @Test void fresh() {}\n}\nclass Evil {}\n", "more than"),
    "a main of the tests": ("go", "cart/cart_test.go", "package cart\n\nfunc TestOld(t *testing.T) {}\n", "func TestMain(m *testing.M) {}\nfunc TestNew(t *testing.T) {}\n", "change how"),
    "a let that means something else": ("rb", "spec/cart_spec.rb", "RSpec.describe Cart do\n  let(:a) { 1 }\nend\n", "RSpec.describe Cart do\n  let(:a) { 2 }\n  it('x') { a }\nend\n", "`a`"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_placed_safely_is_refused(tmp_path: Path, name: str) -> None:
    """The reason is named, the answer is kept, and there is no edit."""
    key, test, old, code, reason = REFUSED[name]
    source, text, symbol = SOURCES[key]
    project(tmp_path, {source: text, test: old})
    made = outcome(tmp_path, source, code, symbol)
    assert isinstance(made, Refused), made
    assert reason in made.reason
    assert code in made.answer
    assert made.remedy


@pytest.mark.parametrize(
    ("source", "test", "broken", "expected"),
    [
        ("py", "tests/test_mod.py", "def test_old(:\n", "tests/test_mod_feed.py"),
        ("ts", "src/cart.test.ts", "describe('x', () => {\n", "src/cart_total.test.ts"),
        (
            "java",
            "src/test/java/x/CartTest.java",
            "import x.Y;\n",
            "src/test/java/x/Cart_totalTest.java",
        ),
    ],
)
def test_a_broken_test_file_is_left_alone(
    tmp_path: Path, source: str, test: str, broken: str, expected: str
) -> None:
    """Nothing is added to a test file with syntax errors, or without the class it needs: the tests become a new file."""
    path, text, symbol = SOURCES[source]
    project(tmp_path, {path: text, test: broken})
    made = planned(tmp_path, path, symbol)
    assert (made.existing, made.path) == (None, tmp_path / expected)


def test_a_path_in_the_answer_is_not_read(tmp_path: Path) -> None:
    """Whatever file the answer names, the tests go where the project has them."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_a.py": "", "pkg/a.py": ""})
    target = target_in(tmp_path / "pkg/mod.py", "reset")
    answer = "Write this to `/etc/passwd`, then run it:\n\n```python ../../evil.py\n# file: ../evil.py\ndef test_reset():\n    pass\n```\n"
    made = read(answer, target, plan(target, nothing_open))
    assert made == NewFile(
        tmp_path / "tests/test_mod.py", "# file: ../evil.py\ndef test_reset():\n    pass\n"
    )


def test_a_test_file_that_changed_is_not_added_to(tmp_path: Path) -> None:
    """A plan is made for one text; under the plan of another one the cases would land anywhere."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_mod.py": FEED})
    target = target_in(tmp_path / "pkg/mod.py", "Parser.feed")
    made = plan(target, nothing_open)
    moved = plan(target, {tmp_path / "tests/test_mod.py": f"\n{FEED}"}.get)
    assert made.existing == FEED
    assert moved.existing == f"\n{FEED}"
    assert made.place != moved.place


def test_what_the_user_keeps_from_models_is_no_sample(tmp_path: Path) -> None:
    """A file that may not be sent is neither shown nor added to."""
    project(
        tmp_path,
        {"pkg/mod.py": PYTHON, "tests/test_mod.py": "KEY = 1\n", "tests/test_a.py": "KEY = 2\n"},
    )
    target = target_in(tmp_path / "pkg/mod.py")
    made = plan(target, nothing_open, may_send=lambda path: "test" not in path.name)
    assert (made.existing, made.sample) == (None, None)
    assert made.path == tmp_path / "tests/test_mod_2.py"


def test_additions_pass_the_guard(tmp_path: Path) -> None:
    """The guard lets an addition pass that parses."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_mod.py": "def test_old(): pass\n"})
    made = outcome(tmp_path, "pkg/mod.py", "def test_new():\n    pass\n")
    document, target = read_document(tmp_path / "pkg/mod.py"), target_in(tmp_path / "pkg/mod.py")
    assert isinstance(made, Addition)
    assert verify(made, document, target, "") == made


def test_huge_answers_are_refused(tmp_path: Path) -> None:
    """Ten megabytes are no test cases."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_mod.py": "def test_old(): pass\n"})
    made = outcome(tmp_path, "pkg/mod.py", "def test_new():\n    pass\n" + "# x\n" * 2_500_000)
    assert isinstance(made, Refused)
    assert "10.0 million characters" in made.reason
