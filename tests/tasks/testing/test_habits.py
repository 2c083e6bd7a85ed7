"""Where a project's tests stand and how they are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tasks.testing.projects import PYTHON, place_of, planned, project

PY, TS, GO = (
    "def f():\n    return 1\n",
    "export function f() { return 1; }\n",
    "package a\n\nfunc F() int { return 1 }\n",
)
RS, RB, PHP = (
    "pub fn f() -> i32 { 1 }\n",
    "class Cart\n  def f\n    1\n  end\nend\n",
    "<?php\nclass Cart { function f() { return 1; } }\n",
)
JAVA, CS = (
    "package x;\nclass Cart { int f() { return 1; } }\n",
    "class Cart { int F() { return 1; } }\n",
)
C = "int f(void) { return 1; }\n"
T = "# a test\n"
S = "// a test\n"

PLACES = [
    # Python: mirrored, flat, beside, in a folder of the package's own; test_x and x_test
    ("pkg/mod.py", PY, {"tests/pkg/test_a.py": T, "pkg/a.py": PY}, "tests/pkg/test_mod.py"),
    ("src/pkg/sub/mod.py", PY, {"tests/sub/test_a.py": T, "src/pkg/sub/a.py": PY}, "tests/sub/test_mod.py"),
    ("src/pkg/new/mod.py", PY, {"tests/sub/test_a.py": T, "src/pkg/sub/a.py": PY}, "tests/new/test_mod.py"),
    ("src/pkg/new/mod.py", PY, {"tests/test_a.py": T, "src/pkg/a.py": PY, "tests/test_b.py": T, "src/pkg/old/b.py": PY}, "tests/test_mod.py"),
    ("pkg/mod.py", PY, {"pkg/test_a.py": T, "pkg/a.py": PY}, "pkg/test_mod.py"),
    ("pkg/deep/mod.py", PY, {"pkg/tests/test_a.py": T, "pkg/a.py": PY}, "pkg/deep/tests/test_mod.py"),
    ("pkg/mod.py", PY, {"tests/a_test.py": T, "pkg/a.py": PY}, "tests/mod_test.py"),
    ("pkg/mod.py", PY, {"tests/test_everything.py": T}, "tests/test_mod.py"),
    ("pkg/mod.py", PY, {"tests/unit/test_all.py": T, "tests/e2e/test_all_of_it.py": T}, "tests/unit/test_mod.py"),
    ("pkg/__init__.py", PY, {"tests/test_a.py": T, "pkg/a.py": PY}, "tests/test_pkg.py"),
    # JavaScript and TypeScript
    ("src/view.ts", TS, {"src/a.spec.ts": S, "src/a.ts": TS}, "src/view.spec.ts"),
    ("src/view.tsx", TS, {"src/__tests__/a.test.tsx": S, "src/a.tsx": TS}, "src/__tests__/view.test.tsx"),
    ("src/x/view.ts", TS, {"src/__tests__/a.test.ts": S, "src/a.ts": TS}, "src/x/__tests__/view.test.ts"),
    ("lib/view.js", TS, {"test/a.js": S, "lib/a.js": TS}, "test/view.js"),
    ("lib/x/view.js", TS, {"test/x/a.test.js": S, "lib/x/a.js": TS}, "test/x/view.test.js"),
    ("src/view.ts", TS, {}, "src/view.test.ts"),
    ("src/View.jsx", TS, {"src/a.test.js": S, "src/a.js": TS}, "src/View.test.js"),
    # Go, Rust
    ("pkg/mod.go", GO, {}, "pkg/mod_test.go"),
    ("src/mod_a.rs", RS, {"Cargo.toml": ""}, "tests/mod_a.rs"),
    ("src/mod_a.rs", RS, {"Cargo.toml": "", "tests/other_test.rs": S, "src/other.rs": RS}, "tests/mod_a_test.rs"),
    # Java
    ("src/main/java/x/Cart.java", JAVA, {"pom.xml": ""}, "src/test/java/x/CartTest.java"),
    ("src/main/java/x/Cart.java", JAVA, {"src/test/java/y/ATests.java": S, "src/main/java/y/A.java": JAVA}, "src/test/java/x/CartTests.java"),
    # C#
    ("src/Shop/Models/Cart.cs", CS, {"src/Shop/Shop.csproj": "", "tests/Shop.Tests/ATests.cs": S, "src/Shop/A.cs": CS, "tests/Shop.Tests/Models/BTests.cs": S, "src/Shop/Models/B.cs": CS}, "tests/Shop.Tests/Models/CartTests.cs"),
    ("Shop/Cart.cs", CS, {"Shop/Shop.csproj": "", "Shop.Tests/Shop.Tests.csproj": ""}, "Shop.Tests/CartTests.cs"),
    ("Shop/Cart.cs", CS, {"tests/ATest.cs": S, "Shop/A.cs": CS}, "tests/CartTest.cs"),
    # Ruby
    ("lib/shop/cart.rb", RB, {"spec/shop/a_spec.rb": T, "lib/shop/a.rb": RB}, "spec/shop/cart_spec.rb"),
    ("app/models/cart.rb", RB, {"test/models/user_test.rb": T, "app/models/user.rb": RB}, "test/models/cart_test.rb"),
    ("lib/cart.rb", RB, {"test/test_a.rb": T, "lib/a.rb": RB}, "test/test_cart.rb"),
    ("lib/shop/cart.rb", RB, {".rspec": ""}, "spec/shop/cart_spec.rb"),
    # PHP
    ("src/Cart.php", PHP, {"tests/Unit/ATest.php": "<?php\n", "src/A.php": PHP}, "tests/Unit/CartTest.php"),
    ("app/Models/Cart.php", PHP, {"tests/Unit/ExampleTest.php": "<?php\n", "tests/Feature/LoginTest.php": "<?php\n"}, "tests/Unit/CartTest.php"),
    # C and C++
    ("src/mod.c", C, {"tests/test_a.c": S, "src/a.c": C}, "tests/test_mod.c"),
    ("src/mod.cpp", C, {"tests/a_test.cc": S, "src/a.cpp": C}, "tests/mod_test.cc"),
    ("src/mod.cpp", C, {"tests/CMakeLists.txt": ""}, "tests/mod_test.cpp"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "others", "expected"), PLACES)
def test_a_test_file_stands_where_its_neighbours_stand(
    tmp_path: Path, source: str, text: str, others: dict[str, str], expected: str
) -> None:
    """Place and name are those that the project's other tests have; where there are none, the language's own."""
    project(tmp_path, {**others, source: text})
    made = planned(tmp_path, source)
    assert made.path == tmp_path / expected
    assert made.existing is None


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Where names are taken by what cannot be added to, the symbol's name is added, then a number."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_a.py": T, "pkg/a.py": PY})
    (tmp_path / "tests/test_mod.py").mkdir()
    (tmp_path / "tests/test_mod_feed.py").symlink_to(tmp_path / "nowhere")
    assert place_of(tmp_path, "pkg/mod.py", "Parser.feed") == "tests/test_mod_feed_2.py"


def test_what_an_editor_holds_unsaved_is_taken_too(tmp_path: Path) -> None:
    """A test file that is open but not on the disk yet is added to, as the editor has it."""
    project(tmp_path, {"pkg/mod.py": PYTHON, "tests/test_a.py": T, "pkg/a.py": PY})
    opened = {tmp_path / "tests/test_mod.py": "def test_old():\n    pass\n"}
    made = planned(tmp_path, "pkg/mod.py", opened=opened)
    assert (made.path, made.existing) == (
        tmp_path / "tests/test_mod.py",
        "def test_old():\n    pass\n",
    )


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    """Tests behind a link are somebody else's: they are not read, and none is written there."""
    elsewhere = tmp_path / "elsewhere"
    project(elsewhere, {"test_a.py": "import secret\n", "test_mod.py": "import secret\n"})
    root = project(tmp_path / "root", {"pkg/mod.py": PYTHON, "pkg/a.py": PY})
    (root / "tests").symlink_to(elsewhere)
    made = planned(root, "pkg/mod.py")
    assert made.path == root / "pkg/test_mod.py"
    assert made.sample is None


