"""What the manifests of a project say: its name, what it is for, what it depends on."""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from codefare.project.entries import read_bytes
from codefare.source.flow import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from codefare.project.files import Found

_LARGEST = 200_000  # bytes
_MOST = 60  # dependencies of one kind
_LONGEST = 300  # characters of a description
_PARAGRAPH = 600  # characters of a readme
_README = re.compile(r"readme(?:\.(?:md|markdown|rst|txt|adoc))?", re.IGNORECASE)
# A requirement's name with its extras and its version; an address may hold a password.
_REQUIREMENT = re.compile(r"[\w.@/:-]+(?:\[[\w,\s.-]*\])?")
_VERSION = re.compile(r"[\w.*+^~<>=!|,\s-]{1,40}")
_NOT_PROSE = re.compile(r"\s*(?:#|=|<|!\[|\[!\[|\[!|```|\.\.|:|\||---|\*\*\*|[-=~^]{3,}\s*$)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def read_manifest(found: Found) -> list[str]:
    """What a manifest says, in a few lines; nothing for another file, or one that cannot be read."""
    read = _READERS.get(found.path.name) or (_csproj if found.path.suffix == ".csproj" else None)
    data = read_bytes(found, _LARGEST) if read is not None else None
    if read is None or data is None:
        return []
    with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return [line for line in read(data.decode("utf-8", "replace")) if line]
    return []


def is_readme(found: Found) -> bool:
    """Whether a file is what a folder says of itself."""
    return _README.fullmatch(found.path.name) is not None


def first_paragraph(found: Found) -> str:
    """The first paragraph of prose of a readme, on one line: no headings, badges or code."""
    data = read_bytes(found, _LARGEST)
    text = (data or b"").decode("utf-8", "replace")
    text = re.sub(r"<!--.*?-->|^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for paragraph in re.split(r"\r?\n\s*\r?\n", text):
        lines = [line.strip() for line in paragraph.splitlines()]
        underlined = len(lines) > 1 and re.fullmatch(r"[=\-~^#*]{3,}", lines[1])
        prose = [line for line in lines if line and not _NOT_PROSE.match(line)]
        if prose and not underlined:
            return shorten(_LINK.sub(r"\1", " ".join(prose)), _PARAGRAPH)
    return ""


def _pyproject(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    project = data.get("project", {})
    poetry = data.get("tool", {}).get("poetry", {})
    yield _title(project or poetry)
    if python := project.get("requires-python"):
        yield f"Python {python}"
    yield _listed("dependencies", project.get("dependencies", []))
    yield _listed("dependencies", poetry.get("dependencies", {}))
    for name, group in project.get("optional-dependencies", {}).items():
        yield _listed(f"{name} dependencies", group)
    for name, group in data.get("dependency-groups", {}).items():
        yield _listed(f"{name} dependencies", [one for one in group if isinstance(one, str)])
    yield _listed("commands", list(project.get("scripts", {})))


def _package_json(text: str) -> Iterator[str]:
    data = json.loads(text)
    yield _title(data)
    yield _listed("dependencies", data.get("dependencies", {}))
    yield _listed("dev dependencies", data.get("devDependencies", {}))
    yield _listed("scripts", list(data.get("scripts", {})))


def _composer(text: str) -> Iterator[str]:
    data = json.loads(text)
    yield _title(data)
    yield _listed("dependencies", data.get("require", {}))
    yield _listed("dev dependencies", data.get("require-dev", {}))


def _cargo(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    yield _title(data.get("package", {}))
    yield _listed("members", data.get("workspace", {}).get("members", []))
    for kind in ("dependencies", "dev-dependencies"):
        versions = {
            name: value.get("version", "") if isinstance(value, dict) else value
            for name, value in data.get(kind, {}).items()
        }
        yield _listed(kind.replace("-", " "), versions)


def _go_mod(text: str) -> Iterator[str]:
    for word in ("module", "go"):
        if match := re.search(rf"^{word}\s+(\S+)", text, re.MULTILINE):
            yield f"{word} {match[1]}"
    rows = re.findall(r"^\s*(?:require\s+)?([\w.-]+\.[\w./-]+)\s+(v\S+)(.*)$", text, re.MULTILINE)
    yield _listed(
        "dependencies", {name: version for name, version, rest in rows if "indirect" not in rest}
    )


def _pom(text: str) -> Iterator[str]:
    # Not parsed as XML: what is looked for is plain, and a hostile file's entities are not.
    inner = re.sub(
        r"<(parent|dependencies|build|profiles|dependencyManagement)>.*?</\1>",
        "",
        text,
        flags=re.DOTALL,
    )
    if match := re.search(r"<artifactId>([^<]+)<", inner):
        yield match[1].strip()
    blocks = re.findall(r"<dependency>(.*?)</dependency>", text, re.DOTALL)
    names = (re.search(r"<artifactId>([^<]+)<", block) for block in blocks)
    yield _listed("dependencies", list(dict.fromkeys(name[1].strip() for name in names if name)))


def _csproj(text: str) -> Iterator[str]:
    if match := re.search(r"<TargetFrameworks?>([^<]+)<", text):
        yield f"target {match[1].strip()}"
    rows = re.findall(r"<PackageReference\s[^>]*?Include=\"([^\"]+)\"([^>]*)>", text)
    versions = ((name, re.search(r"Version=\"([^\"]+)\"", rest)) for name, rest in rows)
    yield _listed("dependencies", {name: match[1] if match else "" for name, match in versions})
    yield _listed("projects", re.findall(r"<ProjectReference\s[^>]*?Include=\"([^\"]+)\"", text))


def _gemfile(text: str) -> Iterator[str]:
    rows = re.findall(
        r"^\s*gem\s+[\"']([^\"']+)[\"'](?:\s*,\s*[\"']([^\"']+)[\"'])?", text, re.MULTILINE
    )
    yield _listed("dependencies", dict(rows))


def _title(data: Mapping[str, Any]) -> str:
    name, version = str(data.get("name", "")), str(data.get("version", ""))
    about = shorten(str(data.get("description", "")), _LONGEST)
    title = f"{name} {version}".strip() if name else ""
    return f"{title}: {about}" if title and about else title


def _listed(what: str, values: Iterable[str] | Mapping[str, Any]) -> str:
    """The names with their versions, without addresses."""
    pairs = values.items() if hasattr(values, "items") else ((one, "") for one in values)
    found: list[str] = []
    for name, version in pairs:
        written = str(name)
        match = _REQUIREMENT.match(written)
        if match is None or "://" in match[0] or "@" in match[0][1:]:
            match = re.match(r"[\w.-]+", written)
        if match is None:
            continue
        rest = version if isinstance(version, str) else ""
        rest = rest or written[match.end() :].partition(";")[0]
        plain = _VERSION.fullmatch(rest.strip())
        found.append(f"{match[0]} {rest.strip()}" if plain and rest.strip() else match[0])
    more = f", and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{what}: {', '.join(found[:_MOST])}{more}" if found else ""


_READERS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "composer.json": _composer,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "pom.xml": _pom,
    "Gemfile": _gemfile,
}
