"""The files of a project: those that people wrote, and that may be looked at."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.project.denied import is_denied
from codefare.project.excludes import excludes
from codefare.project.ignore import ABOVE, NAMES, Rules, lines_of
from codefare.source.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MOST_FOLDERS = 20_000
_DEEPEST = 40
# Never the project's own.
_SKIPPED = frozenset(
    {"node_modules", "bower_components", "jspm_packages", "__pycache__", "site-packages"}
    | {"__pypackages__", "Pods", "DerivedData", "htmlcov"}
)
# Made by a tool where one of these files stands beside.
_MADE = {
    "target": {"Cargo.toml", "pom.xml", "build.sbt"},
    "build": {"package.json", "pyproject.toml", "setup.py", "build.gradle", "build.gradle.kts"}
    | {"CMakeLists.txt", "pubspec.yaml"},
    "dist": {"package.json", "pyproject.toml", "setup.py"},
    "out": {"package.json", "CMakeLists.txt", "build.gradle", "build.gradle.kts"},
    "coverage": {"package.json"},
    "vendor": {"go.mod", "composer.json", "Gemfile"},
}
_DOTNET = frozenset({"bin", "obj"})
_FOREIGN = frozenset({"pyvenv.cfg", "CACHEDIR.TAG"})  # in a folder of its own making


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the project; `relative` is its path from the root, with slashes."""

    path: Path
    relative: str
    language: str | None
    size: int
    mtime_ns: int


def find_files(
    root: Path,
    *,
    is_never: Callable[[Path], bool],
    is_private: Callable[[Path], bool],
) -> Iterator[Found]:
    """The files below `root` that may be looked at, in the order of their paths.

    Left out are hidden files and folders, what .gitignore and .codefareignore files name (also those above,
    up to the repository), what tools install or build, links, files that hold secrets, and those
    that the predicates name.
    """
    pending = [_Folder(root, "", *_above(root), 0)]
    folders = 0
    while pending and folders < _MOST_FOLDERS:
        folder = pending.pop()
        folders += 1
        entries, inner = _kept(folder)
        pending.extend(reversed(inner))
        for entry in entries:
            found = _found(entry, folder)
            if found is not None and not (is_never(found.path) or is_private(found.path)):
                yield found


def is_left_out(root: Path, path: Path) -> bool:
    """Whether a file below `root` is one that ignore files leave out, or that holds secrets."""
    git, own = _above(root)
    here, relative, parts = root, "", path.relative_to(root).parts
    for number, part in enumerate(parts, 1):
        git = git.below(relative, lines_of(here / NAMES[0]))
        own = own.below(relative, lines_of(here / NAMES[1]))
        here, relative = here / part, f"{relative}/{part}" if relative else part
        is_folder = number < len(parts)
        if any(rules.leaves_out(relative, is_folder=is_folder) for rules in (git, own)):
            return True
    return is_denied(relative)


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder with the patterns that count in it: git's and ours."""

    path: Path
    relative: str
    git: Rules
    own: Rules
    depth: int

    def at(self, name: str) -> str:
        """The path of what is in it, from the root."""
        return f"{self.relative}/{name}" if self.relative else name


def _kept(folder: _Folder) -> tuple[list[os.DirEntry[str]], list[_Folder]]:
    """The files and folders of a folder that are not left out."""
    entries = _entries(folder.path)
    names = {entry.name for entry in entries}
    if folder.depth and names & _FOREIGN:
        return [], []
    git, own = folder.git, folder.own
    own_repository = folder.depth and ".git" in names
    ignoring = excludes(folder.path) if own_repository else []
    for file in (*ignoring, folder.path / NAMES[0]):
        if file.name in names or ignoring:
            git = git.below(folder.relative, lines_of(file))
    if NAMES[1] in names:
        own = own.below(folder.relative, lines_of(folder.path / NAMES[1]))
    files: list[os.DirEntry[str]] = []
    folders: list[_Folder] = []
    for entry in entries:
        at, deeper = folder.at(entry.name), folder.depth + 1
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith("."):
            continue
        if git.leaves_out(at, is_folder=is_folder) or own.leaves_out(at, is_folder=is_folder):
            continue
        if not is_folder:
            files.append(entry)
        elif deeper <= _DEEPEST and _is_own(entry.name, names):
            folders.append(_Folder(folder.path / entry.name, at, git, own, deeper))
    return files, folders


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_own(name: str, beside: set[str]) -> bool:
    if name in _SKIPPED or name.endswith(".egg-info"):
        return False
    if name in _DOTNET:
        return not any(one.endswith((".csproj", ".fsproj", ".vbproj")) for one in beside)
    return not _MADE.get(name, set()) & beside


def _found(entry: os.DirEntry[str], folder: _Folder) -> Found | None:
    relative = folder.at(entry.name)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or is_denied(relative):
        return None
    path = folder.path / entry.name
    return Found(path, relative, language_of(path, None), status.st_size, status.st_mtime_ns)


def _above(root: Path) -> tuple[Rules, Rules]:
    """What the files of the repository above the root say of what is below it."""
    git, own = Rules(), Rules()
    outer = [root, *root.parents]
    top = next((number for number, one in enumerate(outer) if (one / ".git").exists()), None)
    for number in range(top or 0, -1, -1):
        # Patterns count from their own folder: seen from the root, it is some folders up.
        prefix = f"{ABOVE}{root.relative_to(outer[number]).as_posix()}" if number else ""
        for file in excludes(outer[number]) if number == top else ():
            git = git.below(prefix, lines_of(file))
        if number:
            git = git.below(prefix, lines_of(outer[number] / NAMES[0]))
            own = own.below(prefix, lines_of(outer[number] / NAMES[1]))
    return git, own
