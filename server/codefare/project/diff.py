"""What was changed and not yet committed: the hunks of each file, with the lines of the new text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.project.denied import is_denied
from codefare.project.git import Repository
from codefare.project.patch import FileDiff, Hunk, parse_patch, printable
from codefare.source.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

MOST_CHARACTERS = 200_000
"""Of all hunks together; about 50,000 tokens."""

_MOST_FILES = 300
_MOST_LISTING = 4_000_000  # bytes
_BATCH = 20_000  # characters of paths on one command line: Windows takes 32,000
_COLUMNS = 3  # lines added, lines removed, path
_SAMPLE = 8_000  # bytes in which a binary file shows itself
_FORMAT = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-relative", "--find-renames"),
    *("--submodule=short", "--ignore-submodules=dirty", "--diff-algorithm=default"),
)
_PATCH = ("--patch", "--unified=3", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A changed file that is not shown, and why in a few words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of a file's new text; `path` is relative to the root, with slashes."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """The uncommitted changes below a folder. Paths are relative to `root`, with slashes."""

    root: Path
    files: tuple[FileDiff, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def text(self) -> str:
        """All of it as a unified diff, then what is left out."""
        parts = [one.text for one in self.files]
        parts += [f"Not shown: {printable(one.path)} ({one.reason})" for one in self.left_out]
        return "\n".join(parts)

    def place(self, code: str, path: str = "", near: int | None = None) -> Place | None:
        """Where a quoted piece of code stands in the new text; None if no changed hunk holds it.

        White space around its lines does not count, nor the sign a diff's line begins with. Changed
        lines come before unchanged ones, then the one nearest to the line `near`. A quote of
        deleted code means the line where it stood. Without a `path`, or with one that is not part
        of the diff, all files are searched.
        """
        wanted = [line.strip() for line in code.split("\n") if line.strip()]
        if not wanted:
            return None
        files = [one for one in self.files if one.path == path.removeprefix("./")] or self.files
        found: list[tuple[tuple[int, int, int], Place]] = []
        for bare in (
            wanted,
            [line.removeprefix(line[:1]).strip() for line in wanted if _signed(line)],
        ):
            for number, one in enumerate(files):
                for rank, line, text in _matches(one, bare):
                    far = abs(line - near) if near is not None else 0
                    found.append(((rank, far, number), Place(one.path, line, text)))
            if found:
                return min(found, key=lambda each: (*each[0], each[1].line))[1]
        return None


def uncommitted(
    folder: Path,
    *,
    is_never: Callable[[Path], bool] = lambda _: False,
    is_private: Callable[[Path], bool] = lambda _: False,
    limit: int = MOST_CHARACTERS,
    timeout: float = 20.0,
) -> Diff:
    """What differs from the last commit below `folder`: staged, unstaged, and files that git does not know yet.

    Files that the predicates name, and those that hold secrets, are left out; so is what exceeds
    `limit` characters, in the order of the files. Blocks for up to `timeout` seconds: not for an
    event loop.

    Raises:
        TargetError: there is no git, no repository, or git fails or takes too long.
    """
    repository = Repository(folder, timeout=timeout)
    return _Reader(repository, is_never, is_private, limit).read()


@dataclass(frozen=True, slots=True)
class _Change:
    """One changed file."""

    path: str
    old_path: str
    binary: bool


class _Reader:
    """Reads the changes of one repository."""

    def __init__(
        self,
        repository: Repository,
        is_never: Callable[[Path], bool],
        is_private: Callable[[Path], bool],
        limit: int,
    ) -> None:
        self._repository = repository
        self._root = repository.root
        self._is_never = is_never
        self._is_private = is_private
        self._left = limit
        self._left_out: list[LeftOut] = []

    def read(self) -> Diff:
        below = self._repository.folder.relative_to(self._root).as_posix()
        base = self._base()
        changes = self._changes(base, below)
        shown = [one for one in changes if self._is_shown(one)]
        files = self._patched(base, shown)
        files += self._untracked(below)
        self._left_out.sort(key=lambda one: one.path)
        return Diff(self._root, tuple(files), tuple(self._left_out))

    def _base(self) -> str:
        """What to compare with: the last commit, or nothing at all where there is none yet."""
        head, _ = self._repository.run("rev-parse", "--revs-only", "HEAD", limit=1000)
        if head.strip():
            return "HEAD"
        empty, _ = self._repository.run("hash-object", "-t", "tree", "--stdin", limit=1000)
        return empty.decode().strip()

    def _changes(self, base: str, below: str) -> list[_Change]:
        listed, whole = self._repository.run(
            "diff", *_FORMAT, "--numstat", "-z", base, "--", below, limit=_MOST_LISTING
        )
        if not whole:
            self._left_out.append(LeftOut(below, "the list of changed files is too long"))
        fields = iter(listed.split(b"\0"))
        changes: dict[str, _Change] = {}
        for field in fields:
            if field.count(b"\t") < _COLUMNS - 1:
                continue
            added, _, name = field.split(b"\t", _COLUMNS - 1)
            old = path = os.fsdecode(name)
            if not name:  # renamed: both names follow
                old, path = os.fsdecode(next(fields, b"")), os.fsdecode(next(fields, b""))
            changes[path] = _Change(path, old, binary=added == b"-")
        return list(changes.values())

    def _is_shown(self, change: _Change) -> bool:
        for path in dict.fromkeys((change.path, change.old_path)):
            if reason := self._refusal(path):
                return self._leave_out(change.path, reason)
        if change.binary:
            return self._leave_out(change.path, "binary")
        return True

    def _refusal(self, path: str) -> str:
        """Why a file may not be shown; "" if it may."""
        whole = self._root / path
        if is_denied(path):
            return "may hold secrets"
        if self._is_never(whole):
            return "kept from every model, by your settings or a .codefareignore"
        return "private, by your settings or git's exclude files" if self._is_private(whole) else ""

    def _leave_out(self, path: str, reason: str) -> bool:
        self._left_out.append(LeftOut(path, reason))
        return False

    def _patched(self, base: str, changes: Sequence[_Change]) -> list[FileDiff]:
        for one in changes[_MOST_FILES:]:
            self._leave_out(one.path, f"more than {_MOST_FILES} files are changed")
        patched = [
            one
            for batch in _batches(changes[:_MOST_FILES])
            for one in self._patches(base, batch)
            if self._fits(one)
        ]
        order = {one.path: number for number, one in enumerate(changes)}
        return sorted(patched, key=lambda one: order.get(one.path, len(order)))

    def _patches(self, base: str, batch: Sequence[_Change]) -> list[FileDiff]:
        """What changed in some files, but for those with too long a text."""
        paths = dict.fromkeys(path for one in batch for path in (one.old_path, one.path))
        printed, whole = self._repository.run(
            "diff", *_FORMAT, *_PATCH, base, "--", *paths, limit=4 * MOST_CHARACTERS
        )
        if whole:
            return parse_patch(printed)
        if len(batch) == 1:
            self._leave_out(batch[0].path, "too long")
            return []
        half = len(batch) // 2
        return self._patches(base, batch[:half]) + self._patches(base, batch[half:])

    def _fits(self, one: FileDiff) -> bool:
        size = len(one.text)
        if size > self._left:
            return self._leave_out(one.path, "too long")
        self._left -= size
        return True

    def _untracked(self, below: str) -> list[FileDiff]:
        listed, _ = self._repository.run(
            "ls-files", "--others", "--exclude-standard", "-z", "--", below, limit=_MOST_LISTING
        )
        kept: list[FileDiff] = []
        for number, name in enumerate(sorted(filter(None, listed.split(b"\0")))):
            path = os.fsdecode(name)
            if number >= _MOST_FILES:
                self._leave_out(path, f"more than {_MOST_FILES} files are new")
            elif reason := self._refusal(path):
                self._leave_out(path, reason)
            elif (one := self._new(path)) is not None and self._fits(one):
                kept.append(one)
        return kept

    def _new(self, path: str) -> FileDiff | None:
        whole = self._root / path
        if path.endswith("/"):
            self._leave_out(path, "a repository of its own")
            return None
        if whole.is_symlink() or not whole.is_file():
            self._leave_out(path, "a link or no regular file")
            return None
        try:
            data = read_regular(whole, 4 * MOST_CHARACTERS + 1)
        except OSError:
            self._leave_out(path, "cannot be read")
            return None
        if b"\0" in data[:_SAMPLE]:
            self._leave_out(path, "binary")
            return None
        if len(data) > 4 * MOST_CHARACTERS:
            self._leave_out(path, "too long")
            return None
        lines = data.decode("utf-8", "replace").split("\n")
        unended = lines.pop() if lines[-1] else lines.pop() or None
        shown = [f"+{line}" for line in lines]
        if unended is not None:
            shown += [f"+{unended}", "\\ No newline at end of file"]
        count = len(lines) + (unended is not None)
        hunks = (Hunk(0, 0, 1, count, "", tuple(shown)),) if shown else ()
        return FileDiff(path, path, "untracked", hunks)


def _signed(line: str) -> bool:
    return line[:1] in "+-"


def _matches(one: FileDiff, wanted: Sequence[str]) -> Iterable[tuple[int, int, str]]:
    """Rank, line and text of each place in a file where the wanted lines stand one after another."""
    if not wanted:
        return
    for hunk in one.hunks:
        for rank, sign in ((0, "-"), (2, "+")):  # the new text, then the old one
            rows = [row for row in hunk.rows() if row.sign != sign]
            texts = [row.text.strip() for row in rows]
            for at in range(len(rows) - len(wanted) + 1):
                if texts[at : at + len(wanted)] == list(wanted):
                    changed = any(row.sign != " " for row in rows[at : at + len(wanted)])
                    yield rank + (not changed), rows[at].line, rows[at].text


def _batches(changes: Sequence[_Change]) -> Iterable[list[_Change]]:
    batch: list[_Change] = []
    size = 0
    for one in changes:
        size += len(one.path) + len(one.old_path)
        if batch and size > _BATCH:
            yield batch
            batch, size = [], len(one.path) + len(one.old_path)
        batch.append(one)
    if batch:
        yield batch
