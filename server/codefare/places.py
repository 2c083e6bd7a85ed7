"""Where codefare keeps its files: configuration, the answer cache, the ledger and the log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from codefare.errors import ConfigError

_NAME = "codefare"
_OWNER_ONLY = 0o700

_Kind = Literal["config", "cache", "state"]


def config_folder() -> Path:
    """Where the user's `config.toml` and `catalog.toml` are; it may not exist."""
    return _place("config")


def cache_folder() -> Path:
    """Where answers are kept: what may be deleted at any time."""
    return _place("cache")


def state_folder() -> Path:
    """Where the ledger and the dismissals are."""
    return _place("state")


def log_folder() -> Path:
    """Where logs are written."""
    return state_folder() / "log"


def private_folder(folder: Path) -> Path:
    """Create `folder` so that only its owner can use it, whatever the umask.

    One that exists is made so, with those of codefare's own that it is in: who can write there could put another in its
    place. Parents that are missing are created in the same way, as the XDG base directory specification asks.

    Raises:
        OSError: It cannot be created or its mode cannot be set.
    """
    if not folder.is_dir():
        if folder.parent != folder and not folder.parent.is_dir():
            private_folder(folder.parent)
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    if os.name == "posix":
        for each in (folder, *_own_above(folder)):
            if each.stat().st_mode & 0o777 != _OWNER_ONLY:
                each.chmod(_OWNER_ONLY)
    return folder


def _own_above(folder: Path) -> list[Path]:
    """The folders above one, up to codefare's own for its kind, if it is in one."""
    try:
        tops = (cache_folder(), state_folder())
    except ConfigError:
        return []
    return [above for above in folder.parents if any(above.is_relative_to(top) for top in tops)]


def _place(kind: _Kind) -> Path:
    """The user's folder of one kind: under its XDG variable if that is set, on every platform.

    The XDG base directory specification tells to ignore a variable that holds a relative path.

    Raises:
        ConfigError: There is no home folder to put it in.
    """
    chosen = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    if chosen and Path(chosen).is_absolute():
        return Path(chosen) / _NAME
    import platformdirs

    folders = platformdirs.PlatformDirs(_NAME, appauthor=False)
    places = {
        "config": lambda: folders.user_config_path,
        "cache": lambda: folders.user_cache_path,
        "state": lambda: folders.user_state_path,
    }
    try:
        return places[kind]()
    except RuntimeError:
        raise ConfigError(
            "Your home folder cannot be determined.",
            remedy=f"Set HOME, or XDG_{kind.upper()}_HOME, to an absolute path.",
        ) from None
