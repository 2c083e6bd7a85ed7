"""Links and pipes of a workspace make nobody wait, and lead nobody out of it."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

import pytest
from tests.hostile.workspace import CODE, codefare

from codefare.errors import TargetError
from codefare.source.file import _folder, create_text, read_document
from codefare.source.target import Span
from codefare.tasks.testing.plan import nothing_open, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX's")

PIPES = [
    ".gitignore",
    ".codefareignore",
    "package.json",
    "setup.cfg",
    "go.mod",
    "conftest.py",
    "tests/test_a.py",
]


@pytest.mark.parametrize("words", [("tests", "sums.py"), ("architecture", "."), ("review", ".")])
def test_pipes_hold_nobody_up(
    words: tuple[str, str], home: Path, tmp_path: Path, count: Callable[[str], None]
) -> None:
    """Where a file is expected and a pipe is found that nobody writes to, nothing waits for it."""
    (tmp_path / "tests").mkdir()
    for name in PIPES if words[0] != "review" else [*PIPES, ".git"]:
        os.mkfifo(tmp_path / name)
    (tmp_path / "sums.py").write_text(CODE)
    done = codefare(tmp_path, "quote", "--action", *words)
    assert done.returncode in (0, 2), done.stderr
    assert "Traceback" not in done.stderr
    for _ in PIPES:
        count("pipes")


LINKS = {
    "tests are a link": {"tests": "../outside"},
    "a dangling link": {"tests": "../outside/new"},
    "the new test is a link": {"test_sums.py": "../outside/test_sums.py"},
    "a link to a link": {"x": "../outside", "tests": "x"},
    "a circle": {"tests": "test", "test": "tests"},
}
PYTEST = "[tool.pytest.ini_options]\ntestpaths"
PATHS = {
    "testpaths up": ("pyproject.toml", f'{PYTEST} = ["../outside"]\n'),
    "testpaths absolute": ("pyproject.toml", f'{PYTEST} = ["{{outside}}"]\n'),
    "pytest.ini up": ("pytest.ini", "[pytest]\ntestpaths = ../outside\n"),
}


@pytest.mark.parametrize("how", [*LINKS, *PATHS])
def test_new_tests_stay_in_the_workspace(
    how: str, tmp_path: Path, count: Callable[[str], None]
) -> None:
    """Whatever its links and its configuration say."""
    folder = tmp_path / "w"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (folder / "sums.py").write_text(CODE)
    for name, to in LINKS.get(how, {}).items():
        (folder / name).symlink_to(to)
    if how in PATHS:
        name, text = PATHS[how]
        (folder / name).write_text(text.replace("{outside}", str(tmp_path / "outside")))
    document = read_document(folder / "sums.py")
    target = document.target(Span(0, 0), whole_file=True)
    planned = plan(target, nothing_open, [folder])
    if planned.path is not None:
        with contextlib.suppress(TargetError):
            create_text(planned.path, "x", within=[folder])
    assert not list((tmp_path / "outside").iterdir())
    count("links out of the workspace")


def test_a_link_that_changes_is_not_followed_out(
    tmp_path: Path, count: Callable[[str], None]
) -> None:
    """Between the look and the write, while another process moves it as fast as it can."""
    folder, outside = tmp_path / "w", tmp_path / "outside"
    for each in (folder, outside, folder / "real"):
        each.mkdir()
    (folder / "tests").symlink_to("real")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            for target in ("../outside", "real"):
                (tmp_path / "link").symlink_to(target)
                (tmp_path / "link").replace(folder / "tests")

    swapping = threading.Thread(target=swap)
    swapping.start()
    written = refused = 0
    try:
        while not (written > 500 and refused > 500):
            path = folder / "tests" / "deep" / f"test_{written + refused}.py"
            try:
                create_text(path, "x", within=[folder])
                written += 1
            except TargetError:
                refused += 1
    finally:
        over.set()
        swapping.join()
    assert not list(outside.rglob("*"))
    assert len(list((folder / "real").rglob("*.py"))) == written
    count("links out of the workspace")


def test_a_folder_that_becomes_a_link_is_no_way_out(tmp_path: Path) -> None:
    """The way down is opened folder by folder: what was a folder a moment ago, and is a link now, ends it."""
    (tmp_path / "w").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "w" / "tests").symlink_to(tmp_path / "outside")
    with (
        pytest.raises(OSError, match=r"Not a directory|symbolic"),
        _folder(tmp_path / "w" / "tests"),
    ):
        pass
    with pytest.raises(OSError, match=r"Not a directory|symbolic"), _folder(tmp_path / "w/tests/a"):
        pass
    assert not list((tmp_path / "outside").iterdir())
