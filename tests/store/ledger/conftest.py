"""A ledger of a new user."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest
from tests.store.ledger.attempts import NOON, Ledgers

from codefare.store.ledger import Ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the ledger is; not there yet."""
    return tmp_path / "state"


@pytest.fixture
def file(folder: Path) -> Path:
    """The ledger's database."""
    return folder / "ledger.db"


@pytest.fixture
async def ledgers(folder: Path) -> AsyncIterator[Ledgers]:
    """Makes ledgers over the folder, as processes of their own have them, and closes them."""
    made: list[Ledger] = []

    def make(at: Path = folder, *, clock: Callable[[], datetime] = lambda: NOON) -> Ledger:
        made.append(Ledger(at, clock=clock))
        return made[-1]

    yield make
    for ledger in made:
        await ledger.close()


@pytest.fixture
def ledger(ledgers: Ledgers) -> Ledger:
    """A ledger at noon."""
    return ledgers()
