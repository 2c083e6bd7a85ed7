"""The findings that the user dismissed, remembered by what they say and the code they stand on.

Neither can be read from the file: it holds hashes under a random key. The words of a message are hashed one by one,
with the code, since a model says the same thing in other words the next time.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from codefare.errors import StoreError
from codefare.store import database
from codefare.store.connection import Connection
from codefare.store.content import Content, alike
from codefare.store.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from codefare.tasks.outcome import Finding

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

MOST = 10_000
"""Dismissals that are remembered; of more the oldest go."""

_SCHEMA = 1
_TABLES = (
    "CREATE TABLE secret (key BLOB NOT NULL)",
    """
    CREATE TABLE dismissal (
        code BLOB NOT NULL,
        words BLOB NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (code, words)
    )
    """,
    "CREATE INDEX dismissal_at ON dismissal (at)",
)
_CODE_SIZE, _WORD_SIZE = 16, 6  # bytes of the hashes


def _now() -> datetime:
    return datetime.now(UTC)


class Dismissals:
    """SQLite in a file of the user's own, shared by all processes; off the event loop.

    Opened at the first use, if not before. If the file cannot be used, what is dismissed is remembered until it can, or
    to the end of the session; `health` tells.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self._file = folder / "dismissals.db"
        self._clock = clock
        self._worker = Worker("codefare-dismissals")
        self._database = Connection(self._file, self._prepare)
        self._key = b""
        self._late: list[tuple[Content, datetime]] = []
        self._health: str | None = None

    @property
    def health(self) -> str | None:
        """What is wrong and what to do, in a user's words; None if nothing is."""
        return self._health

    async def open(self) -> None:
        """Open ahead of the first use, so that `health` tells. Never fails."""
        with suppress(StoreError):
            await self._worker.run(lambda: self._use(lambda _: None))

    async def dismiss(self, findings: Iterable[Finding], file: str) -> None:
        """Remember that the user dismissed `findings`, in a file of that name. Never fails."""
        now = self._clock()
        contents = [(Content.of(finding, file), now) for finding in findings]
        if contents and not self._worker.closed:
            await self._worker.run(lambda: self._remember(contents))

    async def without_dismissed(
        self, findings: Sequence[Finding], file: str
    ) -> tuple[Finding, ...]:
        """Those of `findings`, in a file of that name, that were not dismissed. Never fails."""
        contents = [Content.of(finding, file) for finding in findings]
        if not contents or self._worker.closed:
            return tuple(findings)
        known = await self._worker.run(lambda: self._known(contents))
        return tuple(finding for finding, k in zip(findings, known, strict=True) if not k)

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._worker.close(self._last)

    # All below runs in the worker.

    def _remember(self, contents: list[tuple[Content, datetime]]) -> None:
        self._late += contents
        with suppress(StoreError):
            self._use(lambda _: None)

    def _known(self, contents: list[Content]) -> list[bool]:
        """Which of `contents` were dismissed."""
        try:
            stored = self._use(
                lambda connection: [self._is_stored(connection, content) for content in contents]
            )
        except StoreError:
            stored = [False] * len(contents)
        late = [content for content, _ in self._late]
        return [
            known or any(map(content.resembles, late))
            for known, content in zip(stored, contents, strict=True)
        ]

    def _is_stored(self, connection: sqlite3.Connection, content: Content) -> bool:
        code, words = self._hashed(content)
        rows = connection.execute(
            "SELECT CAST(words AS BLOB) FROM dismissal WHERE code = ?", (code,)
        )
        return any(alike(words, _split(stored)) for (stored,) in rows)

    def _hashed(self, content: Content) -> tuple[bytes, frozenset[bytes]]:
        """The hashes of the code, and of each word with it: without the code no word can be guessed."""
        code = hmac.digest(self._key, content.code.encode("utf-8", "surrogatepass"), "sha256")
        words = (
            hmac.digest(self._key, code + word.encode("utf-8", "surrogatepass"), "sha256")
            for word in content.words
        )
        return code[:_CODE_SIZE], frozenset(word[:_WORD_SIZE] for word in words)

    def _write_late(self, connection: sqlite3.Connection) -> None:
        rows = []
        for content, at in self._late:
            code, words = self._hashed(content)
            stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
            rows.append((code, b"".join(sorted(words)), stamp))
        with database.Writing(connection):
            connection.executemany(
                "INSERT INTO dismissal (code, words, at) VALUES (?, ?, ?)"
                " ON CONFLICT (code, words) DO UPDATE SET at = excluded.at",
                rows,
            )
            connection.execute(
                "DELETE FROM dismissal WHERE rowid IN (SELECT rowid FROM dismissal"
                " ORDER BY at DESC, rowid DESC LIMIT -1 OFFSET ?)",
                (MOST,),
            )
        self._late.clear()

    def _use(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do `job` on the open database, after writing what could not be written before.

        Raises:
            StoreError: The file cannot be used.
        """
        try:
            connection = self._database.ready()
            if self._late:
                self._write_late(connection)
            result = job(connection)
        except (sqlite3.Error, OSError) as error:
            trouble = database.trouble_of(error)
            self._database.drop()
            health = (
                "Findings that you dismiss come back in the next session:"
                f" {self._file} {trouble}. {trouble.remedy}"
            )
            if health != self._health:
                _log.warning("%s", health)
            self._health = health
            raise StoreError(health) from error
        self._health = None
        return result

    def _prepare(self, connection: sqlite3.Connection) -> None:
        self._key = _prepare(connection)

    def _last(self) -> None:
        if self._late:
            with suppress(StoreError):
                self._use(lambda _: None)
        self._database.drop()


def _prepare(connection: sqlite3.Connection) -> bytes:
    """Create the tables if the database is new; the key of its hashes.

    Raises:
        ForeignSchemaError: The database is another version's.
        sqlite3.Error: It cannot be used.
    """
    with database.Writing(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            for table in _TABLES:
                connection.execute(table)
            connection.execute("INSERT INTO secret VALUES (?)", (secrets.token_bytes(32),))
            connection.execute(f"PRAGMA user_version = {_SCHEMA}")
        elif version != _SCHEMA:
            raise database.ForeignSchemaError(f"schema {version}")
        row = connection.execute("SELECT key FROM secret").fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise sqlite3.DatabaseError("no key")
        return bytes(row[0])


def _split(words: bytes) -> frozenset[bytes]:
    return frozenset(words[at : at + _WORD_SIZE] for at in range(0, len(words), _WORD_SIZE))
