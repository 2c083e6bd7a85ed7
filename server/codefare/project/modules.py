"""The files of a project by what import statements call them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codefare.project.entries import Source

_FAMILY = {"javascript": "script", "typescript": "script", "tsx": "script", "cpp": "c"}
_SCRIPTS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")


class Modules:
    """Finds files by the names of modules, each question once: another state of the files has other `Modules`."""

    def __init__(
        self, sources: Mapping[str, Source], go_modules: Sequence[tuple[str, str]]
    ) -> None:
        """`go_modules` are the folders with a go.mod, and the module path that it names."""
        self.sources = sources
        self._go_modules = sorted(go_modules, key=lambda each: -len(each[1]))
        self._by_part: dict[str, list[str]] = defaultdict(list)  # last part of a module's name
        self._by_folder: dict[str, list[str]] = defaultdict(list)
        self._known: dict[tuple[str, str], list[str]] = {}
        for relative in sources:
            parts = _parts(relative)
            self._by_part[parts[-1] if parts else ""].append(relative)
            self._by_part[relative.rpartition("/")[2]].append(relative)
            self._by_folder[posixpath.dirname(relative)].append(relative)

    def beside(self, relative: str) -> list[str]:
        """The files of the folder that a file is in."""
        return self._by_folder.get(posixpath.dirname(relative), [])

    def files(self, module: str, importer: str, language: str) -> list[str]:
        """The files that an import statement of the file `importer` means by `module`, the nearest first."""
        key = (module, importer)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find_files(module, importer, language)
        return known

    def _find_files(self, module: str, importer: str, language: str) -> list[str]:
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
        language = self.sources[relative].language
        return _FAMILY.get(language, language) == family

    def _scripts(self, module: str, importer: str) -> list[str]:
        if not module.startswith("."):
            return []
        base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        stem = base.removesuffix(posixpath.splitext(base)[1])
        names = [base, *(base + end for end in _SCRIPTS)]
        names += [stem + end for end in _SCRIPTS if base != stem]  # `./a.js` may be a.ts
        names += [f"{base}/index{end}" for end in _SCRIPTS]
        return [one for one in dict.fromkeys(names) if one in self.sources]

    def _headers(self, module: str, importer: str) -> list[str]:
        if module.startswith("<"):
            return []
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(importer), module))
        if beside in self.sources:
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
        return [one for one in names if one in self.sources]

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
        return [one for one in (f"{base}.py", f"{base}.pyi", inner) if one in self.sources]


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


def joint(language: str, module: str) -> str:
    """What stands between the name of a module and what is in it."""
    if language == "rust":
        return "::"
    return "" if language == "python" and module.endswith(".") else "."


def _nearest(found: Iterable[str], importer: str) -> list[str]:
    return sorted(found, key=lambda one: (distance(one, importer), one))


def distance(one: str, other: str) -> int:
    """How many folders there are between two files."""
    first, second = one.split("/"), other.split("/")
    shared = len(posixpath.commonprefix([first, second]))
    return len(first) + len(second) - 2 * shared
