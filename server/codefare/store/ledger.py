"""The ledger: what every HTTP attempt was quoted at and cost, and the budget kept with it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from codefare.errors import StoreError
from codefare.store import attempts, database, reuses
from codefare.store.connection import Connection
from codefare.store.worker import Worker, result_of
from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codefare.store.entry import Basis, Entry, Reuse, Spent

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

FILE_NAME = "ledger.db"
UNRECORDED = (
    ""  # the id of an attempt that a broken ledger could not take, and that no budget needed
)


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """SQLite in a file of the user's own, shared by all processes; off the event loop.

    Opened at the first use, if not before. Without a budget, a ledger that cannot be used is done without, and
    `health` tells; with one, nothing is spent.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = _now) -> None:
        self._file = folder / FILE_NAME
        self._clock = clock
        self._worker = Worker("codefare-ledger")
        self._database = Connection(self._file, self._prepare)
        self._late: list[Callable[[sqlite3.Connection], None]] = []
        self._under_way: dict[str, tuple[Entry, datetime]] = {}  # read and changed in the worker
        self._health: str | None = None

    @property
    def health(self) -> str | None:
        """What is wrong and what to do, in a user's words; None if nothing is."""
        return self._health

    async def open(self) -> None:
        """Open ahead of the first use, so that `health` tells before anything is spent. Never fails."""
        with suppress(StoreError):
            await self._worker.run(lambda: self._use(lambda _: None))

    async def reserve(self, entry: Entry, *, per_day_usd: Decimal | None) -> str:
        """Set an attempt's ceiling aside before it is sent.

        The budget counts what was settled since the user's midnight and all that is set aside, in
        every process, in one transaction with the reservation: together they cannot overspend it.
        Free attempts always fit.

        Returns:
            The attempt's id, for `settle`; `UNRECORDED` if the ledger cannot be used and there is
            no budget.

        Raises:
            OverBudget: It does not fit in what is left; the message says how much that is.
            StoreError: There is a budget, and the ledger cannot be used.
        """

        def job(connection: sqlite3.Connection) -> str:
            now = self._clock()
            attempt = attempts.reserve(connection, entry, per_day_usd, now)
            self._under_way[attempt] = entry, now
            return attempt

        self._check_open()
        future = self._worker.submit(lambda: self._use(job))
        try:
            return await result_of(future)
        except StoreError:
            if per_day_usd is not None:
                raise
            return UNRECORDED
        except asyncio.CancelledError:
            # Nobody will settle it: nothing was sent, so nothing is owed.
            if not future.cancel() and not self._worker.closed:
                self._worker.submit(
                    lambda: self._settle(future.result(), Usage(), Decimal(0), "cancelled")
                )
            raise

    async def settle(
        self,
        attempt: str,
        usage: Usage | None,
        cost_usd: Decimal | None,
        ending: str,
        *,
        basis: Basis | None = None,
    ) -> None:
        """Record what an attempt really cost, even if the caller is cancelled meanwhile.

        Never fails for the ledger's sake: what cannot be written now is kept and written with the
        next attempt; until then, and after a crash, the reservation counts.

        Args:
            attempt: The id that `reserve` gave.
            usage: What was billed, by class; None if nobody knows.
            cost_usd: What it costs; None if the price is not known.
            ending: How it ended, in one word: complete, length, refused, cancelled, failed, broken,
                ...
            basis: What the cost rests on; None if nobody knows.

        Raises:
            ValueError: The ending is not one word in lower case.
        """
        if not attempts.is_ending(ending):
            raise ValueError("an ending is one word in lower case")
        if not self._worker.closed:
            await self._worker.run(lambda: self._settle(attempt, usage, cost_usd, ending, basis))

    def note_reuse(self, reuse: Reuse) -> None:
        """Record that an answer was had without paying again: soon, and it never fails; nobody waits for it."""
        now = self._clock()

        def job() -> None:
            with suppress(StoreError):
                self._use(lambda connection: reuses.note(connection, reuse, now))

        if not self._worker.closed:
            self._worker.submit(job)

    async def totals(self, since: datetime) -> Spent:
        """What was spent since `since` (with a zone), and what is set aside now.

        Raises:
            StoreError: The ledger cannot be used.
        """
        self._check_open()
        return await self._worker.run(lambda: self._use(lambda c: attempts.totals(c, since)))

    async def today(self) -> Spent:
        """What the budget counts: what was spent since the user's midnight, and is set aside.

        Raises:
            StoreError: The ledger cannot be used.
        """
        return await self.totals(attempts.day_start(self._clock()))

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        await self._worker.close(self._last)

    def _check_open(self) -> None:
        if self._worker.closed:
            raise StoreError("The ledger is closed: codefare is shutting down.")

    # All below runs in the worker.

    def _use(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Do `job` on the open database, after what could not be settled before.

        Raises:
            StoreError: The ledger cannot be used.
        """
        try:
            connection = self._database.ready()
            while self._late:
                self._late[0](connection)
                del self._late[0]
            result = job(connection)
        except (sqlite3.Error, OSError) as error:
            trouble = database.trouble_of(error)
            self._database.drop()
            health = (
                f"What is spent is not being recorded: {self._file} {trouble}. {trouble.remedy}"
            )
            if health != self._health:
                _log.warning("%s", health)
            self._health = health
            raise StoreError(
                f"The budget cannot be kept: the ledger {self._file} {trouble}.",
                remedy=f"{trouble.remedy} Or take per_day_usd out of config.toml.",
            ) from error
        self._health = None
        return result

    def _prepare(self, connection: sqlite3.Connection) -> None:
        attempts.prepare(connection, self._clock())
        attempts.put_back(connection, self._under_way)

    def _settle(
        self,
        attempt: str,
        usage: Usage | None,
        cost_usd: Decimal | None,
        ending: str,
        basis: Basis | None = None,
    ) -> None:
        if attempt == UNRECORDED:
            return
        now = self._clock()

        def job(connection: sqlite3.Connection) -> None:
            if attempt in self._under_way:  # copied over, the file is the same and its rows are not
                attempts.put_back(connection, {attempt: self._under_way[attempt]})
            attempts.settle(
                connection,
                attempt,
                usage=usage,
                cost_usd=cost_usd,
                basis=basis,
                ending=ending,
                now=now,
            )
            self._under_way.pop(attempt, None)

        try:
            self._use(job)
        except StoreError:
            self._late.append(job)

    def _last(self) -> None:
        if self._late:
            try:
                self._use(lambda _: None)
            except StoreError:
                _log.warning(
                    "%d bills could not be recorded: what was set aside counts instead.",
                    len(self._late),
                )
        self._database.drop()
