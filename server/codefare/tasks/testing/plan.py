"""What is to be written for a target's tests: where, with what, and after which sample."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import legible
from codefare.source.languages import LANGUAGES, language_of
from codefare.source.regular import read_regular
from codefare.tasks.testing.custom import custom
from codefare.tasks.testing.existing import existing
from codefare.tasks.testing.framework import framework, usual
from codefare.tasks.testing.habit import Habit, learn, stem_of
from codefare.tasks.testing.kinds import SCRIPTS
from codefare.tasks.testing.naming import NAMINGS, SCRIPT_SUFFIXES, is_test_folder
from codefare.tasks.testing.sample import sample
from codefare.tasks.testing.scope import Place, parsed, place_in
from codefare.tasks.testing.tree import bounds, look, within

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from pathlib import Path

    from codefare.source.target import Target
    from codefare.tasks.testing.naming import Pattern

_ATTEMPTS = 100
_MOST_SAMPLES = 3
_MOST_DOUBTFUL = (
    20  # files that are read to see whether there are tests in them; more than so many are a habit
)
_A_TEST = re.compile(r"^\s*(?:async\s+)?def\s+test|^\s*class\s+Test|TestCase\b", re.MULTILINE)
_MOST_CHARACTERS = 400_000  # a larger test file is read by nobody, and takes long to parse


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the tests of a target go, and what a prompt says of them.

    `path` is the test file; None if there is no place for one. `existing` is its whole text if cases are added to it at
    `place`; None if it is to be written anew, and then nothing is at `path`. For a Rust source with a test module
    `path` is the source itself (`in_source`). `framework` is in the words of a prompt. `sample` is the test file whose
    style the new tests take, with at most about 60 lines of it. `module` is what the tests import.
    """

    path: Path | None
    framework: str
    module: str
    existing: str | None = None
    place: Place | None = None
    sample: tuple[Path, str] | None = None
    in_source: bool = False


def nothing_open(_: Path) -> str | None:
    """What an editor that is not there has open."""
    return None


def plan(
    target: Target,
    document_text_of: Callable[[Path], str | None],
    roots: Sequence[Path] = (),
    *,
    may_send: Callable[[Path], bool] = lambda _: True,
) -> Plan:
    """The plan for a target; the same files give the same plan. Reads the disk: nothing for an event loop.

    `document_text_of` gives the text of a file as an editor has it, None if it is not open; then the disk is read.
    `roots` are the workspace's folders: nothing outside of the one that holds the target is read or written. `may_send`
    tells of files that the user lets go to a model: no other is a sample, or added to.
    """
    source, language = target.path, target.language
    naming = NAMINGS.get(language or "")
    if source is None or language is None or naming is None:
        return Plan(None, usual(language), module_name(target))
    project, top = bounds(source, roots)
    reader = _Reader(document_text_of, top, may_send)
    if language == "rust" and (own := _in_source(target, source, reader)):
        return own
    suffixes = SCRIPT_SUFFIXES if language in SCRIPTS else LANGUAGES[language].extensions
    seen = look(source, naming, project, top, suffixes)
    # A source may be called like a test (`write_tests.py`), and is none of its own.
    others = {test: named for test, named in seen.tests.items() if test != source}
    if language == "python":
        others = _without_lookalikes(others, seen.sources, reader)
    tree = replace(seen, tests=others)
    habit = learn(source, tree, naming, custom(source, language, tree, naming))
    # Those in the same dialect first: a component's test is no sample for a plain module.
    tests = sorted(tree.tests, key=lambda test: test.suffix != habit.suffix)
    words = framework(language, source, top, tests, reader.text)
    test = existing(source, habit.path(stem_of(source)), language, tree, reader.text)
    added = _added(target, test, reader) if test is not None else None
    if added is not None and test is not None:
        text, place = added
        shown = sample(language_of(test, None) or language, text, place)
        return Plan(test, words, module_name(target, text), text, place, (test, shown))
    path = _free(target, habit, reader)
    return Plan(path, words, module_name(target), sample=_sample(language, tests, reader))


def _without_lookalikes(
    tests: dict[Path, tuple[Pattern, str]], sources: Container[str], reader: _Reader
) -> dict[Path, tuple[Pattern, str]]:
    """Python: without what is only called like a test file (`write_tests.py`), and holds no test.

    `test_*` is not doubted, nor what stands in a folder for tests or is called after a source that is there.
    """
    doubtful = [
        test
        for test, (pattern, stem) in tests.items()
        if not pattern.before
        and stem not in sources
        and not any(map(is_test_folder, test.parent.relative_to(reader.top).parts))
    ]
    if len(doubtful) > _MOST_DOUBTFUL:
        return tests
    texts = {test: reader.text(test) for test in doubtful}
    lookalikes = {test for test, text in texts.items() if text and not _A_TEST.search(text)}
    return {test: named for test, named in tests.items() if test not in lookalikes}


