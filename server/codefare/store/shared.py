"""What all servers of one user share for the moment: an SQLite file, or else this process's memory."""

from __future__ import annotations

import logging
import sqlite3
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from codefare.store import database
from codefare.store.connection import Connection
from codefare.store.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

_SCHEMA = 1
PATIENCE = 2.0  # seconds: an action waits for this
_HOLD_OFF = 60.0


class Shared:
    """A small database that helps and never stands in the way; off the event loop.

    Where the file cannot be used, a database in memory takes its place for a minute, and then again: this process goes
    on for itself, and `health` tells. What is in it is of use for minutes, so that a damaged file is begun anew.

    Args:
        file: The database; None keeps all in this process.
        tables: The statements that make its tables.
        patience: The seconds after which an answer is late. Half of it is waited for a program that holds the file.
    """

    def __init__(
        self, file: Path | None, tables: Sequence[str], *, patience: float = PATIENCE
    ) -> None:
        self._tables = tables
        self._file = file
        self._patience = patience
        self._worker = Worker("codefare-traffic")
        self._database = Connection(file, self._prepare, lock_wait=patience / 2) if file else None
        self._memory: sqlite3.Connection | None = None
        self._not_before = 0.0
        self._health: str | None = None

    @property
    def health(self) -> str | None:
        """What is wrong and what to do, in a user's words; None if nothing is."""
        return self._health

    async def write(self, job: Callable[[sqlite3.Connection], _T], late: _T) -> _T:
        """What `job` returns, in a transaction of its own; `late` if that takes too long.

        A job that was begun is finished even if the caller is cancelled or has given it up.
        """
        return await self._run(job, late, writing=True)

    async def read(self, job: Callable[[sqlite3.Connection], _T], late: _T) -> _T:
        """The same for a job that only reads."""
        return await self._run(job, late, writing=False)

    def start(self, job: Callable[[sqlite3.Connection], object], *, writing: bool = True) -> None:
        """Do a job after those before it; nobody waits for it."""
        if not self._worker.closed:
            self._worker.submit(lambda: self._use(job, writing=writing))

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._worker.close(self._drop)

    async def _run(self, job: Callable[[sqlite3.Connection], _T], late: _T, *, writing: bool) -> _T:
        if self._worker.closed:
            return late
        return await self._worker.run_within(
            self._patience, lambda: self._use(job, writing=writing), late
        )

    # All below runs in the worker.

    def _use(self, job: Callable[[sqlite3.Connection], _T], *, writing: bool) -> _T:
        if self._database is not None and time.monotonic() >= self._not_before:
            for _ in range(2):
                try:
                    done = _do(self._database.ready(), job, writing=writing)
                except (sqlite3.Error, OSError) as error:
                    if not self._mended(error):
                        break
                else:
                    self._health = None
                    return done
        if self._memory is None:
            memory = sqlite3.connect(":memory:", isolation_level=None)
            self._prepare(memory)
            self._memory = memory
        return _do(self._memory, job, writing=writing)

    def _mended(self, error: sqlite3.Error | OSError) -> bool:
        """Whether to try again: the damaged file was set aside."""
        if self._database is None or self._file is None:
            return False
        broken = database.identity(self._file)
        self._database.drop()
        trouble = database.trouble_of(error)
        if trouble is database.Trouble.DAMAGED:
            try:
                if database.set_aside(self._file, broken, datetime.now(UTC)):
                    return True
            except (sqlite3.Error, OSError):
                pass  # it stays damaged, and health says so
        self._not_before = time.monotonic() + _HOLD_OFF
        health = (
            "Servers that run at once do not see each other's rate limits and failures:"
            f" {self._file} {trouble}. {trouble.remedy}"
        )
        if health != self._health:
            _log.warning("%s", health)
        self._health = health
        return False

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # What a crash of the machine takes with it is of no use after it.
        connection.execute("PRAGMA synchronous = NORMAL")
        with database.Writing(connection):
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if not tables:
                for table in self._tables:
                    connection.execute(table)
                connection.execute(f"PRAGMA user_version = {_SCHEMA}")
            elif version != _SCHEMA:
                raise database.ForeignSchemaError(f"schema {version}")

    def _drop(self) -> None:
        if self._database is not None:
            self._database.drop()
        if self._memory is not None:
            self._memory.close()
            self._memory = None


def _do(
    connection: sqlite3.Connection, job: Callable[[sqlite3.Connection], _T], *, writing: bool
) -> _T:
    if not writing:
        return job(connection)
    with database.Writing(connection):
        return job(connection)
