"""A shadow copy of a project: one file is new, the rest is the project's own, and nothing of it is written."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.checking.project import REPOSITORIES, project_of
from codefare.errors import CheckerFailed
from codefare.places import cache_folder, private_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    Link = Callable[..., None]  # as os.symlink


# What checkers write beside the code. Through a link they would write it into the project.
_CACHES = frozenset(
    (
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".eslintcache",
        ".stylelintcache",
        ".cache",
        ".tmp",
        ".vite",
        "__pycache__",
    )
)
_CACHE_ENDING = ".tsbuildinfo"
# Folders in which such things lie: what is in them is linked, so that what comes new stays out.
_OPENED = frozenset({"node_modules", "dist", "build", "out", "target"})
# Some tools ask where a file really lies: where a link leads, the way back to the new file is lost.
_COPIED = frozenset(
    (
        ".js",
        ".cjs",
        ".mjs",
        ".ts",
        ".cts",
        ".mts",
        ".jsx",
        ".tsx",
        ".json",
        ".jsonc",
        ".json5",
        ".toml",
        ".cfg",
        ".ini",
        ".yaml",
        ".yml",
        ".py",
        ".pyi",
        ".go",
        ".mod",
        ".sum",
        ".work",
    )
)
_LARGEST_COPY = 256 * 1024  # bytes of one file
_MOST_COPIES = 500
# Where links are not allowed (Windows without developer mode), as much is copied at most.
_MOST_BYTES = 64 * 2**20
_MOST_FILES = 10_000
_LEFT_OVER = 24 * 60 * 60  # seconds, then what a session that was killed left behind is removed


class Shadow:
    """The copy. `root` is where a checker runs, `file` the file in it, `scratch` a folder for caches."""

    def __init__(self, path: Path, *, link: Link = os.symlink) -> None:
        """Makes an empty folder; `fill` does the rest.

        Raises:
            OSError: There is no place for it.
        """
        path = path.absolute()
        project = project_of(path)
        # Not the system's folder for such things: checkers look for their configuration in all
        # folders above a file, and there it could be another user's.
        base = private_folder(cache_folder() / "shadows")
        self.folder = Path(tempfile.mkdtemp(dir=base))
        self.project = project
        self.top = self.folder / (project.top.name or "project")
        self.root = self.top / project.root.relative_to(project.top)
        self.file = self.top / path.relative_to(project.top)
        self.scratch = self.folder / "caches"
        self._path = path
        self._link = link
        self._copies = _MOST_COPIES
        self._bytes, self._files = _MOST_BYTES, _MOST_FILES
        self._gone = False
        self._busy = threading.Lock()
        self._time = time.time()

    def fill(self) -> None:
        """Builds the copy, all but the file itself.

        Raises:
            OSError: The project cannot be read or the copy not be written.
            CheckerFailed: This system makes no links, and the project is too large to copy.
        """
        with self._busy:
            _remove_left_over(self.folder.parent, time.time() - _LEFT_OVER)
            self.scratch.mkdir()
            self.top.mkdir()
            steps = self._path.relative_to(self.project.top).parts
            here, there = self.project.top, self.top
            for step in steps:
                self._mirror(here, there, step)
                here, there = here / step, there / step

    def write(self, text: str) -> None:
        """Makes `text` the content of the file, with a later time at each call.

        Caches look at size and time: within a second they would take the new text for the old one.

        Raises:
            CheckerFailed: It cannot be written.
        """
        self._time += 10
        try:
            self.file.write_bytes(text.encode("utf-8", "surrogatepass"))
            os.utime(self.file, (self._time, self._time))
        except OSError as error:
            raise _unable(error) from None

    def remove(self) -> None:
        """Deletes the copy; links go, what they lead to stays."""
        self._gone = True
        with self._busy:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _mirror(self, here: Path, there: Path, step: str) -> None:
        """The entries of a folder on the way to the file; `step` is the next folder, or the file."""
        for entry in sorted(here.iterdir()):
            if self._gone:
                return
            at = there / entry.name
            if entry.name == step:
                if here / step != self._path:
                    at.mkdir()
            elif entry.name in REPOSITORIES:
                at.mkdir()  # tools look for it; none is to change the repository's index
            elif not _is_cache(entry.name):
                self._take(entry, at)

    def _take(self, source: Path, at: Path) -> None:
        if source.is_dir():
            if source.name not in _OPENED:
                self._connect(source, at)
                return
            at.mkdir()
            for entry in source.iterdir():
                if not _is_cache(entry.name):
                    self._connect(entry, at / entry.name)
            return
        if self._copies and source.suffix in _COPIED and source.is_file():
            with suppress(OSError):  # one that cannot be read is linked, as it is
                if source.stat().st_size <= _LARGEST_COPY:
                    shutil.copy2(source, at)
                    self._copies -= 1
                    return
        self._connect(source, at)

    def _connect(self, source: Path, at: Path) -> None:
        """Links; where that is not allowed, copies."""
        folder = source.is_dir()
        try:
            self._link(source, at, target_is_directory=folder)
        except OSError:
            self._copy(source, at, folder=folder)

    def _copy(self, source: Path, at: Path, *, folder: bool) -> None:
        if folder:
            at.mkdir()
            for entry in source.iterdir():
                if not _is_cache(entry.name):
                    # A link to a folder may lead round in a circle.
                    self._copy(entry, at / entry.name, folder=_is_own_folder(entry))
        elif source.is_file():
            self._bytes -= source.stat().st_size
            self._files -= 1
            if self._bytes < 0 or self._files < 0:
                raise CheckerFailed(
                    "This system lets codefare make no symbolic links, and the project is too large"
                    " to copy.",
                    remedy="Allow links: on Windows, turn the developer mode on.",
                )
            shutil.copy2(source, at)


@asynccontextmanager
async def shadow_of(path: Path, *, link: Link = os.symlink) -> AsyncIterator[Shadow]:
    """A shadow copy of the project of `path`; it is gone afterwards.

    Raises:
        CheckerFailed: It cannot be made.
    """
    try:
        shadow = Shadow(path, link=link)
    except OSError as error:
        raise _unable(error) from None
    try:
        try:
            await asyncio.to_thread(shadow.fill)
        except OSError as error:
            raise _unable(error) from None
        yield shadow
    finally:
        await asyncio.shield(asyncio.to_thread(shadow.remove))


def _unable(error: OSError) -> CheckerFailed:
    return CheckerFailed(
        f"A copy of the project to check cannot be made: {(error.strerror or str(error)).lower()}.",
        remedy="Check the space on the disk and your rights to codefare's cache folder.",
    )


def _is_own_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_cache(name: str) -> bool:
    return name in _CACHES or name.endswith(_CACHE_ENDING)


def _remove_left_over(base: Path, before: float) -> None:
    for folder in base.iterdir():
        with suppress(OSError):
            if folder.lstat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
