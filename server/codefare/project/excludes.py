"""The ignore files of git that stand in no folder of a project: the user's own, and the repository's."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from codefare.project.ignore import lines_of
from codefare.source.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECTION = re.compile(r"\s*\[\s*([\w.-]+)(?:\s+\"[^\"]*\")?\s*\]")
_KEY = re.compile(r"\s*(excludesfile|path)\s*=\s*(.*)", re.IGNORECASE)
_VALUE = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^#;"]*))')
_DEEPEST = 4  # files that include others
_LARGEST = 10_000  # bytes of a file that says where the repository is
_SYSTEM = "/etc/gitconfig"


def excludes(repository: Path | None) -> list[Path]:
    """The files, those first that count less; of each kind all that there may be, so that none is missed.

    Those of the user count for all of his repositories: `core.excludesFile`, or what git takes without it. Those of
    the repository are in the folder that its working trees share.
    """
    if repository is None:
        return []
    users = list(dict.fromkeys(_named(*_users())))
    if not users:
        users = [_config_home() / "git" / "ignore"]
    shared = _shared(repository)
    own = _named(shared / "config", shared / "config.worktree", base=repository)
    return [*users, *own, shared / "info" / "exclude"]


def _users() -> tuple[Path, ...]:
    system = Path(os.environ.get("GIT_CONFIG_SYSTEM") or _SYSTEM)
    given = os.environ.get("GIT_CONFIG_GLOBAL")
    if given:
        return system, Path(given)
    return system, _config_home() / "git" / "config", _home() / ".gitconfig"


def _named(*configs: Path, base: Path | None = None) -> Iterator[Path]:
    """The files that `core.excludesFile` names in configuration files, from `base` on, or from where those are."""
    for config in configs:
        yield from _in_config(config, base or config.parent, 0)


def _in_config(file: Path, base: Path, depth: int) -> Iterator[Path]:
    section = ""
    for line in lines_of(file):
        head = _SECTION.match(line)
        section = head[1].lower() if head else section
        found = _KEY.match(line, head.end() if head else 0)
        value = _VALUE.match(found[2]) if found else None
        if found is None or value is None:
            continue
        quoted = value[1] is not None
        text = re.sub(r"\\(.)", r"\1", value[1]) if quoted else value[2].strip()
        key = found[1].lower()
        if text and key == "excludesfile" and section == "core":
            yield _path(text, base)
        elif text and key == "path" and section in {"include", "includeif"} and depth < _DEEPEST:
            yield from _in_config(_path(text, file.parent), base, depth + 1)


def _path(text: str, base: Path) -> Path:
    return base / os.path.expanduser(text)  # noqa: PTH111 - Path.expanduser raises


def _shared(repository: Path) -> Path:
    """The folder of a repository that its working trees share: `.git`, or what the file `.git` leads to."""
    git = repository / ".git"
    if git.is_dir():
        return git
    own = _told(git, repository)
    if own is None:
        return git
    return _told(own / "commondir", own) or own


def _told(file: Path, base: Path) -> Path | None:
    try:
        text = read_regular(file, _LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None
    named = text.strip().removeprefix("gitdir:").strip()
    return Path(os.path.normpath(base / named)) if named else None


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or _home() / ".config")
