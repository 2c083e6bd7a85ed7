"""Where a language's tests stand in a project that has none yet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codefare.tasks.testing.habit import Habit
from codefare.tasks.testing.naming import BARE, Pattern, is_test_folder
from codefare.tasks.testing.tree import is_folder

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.tasks.testing.naming import Naming
    from codefare.tasks.testing.tree import Tree

_SCRIPTS = ("javascript", "typescript", "tsx")


def custom(source: Path, language: str, tree: Tree, naming: Naming) -> Habit:
    """The language's own convention, in the nearest folder for tests that is there."""
    pattern, suffix = naming.patterns[0], naming.suffixes[0]
    if language in _SCRIPTS:
        return Habit(source.parent, pattern, source.suffix)
    if language == "ruby" and (
        os.path.lexists(tree.root / ".rspec") or is_folder(tree.root / "spec")
    ):
        return Habit(_ruby(source, tree.root), Pattern("", "_spec"), suffix)
    if language == "rust" and os.path.lexists(tree.root / "Cargo.toml"):
        return Habit(tree.root / "tests", pattern, suffix)
    if language == "csharp" and (folder := own_project(source, tree)):
        return Habit(folder, pattern, suffix)
    folder = _nearest(source, tree, naming)
    if pattern == BARE and not is_test_folder(folder.name):
        pattern = naming.patterns[1]
    return Habit(folder, pattern, suffix)


def own_project(source: Path, tree: Tree) -> Path | None:
    """C#: the project for the tests of the source's project, with the source's place in it: `Shop.Tests/Models`."""
    project = next((f for f in source.parents if f.is_relative_to(tree.top) and _csproj(f)), None)
    if project is None:
        return None
    ends = ("Tests", ".Tests", ".UnitTests", ".Test")
    for parent in project.parents:
        if not parent.is_relative_to(tree.top):
            break
        for folder in (parent, parent / "tests", parent / "test"):
            for end in ends:
                tests = folder / f"{project.name}{end}"
                if is_folder(tests):
                    return tests / source.parent.relative_to(project)
    return None


def _csproj(folder: Path) -> bool:
    return any(folder.glob("*.csproj"))


def _ruby(source: Path, root: Path) -> Path:
    parts = source.parent.relative_to(root).parts if source.is_relative_to(root) else ()
    return root.joinpath("spec", *(parts[1:] if parts[:1] in (("lib",), ("app",)) else parts))


def _nearest(source: Path, tree: Tree, naming: Naming) -> Path:
    """The nearest of the language's folders between the source and the project's root; else the source's own."""
    for parent in source.parents:
        for name in naming.folders:
            candidate = parent / name
            main = parent / name.replace("test", "main", 1)
            mirrors = name.startswith("src/")
            if mirrors and source.is_relative_to(main):
                return candidate / source.parent.relative_to(main)
            if is_folder(candidate):
                return candidate
        if parent == tree.root:
            break
    return source.parent
