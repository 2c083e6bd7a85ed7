"""What all servers of one user on one machine share about providers: failures, rate limits, and what is under way."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from codefare.store import cooldowns, flights, limiter
from codefare.store.cooldowns import Cooldowns
from codefare.store.flights import Flights
from codefare.store.limiter import Limiter
from codefare.store.shared import PATIENCE, Shared

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

_TABLES = (*cooldowns.TABLES, *limiter.TABLES, *flights.TABLES)


class Traffic:
    """Three aspects of one file, `traffic.db`; opened at its first use, if not before.

    It holds ids of providers and models, times, counts and hashes: no key, no code, no prompt, no message of a server.

    Args:
        folder: Where the file is; None shares nothing, and remembers for this process alone.
        clock: Seconds since the epoch; for tests.
        ticks: Seconds that rise, whatever is done to the clock; for tests.
        sleep: For tests.
        patience: The seconds that an action waits for the file, before it goes on without.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: float = PATIENCE,
    ) -> None:
        self.clock = clock
        file = folder / "traffic.db" if folder else None
        self._shared = Shared(file, _TABLES, patience=patience)
        self.cooldowns = Cooldowns(self._shared, clock=clock, sleep=sleep)
        self.limiter = Limiter(self._shared, clock=clock, sleep=sleep)
        self.flights = Flights(self._shared, ticks=ticks, sleep=sleep)

    @property
    def health(self) -> str | None:
        """What is wrong and what to do, in a user's words; None if nothing is."""
        return self._shared.health

    async def open(self) -> None:
        """Read what others left, ahead of the first quote. Never fails."""
        await self.cooldowns.open()

    async def close(self) -> None:
        """Let go of what is still led, and close the file."""
        self.flights.close()
        await self._shared.close()
