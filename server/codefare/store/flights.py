"""Equal requests of several processes at once: one of them asks, the others wait for its answer."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Self

from codefare.store.process import is_running

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from codefare.store.shared import Shared

TABLES = (
    """
    CREATE TABLE flight (
        key TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        host TEXT NOT NULL,
        pid INTEGER NOT NULL,
        beat INTEGER NOT NULL
    )
    """,
)

# Seconds: between two looks at another's flight, between two signs of life, and how long one that
# gives none counts as alive (its machine or process may be another's, whose end cannot be seen).
_LOOK = 0.2
_BEAT = 4.0
_SILENCE = 20.0


class Lead:
    """The right to ask for an answer, until it has landed; a context manager, too."""

    def __init__(self, land: Callable[[], None]) -> None:
        self._land: Callable[[], None] | None = land

    def land(self) -> None:
        """Let those who wait go on. Call it once the answer is in the cache, and however else it ends.

        It does not block, and a second call does nothing.
        """
        land, self._land = self._land, None
        if land is not None:
            land()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.land()


class Flights:
    """Who of this user's processes is asking for what.

    `lead` it, or `wait` and look into the cache; if the answer is not there, the leader failed: try
    to lead again. Look into the cache once more as the leader, too: another may have landed
    between the last look and `lead`.

    Keys are hashes. `ticks` (seconds, rising) and `sleep` are there for tests.
    """

    def __init__(
        self,
        shared: Shared,
        *,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shared = shared
        self._ticks = ticks
        self._sleep = sleep
        self._owner = secrets.token_hex(8)
        self._leading: set[str] = set()
        self._beating: asyncio.Task[None] | None = None

    async def lead(self, key: str) -> Lead | None:
        """The lead, or None if someone else has it (this process included).

        Whoever cannot find out leads: to ask twice is better than to wait for nothing.
        """
        if key in self._leading:
            return None
        self._leading.add(key)
        try:
            leads = await self._shared.write(
                lambda connection: _take(connection, key, self._owner), late=True
            )
        except BaseException:
            self._land(key)  # it may be taken nonetheless
            raise
        if not leads:
            self._leading.discard(key)
            return None
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat())
        return Lead(lambda: self._land(key))

    async def wait(self, key: str) -> None:
        """Return once the leader has landed, or is gone."""
        seen: tuple[str, int] | None = None
        since = self._ticks()
        while True:
            row = await self._shared.read(lambda connection: _look(connection, key), late=None)
            if row is None:
                return
            owner, beat, alive = row
            if not alive:
                return
            if (owner, beat) != seen:
                seen, since = (owner, beat), self._ticks()
            elif self._ticks() - since > _SILENCE:
                await self._shared.write(
                    lambda connection: _end(connection, key, owner, beat),  # noqa: B023 - done before they change
                    late=None,
                )
                return
            await self._sleep(_LOOK)

    def close(self) -> None:
        """Let go of what is still led."""
        for key in tuple(self._leading):
            self._land(key)

    def _land(self, key: str) -> None:
        self._leading.discard(key)
        self._shared.start(lambda connection: _end(connection, key, self._owner))
        if not self._leading and self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def _beat(self) -> None:
        """Signs of life: one row per flight, all at once."""
        while True:
            await self._sleep(_BEAT)
            keys = frozenset(self._leading)
            await self._shared.write(partial(_live, owner=self._owner, keys=keys), late=None)


def _take(connection: sqlite3.Connection, key: str, owner: str) -> bool:
    row = _look(connection, key)
    if row is not None and row[0] != owner and row[2]:
        return False
    connection.execute(
        "INSERT OR REPLACE INTO flight VALUES (?, ?, ?, ?, 0)",
        (key, owner, platform.node(), os.getpid()),
    )
    return True


def _look(connection: sqlite3.Connection, key: str) -> tuple[str, int, bool] | None:
    """Whose flight it is, its last sign of life, and whether that process runs, as far as can be seen."""
    row = connection.execute(
        "SELECT owner, beat, host, pid FROM flight WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        return None
    owner, beat, host, pid = row
    return owner, beat, host != platform.node() or is_running(pid)


def _live(connection: sqlite3.Connection, owner: str, keys: frozenset[str]) -> None:
    """Give signs of life for what is led; what could not be taken away when it landed is now."""
    rows = connection.execute("SELECT key FROM flight WHERE owner = ?", (owner,)).fetchall()
    for (key,) in rows:
        if key not in keys:
            _end(connection, key, owner)
    connection.execute("UPDATE flight SET beat = beat + 1 WHERE owner = ?", (owner,))


def _end(connection: sqlite3.Connection, key: str, owner: str, beat: int | None = None) -> None:
    connection.execute(
        "DELETE FROM flight WHERE key = ? AND owner = ? AND beat = coalesce(?, beat)",
        (key, owner, beat),
    )
