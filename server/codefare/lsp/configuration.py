"""The user's config.toml of one session: read again where it has changed."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from lsprotocol import types as lsp

from codefare.assembly import check_models
from codefare.errors import CodefareError, ConfigError
from codefare.places import config_folder
from codefare.settings import load_settings

if TYPE_CHECKING:
    from codefare.lsp.base import Server
    from codefare.settings import Settings
    from codefare_catalog import Catalog

_FIRM = ("providers", "network", "cache", "log_level")
"""What clients and stores were made of: it holds from the next start of the server on."""


class Stamp(NamedTuple):
    """By what a change of config.toml is seen: the time in nanoseconds, the size in bytes, the place on disk."""

    time: int
    size: int
    place: int


class Configuration:
    """What config.toml says. Made before the file is first read, so that no change of it is missed."""

    def __init__(self) -> None:
        self._seen = stamp()

    def again(self, server: Server, settings: Settings, catalog: Catalog) -> Settings | None:
        """The settings that hold from now on, if the file says something else than `settings`; else None.

        A wrong file is told once for each change of it, and what held before goes on to hold. On the event loop, where
        it takes microseconds, and milliseconds after a change: from a thread it would come back to a request whose text
        has been typed in meanwhile.
        """
        now = stamp()
        # A file that is gone or empty is being written: without what it said, code would go where it must not.
        if now == self._seen or now is None or not now.size:
            return None
        self._seen = now
        try:
            found = load_settings(providers=catalog.providers)
            check_models(found, catalog)
        except ConfigError as error:
            server.show(f"{error.text} Until then the settings from before hold.", _WARNING)
            return None
        for doubt in set(found.warnings) - set(settings.warnings):
            server.show(doubt, _WARNING)
        late = [name for name in _FIRM if getattr(found, name) != getattr(settings, name)]
        if late:
            names = ", ".join(late)
            server.show(
                f"config.toml was read again. What changed of {names} holds from the next start of the server on"
                " (`:CodefareRestart`, Codefare: Restart, or your editor's own way).",
                _WARNING,
            )
        kept = replace(found, **{name: getattr(settings, name) for name in _FIRM})
        return None if kept == settings else kept


_WARNING = lsp.MessageType.Warning


def stamp() -> Stamp | None:
    """That of the file as it is; None if it is no file."""
    try:
        found = (config_folder() / "config.toml").stat()
    except (OSError, CodefareError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
