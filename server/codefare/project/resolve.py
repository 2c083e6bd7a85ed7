"""From a name in one file to its definition in another file of the same project."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

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
_MOST = 40  # files that one module can be
_FAMILY = {"javascript": "script", "typescript": "script", "tsx": "script", "cpp": "c"}
_SCRIPTS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_BY_NAME = frozenset({"java", "csharp", "php", "ruby"})
_BESIDE = frozenset({"go", "java"})  # a folder is one package


class Modules:
    """The files of a project by what import statements call them."""

    def __init__(
        self, sources: Mapping[str, Source], go_modules: Sequence[tuple[str, str]]
    ) -> None:
        """`go_modules` are the folders with a go.mod, and the module path that it names."""
        self._sources = sources
        self._go_modules = sorted(go_modules, key=lambda each: -len(each[1]))
        self._by_part: dict[str, list[str]] = defaultdict(list)  # last part of a module's name
        self._by_folder: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[str, list[Hit]] = defaultdict(list)
        self._entries: dict[str, dict[str, list[Entry]]] = {}
        for relative, source in sources.items():
            parts = _parts(relative)
            self._by_part[parts[-1] if parts else ""].append(relative)
            self._by_part[relative.rpartition("/")[2]].append(relative)
            self._by_folder[posixpath.dirname(relative)].append(relative)
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
                found.update(self.files(module, here, language)[:1])
            for one in statement.bindings:
                joined = f"{one.module}{_joint(language, one.module)}{one.member}"
                hit = self._by_type(one.member or one.name, "", here, language)
                files = self.files(joined, here, language) if one.member else []
                files = files or self.files(one.module, here, language)
                found.update(files[:1] or ([hit[0].relative] if hit else []))
        return sorted(found - {here})

    def _bound(
        self, module: str, name: str, member: str, importer: str, language: str
    ) -> Hit | None:
        files = self.files(module, importer, language)
        if name and (hit := self._within(files, member or name, name if member else "")):
            return hit
        if name and member:  # the name may be that of a module
            joined = f"{module}{_joint(language, module)}{name}"
            if hit := self._within(self.files(joined, importer, language), member, ""):
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
            files = self.files(module, importer, language)
            if hit := self._within(files, member or wanted, owner):
                return hit
        if language in _BESIDE:
            files = self._by_folder.get(posixpath.dirname(importer), [])
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
        return min(hits, key=lambda hit: _distance(hit[0].relative, importer), default=None)

    def _within(self, files: Iterable[str], name: str, owner: str, depth: int = 0) -> Hit | None:
        """The definition of a name in the first of some files that has it, or passes it on."""
        files = list(files)[:_MOST]
        for relative in files:
            source = self._sources[relative]
            for entry in self._named_in(source, name):
                inside = entry.container.rpartition(".")[2].partition("<")[0]
                if inside == owner if owner else entry.kind not in _NOT_ALONE:
                    return source, entry
        if depth >= _DEEPEST:
            return None
        for relative in files:
            for module, passed in self._passed_on(self._sources[relative], owner or name):
                language = self._sources[relative].language
                there = self.files(module, relative, language)
                wanted = name if owner else passed
                if hit := self._within(there, wanted, passed if owner else "", depth + 1):
                    return hit
        return None

    def _passed_on(self, source: Source, name: str) -> Iterator[tuple[str, str]]:
        """The modules from which a file has a name that it does not define, and what it is called there."""
        family = _FAMILY.get(source.language, source.language)
        for statement in source.statements:
            if family == "script" and not statement.passes_on:
                continue
            for binding in statement.bindings:
                if binding.name == name and binding.member:
                    yield binding.module, binding.member
            yield from ((module, name) for module in statement.opened)

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

    def files(self, module: str, importer: str, language: str) -> list[str]:
        """The files that an import statement of the file `importer` means by `module`, the nearest first."""
        family = _FAMILY.get(language, language)
        if family == "script":
            found = self._scripts(module, importer)
        elif family == "c":
            found = self._headers(module, importer)
        elif language == "go":
            found = self._package(module)
        elif module.startswith("./"):
            found = self._beside(module, importer)
        else:
            found = self._by_parts(_module_parts(module, language), importer, language)
        return [one for one in found if one != importer and self._same(one, family)]

    def _same(self, relative: str, family: str) -> bool:
        language = self._sources[relative].language
        return _FAMILY.get(language, language) == family

    def _scripts(self, module: str, importer: str) -> list[str]:
        if not module.startswith("."):
            return []
        base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        stem = base.removesuffix(posixpath.splitext(base)[1])
        names = [base, *(base + end for end in _SCRIPTS)]
        names += [stem + end for end in _SCRIPTS if base != stem]  # `./a.js` may be a.ts
        names += [f"{base}/index{end}" for end in _SCRIPTS]
        return [one for one in dict.fromkeys(names) if one in self._sources]

    def _headers(self, module: str, importer: str) -> list[str]:
        if module.startswith("<"):
            return []
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        if beside in self._sources:
            return [beside]
        tail = posixpath.normpath(module).removeprefix("../")
        found = [
            one
            for one in self._by_part.get(tail.rpartition("/")[2], ())
            if one == tail or one.endswith(f"/{tail}")
        ]
        return _nearest(found, importer)

    def _package(self, module: str) -> list[str]:
        for folder, name in self._go_modules:
            if name and (module == name or module.startswith(f"{name}/")):
                inner = module.removeprefix(name).strip("/")
                files = self._by_folder.get("/".join(filter(None, (folder, inner))), [])
                return [one for one in files if not one.endswith("_test.go")]
        return []

    def _beside(self, module: str, importer: str) -> list[str]:
        base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        names = (base, f"{base}.rb", f"{base}.php")
        return [one for one in names if one in self._sources]

    def _by_parts(self, parts: tuple[str, ...], importer: str, language: str) -> list[str]:
        """The files whose path ends in the parts of a module's name."""
        if parts[:1] == (".",):
            return self._relative(parts, importer)
        if not parts:
            return []
        found = [
            one for one in self._by_part.get(parts[-1], ()) if _parts(one)[-len(parts) :] == parts
        ]
        if (
            not found and language == "rust" and len(parts) > 1
        ):  # a module inside of a file, or an enum
            return self._by_parts(parts[:-1], importer, language)
        return _nearest(found, importer)

    def _relative(self, parts: tuple[str, ...], importer: str) -> list[str]:
        """Python: one dot is the importer's own folder, each further one the folder above."""
        dots = next((number for number, part in enumerate(parts) if part != "."), len(parts))
        folders = importer.split("/")[:-1]
        base = "/".join((*folders[: len(folders) - dots + 1], *parts[dots:]))
        inner = f"{base}/__init__.py" if base else "__init__.py"
        return [one for one in (f"{base}.py", f"{base}.pyi", inner) if one in self._sources]


