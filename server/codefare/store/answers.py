"""The answer cache: what was paid for once is found again, free, in this and any later session."""

from __future__ import annotations

import logging
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from codefare.errors import StoreError
from codefare.store import database
from codefare.store.answer import StoredAnswer, answer_key, decode, encode
from codefare.store.database import Trouble
from codefare.store.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["AnswerStore", "CacheInfo", "StoredAnswer", "answer_key"]

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

_SOON = 0.2  # seconds that a hover or a menu waits for the cache before it does without
_LOCK_WAIT = 1.0  # seconds to wait for another process's write
_HOLD_OFF = 30.0  # seconds before a cache that would not open is tried again for a hover


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What `codefare cache info` tells.

    `entries` are the answers that can still be offered, `oldest` is when the first of them was paid
    for. `size_bytes` is what the cache takes on disk. `health` says in a user's words what is
    wrong, None if nothing is.
    """

    folder: Path
    entries: int
    size_bytes: int
    size_limit_bytes: int
    max_age_seconds: float
    oldest: datetime | None
    health: str | None


class AnswerStore:
    """diskcache made safe: text only, owner only, off the event loop.

    When it fails, answers are merely not kept. Several processes may use the same folder at once.
    Nothing is opened before the first use. With a size limit of 0, nothing is looked up or kept.
    """

    def __init__(self, folder: Path, size_limit_bytes: int, max_age_seconds: float) -> None:
        self._folder = folder
        self._file = folder / "cache.db"  # diskcache's name for it
        self._size_limit_bytes = size_limit_bytes
        self._max_age = timedelta(seconds=max_age_seconds)
        self._worker = Worker("codefare-answers")
        self._cache: Any = None
        self._identity: tuple[int, int] | None = None
        self._not_before = 0.0
        self._health: str | None = None
        self._failures: tuple[type[Exception], ...] = (sqlite3.Error, OSError)

    @property
    def health(self) -> str | None:
        """What is wrong and what to do, in a user's words; None if nothing is."""
        return self._health

    async def open(self) -> None:
        """Open ahead of the first use, which pays some 50 ms for it otherwise. Never fails."""
        if self._active:
            await self._worker.run(lambda: self._use(lambda _: None, None, hasty=True))

    async def get(self, key: str) -> StoredAnswer | None:
        """The answer under this key, unless it is too old, damaged or not there."""
        if not self._active:
            return None
        answer = await self._worker.run(
            lambda: self._use(lambda cache: self._read(cache, key), None)
        )
        if answer is not None and self._active:
            kept = answer
            self._worker.submit(
                lambda: self._use(lambda cache: self._renew(cache, key, kept), None)
            )
        return answer

    async def has(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of the keys that `get` would answer.

        Within a fifth of a second: none of them if the cache is not ready by then.
        """
        if not keys or not self._active:
            return frozenset()
        none: frozenset[str] = frozenset()

        def found(cache: Any) -> frozenset[str]:
            return frozenset(key for key in keys if self._read(cache, key) is not None)

        return await self._worker.run_within(
            _SOON, lambda: self._use(found, none, hasty=True), none
        )

    async def put(self, key: str, answer: StoredAnswer) -> None:
        """Keep an answer, even if the caller is cancelled; `health` tells if it cannot be kept."""
        if self._active:
            await self._worker.run(
                lambda: self._use(lambda cache: self._write(cache, key, answer), None)
            )

    async def forget(self, key: str) -> None:
        """Let go of the answer under this key, if there is one."""
        if self._active:
            await self._worker.run(lambda: self._use(lambda cache: cache.delete(key), None))

    async def clear(self) -> int:
        """Delete every answer, and a damaged cache that was set aside.

        Returns:
            How many answers there were.

        Raises:
            StoreError: They cannot be deleted.
        """
        deleted = await self._worker.run(lambda: self._use(self._clear, -1))
        if deleted < 0:
            raise StoreError("The answer cache was not cleared.", remedy=self._health or "")
        return deleted

    async def info(self) -> CacheInfo:
        """How many answers there are, what they take and what is wrong, if anything is."""
        nothing: tuple[int, datetime | None] = (0, None)
        entries, oldest = await self._worker.run(lambda: self._use(self._count, nothing))
        return CacheInfo(
            folder=self._folder,
            entries=entries,
            size_bytes=database.size_on_disk(self._file),
            size_limit_bytes=self._size_limit_bytes,
            max_age_seconds=self._max_age.total_seconds(),
            oldest=oldest,
            health=self._health,
        )

    async def close(self) -> None:
        """Finish what is under way and close the files. Nothing is found or kept afterwards."""
        await self._worker.close(self._drop)

    @property
    def _active(self) -> bool:
        return self._size_limit_bytes > 0 and not self._worker.closed

    # All below runs in the worker.

    def _use(self, job: Callable[[Any], _T], otherwise: _T, *, hasty: bool = False) -> _T:
        """Do `job` on the open cache; `otherwise` if that cannot be.

        If the cache turns out damaged, it is set aside and the job done on a new one.
        """
        if hasty and self._cache is None and time.monotonic() < self._not_before:
            return otherwise
        for _ in range(2):
            try:
                return job(self._ready())
            except self._failures as error:
                if not self._mended(error):
                    return otherwise
        return otherwise

    def _ready(self) -> Any:
        """The open cache: opened anew if it is not yet, or if someone deleted its file."""
        if self._cache is not None and database.identity(self._file) == self._identity:
            return self._cache
        self._drop()
        database.private_file(self._file)
        self._identity = database.identity(self._file)
        database.probe(self._file, _LOCK_WAIT)
        from codefare.store import text_disk  # diskcache takes 20 to 35 ms

        self._failures = (sqlite3.Error, OSError, text_disk.Timeout)
        try:
            self._cache = text_disk.open_cache(self._folder, self._size_limit_bytes, _LOCK_WAIT)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise sqlite3.DatabaseError("settings that are not diskcache's") from error
        self._health = None
        return self._cache

    def _mended(self, error: Exception) -> bool:
        """Whether to try again: the damaged file was set aside. If not, `health` tells why."""
        trouble = self._trouble(error)
        if trouble is Trouble.DAMAGED:
            self._drop()
            try:
                if database.set_aside(self._file, self._identity, datetime.now(UTC)):
                    _log.warning(
                        "The answer cache %s was damaged; a new one was begun.", self._file
                    )
            except (sqlite3.Error, OSError):
                pass  # it stays damaged, and health says so
            else:
                return True
        if self._cache is None:
            self._not_before = time.monotonic() + _HOLD_OFF
        health = f"Answers are not being kept: {self._file} {trouble}. {trouble.remedy}"
        if health != self._health:
            self._health = health
            _log.warning("%s", health)
        return False

    def _trouble(self, error: Exception) -> Trouble:
        """What an error means. diskcache says "timeout" whatever it was: SQLite is asked then."""
        if isinstance(error, (sqlite3.Error, OSError)):
            return database.trouble_of(error)
        try:
            database.probe(self._file, 0)
        except sqlite3.Error as reason:
            return database.trouble_of(reason)
        return Trouble.BUSY

    def _read(self, cache: Any, key: str) -> StoredAnswer | None:
        """The answer of a row; None if there is none, it is not one of ours, or it is too old."""
        try:
            row = cache.get(key)
        except ValueError:
            return None
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", None) is None:
                return None  # Python's own: the text of this row is not UTF-8
            raise
        answer = decode(row)
        if answer is None or datetime.now(UTC) - answer.created > self._max_age:
            return None
        return answer

    def _write(self, cache: Any, key: str, answer: StoredAnswer) -> None:
        left = (answer.created + self._max_age - datetime.now(UTC)).total_seconds()
        row = encode(answer)
        if left <= 0 or len(row) > self._size_limit_bytes // 2:
            return  # it would be gone at once, or drive out most of the others
        self._set(cache, key, row, left, answer)
        if cache.volume() > self._size_limit_bytes:
            cache.cull()
        self._health = None

    def _renew(self, cache: Any, key: str, answer: StoredAnswer) -> None:
        """Mark an answer as used, so that others are evicted before it, unless it is gone by now.

        diskcache's least-recently-used policy would make each read a write, which fails while
        another process writes.
        """
        left = (answer.created + self._max_age - datetime.now(UTC)).total_seconds()
        # If it fails, that is not worth a word: the answer was found, after all.
        with suppress(*self._failures), cache.transact():
            if key in cache:
                self._set(cache, key, encode(answer), left, answer)

    @staticmethod
    def _set(cache: Any, key: str, row: str, left: float, answer: StoredAnswer) -> None:
        """Write a row that expires in `left` seconds. Its tag is when it was paid for."""
        cache.set(key, row, expire=left, tag=answer.created.timestamp())

    def _clear(self, cache: Any) -> int:
        deleted = int(cache.clear())
        database.remove_set_aside(self._file)
        with closing(sqlite3.connect(self._file, timeout=_LOCK_WAIT)) as connection:
            # The log beside the database still holds what was deleted.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._health = None
        return deleted

    def _count(self, _cache: Any) -> tuple[int, datetime | None]:
        now = datetime.now(UTC)
        with closing(sqlite3.connect(self._file, timeout=_LOCK_WAIT)) as connection:
            count, oldest = connection.execute(
                "SELECT count(*), min(tag) FROM Cache"
                " WHERE expire_time > ? AND typeof(tag) = 'real' AND tag >= ?",
                (now.timestamp(), (now - self._max_age).timestamp()),
            ).fetchone()
        return count, None if oldest is None else datetime.fromtimestamp(oldest, UTC)

    def _drop(self) -> None:
        """Close the connection."""
        if self._cache is not None:
            self._cache.close()
            self._cache = None
