"""From a name in one file to its definition in another file of the same project."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from codefare.project.modules import Modules, distance, joint
from codefare.source.binding import DEFAULT
from codefare.source.signature import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codefare.project.entries import Entry, Source
    from codefare.source.binding import Statement
    from codefare.source.uses import Use

Hit = tuple["Source", "Entry"]

_MEMBERS = frozenset({"method", "constructor", "property"})
_NOT_ALONE = _MEMBERS | {"namespace", "module", "impl"}
_DEEPEST = 3  # files that only pass a name on
_MOST = 60  # files that one module can be, with those that they bring in
_BY_NAME = frozenset({"java", "csharp", "php", "ruby"})
# Here what is imported is not exported by that.
_EXPLICIT = frozenset({"javascript", "typescript", "tsx"})
_BESIDE = frozenset({"go", "java"})  # a folder is one package


class Resolver:
    """Follows names through the import statements of a project's files. Safe to use from any thread."""

    def __init__(
        self, sources: Mapping[str, Source], go_modules: Sequence[tuple[str, str]]
    ) -> None:
        """`go_modules` are the folders with a go.mod, and the module path that it names."""
        self._sources = sources
        self._modules = Modules(sources, go_modules)
        self._by_name: dict[str, list[Hit]] = defaultdict(list)
        # What was found once stays true: another state of the files has another `Resolver`.
        self._reach: dict[tuple[str, ...], list[str]] = {}
        self._passes: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._entries: dict[str, dict[str, list[Entry]]] = {}
        for source in sources.values():
            for entry in source.entries:
                if source.language in _BY_NAME and entry.kind not in _MEMBERS:
                    self._by_name[entry.name].append((source, entry))

    def find(
        self, use: Use, importer: str, language: str, statements: Iterable[Statement]
    ) -> Hit | None:
        """The definition that a use in the file `importer` means."""
        wanted = use.receiver or use.name
        member = use.name if use.receiver else ""
        opened: list[str] = []
        for statement in statements:
            if statement.passes_on:
                continue
            opened += statement.opened
            for binding in statement.bindings:
                if binding.name != wanted:
                    continue
                hit = self._bound(binding.module, binding.member, member, importer, language)
                if hit is not None:
                    return hit
        return self._unbound(wanted, member, opened, importer, language)

    def imported(self, source: Source) -> list[str]:
        """The files of the project that a file imports from, in the order of their paths."""
        found: set[str] = set()
        here, language = source.relative, source.language
        for statement in source.statements:
            for module in statement.opened:
                found.update(self._modules.files(module, here, language)[:1])
            for one in statement.bindings:
                joined = f"{one.module}{joint(language, one.module)}{one.member}"
                hit = self._by_type(one.member or one.name, "", here, language)
                files = self._modules.files(joined, here, language) if one.member else []
                files = files or self._modules.files(one.module, here, language)
                found.update(files[:1] or ([hit[0].relative] if hit else []))
        return sorted(found - {here})

    def _bound(
        self, module: str, name: str, member: str, importer: str, language: str
    ) -> Hit | None:
        files = self._modules.files(module, importer, language)
        if name and (hit := self._within(files, member or name, name if member else "")):
            return hit
        if name and member:  # the name may be that of a module
            joined = f"{module}{joint(language, module)}{name}"
            if hit := self._within(self._modules.files(joined, importer, language), member, ""):
                return hit
        if name:
            return self._by_type(name, member, importer, language)
        return self._within(files, member or DEFAULT, "")

    def _unbound(
        self, wanted: str, member: str, opened: Iterable[str], importer: str, language: str
    ) -> Hit | None:
        """What is seen without being named: headers, wildcards, packages, classes by their names."""
        owner = wanted if member else ""
        for module in opened:
            files = self._modules.files(module, importer, language)
            if hit := self._within(files, member or wanted, owner):
                return hit
        if language in _BESIDE:
            files = self._modules.beside(importer)
            if hit := self._within(files, member or wanted, owner):
                return hit
        return self._by_type(wanted, member, importer, language)

    def _by_type(self, name: str, member: str, importer: str, language: str) -> Hit | None:
        """Where a type is known by its name alone: that type, or a member of it."""
        hit = self._named(name, importer, language) if language in _BY_NAME else None
        return self._within([hit[0].relative], member, name) if hit and member else hit

    def _named(self, name: str, importer: str, language: str) -> Hit | None:
        """The nearest type, or function, of that name in the same language."""
        hits = [
            hit
            for hit in self._by_name.get(name, ())
            if hit[0].language == language and hit[1].kind in TYPES | {"function", "type"}
        ]
        return min(hits, key=lambda hit: distance(hit[0].relative, importer), default=None)

    def _within(self, files: Iterable[str], name: str, owner: str, depth: int = 0) -> Hit | None:
        """The definition of a name in the first of some files that has it, or passes it on."""
        reached = self._reached(tuple(files))
        for relative in reached:
            source = self._sources[relative]
            for entry in self._named_in(source, name):
                inside = entry.container.rpartition(".")[2].partition("<")[0]
                if inside == owner if owner else entry.kind not in _NOT_ALONE:
                    return source, entry
        if depth >= _DEEPEST:
            return None
        for relative in reached:
            source = self._sources[relative]
            for module, passed in self._passed_on(source, owner or name):
                there = self._modules.files(module, relative, source.language)
                wanted = name if owner else passed
                if hit := self._within(there, wanted, passed if owner else "", depth + 1):
                    return hit
        return None

    def _reached(self, files: tuple[str, ...]) -> list[str]:
        """The files with those that they bring in whole: headers, wildcards. Told once for each of them."""
        known = self._reach.get(files)
        if known is not None:
            return known
        found = dict.fromkeys(files[:_MOST])
        level = list(found)
        for _ in range(_DEEPEST):
            following: dict[str, None] = {}
            for relative in level:
                source = self._sources[relative]
                for module in _opened(source):
                    following |= dict.fromkeys(
                        self._modules.files(module, relative, source.language)
                    )
            level = [one for one in following if one not in found][: _MOST - len(found)]
            found |= dict.fromkeys(level)
        return self._reach.setdefault(files, list(found))

    def _passed_on(self, source: Source, name: str) -> list[tuple[str, str]]:
        """The modules from which a file has a name that it does not define, and what it is called there."""
        known = self._passes.get(source.relative)
        if known is None:
            known = defaultdict(list)
            for statement in source.statements:
                if statement.passes_on or source.language not in _EXPLICIT:
                    for binding in statement.bindings:
                        if binding.member:
                            known[binding.name].append((binding.module, binding.member))
            self._passes[source.relative] = known
        return known.get(name, [])

    def _named_in(self, source: Source, name: str) -> list[Entry]:
        known = self._entries.get(source.relative)
        if known is None:
            known = defaultdict(list)
            for entry in source.entries:
                known[entry.name].append(entry)
                if source.exports.get(entry.name) in ("default", "whole"):
                    known[DEFAULT].append(entry)
            self._entries[source.relative] = known
        return known.get(name, [])


def _opened(source: Source) -> Iterator[str]:
    for statement in source.statements:
        if statement.passes_on or source.language not in _EXPLICIT:
            yield from statement.opened
