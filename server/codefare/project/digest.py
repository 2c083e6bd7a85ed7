"""A folder in a few thousand tokens: what is in it, how it is built, what uses what."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.errors import TargetError
from codefare.project.manifests import first_paragraph, is_readme, read_manifest
from codefare.project.patch import printable
from codefare.source.flow import shorten
from codefare.source.languages import LANGUAGES
from codefare.tokens import YARDSTICK, count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codefare.project.entries import Entry, Source
    from codefare.project.files import Found
    from codefare.project.index import Index

MOST_TOKENS = 12_000
"""Of o200k, where nothing else is asked for."""

_MOST_MANIFESTS = 20
_NOTE = 60  # tokens of the note on what is left out
_SIGNATURE = 160  # characters
_PURPOSE = 100
_MEMBERS = frozenset({"method", "constructor", "property"})
_TEST = re.compile(
    r"(?:^|/)(?:tests?|spec|__tests__)/|(?:^|/)test_|_test\.|\.(?:test|spec)\.|Tests?\."
)
_DECORATOR = re.compile(r"^(?:@|#\[|\[).*\n", re.MULTILINE)
_SPACED = re.compile(r"(?<=[(\[])\s+|,?\s+(?=[)\]])")  # around what is written on lines of its own
# What is dropped first where there is too much.
_PRIVATE, _METHODS, _USES, _FILES, _HEADINGS, _FOLDERS, _BUILD = range(7)
_DROPPED = {
    _PRIVATE: "private definitions",
    _METHODS: "methods",
    _USES: "imports of single files",
    _FILES: "definitions of small files",
    _HEADINGS: "small files",
    _FOLDERS: "folders",
    _BUILD: "manifests of inner folders",
}


@dataclass(frozen=True, slots=True)
class Digest:
    """The text, its tokens of o200k, and what of the folder is not in it, in a reader's words."""

    text: str
    tokens: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the digest. `drop` is when it goes: earlier ranks first, then the less important; None never."""

    text: str
    drop: tuple[int, int, int] | None = None


def digest(index: Index, folder: Path | None = None, *, most_tokens: int = MOST_TOKENS) -> Digest:
    """What a report on the architecture of a folder, or of all that `index` knows, needs.

    Holds signatures and first sentences of documentation, never code. Details are dropped until it
    has no more than `most_tokens` of o200k (what is never dropped may take a few hundred): private
    definitions, methods, imports and definitions of small files, and so on. The same files give the
    same text. Blocks while it lists the folder: not for an event loop.

    Raises:
        TargetError: the folder is not part of the index, or holds no file that may be looked at.
    """
    below = _below(index, folder)
    files = [one for one in index.files() if _is_in(one.relative, below)]
    if not files:
        raise TargetError(
            f"There is nothing to look at in {folder or index.root}.",
            remedy="Choose a folder with source files that are not ignored or private.",
        )
    sources = [one for one in index.sources if _is_in(one.relative, below)]
    writer = _Writer(index, below, files, sources)
    return _fitted(writer.lines(), most_tokens)


def _below(index: Index, folder: Path | None) -> str:
    if folder is None:
        return ""
    try:
        below = folder.resolve().relative_to(index.root).as_posix()
    except (ValueError, OSError, RuntimeError):
        raise TargetError(
            f"{folder} is not a part of {index.root}.",
            remedy="Choose a folder of the workspace.",
        ) from None
    return "" if below == "." else below


def _is_in(relative: str, below: str) -> bool:
    return not below or relative.startswith(f"{below}/")


def _fitted(lines: Sequence[_Line], most: int) -> Digest:
    """The lines that remain when those of the least importance are dropped until all fits."""
    counts = [count(YARDSTICK, f"{line.text}\n") for line in lines]
    total = whole = sum(counts)
    order = sorted(
        (line.drop, number) for number, line in enumerate(lines) if line.drop is not None
    )
    dropped: set[int] = set()
    ranks: set[int] = set()
    for drop, number in order:
        if total <= most - (_NOTE if most < whole else 0):
            break
        dropped.add(number)
        ranks.add(drop[0])
        total -= counts[number]
    kept = [line.text for number, line in enumerate(lines) if number not in dropped]
    left_out = tuple(_DROPPED[rank] for rank in sorted(ranks))
    if left_out:
        kept.append(f"\nLeft out for length, in part or all: {', '.join(left_out)}.")
    text = "\n".join(kept).rstrip() + "\n"
    return Digest(text, count(YARDSTICK, text), left_out)


class _Writer:
    """Writes the lines of one digest."""

    def __init__(
        self, index: Index, below: str, files: Sequence[Found], sources: Sequence[Source]
    ) -> None:
        self._index = index
        self._below = below
        self._files = files
        self._sources = sources
        self._uses = {one.relative: index.imports_of(one) for one in sources}
        self._used = Counter(used for uses in self._uses.values() for used in uses)

    def lines(self) -> list[_Line]:
        name = self._below or self._index.root.name
        found = [_Line(f"# {printable(name)}"), *self._readme(), *self._manifests()]
        found += [_Line(""), _Line("## Folders"), *self._folders()]
        between = self._between()
        if between:
            found += [_Line(""), _Line("## Which folders import from which"), *between]
        found += [_Line(""), _Line("## Files")]
        for source in self._sources:
            found += self._file(source)
        return found

    def _readme(self) -> list[_Line]:
        top = _depth(self._below)
        for file in self._files:
            if file.relative.count("/") == top and is_readme(file):
                text = first_paragraph(file)
                return [_Line(text)] if text else []
        return []

    def _manifests(self) -> list[_Line]:
        found: list[_Line] = []
        for file in sorted(self._files, key=lambda one: (one.relative.count("/"), one.relative)):
            said = read_manifest(file)
            if said and len(found) < _MOST_MANIFESTS:
                rows = "\n".join(f"  {line}" for line in said)
                depth = file.relative.count("/") - _depth(self._below)
                drop = (_BUILD, -depth, -len(found)) if depth else None
                found.append(_Line(f"\n## {printable(file.relative)}\n{rows}", drop))
        return found

    def _folders(self) -> list[_Line]:
        """Each folder with all that is below it, as a tree."""
        files: Counter[str] = Counter()
        lines: Counter[str] = Counter()
        languages: dict[str, Counter[str]] = defaultdict(Counter)
        known = {one.relative: one for one in self._sources}
        for file in self._files:
            source = known.get(file.relative)
            for folder in _around(file.relative, self._below):
                files[folder] += 1
                if source is not None:
                    lines[folder] += source.lines
                    languages[folder][LANGUAGES[source.language].name] += 1
        found: list[_Line] = []
        for folder in sorted(files, key=lambda one: one.split("/") if one else []):
            depth = _depth(folder) - _depth(self._below)
            name = posixpath.basename(folder) if depth else folder or "."
            named = ", ".join(f"{n} {count}" for n, count in _most(languages[folder]))
            said = f"{_counted(files[folder], 'file')}, {_counted(lines[folder], 'line')}"
            text = f"{'  ' * depth}{printable(name)}/ {said}{f' ({named})' if named else ''}"
            found.append(_Line(text, (_FOLDERS, -depth, lines[folder]) if depth > 1 else None))
        return found

    def _between(self) -> list[_Line]:
        found: dict[str, set[str]] = defaultdict(set)
        for relative, uses in self._uses.items():
            here = posixpath.dirname(relative)
            found[here] |= {posixpath.dirname(used) for used in uses} - {here}
        return [
            _Line(
                f"{printable(here) or '.'} -> {', '.join(printable(one) or '.' for one in sorted(there))}",
                (_FOLDERS, -here.count("/"), len(there)),
            )
            for here, there in sorted(found.items())
            if there
        ]

    def _file(self, source: Source) -> list[_Line]:
        weight = source.lines + 100 * self._used[source.relative]
        if _TEST.search(source.relative):
            weight -= 1_000_000
        head = f"{printable(source.relative)} ({_counted(source.lines, 'line')})"
        found = [_Line(head, (_HEADINGS, weight, 0))]
        if uses := self._uses[source.relative]:
            here = posixpath.dirname(source.relative)
            names = ", ".join(printable(posixpath.relpath(one, here or ".")) for one in uses)
            found.append(_Line(f"  imports {names}", (_USES, weight, 0)))
        owners = {one.name for one in source.entries if one.kind not in _MEMBERS}
        hidden = {one.name for one in source.entries if one.private and one.name in owners}
        found += [_definition(entry, weight, owners, hidden) for entry in source.entries]
        return found


def _definition(entry: Entry, weight: int, owners: set[str], hidden: set[str]) -> _Line:
    """A definition on one line, under its type if it has one."""
    owner = entry.container.rpartition(".")[2].partition("<")[0]
    rank = _METHODS if entry.kind in _MEMBERS or owner in owners else _FILES
    if entry.private or owner in hidden:
        rank = _PRIVATE
    indent = "    " if owner in owners else "  "
    purpose = shorten(entry.purpose, _PURPOSE)
    text = indent + shorten(_SPACED.sub("", _DECORATOR.sub("", entry.signature)), _SIGNATURE)
    return _Line(f"{text}  - {purpose}" if purpose else text, (rank, weight, entry.line))


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _around(relative: str, below: str) -> list[str]:
    """The folders that a file is in, up to the one that is described."""
    parts = relative.split("/")[:-1]
    folders = ["/".join(parts[:number]) for number in range(len(parts) + 1)]
    return [one for one in folders if one == below or _is_in(one, below)]


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:4]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
