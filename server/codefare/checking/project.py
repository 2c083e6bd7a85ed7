"""Which project a file belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORIES = frozenset({".git", ".hg", ".jj", ".svn"})

_MARKERS = (
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "mypy.ini",
    ".mypy.ini",
    "ruff.toml",
    ".ruff.toml",
    "package.json",
    "tsconfig.json",
    "jsconfig.json",
    "deno.json",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "Gemfile",
    "CMakeLists.txt",
    "compile_commands.json",
)


@dataclass(frozen=True, slots=True)
class Project:
    """`root` is where a checker runs, `top` the folder above it that holds all that it may read.

    They differ in a repository of several packages, which share what lies above them: a base
    configuration, node_modules.
    """

    top: Path
    root: Path


def project_of(path: Path) -> Project:
    """The project of a file: its nearest folder with a project's file, in the repository around it.

    Of a file that belongs to none it is the file's own folder.
    """
    root: Path | None = None
    for folder in _folders_above(path):
        repository = any((folder / name).exists() for name in REPOSITORIES)
        if root is None and (repository or any((folder / name).exists() for name in _MARKERS)):
            root = folder
        if repository:
            return Project(folder, root or folder)
    root = root or path.parent
    return Project(root, root)


def _folders_above(path: Path) -> Iterator[Path]:
    """The folders around a file, the nearest first, up to the home folder.

    What lies in the home folder itself (a repository of dot files, say) is about all of it and not
    about one project.
    """
    try:
        home = Path.home()
    except RuntimeError:
        home = None
    for folder in path.parents:
        if folder == home:
            return
        yield folder