def test_a_linked_test_file_is_not_read(tmp_path: Path) -> None:
    """A test file that is a link to a file outside is neither added to, nor shown, nor written over."""
    secret = tmp_path / "secret.py"
    secret.write_text("KEY = 1\n")
    root = project(tmp_path / "root", {"pkg/mod.py": PYTHON, "tests/test_a.py": T, "pkg/a.py": PY})
    (root / "tests/test_mod.py").symlink_to(secret)
    made = planned(root, "pkg/mod.py")
    assert made.existing is None
    assert made.path == root / "tests/test_mod_2.py"
    assert "KEY" not in str(made.sample)


def test_no_file_is_planned_behind_a_link(tmp_path: Path) -> None:
    """A folder on the way that leads out of the project is no place for a test."""
    (tmp_path / "outside").mkdir()
    root = project(
        tmp_path / "root",
        {"src/pkg/new/mod.py": PY, "tests/sub/test_a.py": T, "src/pkg/sub/a.py": PY},
    )
    (root / "tests/new").symlink_to(tmp_path / "outside")
    assert planned(root, "src/pkg/new/mod.py").path is None


def test_the_workspace_is_the_end(tmp_path: Path) -> None:
    """Nothing above the workspace's folder is looked at, though the repository goes on there."""
    project(tmp_path, {"app/pkg/mod.py": PY, "tests/test_a.py": T, "a.py": PY})
    assert (
        planned(tmp_path, "app/pkg/mod.py", roots=[tmp_path / "app"]).path
        == tmp_path / "app/pkg/test_mod.py"
    )
    assert planned(tmp_path, "app/pkg/mod.py").path == tmp_path / "tests/test_mod.py"


