"""The ledger's tables, and how one that an earlier codefare made gets what it has not.

`user_version` names the layout that a writer has to know, and stays where it is as long as that is enough: a column
more, which may stay empty, or a table more is no other layout. An earlier codefare goes on writing to the same ledger,
as long as an editor runs it, and its rows merely lack what it does not know. Raise it for what would mislead one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.store.database import ForeignSchemaError

if TYPE_CHECKING:
    import sqlite3

LAYOUT = 1

_ATTEMPT = """
CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    task_type TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    likely_usd TEXT,
    ceiling_usd TEXT,
    reserved_usd TEXT NOT NULL,
    price_source TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    settled TEXT,
    ending TEXT,
    input_tokens INTEGER,
    output_tokens INTEGER,
    cache_write_tokens INTEGER,
    cache_read_tokens INTEGER,
    cost_usd TEXT,
    above_ceiling INTEGER NOT NULL DEFAULT 0
)
"""
_BY_SETTLEMENT = "CREATE INDEX attempt_settled ON attempt (settled)"

# What came later; null in the rows of an earlier codefare.
_ADDED = {
    "purchase": "TEXT",
    "number": "INTEGER",
    "tier": "TEXT",
    "project": "TEXT",
    "scope": "TEXT",
    "wire_id": "TEXT",
    "price": "TEXT",
    "basis": "TEXT",
    "born": "TEXT",
}
_BY_PURCHASE = "CREATE INDEX IF NOT EXISTS attempt_purchase ON attempt (purchase)"
_REUSE = """
CREATE TABLE IF NOT EXISTS reuse (
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    task_type TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    tier TEXT NOT NULL,
    project TEXT NOT NULL,
    cost_usd TEXT
)
"""
_BY_TIME = "CREATE INDEX IF NOT EXISTS reuse_at ON reuse (at)"


def make(database: sqlite3.Connection) -> None:
    """Create what is missing. Inside a transaction, so that processes that come together do it once.

    Raises:
        ForeignSchemaError: The database is another version's.
        sqlite3.Error: It cannot be used.
    """
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        database.execute(_ATTEMPT)
        database.execute(_BY_SETTLEMENT)
        database.execute(f"PRAGMA user_version = {LAYOUT}")
    check(database)
    there = columns(database)
    for name, kind in _ADDED.items():
        if name not in there:
            database.execute(f"ALTER TABLE attempt ADD COLUMN {name} {kind}")
    database.execute(_BY_PURCHASE)
    database.execute(_REUSE)
    database.execute(_BY_TIME)


def check(database: sqlite3.Connection) -> None:
    """Nothing, if the database has the layout that is known here.

    Raises:
        ForeignSchemaError: It has not.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version != LAYOUT:
        raise ForeignSchemaError(f"layout {version}")


def columns(database: sqlite3.Connection, table: str = "attempt") -> frozenset[str]:
    """The columns that a table has; none if there is no such table."""
    return frozenset(name for _, name, *_ in database.execute(f"PRAGMA table_info({table})"))
