"""What the project around a target says: signatures elsewhere, the outline of a folder, what is not committed yet."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codefare.errors import TargetError
from codefare.project.diff import Diff, uncommitted
from codefare.project.digest import digest
from codefare.project.index import Index
from codefare.source.context import Context, context_of
from codefare.source.document import Document
from codefare.source.target import Measure, Scope, Span, Target
from codefare.tasks.testing import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.settings import Settings

_FRESH = 20.0  # seconds that what is known of a folder counts as new
_LONGEST = 10.0  # seconds that one look at a folder may take
_MOST_KEPT = 16
_PLANNED = 5.0  # seconds that a plan for tests holds
_MOST_PLANS = 32

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Whole:
    """More than a file: a text made of a folder, as a document, and the target that is all of it."""

    document: Document
    target: Target


class Surroundings:
    """Knows the folders of the workspace. What looks at the disk blocks: it is for a thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._indexes: dict[Path, Index] = {}
        self._outlines: dict[Path, Whole] = {}
        self._changes: dict[Path, Whole | None] = {}
        self._diffs: dict[str, Diff] = {}
        self._wholes: dict[str, Whole] = {}
        self._looked_at: float | None = None
        self._last: tuple[tuple[object, ...], Context] | None = None
        self._plans: dict[tuple[object, ...], tuple[float, Plan]] = {}
        self._over = threading.Event()
        self.opened: Callable[[Path], str | None] | None = None

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
        if self._last is None or self._last[0] != key:
            index = self._index_of(document.path)
            self._last = key, context_of(document, target, index)
        return self._last[1]

    def outline(self, folder: Path) -> Whole | None:
        """The outline of a folder of the workspace, if there was time to make one."""
        return self._outlines.get(folder)

    def changes(self, folder: Path) -> Whole | None:
        """What was not committed in a folder of the workspace when it was last looked at; None for nothing."""
        return self._changes.get(folder)

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
        made = self._plans.get(_plan_key(target))
        return made is not None and time.monotonic() - made[0] < _PLANNED

    def test_plan(self, document: Document, target: Target, *, anew: bool = False) -> Plan:
        """Where tests for a target go, and how the project writes them; remembered for some seconds."""
        key, now = _plan_key(target), time.monotonic()
        if not anew and self.has_test_plan(target):
            return self._plans[key][1]

        def text_of(path: Path) -> str | None:
            return document.text if path == document.path else self.text_of(path)

        planned = plan(target, text_of, self.settings.roots, may_send=self._may_send)
        self._plans[key] = now, planned
        while len(self._plans) > _MOST_PLANS:
            del self._plans[next(iter(self._plans))]
        return planned

    def look(self, *, seconds: float = _LONGEST) -> None:
        """Look at all folders anew. Never fails: what cannot be read is not known."""
        self._looked_at = time.monotonic()
        for root in self.settings.roots:
            index = self._index(root)
            index.refresh(seconds=seconds, is_over=self._over.is_set)
            if self._over.is_set():
                return
            try:
                self._outlines[root] = self._outlined(index, root, root)
            except TargetError:
                self._outlines.pop(root, None)
            try:
                self._changes[root] = self.look_for_changes(root)
            except TargetError:
                self._changes[root] = None
        self._looked_at = time.monotonic()

    def look_at_code(self, *, seconds: float = 1.0) -> None:
        """Look at what the files of the workspace define, as far as the time allows. A home folder is no workspace."""
        for root in self.settings.roots:
            if root not in (Path.home(), Path(root.anchor)):
                self._index(root).refresh(seconds=seconds, is_over=self._over.is_set)

    def look_at_folder(self, folder: Path) -> Whole:
        """The outline of a folder as it is now.

        Raises:
            TargetError: There is nothing in it that may be looked at.
        """
        root = next((r for r in self.settings.roots if folder.is_relative_to(r)), folder)
        index = self._index(root)
        index.refresh(is_over=self._over.is_set)
        return self._outlined(index, root, folder)

    def look_for_changes(self, folder: Path) -> Whole:
        """What is not committed in a folder.

        Raises:
            TargetError: There is no repository, or nothing has changed.
        """
        diff = uncommitted(folder, is_never=self._is_never, is_private=self._is_private)
        if not diff.files:
            raise TargetError(
                f"Nothing in {folder} differs from the last commit.",
                remedy="Change something, or name a file.",
            )
        whole = self._keep(
            _whole(folder, diff.text, Scope.DIFF, f"{len(diff.files)} changed files")
        )
        _put(self._diffs, whole.target.text_hash, diff)
        return whole

    def _keep(self, whole: Whole) -> Whole:
        _put(self._wholes, whole.target.text_hash, whole)
        return whole

    def _outlined(self, index: Index, root: Path, folder: Path) -> Whole:
        made = digest(index, None if folder == root else folder)
        count = len(index.sources)
        return self._keep(_whole(folder, made.text, Scope.FOLDER, f"{count} source files"))

    def _index(self, root: Path) -> Index:
        index = self._indexes.get(root)
        if index is None:
            index = Index(root, is_never=self._is_never, is_private=self._is_private)
            self._indexes[root] = index
        return index

    def _index_of(self, path: Path | None) -> Index | None:
        if path is None:
            return None
        roots = [root for root in self._indexes if path.is_relative_to(root)]
        return self._indexes[max(roots, key=lambda root: len(root.parts))] if roots else None

    def _may_send(self, path: Path) -> bool:
        return not self._is_never(path) and not self._is_private(path)

    def _is_never(self, path: Path) -> bool:
        return self.settings.is_never(path)

    def _is_private(self, path: Path) -> bool:
        """Where everything stays on the user's own machines, nothing has to be kept apart."""
        return not self.settings.privacy.self_hosted_only and self.settings.is_private(path)


def _plan_key(target: Target) -> tuple[object, ...]:
    symbol = target.symbol.qualified_name if target.symbol else ""
    return target.path, target.language, symbol


def _put(kept: dict[str, T], key: str, value: T) -> None:
    """As the latest of a few."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > _MOST_KEPT:
        del kept[next(iter(kept))]


def _whole(folder: Path, text: str, scope: Scope, reason: str) -> Whole:
    document = Document(folder.as_uri(), folder, None, text)
    measure = document.measure(Span(0, len(text)))
    return Whole(
        document,
        Target(
            uri=document.uri,
            path=folder,
            language=None,
            version=None,
            span=Span(0, len(text)),
            text=text,
            scope=scope,
            symbol=None,
            measure=Measure(measure.complexity, reason),
            parses=True,
        ),
    )
