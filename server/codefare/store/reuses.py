"""The ledger's other table: one row per answer that was had without paying again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.store.amount import as_text
from codefare.store.attempts import stamp
from codefare.store.database import Writing

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from codefare.store.entry import Reuse


def note(database: sqlite3.Connection, reuse: Reuse, now: datetime) -> None:
    """Write down an answer that came from the cache.

    Raises:
        sqlite3.Error: The database cannot be used.
    """
    with Writing(database):
        database.execute(
            "INSERT INTO reuse (at, action, task_type, model, provider, tier, project, cost_usd)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                stamp(now),
                reuse.action,
                reuse.task_type,
                reuse.model,
                reuse.provider,
                reuse.tier,
                reuse.project,
                as_text(reuse.cost_usd),
            ),
        )
