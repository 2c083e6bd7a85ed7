"""diskcache without pickle: text in, text out, all of it in the database.

Imported when the first answer is looked up, as diskcache takes 20 to 35 ms.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import diskcache
from diskcache.core import METADATA

if TYPE_CHECKING:
    from pathlib import Path

Cache = diskcache.Cache
Timeout = diskcache.Timeout

_RAW = 1  # diskcache's mode of a value that stands in the row; 4 is a pickle, 2 and 3 are files
_NO_FILES = 2**31 - 1
_SETTINGS = {*diskcache.DEFAULT_SETTINGS, *METADATA, "disk_min_file_size", "disk_pickle_protocol"}


class ForeignRowError(ValueError):
    """A row that this cache has not written."""


class TextDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Refuses pickles in both directions, and every file name that stands in the database.

    diskcache's own disks, JSONDisk among them, unpickle what a row tells them to (CVE-2025-69872):
    a value of mode 4 in `get`, a key with raw = 0 in iteration.
    """

    def put(self, key: Any) -> tuple[str, bool]:
        """The key as it stands in the row."""
        if type(key) is not str:
            raise TypeError("cache keys are text")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        """The key of a row."""
        if not raw or type(key) is not str:
            raise ForeignRowError("a key that is not text")
        return key

    def store(self, value: Any, read: bool, key: Any = None) -> tuple[int, int, None, str]:  # noqa: ARG002 - diskcache's signature
        """Size on disk beside the database, mode, file name and value of a new row."""
        if type(value) is not str:
            raise TypeError("cache values are text")
        return 0, _RAW, None, value

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> str:  # noqa: ARG002 - diskcache's signature
        """The value of a row."""
        if mode != _RAW or filename is not None or type(value) is not str:
            raise ForeignRowError("a value that is not text")
        return value

    def remove(self, file_path: str) -> None:
        """Nothing: there are no files, and no file is deleted by a name out of the database."""


def open_cache(folder: Path, size_limit_bytes: int, wait_seconds: float) -> Any:
    """The cache in `folder`, whose database exists. Every setting is given, and none taken from it.

    Raises:
        sqlite3.Error: The database cannot be used, or holds settings that are not diskcache's.
        Timeout: It is locked for too long.
        TypeError, ValueError, AttributeError: Its settings have values that diskcache never wrote.
    """
    _refuse_foreign_settings(folder)
    cache = Cache(
        str(folder),
        timeout=wait_seconds,
        disk=TextDisk,
        disk_min_file_size=_NO_FILES,
        disk_pickle_protocol=0,
        size_limit=size_limit_bytes,
        cull_limit=10,
        eviction_policy="least-recently-stored",  # it reads without writing: AnswerStore._renew
        statistics=0,
        tag_index=0,
        sqlite_auto_vacuum=1,
        sqlite_cache_size=2**11,
        sqlite_journal_mode="wal",
        sqlite_mmap_size=0,  # reading a mapped file that another process cuts short kills
        sqlite_synchronous=1,
    )
    # On this connection only, as opening writes some twenty settings: an answer outlives a
    # power cut.
    cache.reset("sqlite_synchronous", 2, update=False)
    return cache


def _refuse_foreign_settings(folder: Path) -> None:
    """Raise if the database has settings of other names: diskcache would make attributes and pragmas of them."""
    with closing(sqlite3.connect(folder / diskcache.core.DBNAME)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'Settings'")
        if tables.fetchone() is None:
            return
        names = {name for (name,) in database.execute("SELECT key FROM Settings")}
    if not names <= _SETTINGS:
        raise sqlite3.DatabaseError("settings that are not diskcache's")