def test_dependencies_have_no_say(tmp_path: Path) -> None:
    """What is installed into the project's folder is none of its own tests."""
    project(
        tmp_path,
        {
            "src/view.ts": TS,
            "node_modules/x/a.spec.ts": S,
            "node_modules/x/a.ts": TS,
            "env2/pyvenv.cfg": "",
            "env2/lib/a.spec.ts": S,
        },
    )
    assert place_of(tmp_path, "src/view.ts") == "src/view.test.ts"


def test_a_large_project_is_looked_at_in_part(tmp_path: Path) -> None:
    """The tests near the source are found though far more files stand elsewhere."""
    from codefare.tasks.testing.tree import MOST_ENTRIES

    project(
        tmp_path, {"pkg/mod.py": PY, "zz/tests/x": "", "pkg/a.py": PY, "tests/pkg/test_a.py": T}
    )
    for index in range(MOST_ENTRIES // 100 + 2):
        folder = tmp_path / f"data{index}"
        folder.mkdir()
        for number in range(100):
            (folder / f"test_{number}.py").touch()
    assert place_of(tmp_path, "pkg/mod.py") == "tests/pkg/test_mod.py"


def test_of_two_sources_of_one_name_each_has_its_own_tests(tmp_path: Path) -> None:
    """A test file that belongs to another source of the same name is not added to."""
    project(
        tmp_path,
        {
            "pkg/one/util.py": PY,
            "pkg/two/util.py": PY,
            "tests/one/test_util.py": "from pkg.one.util import f\n\n\ndef test_f():\n    assert f()\n",
        },
    )
    assert planned(tmp_path, "pkg/one/util.py").existing is not None
    other = planned(tmp_path, "pkg/two/util.py")
    assert (other.existing, other.path) == (None, tmp_path / "tests/two/test_util.py")


def test_tests_that_stand_together_are_told_apart_by_what_they_import(tmp_path: Path) -> None:
    """Where all tests stand in one folder, a name may speak of several sources: the import tells."""
    text = "from pkg.one.util import f\n\n\ndef test_f():\n    assert f()\n"
    sources = {f"pkg/{name}.py": PY for name in ("one/util", "two/util", "one/a", "two/b")}
    tests = {"tests/test_util.py": text, "tests/test_a.py": T, "tests/test_b.py": T}
    project(tmp_path, {**sources, **tests})
    assert place_of(tmp_path, "pkg/two/util.py", "f") == "tests/test_util_f.py"
    assert planned(tmp_path, "pkg/one/util.py", "f").existing == text


def test_a_test_file_is_known_by_what_it_imports(tmp_path: Path) -> None:
    """The one test file that imports the source is its own, unless it is named after another one."""
    text = "from pkg.routes import f\n\n\ndef test_f():\n    assert f()\n"
    project(tmp_path, {"pkg/routes.py": PY, "tests/test_api.py": text})
    assert place_of(tmp_path, "pkg/routes.py") == "tests/test_api.py"
    (tmp_path / "pkg/api.py").write_text(PY)
    assert place_of(tmp_path, "pkg/routes.py") == "tests/test_routes.py"


def test_scripts_are_known_by_the_path_they_import(tmp_path: Path) -> None:
    """A relative import is followed from the test's folder; the suffix may be left out."""
    text = "import { f } from '../src/routes';\nit('works', () => {});\n"
    project(tmp_path, {"src/routes.ts": TS, "test/api.test.ts": text, "test/other.test.ts": S})
    assert place_of(tmp_path, "src/routes.ts") == "test/api.test.ts"


def test_an_unsaved_document_has_no_place() -> None:
    """Without a file there is no project, and so no path."""
    from codefare.source.document import Document
    from codefare.source.target import Span
    from codefare.tasks.testing import nothing_open, plan

    target = Document("untitled:1", None, "python", PY).target(Span(0, 0))
    assert plan(target, nothing_open).path is None


def test_a_source_that_is_called_like_a_test_is_no_sample_of_its_own(tmp_path: Path) -> None:
    """`write_tests.py` gets its tests where the project's are, after their example."""
    project(
        tmp_path,
        {
            "pkg/write_tests.py": PYTHON,
            "tests/test_other.py": "def test_other():\n    pass\n",
            "pyproject.toml": "",
        },
    )
    made = planned(tmp_path, "pkg/write_tests.py")
    assert made.path == tmp_path / "tests" / "test_write_tests.py"
    assert made.sample is not None
    assert made.sample[0].name == "test_other.py"


def test_a_source_that_is_called_like_a_test_sets_no_example(tmp_path: Path) -> None:
    """A project's only `write_tests.py` holds no test: others get theirs where pytest finds them."""
    writer = "class WriteTests:\n    def write(self): ...\n"
    project(tmp_path, {"pkg/write_tests.py": writer, "pkg/mod.py": PY, "tests/README": ""})
    assert place_of(tmp_path, "pkg/mod.py") == "tests/test_mod.py"
    (tmp_path / "pkg/write_tests.py").write_text("def test_writing():\n    pass\n", "utf-8")
    assert place_of(tmp_path, "pkg/mod.py") == "pkg/mod_tests.py"
