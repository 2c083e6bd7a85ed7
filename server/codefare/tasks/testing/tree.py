"""The part of a project that is looked at for its tests: bounded, the nearest first, and never through a link."""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.tasks.testing.naming import is_test_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codefare.tasks.testing.naming import Naming, Pattern

MOST_ENTRIES = 4_000
"""Files and folders that are looked at for one plan: about 40 ms."""

_MOST_IN_TESTS = 3_000
_MARKERS = (
    *(".git", "pyproject.toml", "setup.py", "setup.cfg", "package.json", "deno.json", "go.mod"),
    *("Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "CMakeLists.txt", "Gemfile"),
    "composer.json",
)
_SKIPPED = frozenset(
    {
        *("node_modules", "bower_components", "venv", "env", "virtualenv", "site-packages"),
        *("__pycache__", "build", "dist", "out", "target", "bin", "obj", "vendor", "coverage"),
        *("htmlcov", "third_party", "Pods", "DerivedData", "CMakeFiles"),
    }
)


@dataclass(frozen=True, slots=True)
class Tree:
    """What was seen of a project.

    `root` is the project's folder; no file above `top` (the workspace, the repository) is ever read. `tests` are the
    test files of the source's language, the nearest first, each with the pattern of its name and the stem in it.
    `sources` are the folders of the other files, by their stem. `complete` is false if there is more.
    """

    root: Path
    top: Path
    tests: Mapping[Path, tuple[Pattern, str]]
    sources: Mapping[str, tuple[Path, ...]]
    complete: bool


def within(path: Path, top: Path) -> bool:
    """Whether a path, or what would be created there, stands in `top` once links are followed."""
    real, above = os.path.realpath(path.parent), os.path.realpath(top)
    try:
        return os.path.commonpath((real, above)) == above
    except ValueError:  # another drive of Windows
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def bounds(source: Path, roots: Sequence[Path]) -> tuple[Path, Path]:
    """The project's folder, and the outermost one that may be read.

    A workspace folder ends the way up, and so do a repository and a linked folder: what is above a link is elsewhere.
    Without any of these the nearest folder with a project's file counts, else the source's own; a home folder never
    does, as it holds all of a user's projects.
    """
    nearest = None
    home = Path.home()
    for folder in source.parents:
        if folder in roots:  # even a home folder, if the user opened it
            return nearest or folder, folder
        if folder == home:
            break
        marked = any(os.path.lexists(folder / marker) for marker in _MARKERS)
        nearest = folder if marked and nearest is None else nearest
        if os.path.lexists(folder / ".git") or folder.is_symlink():
            return nearest or folder, folder
    return (nearest, nearest) if nearest else (source.parent, source.parent)


def look(source: Path, naming: Naming, root: Path, top: Path, suffixes: Iterable[str]) -> Tree:
    """The tests and sources around `source`; `suffixes` are those of the sources."""
    walk = _Walk(source, naming, tuple(suffixes))
    around = _up_to(source.parent, root)
    walk.go(around, _MOST_IN_TESTS, tests_only=True)
    walk.go(around, MOST_ENTRIES, tests_only=False)
    if not walk.tests and root != top:
        walk.go(_up_to(root.parent, top), MOST_ENTRIES, tests_only=False)
    tests = {path: walk.tests[path] for path in sorted(walk.tests, key=_Distance(source))}
    sources = {stem: tuple(folders) for stem, folders in walk.sources.items()}
    return Tree(root, top, tests, sources, complete=walk.entries < MOST_ENTRIES)


def _up_to(folder: Path, last: Path) -> list[Path]:
    folders = [folder]
    while folders[-1] != last and folders[-1] != folders[-1].parent:
        folders.append(folders[-1].parent)
    return folders


def shared_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts both begin with."""
    same = (mine == theirs for mine, theirs in zip(one, other, strict=False))
    return sum(takewhile(bool, same))


def shared_end(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts both end with."""
    return shared_start(one[::-1], other[::-1])


class _Distance:
    """How far a test file is from a source: less is nearer."""

    def __init__(self, source: Path) -> None:
        self._home = source.parent.parts
        self._folders: dict[Path, tuple[int, int]] = {}

    def __call__(self, test: Path) -> tuple[int, int, str]:
        folder = test.parent
        if folder not in self._folders:
            self._folders[folder] = self._between(folder.parts)
        return *self._folders[folder], str(test)

    def _between(self, parts: tuple[str, ...]) -> tuple[int, int]:
        """Folders that both share count: at the beginning, and at the end (a mirrored tree)."""
        start = shared_start(parts, self._home)
        if start == len(parts) == len(self._home):
            return -2 * start, 0
        return -(start + shared_end(parts, self._home)), len(parts)


class _Walk:
    """Goes through folders, each once."""

    def __init__(self, source: Path, naming: Naming, suffixes: tuple[str, ...]) -> None:
        self._naming = naming
        self._suffixes = suffixes
        self._near = {source.stem, *source.parent.parts}
        self._listed: dict[Path, list[Path]] = {}
        self._entered: set[Path] = set()
        self.entries = 0
        self.tests: dict[Path, tuple[Pattern, str]] = {}
        self.sources: dict[str, list[Path]] = {}

    def go(self, around: list[Path], most: int, *, tests_only: bool) -> None:
        """Each folder of `around`, then what is inside; of that, `tests_only` takes the folders for tests."""
        for folder in around:
            inner = self._folders(folder, most)
            if tests_only:
                inner = [each for each in inner if is_test_folder(each.name)]
            self._down(inner, most)

    def _down(self, folders: list[Path], most: int) -> None:
        waiting = deque(folders)
        while waiting and self.entries < most:
            folder = waiting.popleft()
            if folder in self._entered:
                continue
            self._entered.add(folder)
            for inner in reversed(self._folders(folder, most)):
                # Folders called as those of the source come first: there its own tests are.
                if inner.name in self._near or is_test_folder(inner.name):
                    waiting.appendleft(inner)
                else:
                    waiting.append(inner)

    def _folders(self, folder: Path, most: int) -> list[Path]:
        """The folders in a folder; its files are noted."""
        if folder in self._listed:
            return self._listed[folder]
        folders: list[Path] = []
        if self.entries >= most:
            return folders
        try:
            with os.scandir(folder) as scan:
                entries = sorted(islice(scan, most - self.entries), key=lambda entry: entry.name)
        except OSError:
            entries = []
        self.entries += len(entries)
        names = {entry.name for entry in entries}
        self._listed[folder] = folders
        if "pyvenv.cfg" in names:
            return folders
        for entry in entries:
            # A link is neither: where it leads is elsewhere.
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _SKIPPED and not entry.name.startswith("."):
                    folders.append(folder / entry.name)
            elif entry.is_file(follow_symlinks=False):
                self._note(folder, entry.name)
        return folders

    def _note(self, folder: Path, name: str) -> None:
        stem, dot, suffix = name.rpartition(".")
        suffix = f"{dot}{suffix}".lower()
        if known := self._naming.read(stem, suffix, folder.name):
            self.tests[folder / name] = known
        elif suffix in self._suffixes:
            self.sources.setdefault(stem, []).append(folder)
