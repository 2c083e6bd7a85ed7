"""A ledger that tests write to as the product does, and the statement of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codefare.accounts import GroupBy, Question, Statement, make_statement
from codefare.store.entry import Basis, Entry
from codefare.store.ledger import Ledger
from codefare_catalog import Catalog, Usage, load_catalog

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Book:
    """A ledger with a clock of its own."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.now = NOON
        self.file = folder / "ledger.db"
        self.catalog = catalog
        self.ledger = Ledger(folder, clock=lambda: self.now)

    async def spend(
        self,
        usd: str | None,
        *,
        at: datetime | None = None,
        ending: str = "complete",
        usage: Usage | None = None,
        basis: Basis = Basis.USAGE,
        **changes: Any,
    ) -> None:
        """One attempt, from its reservation to its bill."""
        self.now = at or self.now
        known: dict[str, Any] = {
            "action": "document",
            "task_type": "documentation",
            "model": "claude-haiku-4.5",
            "provider": "anthropic",
            "likely_usd": Decimal("0.01"),
            "ceiling_usd": Decimal(1),
            "price_source": "a price list",
            "tier": "budget",
            "project": "codefare",
        }
        attempt = await self.ledger.reserve(Entry(**(known | changes)), per_day_usd=None)
        cost = None if usd is None else Decimal(usd)
        await self.ledger.settle(attempt, usage or Usage(), cost, ending, basis=basis)

    def statement(
        self,
        by: str = "model",
        *,
        since: datetime | None = None,
        budget: str | None = None,
        now: datetime | None = None,
    ) -> Statement:
        """What the ledger tells."""
        limit = None if budget is None else Decimal(budget)
        question = Question(GroupBy(by), since)
        return make_statement(self.file, self.catalog, question, limit, now or self.now)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog as it comes with the program."""
    return load_catalog(None)


@pytest.fixture
async def book(tmp_path: Path, catalog: Catalog) -> AsyncIterator[Book]:
    """A new ledger at noon."""
    book = Book(tmp_path / "state", catalog)
    yield book
    await book.ledger.close()


@pytest.fixture
def living_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves the user to another zone."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


def later(**after: float) -> datetime:
    """Some time after noon."""
    return NOON + timedelta(**after)
