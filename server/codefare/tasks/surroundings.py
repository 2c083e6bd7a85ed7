"""What the project around a target says: signatures elsewhere, the outline of a folder, what is not committed yet."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codefare.errors import TargetError
from codefare.project.diff import Diff, uncommitted
from codefare.project.digest import digest
from codefare.project.files import is_left_out
from codefare.project.index import Index
from codefare.project.limits import Limit, Paths
from codefare.source.context import Context, context_of
from codefare.source.target import Scope
from codefare.tasks.testing import Plan, Plans, plan
from codefare.tasks.whole import Whole, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codefare.settings import Settings
    from codefare.source.document import Document
    from codefare.source.target import Target
    from codefare.tasks.subject import Subject

_FRESH = 20.0  # seconds that what is known of a folder counts as new
_LONGEST = 10.0  # seconds that one look at a folder may take
_SHORTEST = 1.0  # where a command line waits for it
_MOST_KEPT = 16
_MOST_CONTEXTS = 4  # of one place

K = TypeVar("K")
T = TypeVar("T")


class Surroundings:
    """Knows the folders of the workspace. What looks at the disk blocks: it is for a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._epoch = 0  # counts the settings under which something was remembered
        self._indexes: dict[Path, Index] = {}
        self._outlines: dict[Path, Whole | None] = {}
        self._changes: dict[Path, Whole | None] = {}
        self._diffs: dict[str, Diff] = {}
        self._wholes: dict[str, Whole] = {}
        self._looked_at: float | None = None
        self._last: tuple[tuple[object, ...], Context] | None = None
        self._contexts: dict[tuple[object, ...], list[Context]] = {}
        self._plans = Plans()
        self._over = threading.Event()
        self._putting = threading.Lock()
        self.opened: Callable[[Path], str | None] | None = None

    @property
    def settings(self) -> Settings:
        """The settings that hold."""
        return self._settings

    def adopt(self, settings: Settings) -> None:
        """Let other settings hold. What was read while others held may be private now: it is forgotten."""
        with self._putting:
            old, self._settings = self._settings, settings
            if (old.privacy, old.roots) == (settings.privacy, settings.roots):
                return
            self._epoch += 1
            self._last, self._looked_at = None, None
            for memory in (
                self._indexes,
                self._outlines,
                self._changes,
                self._diffs,
                self._wholes,
                self._contexts,
            ):
                memory.clear()
            self._plans = Plans()

    @property
    def is_stale(self) -> bool:
        """Whether it is time for another look at the folders."""
        return self._looked_at is None or time.monotonic() - self._looked_at > _FRESH

    def close(self) -> None:
        """End a look that is under way."""
        self._over.set()

    # -- from memory --------------------------------------------------------------------------

    def context(self, document: Document, target: Target) -> Context:
        """What a prompt may say of the code around a target. From memory alone."""
        key = (document, document.revision, document.is_parsed, target.span, self._looked_at)
        last = self._last
        if last is None or last[0] != key:
            epoch, index = self._epoch, self._index_of(document.path)
            last = key, context_of(document, target, index)
            if self._remember(document, target, last[1], epoch):
                self._last = last
        return last[1]

    def known_before(self, subject: Subject) -> list[Context]:
        """What was said of the code around a subject before, while the text was what it is now; the latest first."""
        found = self._contexts.get(_place_of(subject.document, subject.target), ())
        return list(reversed(found))

    def _remember(self, document: Document, target: Target, context: Context, epoch: int) -> bool:
        key = _place_of(document, target)
        before = [one for one in self._contexts.get(key, ()) if one != context]
        return self._put(self._contexts, key, [*before[1 - _MOST_CONTEXTS :], context], epoch)

    def outline(self, folder: Path) -> Whole | None:
        """The outline of a folder of the workspace, if there was time to make one."""
        return self._outlines.get(folder)

    def changes(self, folder: Path) -> Whole | None:
        """What was not committed in a folder of the workspace when it was last looked at; None for nothing."""
        return self._changes.get(folder)

    def wholes(self, folder: Path) -> list[Whole]:
        """What is known of a folder of the workspace: its outline, and what is not committed in it."""
        return [one for one in (self.outline(folder), self.changes(folder)) if one is not None]

    def known(self, text_hash: str) -> Whole | None:
        """One of the last outlines and diffs, by the hash of its text."""
        return self._wholes.get(text_hash)

    def diff_of(self, target: Target) -> Diff:
        """The diff whose text a target is.

        Raises:
            TargetError: It was looked at too long ago.
        """
        diff = self._diffs.get(target.text_hash)
        if diff is None:
            raise TargetError("The changes are not known any more.", remedy="Run the action again.")
        return diff

    def text_of(self, path: Path) -> str | None:
        """The text of a file as it is open somewhere; None if it is not. An editor's session knows of some."""
        return self.opened(path) if self.opened is not None else None

    # -- looking at the disk ------------------------------------------------------------------

    def has_test_plan(self, target: Target) -> bool:
        """Whether the plan for a target's tests is remembered."""
        return target in self._plans

    def test_plan(self, document: Document, target: Target, *, anew: bool = False) -> Plan:
        """Where tests for a target go, and how the project writes them; remembered for some seconds."""

        def text_of(path: Path) -> str | None:
            return document.text if path == document.path else self.text_of(path)

        def make() -> Plan:
            return plan(target, text_of, self.settings.roots, may_send=self._may_send)

        return self._plans.get(target, make, anew=anew)

    def look(self, *, seconds: float = _LONGEST) -> None:
        """Look at all folders anew. Never fails: what cannot be read is not known."""
        with self._putting:
            epoch, roots, self._looked_at = self._epoch, self._settings.roots, time.monotonic()
        for root in roots:
            index = self._index(root)
            index.refresh(seconds=seconds, is_over=self._over.is_set)
            if self._over.is_set():
                return
            outline = changes = None
            with suppress(TargetError):
                outline = self._outlined(index, root, root, epoch)
            with suppress(TargetError):
                changes = self._changed(root, epoch)
            with self._putting:
                if self._epoch != epoch:
                    return
                self._outlines[root], self._changes[root] = outline, changes
        with self._putting:
            if self._epoch == epoch:
                self._looked_at = time.monotonic()

    def look_at_code(self) -> None:
        """Look at what the files of the workspace define, as far as the time allows. A home folder is no workspace."""
        for root in self.settings.roots:
            if root not in (Path.home(), Path(root.anchor)):
                self._index(root).refresh(seconds=_SHORTEST, is_over=self._over.is_set)

    def look_at_folder(self, folder: Path) -> Whole:
        """The outline of a folder as it is now.

        Raises:
            TargetError: There is nothing in it that may be looked at.
        """
        epoch = self._epoch
        root = _innermost(self.settings.roots, folder) or folder
        index = self._index(root)
        index.refresh(is_over=self._over.is_set)
        return self._outlined(index, root, folder, epoch)

    def look_for_changes(self, folder: Path) -> Whole:
        """What is not committed in a folder.

        Raises:
            TargetError: There is no repository, or nothing has changed.
        """
        return self._changed(folder, self._epoch)

    def _changed(self, folder: Path, epoch: int) -> Whole:
        # What git says of its own files knows nothing of .codefareignore, and little of the user's own exclude files.
        limit = partial(Paths().limit_of_changed, settings=self._settings)
        diff = uncommitted(
            folder,
            is_never=lambda path: self._is_never(path) or _is_closed(limit(path)),
            is_private=lambda path: self._is_private(path) or self._is_kept(limit(path)),
        )
        if not diff.files:
            raise TargetError(
                f"Nothing in {folder} differs from the last commit.",
                remedy="Change something, or name a file.",
            )
        made = whole(folder, diff.text, Scope.DIFF, f"{len(diff.files)} changed files")
        self._put(self._diffs, made.target.text_hash, diff, epoch)
        return self._keep(made, epoch)

    def _put(self, kept: dict[K, T], key: K, value: T, epoch: int) -> bool:
        """As the latest of a few; False, and nothing happens, if other settings hold than when it was read."""
        with self._putting:  # quotes are made in several threads
            if self._epoch != epoch:
                return False
            kept.pop(key, None)
            kept[key] = value
            while len(kept) > _MOST_KEPT:
                del kept[next(iter(kept))]
            return True

    def _keep(self, made: Whole, epoch: int) -> Whole:
        """One that is not kept was made under settings that do not hold any more.

        Raises:
            TargetError: That is so.
        """
        if not self._put(self._wholes, made.target.text_hash, made, epoch):
            raise TargetError("The settings have changed.", remedy="Run the action again.")
        return made

    def _outlined(self, index: Index, root: Path, folder: Path, epoch: int) -> Whole:
        made = digest(index, None if folder == root else folder)
        count = len(index.sources)
        size = f"{count} source file{'' if count == 1 else 's'}"
        return self._keep(whole(folder, made.text, Scope.FOLDER, size), epoch)

    def _index(self, root: Path) -> Index:
        index = self._indexes.get(root)
        if index is None:
            index = Index(root, is_never=self._is_never, is_private=self._is_private)
            self._indexes[root] = index
        return index

    def _index_of(self, path: Path | None) -> Index | None:
        if path is None:
            return None
        root = _innermost(tuple(self._indexes), path)
        return self._indexes[root] if root else None

    def _may_send(self, path: Path) -> bool:
        if self._is_never(path) or self._is_private(path):
            return False
        return not is_left_out(_innermost(self.settings.roots, path) or path.parent, path)

    def _is_never(self, path: Path) -> bool:
        return self.settings.is_never(path)

    def _is_kept(self, limit: Limit | None) -> bool:
        return limit is not None and not self.settings.privacy.self_hosted_only

    def _is_private(self, path: Path) -> bool:
        """Where everything stays on the user's own machines, nothing has to be kept apart."""
        return not self.settings.privacy.self_hosted_only and self.settings.is_private(path)


def _is_closed(limit: Limit | None) -> bool:
    return limit is not None and limit.closed


def _innermost(roots: Iterable[Path], path: Path) -> Path | None:
    holding = [root for root in roots if path.is_relative_to(root)]
    return max(holding, key=lambda root: len(root.parts), default=None)


def _place_of(document: Document, target: Target) -> tuple[object, ...]:
    """A target in a text, in whichever copy of the document."""
    return document.uri, hash(document.text), target.span
