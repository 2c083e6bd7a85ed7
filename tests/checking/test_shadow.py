"""A shadow copy looks like the project and is not it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from codefare.checking import shadow as shadow_module
from codefare.checking.project import project_of
from codefare.checking.shadow import Shadow, shadow_of
from codefare.errors import CheckerFailed


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every entry below a folder with its content; links are followed to files only."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def mode_of(path: Path) -> int:
    """The permission bits."""
    return path.stat().st_mode & 0o777


@pytest.fixture
def file(project: Path) -> Path:
    """`src/pkg/a module.py`, with neighbours, a folder beside it and one beside that."""
    for name, text in {
        "src/pkg/a module.py": "old = 1\n",
        "src/pkg/b.py": "b = 1\n",
        "src/pkg/deep/c.py": "c = 1\n",
        "tests/t.py": "t = 1\n",
        "notes.txt": "notes\n",
        ".mypy_cache/x.json": "{}",
        "node_modules/.cache/x": "x",
        "node_modules/left-pad/index.js": "",
        "dist/tsconfig.tsbuildinfo": "{}",
        "dist/out.js": "",
    }.items():
        at = project / name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, "utf-8")
    return project / "src" / "pkg" / "a module.py"


async def test_the_copy_has_the_new_text_and_the_projects_neighbours(
    project: Path, file: Path
) -> None:
    """A checker finds its configuration, the modules beside the file and the folders beside those."""
    async with shadow_of(file) as shadow:
        shadow.write("new = 2\n")
        assert shadow.file.name == "a module.py"
        assert shadow.file.read_text("utf-8") == "new = 2\n"
        for name in ("pyproject.toml", "src/pkg/b.py", "src/pkg/deep/c.py", "tests/t.py"):
            assert (shadow.root / name).read_bytes() == (project / name).read_bytes()
    assert tree(file.parent)[file.name] == b"old = 1\n"


async def test_what_is_written_beside_the_file_does_not_reach_the_project(
    project: Path, file: Path
) -> None:
    """Caches, build information and configuration files are the copy's own, also where folders are linked."""
    before = tree(project)
    async with shadow_of(file) as shadow:
        shadow.write("new = 2\n")
        for name in (
            "pyproject.toml",
            "src/pkg/b.py",
            ".mypy_cache/x.json",
            "node_modules/.cache/x",
            "node_modules/.tmp/x",
            "dist/tsconfig.tsbuildinfo",
            ".git/index",
        ):
            at = shadow.root / name
            at.parent.mkdir(exist_ok=True)
            at.write_text("written", "utf-8")
    assert tree(project) == before


async def test_nothing_is_left_of_it(file: Path, shadows: Path) -> None:
    """The copy goes, and what it linked to stays."""
    async with shadow_of(file) as shadow:
        shadow.write("new = 2\n")
        assert os.listdir(shadows) == [shadow.folder.name]  # noqa: PTH208 - names are all we need
    assert tree(shadows) == {}
    assert (file.parent / "deep" / "c.py").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
async def test_only_the_user_can_look_into_it(file: Path, shadows: Path) -> None:
    """It holds code, and what lies above it is searched for configuration that may hold code."""
    async with shadow_of(file) as shadow:
        assert mode_of(shadow.folder) == mode_of(shadows) == 0o700


async def test_each_text_is_later_than_the_one_before(file: Path) -> None:
    """Checkers' caches compare times in whole seconds and sizes: neither may say that nothing changed."""
    async with shadow_of(file) as shadow:
        shadow.write("a = 1\n")
        first = int(shadow.file.stat().st_mtime)
        shadow.write("a = 2\n")
        assert int(shadow.file.stat().st_mtime) > first


async def test_without_links_a_small_project_is_copied(project: Path, file: Path) -> None:
    """Windows may allow no links; the copy then reads the same."""

    def forbidden(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    async with shadow_of(file, link=forbidden) as shadow:
        assert (shadow.root / "tests" / "t.py").read_text("utf-8") == "t = 1\n"
        assert not any(path.is_symlink() for path in shadow.top.rglob("*"))


async def test_without_links_a_large_project_is_refused(
    file: Path, shadows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said what to do, and the half copy is gone."""
    monkeypatch.setattr(shadow_module, "_MOST_FILES", 2)

    def forbidden(*_: object, **__: object) -> None:
        raise OSError("a required privilege is not held by the client")

    with pytest.raises(CheckerFailed, match="too large to copy") as raised:
        async with shadow_of(file, link=forbidden):
            pass
    assert "developer mode" in raised.value.remedy
    assert tree(shadows) == {}


async def test_what_a_killed_session_left_is_removed_after_a_day(file: Path, shadows: Path) -> None:
    """What is younger may be in use by another editor."""
    old, young = Shadow(file).folder, Shadow(file).folder
    day_before = time.time() - 25 * 60 * 60
    os.utime(old, (day_before, day_before))
    async with shadow_of(file):
        assert not old.exists()
        assert young.exists()


async def test_a_cache_folder_that_cannot_be_made_is_said(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what to look at."""
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    with pytest.raises(CheckerFailed, match="cannot be made") as raised:
        async with shadow_of(file):
            pass
    assert "cache folder" in raised.value.remedy


def test_the_project_is_the_nearest_one_in_its_repository(project: Path) -> None:
    """A package of a repository is checked where it is, and sees what lies above it."""
    package = project / "packages" / "one"
    (package / "src").mkdir(parents=True)
    (package / "package.json").write_text("{}")
    found = project_of(package / "src" / "a.ts")
    assert (found.root, found.top) == (package, project)


def test_a_file_of_no_project_stands_in_its_own_folder(tmp_path: Path, home: Path) -> None:
    """Nothing above it is searched for what might belong to it."""
    (tmp_path / "loose").mkdir()
    found = project_of(tmp_path / "loose" / "a.py")
    assert found.root == found.top == tmp_path / "loose"


def test_the_home_folder_is_no_project(home: Path) -> None:
    """A repository of dot files at home does not make all of it one project."""
    (home / ".git").mkdir()
    (home / "package.json").write_text("{}")
    (home / "code").mkdir()
    found = project_of(home / "code" / "a.py")
    assert found.root == found.top == home / "code"
