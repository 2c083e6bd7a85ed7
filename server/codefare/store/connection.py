"""The connection to one SQLite file of ours."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from codefare.store import database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOCK_WAIT = 5.0  # seconds to wait for another process's write


class Connection:
    """Opened when it is first used, and anew if someone deleted the file. For one thread.

    `prepare` makes the tables, or checks those that are there. `lock_wait` are the seconds to wait
    for another process's write.
    """

    def __init__(
        self,
        file: Path,
        prepare: Callable[[sqlite3.Connection], None],
        *,
        lock_wait: float | None = None,
    ) -> None:
        self.file = file
        self._prepare = prepare
        self._lock_wait = lock_wait
        self._open: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def ready(self) -> sqlite3.Connection:
        """The open database.

        Raises:
            sqlite3.Error, OSError: It cannot be used.
        """
        if self._open is not None and database.identity(self.file) == self._identity:
            return self._open
        self.drop()
        database.private_file(self.file)
        wait = _LOCK_WAIT if self._lock_wait is None else self._lock_wait
        opened = sqlite3.connect(self.file, timeout=wait, isolation_level=None)
        try:
            database.write_ahead(opened, wait)
            self._prepare(opened)
        except BaseException:
            opened.close()
            raise
        self._identity = database.identity(self.file)
        self._open = opened
        return opened

    def drop(self) -> None:
        """Close it; the next use opens it anew."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
            self._open = None
