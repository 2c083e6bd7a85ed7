"""A project's habit: where its tests stand and how they are called, learned from those that are there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.tasks.testing.naming import BARE, SCRIPT_SUFFIXES, Pattern, is_test_folder
from codefare.tasks.testing.tree import is_folder, shared_end, shared_start

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.tasks.testing.naming import Naming
    from codefare.tasks.testing.tree import Tree


@dataclass(frozen=True, slots=True)
class Pair:
    """A test file with the source that its name speaks of."""

    test: Path
    pattern: Pattern
    source: Path  # the source's folder

    @property
    def bases(self) -> tuple[Path, Path]:
        """The folders of the sources and of the tests below which this pair stands in the same way."""
        ours, theirs = self.source.parts, self.test.parent.parts
        same = shared_end(ours, theirs)
        same = min(same, len(ours) - 1, len(theirs) - 1)
        source, test = self.source, self.test.parent
        for _ in range(same):
            source, test = source.parent, test.parent
        return source, test

    @property
    def inside(self) -> str | None:
        """The name of the folder in the source's own that holds the test (`__tests__`)."""
        folder = self.test.parent
        return folder.name if folder.parent == self.source and is_test_folder(folder.name) else None


@dataclass(frozen=True, slots=True)
class Habit:
    """Where the tests of a source stand, and how they are called."""

    folder: Path
    pattern: Pattern
    suffix: str

    def path(self, stem: str) -> Path:
        """The test file for a stem."""
        return self.folder / f"{self.pattern.name_of(stem)}{self.suffix}"


def pairs(tree: Tree) -> list[Pair]:
    """The tests whose source was seen, the nearest first. Of several sources of one name the likeliest is taken."""
    found = []
    for test, (pattern, stem) in tree.tests.items():
        folders = [f for f in tree.sources.get(stem, ()) if pattern != BARE or f != test.parent]
        if folders:
            found.append(Pair(test, pattern, max(folders, key=lambda f: _kinship(f, test))))
    return found


def _kinship(folder: Path, test: Path) -> tuple[bool, int, int, str]:
    """The more, the likelier is a test that of a source in `folder`."""
    near = folder in (test.parent, test.parent.parent)
    depth = sum(a == b for a, b in zip(folder.parts, test.parts, strict=False))
    return near, shared_end(folder.parts, test.parent.parts), depth, str(folder)


def stem_of(source: Path) -> str:
    """What the tests of a source are named after: a file that stands for its folder has the folder's name."""
    return source.parent.name if source.name in ("__init__.py", "mod.rs") else source.stem


def learn(source: Path, tree: Tree, naming: Naming, usual: Habit) -> Habit:
    """Where a test for `source` belongs: as its neighbours have theirs, else as `usual`."""
    known = [pair for pair in pairs(tree) if pair.source / pair.test.name != source]
    folder = _by_pairs(source, tree, known) or _by_tests(source, tree)
    if folder is None:
        return usual
    pattern = _pattern(folder, tree, naming, known) or usual.pattern
    return Habit(folder, pattern, _suffix(source, tree, usual))


def _by_pairs(source: Path, tree: Tree, known: list[Pair]) -> Path | None:
    home = source.parent
    inside = [pair for pair in known if pair.inside and pair.source != tree.root]
    below = [pair for pair in known if pair not in inside and home.is_relative_to(pair.bases[0])]
    if not below and not inside:
        return _flat(known)
    depth = max(_shared(pair.source, home) for pair in (*below, *inside))
    # Of those that are equally near, most have it so.
    peers = [pair for pair in (*below, *inside) if _shared(pair.source, home) == depth]
    votes = Counter(pair.inside if pair in inside else pair.bases for pair in peers)
    rule = votes.most_common(1)[0][0]
    if not isinstance(rule, tuple):
        return home / str(rule)
    base, tests = rule
    mirrored = tests / home.relative_to(base)
    mirrors = any(pair.bases == rule and pair.source != base for pair in below)
    return mirrored if mirrors or is_folder(mirrored) else tests


def _flat(known: list[Pair]) -> Path | None:
    """The folder in which the tests of sources from elsewhere stand together, if there is one."""
    folders = Counter(
        pair.test.parent for pair in known if pair.bases[0] == pair.source and not pair.inside
    )
    return folders.most_common(1)[0][0] if folders else None


def _shared(one: Path, other: Path) -> int:
    return shared_start(one.parts, other.parts)


def _by_tests(source: Path, tree: Tree) -> Path | None:
    """Where tests stand whose names speak of no source: in a folder for tests, mirrored if it has such folders."""
    if not tree.tests:
        return None
    root = _test_root(next(iter(tree.tests)), tree.top)
    if root is None:
        return source.parent
    for parent in reversed(source.parents):
        mirrored = root / source.parent.relative_to(parent)
        if parent.is_relative_to(tree.top) and mirrored != root and is_folder(mirrored):
            return mirrored
    folders = {test.parent for test in tree.tests if test.is_relative_to(root)}
    unit = [folder for folder in sorted(folders) if folder.name.lower() == "unit"]
    return unit[0] if unit and root not in folders else root


def _test_root(test: Path, top: Path) -> Path | None:
    """The outermost folder for tests that a test file stands in."""
    around = [each for each in test.parents if each != top and each.is_relative_to(top)]
    return next((each for each in reversed(around) if is_test_folder(each.name)), None)


def _pattern(folder: Path, tree: Tree, naming: Naming, known: list[Pair]) -> Pattern | None:
    """How the tests are called in `folder`, else in folders of its name, else anywhere."""
    pools = (
        [test for test in tree.tests if test.parent == folder],
        [test for test in tree.tests if test.parent.name == folder.name],
        [pair.test for pair in known],
        list(tree.tests),
    )
    bare = is_test_folder(folder.name)
    for pool in pools:
        named = [tree.tests[test][0] for test in pool]
        votes = Counter(pattern for pattern in named if bare or pattern != BARE or naming.folders)
        if votes:
            return votes.most_common(1)[0][0]
    return None


def _suffix(source: Path, tree: Tree, usual: Habit) -> str:
    """That of the source for scripts, unless the project's tests are all in its plain sister; else the tests' own."""
    used = Counter(test.suffix for test in tree.tests)
    if source.suffix not in SCRIPT_SUFFIXES:
        return used.most_common(1)[0][0] if used else usual.suffix
    plain = usual.suffix.removesuffix("x")
    return usual.suffix if not used or usual.suffix in used or plain not in used else plain
