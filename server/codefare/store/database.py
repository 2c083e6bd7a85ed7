"""SQLite files that only their owner can read, and what it means when one cannot be used."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.places import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_COMPANIONS = ("-wal", "-shm", "-journal")
_ASIDE = ".broken-"


class Trouble(StrEnum):
    """Why a database cannot be used, in words that follow "the file ..."."""

    DAMAGED = "is damaged"
    FOREIGN = "was not written by this version of codefare"
    BUSY = "is held by another program"
    FULL = "cannot grow: the disk is full"
    DENIED = "cannot be written"
    FAILED = "cannot be read or written"

    @property
    def remedy(self) -> str:
        """What the user can do."""
        return _REMEDIES[self]


_REMEDIES = {
    Trouble.DAMAGED: "Move the file away; a new one is made then.",
    Trouble.FOREIGN: "Update codefare, or move the file away; a new one is made then.",
    Trouble.BUSY: "Close the program that holds it.",
    Trouble.FULL: "Free some space on that disk.",
    Trouble.DENIED: "Make its folder writable for you.",
    Trouble.FAILED: "Check the disk that it is on.",
}

# The primary result codes of https://www.sqlite.org/rescode.html; the extended ones carry them in
# their low byte.
_BY_CODE = {
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_PROTOCOL: Trouble.BUSY,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.DENIED,
    sqlite3.SQLITE_CANTOPEN: Trouble.DENIED,
    sqlite3.SQLITE_PERM: Trouble.DENIED,
    sqlite3.SQLITE_AUTH: Trouble.DENIED,
    sqlite3.SQLITE_IOERR: Trouble.FAILED,
    sqlite3.SQLITE_NOMEM: Trouble.FAILED,
}


class ForeignSchemaError(sqlite3.DatabaseError):
    """A database whose tables are another version's."""


def trouble_of(error: Exception) -> Trouble:
    """What an error means: SQLite's, the file system's, or of content that we did not write."""
    if isinstance(error, ForeignSchemaError):
        return Trouble.FOREIGN
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # Python's own errors have none
        # What is left are missing tables and columns: a file that we did not make, or not wholly.
        return Trouble.DAMAGED if code is None else _BY_CODE.get(code & 0xFF, Trouble.DAMAGED)
    return Trouble.DENIED if isinstance(error, OSError) else Trouble.DAMAGED


def private_file(file: Path) -> None:
    """Make sure that `file` exists, in a folder of mode 0700, with mode 0600 whatever the umask.

    SQLite gives the files that it puts beside a database the mode of the database; those that are there get it here.

    Raises:
        OSError: It cannot be created.
    """
    private_folder(file.parent)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix" and os.fstat(descriptor).st_mode & 0o777 != 0o600:  # noqa: PLR2004 - the mode, as such
            file.chmod(0o600)
    finally:
        os.close(descriptor)
    if os.name == "posix":
        for beside in ("-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):  # another process may delete it
                file.with_name(file.name + beside).chmod(0o600)


def identity(file: Path) -> tuple[int, int] | None:
    """Which file this is, to notice that it was deleted or replaced; None if there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def write_ahead(database: sqlite3.Connection, wait_seconds: float) -> None:
    """Keep the database's writes in a log beside it, so that readers and the writer do not wait for each other.

    SQLite gives up on this switch at once, whatever the connection's own timeout, where another connection has begun
    to write or is switching too (seen with SQLite 3.40): processes that begin a database together meet that. Blocks
    for as long as it waits.

    Raises:
        sqlite3.Error: It cannot be switched, or others are at it for longer than `wait_seconds`.
    """
    end = time.monotonic() + wait_seconds
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if trouble_of(error) is not Trouble.BUSY or time.monotonic() > end:
                raise
            time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 - so that two do not keep step
        else:
            return


def probe(file: Path, wait_seconds: float) -> None:
    """Find out whether the database can be written to.

    Raises:
        sqlite3.Error: It cannot; the error tells why.
    """
    with closing(sqlite3.connect(file, timeout=wait_seconds, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        database.execute("ROLLBACK")


def set_aside(file: Path, broken: tuple[int, int] | None, at: datetime) -> bool:
    """Rename a database that turned out broken, so that a new one can take its place.

    Only the last such is kept. Several processes may find the same file broken at once: only the
    first renames it, and none renames the new one.

    Returns:
        Whether this call did it.

    Raises:
        OSError: It cannot be renamed.
        sqlite3.Error: Others are at it for too long.
    """
    with _alone(file.with_name("repair.lock")):
        if broken is None or identity(file) != broken:
            return False
        remove_set_aside(file)
        file.replace(file.with_name(f"{file.name}{_ASIDE}{at:%Y%m%dT%H%M%S}"))
        for suffix in _COMPANIONS:
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        return True


def remove_set_aside(file: Path) -> None:
    """Delete what `set_aside` kept."""
    for old in file.parent.glob(f"{file.name}{_ASIDE}*"):
        old.unlink(missing_ok=True)


def size_on_disk(file: Path) -> int:
    """Bytes of the database with the files that SQLite keeps beside it."""
    sizes = 0
    for name in (file, *(file.with_name(file.name + suffix) for suffix in _COMPANIONS)):
        try:
            sizes += name.stat().st_size
        except OSError:
            continue
    return sizes


class Writing:
    """A transaction that holds the write lock from the start: what it reads stays true."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._database.execute("COMMIT")
        elif self._database.in_transaction:
            self._database.execute("ROLLBACK")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock across processes: SQLite's own, which is the one that works on every platform."""
    private_file(lock)
    with closing(sqlite3.connect(lock, timeout=5, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield
        database.execute("ROLLBACK")
