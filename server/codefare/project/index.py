"""The source files of a workspace, in memory: what each defines, and what a name imported from one means."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.project.entries import LARGEST, Source, read_bytes, read_source
from codefare.project.files import Found, find_files
from codefare.project.resolve import Resolver
from codefare.source.signature import commented

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codefare.source.context import Importer
    from codefare.source.uses import Use

MOST_FILES = 2_000
MOST_BYTES = 20_000_000

_MOST_PLACES = 1_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. Without `complete` some files are left out: there are too many, or time was up."""

    read: int
    kept: int
    gone: int
    seconds: float
    complete: bool


class Index:
    """What is known of a workspace's folder. Safe to read from any thread while one refreshes it.

    It knows nothing before the first `refresh`. Files that the predicates name are not in it, and
    not given out either if they name them only later.
    """

    def __init__(
        self,
        root: Path,
        *,
        is_never: Callable[[Path], bool] = lambda _: False,
        is_private: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        self.root = root.resolve()
        self._is_never = is_never
        self._is_private = is_private
        self._sources: dict[str, Source] = {}
        self._resolver = Resolver({}, ())
        self._places: dict[Path, str] = {}
        self._refreshing = threading.Lock()

    @property
    def sources(self) -> tuple[Source, ...]:
        """The files, in the order of their paths."""
        return tuple(self._sources.values())

    def imports_of(self, source: Source) -> list[str]:
        """The other files of the project that a file imports from, by their paths from the root."""
        return self._resolver.imported(source)

    def files(self) -> list[Found]:
        """All files of the project that may be looked at, sources or not. Reads the folders, not the files."""
        return list(find_files(self.root, is_never=self._is_never, is_private=self._is_private))

    def refresh(
        self,
        *,
        seconds: float = 30.0,
        most_files: int = MOST_FILES,
        most_bytes: int = MOST_BYTES,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Refreshed:
        """Read what is new or has another size or time than before. Blocks: for a thread of its own.

        `is_over` is asked between files; where it says so, and when time is up, what was read until
        then counts.
        """
        with self._refreshing:
            return self._refresh(seconds, most_files, most_bytes, is_over)

    def _refresh(
        self, seconds: float, most_files: int, most_bytes: int, is_over: Callable[[], bool]
    ) -> Refreshed:
        start = time.monotonic()
        old, new = self._sources, dict[str, Source]()
        read = size = 0
        complete = True
        manifests: list[tuple[str, str]] = []
        for found in find_files(self.root, is_never=self._is_never, is_private=self._is_private):
            if is_over() or time.monotonic() - start > seconds:
                complete = False
                break
            if found.path.name == "go.mod":
                manifests.append((found.relative.rpartition("/")[0], _module_of(found)))
            if found.language is None or found.size > LARGEST:
                continue
            if len(new) >= most_files or size + found.size > most_bytes:
                complete = False
                continue
            known = old.get(found.relative)
            if known is None or (known.size, known.mtime_ns) != (found.size, found.mtime_ns):
                known = read_source(found)
                read += 1
            if known is not None:
                new[found.relative] = known
                size += found.size
        if not complete and (is_over() or time.monotonic() - start > seconds):
            new = old | new  # what was not reached is taken to be as it was
        # One after the other: a reader in between follows names to files as they were.
        self._sources = dict(sorted(new.items()))
        self._resolver = Resolver(self._sources, tuple(manifests))
        kept = len(self._sources)
        took = time.monotonic() - start
        return Refreshed(read, kept, len(old.keys() - new.keys()), took, complete)

    def signature_of(self, use: Use, importer: Importer) -> str:
        """The signature that a use in a file means, if another file of the project defines it; else "".

        Asks nothing but memory, but for where the importing file really is, once.
        """
        relative = self._relative(importer.path)
        if not relative:
            return ""
        hit = self._resolver.find(use, relative, importer.language, importer.statements)
        if hit is None or hit[0].relative == relative:
            return ""
        source, entry = hit
        path = self.root / source.relative
        if self._is_never(path) or self._is_private(path):
            return ""
        owner = f"in {entry.container}, " if entry.container else "in "
        return commented(source.language, entry.text, f"{owner}{source.relative}", entry.purpose)

    def _relative(self, path: Path) -> str:
        """A file's path from the root, with slashes; "" for one that is not below it."""
        known = self._places.get(path)
        if known is None:
            try:
                known = path.resolve().relative_to(self.root).as_posix()
            except (ValueError, OSError, RuntimeError):
                known = ""
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[path] = known
        return known


def _module_of(found: Found) -> str:
    """The module path that a go.mod names."""
    data = read_bytes(found, LARGEST) or b""
    words = (line.split() for line in data.decode("utf-8", "replace").splitlines())
    return next((each[1].strip('"') for each in words if each[:1] == ["module"] and each[1:]), "")