def _added(target: Target, test: Path, reader: _Reader) -> tuple[str, Place] | None:
    """The text of a test file that cases can be added to, and where."""
    text = reader.text(test)
    language = language_of(test, None)
    if text is None or language is None or not reader.may_change(test):
        return None
    stem = target.path.stem if target.path is not None else ""
    place = place_in(parsed(language, text), target, stem)
    return (text, place) if place is not None else None


def _in_source(target: Target, source: Path, reader: _Reader) -> Plan | None:
    """Rust: the cases go into the test module of the source itself, if it has one."""
    text = reader.text(source)
    place = place_in(parsed("rust", text), target, source.stem, in_source=True) if text else None
    if text is None or place is None:
        return None
    words = framework("rust", source, reader.top, [source], reader.text)
    shown = sample("rust", text, place)
    return Plan(source, words, "`super`", text, place, (source, shown), in_source=True)


def _sample(language: str, tests: Sequence[Path], reader: _Reader) -> tuple[Path, str] | None:
    for test in tests[:_MOST_SAMPLES]:
        text = reader.text(test)
        if text and text.strip():
            return test, sample(language_of(test, None) or language, text)
    return None


def _free(target: Target, habit: Habit, reader: _Reader) -> Path | None:
    """The first of the names to try that is free, and within the project."""
    stem = stem_of(target.path) if target.path is not None else "untitled"
    for name in _stems(target, stem):
        path = habit.path(name)
        if reader.is_free(path):
            return path if within(path, reader.top) else None
    return None


class _Reader:
    """Reads files as an editor has them, else from the disk: regular ones within `top`, through no link."""

    def __init__(
        self,
        document_text_of: Callable[[Path], str | None],
        top: Path,
        may_send: Callable[[Path], bool],
    ) -> None:
        self._may_send = may_send
        self._document_text_of = document_text_of
        self._read: dict[Path, str | None] = {}
        self.top = top

    def text(self, path: Path) -> str | None:
        """The text of a file; None if there is none that can be worked on."""
        if path not in self._read:
            text = self._document_text_of(path)
            text = self._on_disk(path) if text is None else text
            usable = text is not None and len(text) <= _MOST_CHARACTERS and self._may_send(path)
            self._read[path] = text if usable else None
        return self._read[path]

    def is_free(self, path: Path) -> bool:
        """Whether nothing stands at a path, on the disk or in an editor."""
        return not os.path.lexists(path) and self._document_text_of(path) is None

    def may_change(self, path: Path) -> bool:
        """Whether a file's text may be replaced."""
        if not within(path, self.top) or path.is_symlink():
            return False
        return not path.exists() or os.access(path, os.W_OK)

    def _on_disk(self, path: Path) -> str | None:
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_CHARACTERS:
                return None
            if not within(path, self.top):
                return None
            data = read_regular(path, _MOST_CHARACTERS)
            return None if b"\0" in data else data.decode("utf-8")
        except (OSError, ValueError):
            return None


def _stems(target: Target, stem: str) -> list[str]:
    """The names to try: that of the file, with the symbol's, with a number."""
    stems = [stem]
    if target.symbol is not None:
        plain = "".join(c if c.isalnum() or c == "_" else "_" for c in target.symbol.name)
        stem = f"{stem}_{plain}"
        stems.append(stem)
    return [*stems, *(f"{stem}_{number}" for number in range(2, _ATTEMPTS))]


def module_name(target: Target, known: str = "") -> str:
    """What a test imports: a dotted module for Python, the file's name elsewhere.

    `known` is the text of tests that import it already, by a longer name perhaps than the folders tell.
    """
    if target.path is None:
        return "the module under test"
    if target.language != "python":
        return f"`{legible.name(target.path.name)}`"
    stem = re.escape(target.path.stem)
    if imported := re.search(
        rf"^\s*(?:from|import)\s+([\w.]*\b{stem})\b(?!\.)", known, re.MULTILINE
    ):
        return f"`{imported[1]}`"
    parts = [target.path.stem] if target.path.stem != "__init__" else []
    folder = target.path.parent
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return f"`{'.'.join(parts) or target.path.stem}`"
