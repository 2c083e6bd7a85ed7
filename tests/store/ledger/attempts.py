"""Attempts as an action makes them, and what the ledger holds of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from codefare.store.entry import Entry
from codefare.store.ledger import Ledger

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Ledgers = Callable[..., Ledger]


def entry(ceiling: str | None = "1", **changes: Any) -> Entry:
    """An attempt with this ceiling in USD."""
    known: dict[str, Any] = {
        "action": "document",
        "task_type": "documentation",
        "model": "claude-haiku-4.5",
        "provider": "anthropic",
        "likely_usd": None if ceiling is None else Decimal(ceiling) / 5,
        "ceiling_usd": None if ceiling is None else Decimal(ceiling),
        "price_source": "a price list",
    }
    return Entry(**(known | changes))


def rows(file: Path) -> list[dict[str, Any]]:
    """What is in the ledger."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM attempt ORDER BY rowid")]
