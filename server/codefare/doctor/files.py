"""The user's files: do they load, who else can read or change them, how large are they, is there room?"""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

from codefare.doctor.finding import Finding, Group, State
from codefare.errors import CodefareError, sentence
from codefare.places import cache_folder, config_folder, log_folder, state_folder
from codefare.settings.load import doubts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MEBIBYTE = 2**20
_LITTLE = 200 * _MEBIBYTE  # room on the disk
_MOST_ENTRIES = 2_000
_SHOWN = 5
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Tables of tables in config.toml: the user's own words are their names.
_NESTED = ("providers", "checkers")


def configuration(wrong: Mapping[str, CodefareError]) -> Iterator[Finding]:
    """config.toml and catalog.toml. `wrong` holds the errors of those that do not load, by name."""
    for name, without in (
        ("config.toml", "not there: every setting has its default"),
        ("catalog.toml", "not there: models, prices and tasks are those that come with codefare"),
    ):
        file = config_folder() / name
        id_ = f"files.{name}"
        if (error := wrong.get(name)) is not None:
            text = f"{sentence(str(error))} Until then no action runs, and no provider is asked."
            yield Finding(id_, Group.FILES, name, State.PROBLEM, text, error.remedy)
        elif file.is_file():
            yield Finding(id_, Group.FILES, name, State.OK, f"{file} sets {_keys(file)}")
        else:
            yield Finding(id_, Group.FILES, name, State.OK, f"{file} is {without}")
        if file.exists() and (doubted := doubts(file)):
            said, commands = zip(*(one.partition(" Run: ")[::2] for one in doubted), strict=True)
            remedy = " && ".join(filter(None, commands))
            yield Finding(
                f"{id_}.owner",
                Group.FILES,
                name,
                State.WARNING,
                " ".join(said),
                f"Run: {remedy}" if remedy else "Make a copy of it that is your own.",
            )


def folders() -> Iterator[Finding]:
    """Whether the folders can be written, and by nobody else. Before the stores open: they mend modes."""
    for name, folder in (("Cache folder", cache_folder()), ("State folder", state_folder())):
        id_ = f"files.{name.split()[0].lower()}"
        found = _nearest(folder)
        if not found.is_dir():
            text = f"{folder} cannot be made: {found} is a file"
            remedy = f"Move {found} away."
            yield Finding(id_, Group.FILES, name, State.PROBLEM, text, remedy)
        elif not os.access(found, os.W_OK | os.X_OK):
            text = f"{folder} cannot be written: {found} is not writable for you"
            remedy = f"Run: chmod u+rwx '{found}', or make it yours."
            yield Finding(id_, Group.FILES, name, State.PROBLEM, text, remedy)
        elif folder.is_dir():
            yield from _modes(id_, name, folder)


def log() -> Finding:
    """Where the log is, and how large."""
    file = log_folder() / "codefare.log"
    try:
        size = file.stat().st_size
    except OSError:
        text = f"{file}, not written yet: the language server does"
        return Finding("files.log", Group.FILES, "Log", State.OK, text)
    text = f"{file}, {_size(size)}; it never holds code or keys"
    return Finding("files.log", Group.FILES, "Log", State.OK, text)


def room() -> Iterator[Finding]:
    """Free space where the cache and the ledger are."""
    seen: set[int] = set()
    for name, folder in (("cache", cache_folder()), ("state", state_folder())):
        id_, nearest = f"files.room.{name}", _nearest(folder)
        try:
            device, free = nearest.stat().st_dev, shutil.disk_usage(nearest).free
        except OSError:
            continue
        if device in seen:
            continue
        seen.add(device)
        text = f"{_size(free)} free at {nearest}"
        if free >= _LITTLE:
            yield Finding(id_, Group.FILES, "Disk", State.OK, text)
            continue
        yield Finding(
            id_,
            Group.FILES,
            "Disk",
            State.WARNING,
            f"only {text}: answers and what was spent may not be recorded",
            "Free some space, or lower size_limit_mb under [cache] in config.toml.",
        )


def _modes(id_: str, name: str, folder: Path) -> Iterator[Finding]:
    """What of ours others could read: answers quote code, and the ledger tells what was spent."""
    if os.name != "posix":
        return
    open_ = [path for path in _entries(folder) if _is_open(path)]
    if not open_:
        yield Finding(id_, Group.FILES, name, State.OK, f"{folder}, for you alone")
        return
    shown = ", ".join(str(path) for path in open_[:_SHOWN])
    more = f" and {len(open_) - _SHOWN} more" if len(open_) > _SHOWN else ""
    text = f"other users may read or change {shown}{more}"
    yield Finding(id_, Group.FILES, name, State.WARNING, text, f"Run: chmod -R go-rwx '{folder}'")


def _entries(folder: Path) -> list[Path]:
    found = [folder]
    for place, folders, files in os.walk(folder):
        found += [folder.joinpath(place, entry) for entry in (*folders, *files)]
        if len(found) > _MOST_ENTRIES:
            break
    return found


def _is_open(path: Path) -> bool:
    try:
        at = path.lstat()
    except OSError:
        return False  # gone by now: a temporary file of SQLite's
    return not stat.S_ISLNK(at.st_mode) and bool(at.st_mode & _OTHERS)


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest above it that there is."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _keys(file: Path) -> str:
    """Which settings a file makes; never to what."""
    import tomllib

    try:
        found = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return "what could not be read"  # it changed since it was loaded
    names = [name for key, value in found.items() for name in _names(key, value)]
    if not names:
        return "nothing"
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""  # noqa: PLR2004  a line's worth
    return ", ".join(names[:12]) + more


def _names(key: str, value: Any) -> list[str]:
    if not isinstance(value, dict):
        return [key]
    deeper = [name for name, inner in value.items() if isinstance(inner, dict)]
    if key in _NESTED or (deeper and len(deeper) == len(value)):
        return [f"[{key}.{name}]" for name in value]
    return [f"[{key}]"]


def _size(count: int) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", _MEBIBYTE), ("KiB", 2**10)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} bytes"


def no_place(error: CodefareError) -> Finding:
    """What is said where the folders cannot be told at all."""
    return Finding(
        "files.home", Group.FILES, "Folders", State.PROBLEM, sentence(str(error)), error.remedy
    )
