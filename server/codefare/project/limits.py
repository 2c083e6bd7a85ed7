"""Which models may see a file: what ignore files and the list of files with secrets say of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.project.denied import is_denied, is_in_denied_folder
from codefare.project.excludes import excludes
from codefare.project.ignore import NAMES, Rules, Said, lines_of
from codefare.project.tracked import is_tracked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codefare.settings import Settings

_FRESH = 5.0  # seconds that what was seen on disk counts
_MOST_KEPT = 512
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """Why not every model may see a file, in a user's words. With `closed` none may, else those of one's own."""

    reason: str
    closed: bool

    @property
    def brief(self) -> str:
        """The same as short as a menu wants it; the reason is said once, elsewhere."""
        return "no model may see it" if self.closed else "for self-hosted models only"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the disk says of a file: `names` are its own, and the one that it is a link to; each with its limit."""

    at: float
    names: tuple[tuple[Path, Limit | None], ...]


class Paths:
    """Knows the limits of files from memory, once it has looked. Looking blocks: it is for a thread."""

    def __init__(self) -> None:
        self._seen: dict[tuple[Path, tuple[Path, ...]], _Seen] = {}
        self._files: dict[Path, tuple[tuple[int, int], list[str]]] = {}

    def knows(self, path: Path | None, roots: tuple[Path, ...]) -> bool:
        """Whether the answer is in memory, and not too old."""
        seen = self._seen.get((path, roots)) if path else None
        return path is None or (seen is not None and time.monotonic() - seen.at < _FRESH)

    def look(self, path: Path | None, roots: tuple[Path, ...]) -> None:
        """Read the ignore files above a file, those that have changed."""
        if path is None or self.knows(path, roots):
            return
        names = self._names(path, roots)
        while len(self._seen) >= _MOST_KEPT:
            del self._seen[next(iter(self._seen))]
        self._seen[path, roots] = _Seen(time.monotonic(), names)

    def limit(self, path: Path | None, settings: Settings) -> Limit | None:
        """Why not every model may see a file; None if each may. What was never looked at is looked at now."""
        if path is None:
            return None
        key = path, settings.roots
        if key not in self._seen:
            self.look(path, settings.roots)
        return _strictest(self._seen[key].names, settings)

    def limit_of_changed(self, path: Path, settings: Settings) -> Limit | None:
        """The same for a file that git itself names as changed: it is tracked, or not ignored. Looks at the disk."""
        return _strictest(self._names(path, settings.roots, known_to_git=True), settings)

    def _names(
        self, path: Path, roots: Sequence[Path], *, known_to_git: bool = False
    ) -> tuple[tuple[Path, Limit | None], ...]:
        here = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the links already
        # Where a link is followed by `..`, what it leads to counts, and what the name seems to say.
        names = dict.fromkeys((here, *(Path(os.path.realpath(one)) for one in (path, here))))
        return tuple((one, self._limit(one, roots, known_to_git=known_to_git)) for one in names)

    def _limit(self, path: Path, roots: Sequence[Path], *, known_to_git: bool) -> Limit | None:
        folders = _above(path)
        repository = next((at for at in folders if (at / ".git").exists()), None)
        root = max((r for r in roots if path.is_relative_to(r)), key=_depth, default=None)
        git_top = repository or root or path.parent
        own_top = min(filter(None, (git_top, root)), key=_depth)
        own = self._said(path, own_top, NAMES[1], ())
        if own is not None:
            return Limit(f"{_told(path, own, own_top)}: no model may see it", closed=True)
        relative = path.relative_to(git_top).as_posix()
        if is_denied(relative) or is_in_denied_folder(path):
            reason = f"{path.name} looks like a file with secrets"
        else:
            said = self._said(path, git_top, NAMES[0], excludes(repository))
            if said is None:
                return None
            if _is_projects(said, git_top) and (known_to_git or is_tracked(path)):
                return None
            reason = _told(path, said, git_top)
        return Limit(
            f"{reason}: for self-hosted models only, or `allow` it in config.toml", closed=False
        )

    def _said(self, path: Path, top: Path, name: str, first: Iterable[Path]) -> Said | None:
        """Which line of which ignore file leaves a file out; None if none does."""
        rules = Rules()
        files: list[Path] = []
        for file in first:
            rules = rules.below("", self._lines(file), str(file))
        here, relative = top, ""
        parts = path.relative_to(top).parts
        for number, part in enumerate(parts, 1):
            file = here / name
            files.append(file)
            rules = rules.below(relative, self._lines(file), str(file))
            here, relative = here / part, f"{relative}/{part}" if relative else part
            said = rules.said(relative, is_folder=number < len(parts))
            if said is not None and said.out:
                return said
        return None

    def _lines(self, file: Path) -> list[str]:
        """The lines of an ignore file, read again only if it has changed."""
        try:
            status = file.stat()
        except (OSError, ValueError):
            self._files.pop(file, None)
            return []
        stamp = status.st_mtime_ns, status.st_size
        known = self._files.get(file)
        if known is None or known[0] != stamp:
            while len(self._files) >= _MOST_KEPT:
                del self._files[next(iter(self._files))]
            known = self._files[file] = stamp, lines_of(file)
        return known[1]


def _strictest(names: Iterable[tuple[Path, Limit | None]], settings: Settings) -> Limit | None:
    found = [
        limit
        for name, limit in names
        if limit is not None and (limit.closed or not settings.is_allowed(name))
    ]
    return min(found, key=lambda limit: not limit.closed, default=None)


def _is_projects(said: Said, top: Path) -> bool:
    """Whether a .gitignore of the project says so, and not the user himself."""
    file = Path(said.source)
    return file.name == NAMES[0] and file.is_relative_to(top)


def _told(path: Path, said: Said, top: Path) -> str:
    file = Path(said.source)
    shown = file.relative_to(top).as_posix() if file.is_relative_to(top) else str(file)
    return f"{path.name} is ignored by {shown}, line {said.line}"


def _above(path: Path) -> list[Path]:
    return list(path.parents)[:_DEEPEST]


def _depth(path: Path) -> int:
    return len(path.parts)