def _parts(relative: str) -> tuple[str, ...]:
    """The parts of a file's name as a module: `a/b/__init__.py` is `a.b`."""
    parts = relative.split("/")
    stem = parts[-1].partition(".")[0]
    inner = () if stem in ("__init__", "mod", "index") and len(parts) > 1 else (stem,)
    return (*parts[:-1], *inner)


def _module_parts(module: str, language: str) -> tuple[str, ...]:
    if language == "python":
        bare = module.lstrip(".")
        dots = "." * (len(module) - len(bare))
        return (*dots, *(part for part in bare.split(".") if part))
    if language == "rust":
        parts = [part for part in module.split("::") if part not in ("crate", "self", "super")]
        return tuple(parts)
    return tuple(part for part in module.replace("\\", ".").replace("/", ".").split(".") if part)


def _joint(language: str, module: str) -> str:
    if language == "rust":
        return "::"
    return "" if language == "python" and module.endswith(".") else "."


def _nearest(found: Iterable[str], importer: str) -> list[str]:
    return sorted(found, key=lambda one: (_distance(one, importer), one))


def _distance(one: str, other: str) -> int:
    """How many folders there are between two files."""
    first, second = one.split("/"), other.split("/")
    shared = len(posixpath.commonprefix([first, second]))
    return len(first) + len(second) - 2 * shared
