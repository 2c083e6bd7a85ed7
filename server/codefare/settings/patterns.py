"""Gitignore-style patterns of files that must stay private. In doubt, a file matches."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec

from codefare.source.spelling import folded

_WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_GLOB = re.compile(r"[*?\[\\]")
_ONLY_WILDCARDS = re.compile(r"[*/?]*")
_ANY_FILE = "\x01"  # a name that no pattern names


def problem_with(pattern: str) -> str | None:
    """Why a pattern would not match as it is meant, in words that follow it; None if it is well."""
    if not pattern.strip():
        return "is empty"
    if pattern.startswith("#"):
        return r"begins with #, which makes it a comment: write \#"
    if not pattern.isprintable():
        return "holds a line break or a control character"
    try:
        compiled = GitIgnoreSpec.from_lines([pattern]).patterns
    except ValueError:
        compiled = []
    if any(one.include is not None for one in compiled):
        return None
    return "is not a gitignore pattern"


def matches(patterns: tuple[str, ...], roots: tuple[Path, ...], path: Path) -> bool:
    """Whether a file, or what it is a link to, is meant by the patterns.

    A pattern is looked for from the workspace's root; from every folder above it, too, unless it
    begins with a slash, so that opening a folder of a project does not uncover what was private in
    the project. Where no root holds the file, any of its folders might be one. What begins with a
    slash, a drive or `~` is also an absolute path.
    """
    here = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the links already
    bases = tuple(
        dict.fromkeys(_parts(at) for root in roots for at in (root, _resolved(root)) if at)
    )
    # Where a link is followed by `..`, what it leads to counts, and what the name seems to say.
    targets = [_resolved(at) for at in (path, here)]
    known = [at for at in targets if at is not None]
    if len(known) < len(targets):
        return True  # a loop of links: nobody can tell what it is
    return any(_meant(patterns, bases, _parts(at)) for at in dict.fromkeys((here, *known)))


def allows(patterns: tuple[str, ...], roots: tuple[Path, ...], path: Path) -> bool:
    """Whether a file of exactly this path is meant by the patterns. In doubt, it is not.

    They count from the workspace's roots, or from the file system's; nowhere else.
    """
    spec, parts = _compiled(patterns), _parts(path)
    if spec.absolute.match_file("/".join(parts)):
        return True
    bases = [_parts(at) for root in roots for at in (root, _resolved(root)) if at]
    inside = [len(base) for base in bases if parts[: len(base)] == base]
    return any(spec.relative.match_file("/".join(parts[root:])) for root in inside)


@lru_cache(maxsize=4096)
def _meant(
    patterns: tuple[str, ...], bases: tuple[tuple[str, ...], ...], path: tuple[str, ...]
) -> bool:
    spec = _compiled(patterns)
    if spec.absolute.match_file("/".join(path)):
        return True
    inside = [len(base) for base in bases if path[: len(base)] == base]
    if not inside:
        return any(spec.relative.match_file("/".join(path[at:])) for at in range(len(path)))
    return any(
        spec.relative.match_file("/".join(path[root:]))
        or any(
            spec.folders.match_file("/".join(path[above:]))
            or spec.names.match_file("/".join((*path[above:root], _ANY_FILE)))
            for above in range(root)
        )
        for root in inside
    )


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The same patterns for each way in which they are looked for.

    `relative` are for paths from a root. Of these, `folders` name a folder on the way to a file and
    `names` name anything on it: they hold above the root as well. `absolute` are for paths from the
    file system's root.
    """

    relative: GitIgnoreSpec
    folders: GitIgnoreSpec
    names: GitIgnoreSpec
    absolute: GitIgnoreSpec


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> _Compiled:
    relative: list[str] = []
    folders: list[str] = []
    names: list[str] = []
    absolute: list[str] = []
    for written in patterns:
        negation = "!" if written.startswith("!") else ""
        pattern = folded(written.removeprefix("!"))
        if pattern.startswith(("~", "/")) or _WINDOWS_DRIVE.match(pattern):
            absolute += [negation + form for form in _absolute_forms(pattern)]
        if pattern.startswith("~") or _WINDOWS_DRIVE.match(pattern):
            continue
        relative.append(negation + pattern)
        if pattern.startswith("/") or _ONLY_WILDCARDS.fullmatch(pattern):
            continue  # a leading slash means the root itself, and wildcards alone name nothing
        if "/" in pattern.removeprefix("**/"):
            folders.append(negation + pattern)
        else:
            names.append(negation + pattern)
    return _Compiled(
        *(GitIgnoreSpec.from_lines(some) for some in (relative, folders, names, absolute))
    )


def _absolute_forms(pattern: str) -> list[str]:
    """An absolute pattern from the file system's root; also with the links on its way resolved."""
    start, slash, rest = pattern.partition("/")
    if start.startswith("~"):
        home = folded(Path(os.path.expanduser(start)).as_posix())  # noqa: PTH111 - Path.expanduser raises
        pattern = _GLOB.sub(r"\\\g<0>", home) + slash + rest
    elif _WINDOWS_DRIVE.match(pattern):
        pattern = pattern.replace("\\", "/")
    pattern = "/" + pattern.lstrip("/")
    glob = _GLOB.search(pattern)
    plain = pattern[: pattern.rindex("/", 0, glob.start())] if glob else pattern.rstrip("/")
    resolved = _resolved(Path(plain))
    if resolved is None or not plain:
        return [pattern]
    real = "/" + "/".join(_parts(resolved))
    return list(dict.fromkeys((pattern, _GLOB.sub(r"\\\g<0>", real) + pattern[len(plain) :])))


def _resolved(path: Path) -> Path | None:
    """The path without links; None if they run in a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # Python 3.13 and before it
        return None


def _parts(path: Path) -> tuple[str, ...]:
    """The names on the way from the file system's root."""
    return tuple(part for part in folded(path.as_posix()).split("/") if part)
