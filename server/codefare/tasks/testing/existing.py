"""The test file that a source has already: the one that is named after it, else the one that imports it."""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING

from codefare.tasks.testing.habit import pairs, stem_of
from codefare.tasks.testing.imports import entries
from codefare.tasks.testing.items import items
from codefare.tasks.testing.kinds import SCRIPTS, Kind
from codefare.tasks.testing.naming import BARE
from codefare.tasks.testing.scope import parsed
from codefare.tasks.testing.tree import shared_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codefare.tasks.testing.tree import Tree

_MOST_READ = 40
_HEAD = 20_000  # characters in which the imports stand


def existing(
    source: Path,
    expected: Path,
    language: str,
    tree: Tree,
    text_of: Callable[[Path], str | None],
) -> Path | None:
    """The test file of `source`; `expected` is where the project's habit has it."""
    stem = stem_of(source)
    paired = {pair.test: pair.source for pair in pairs(tree)}
    homes = tree.sources.get(stem, ())

    def owns(test: Path) -> bool:
        """Whether a test file that is named after the source is its own, where several sources are called so."""
        beside = test.parent == source.parent
        if not beside and not shared_end(test.parent.parts, source.parent.parts) and len(homes) > 1:
            return _imports(test, source, language, tree, text_of)
        if paired.get(test, source.parent) != source.parent:
            return False
        return len(homes) > 1 or beside or tree.complete or test == expected

    named = [
        test
        for test, (pattern, of) in tree.tests.items()
        if of == stem and (pattern != BARE or test.parent != source.parent)
    ]
    first = [expected] if expected != source and text_of(expected) is not None else []
    for test in (*first, *named):
        if owns(test):
            return test
    free = [test for test in islice(tree.tests, _MOST_READ) if test not in paired]
    telling = [test for test in free if _imports(test, source, language, tree, text_of)]
    return telling[0] if len(telling) == 1 else None


def _imports(
    test: Path, source: Path, language: str, tree: Tree, text_of: Callable[[Path], str | None]
) -> bool:
    """Whether a test file imports the source, as far as its text tells."""
    text = text_of(test)
    if text is None:
        return False
    text = text[:_HEAD]
    # Most test files say nothing of the source: that is seen far quicker than parsed.
    mentioned = rf"^.*(?:import|from|require|use)\b.*\b{re.escape(_called(source))}\b"
    if not re.search(mentioned, text, re.MULTILINE):
        return False
    code = parsed(language, text)
    found = [
        entry
        for item in items(code, code.root)
        if item.kind is Kind.IMPORT
        for entry in entries(code, item)
    ]
    if language in SCRIPTS:
        return any(_is_script(test, source, entry.module) for entry in found)
    relative = source.relative_to(tree.top).with_suffix("").parts
    parts = relative[:-1] if relative[-1] == "__init__" else relative
    return any(
        _ends(parts, spelled)
        for entry in found
        for spelled in (entry.module, f"{entry.module}.{entry.name}")
    )


def _called(source: Path) -> str:
    """The name that an import of the source holds in any case."""
    whole = source.stem in ("__init__", "index", "mod")
    return source.parent.name if whole else source.stem


def _ends(parts: tuple[str, ...], module: str) -> bool:
    """Whether the way to a source ends with the parts of a module's name."""
    named = [
        part
        for part in re.split(r"[./:\\'\" ]+", module)
        if part and part not in ("require", "require_relative")
    ]
    return (
        bool(named) and len(named) <= len(parts) and list(parts[len(parts) - len(named) :]) == named
    )


def _is_script(test: Path, source: Path, module: str) -> bool:
    if not module.startswith("."):
        return False
    meant = os.path.normpath(test.parent / module)
    bare = str(source.with_suffix(""))
    return meant in (bare, str(source), f"{bare}.js", f"{bare}.mjs") or (
        source.stem == "index" and meant == str(source.parent)
    )
