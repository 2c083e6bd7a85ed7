"""Where a project keeps its tests: the path of a new test file, computed from the source file alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.target import Target

_ROOT_MARKERS = (
    ".git",
    "pyproject.toml",
    "setup.py",
    "package.json",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "CMakeLists.txt",
    "Gemfile",
    "composer.json",
)
_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Habit:
    """How a language names its tests and in which folders they stand (the first that exists; else beside the source).

    `name` is a pattern of `{stem}`; `framework` is what a prompt asks for.
    """

    name: str
    folders: tuple[str, ...]
    framework: str


_HABITS = {
    "python": Habit("test_{stem}.py", ("tests", "test"), "pytest"),
    "javascript": Habit(
        "{stem}.test{suffix}",
        (),
        "the test runner of the project, Vitest or Jest (describe, it, expect)",
    ),
    "typescript": Habit(
        "{stem}.test{suffix}",
        (),
        "the test runner of the project, Vitest or Jest (describe, it, expect)",
    ),
    "tsx": Habit(
        "{stem}.test{suffix}",
        (),
        "the test runner of the project, Vitest or Jest (describe, it, expect)",
    ),
    "go": Habit("{stem}_test.go", (), "the standard testing package and table-driven tests"),
    "rust": Habit(
        "{stem}_test.rs", ("tests",), "Rust's built-in test harness, as an integration test"
    ),
    "java": Habit("{stem}Test.java", ("src/test/java",), "JUnit 5"),
    "c": Habit("test_{stem}.c", ("tests", "test"), "plain assert() in a main function"),
    "cpp": Habit("{stem}_test.cpp", ("tests", "test"), "GoogleTest"),
    "csharp": Habit("{stem}Tests.cs", ("tests", "test"), "xUnit"),
    "ruby": Habit("test_{stem}.rb", ("test",), "Minitest"),
    "php": Habit("{stem}Test.php", ("tests",), "PHPUnit"),
}


def framework(target: Target) -> str:
    """What the language's tests are written with."""
    habit = _HABITS.get(target.language or "")
    return habit.framework if habit else "the language's usual test library"


def module_name(target: Target) -> str:
    """What a test imports: a dotted module for Python, the file's name elsewhere."""
    if target.path is None:
        return "the module under test"
    if target.language != "python":
        return f"`{target.path.name}`"
    parts = [target.path.stem] if target.path.stem != "__init__" else []
    folder = target.path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return f"`{'.'.join(parts) or target.path.stem}`"


def test_file(target: Target) -> Path | None:
    """A path for a new test file that does not exist yet; None without a habit or a file on disk.

    The symbol's name is added, then a number, where the first names are taken: an existing file is never overwritten.
    """
    habit = _HABITS.get(target.language or "")
    if habit is None or target.path is None:
        return None
    folder = _folder(target.path, habit)
    for stem in _stems(target):
        path = folder / habit.name.format(stem=stem, suffix=target.path.suffix)
        if not path.exists() and not path.is_symlink():
            return path
    return None


def _stems(target: Target) -> list[str]:
    stem = target.path.stem if target.path else "untitled"
    stems = [stem]
    if target.symbol is not None:
        plain = "".join(c if c.isalnum() or c == "_" else "_" for c in target.symbol.name)
        stem = f"{stem}_{plain}"
        stems.append(stem)
    return [*stems, *(f"{stem}_{number}" for number in range(2, _ATTEMPTS))]


def _folder(source: Path, habit: Habit) -> Path:
    """The nearest folder for tests between the source and the project's root; else the source's own."""
    for parent in source.parents:
        for name in habit.folders:
            candidate = parent / name
            if candidate.is_dir():
                return _mirrored(source, candidate) if name.startswith("src/") else candidate
        if any((parent / marker).exists() for marker in _ROOT_MARKERS):
            break
    return source.parent


def _mirrored(source: Path, tests: Path) -> Path:
    """Maven's habit: src/test/java mirrors src/main/java."""
    main = tests.parent.parent / "main" / tests.name
    try:
        return tests / source.parent.relative_to(main)
    except ValueError:
        return tests
