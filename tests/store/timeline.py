"""A time of its own for a test's tasks: it passes when all of them sleep, and at once."""

from __future__ import annotations

import asyncio
import heapq
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Timeline:
    """`clock` and `sleep` for what is tested; `run` starts tasks at given seconds and lets the time pass."""

    def __init__(self, start: float = 1_000_000.0) -> None:
        self.now = start
        self.slept: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = 0
        self._changed = asyncio.Event()

    def clock(self) -> float:
        """Now, in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Return when so much of this time has passed."""
        self.slept.append(seconds)
        self._number += 1
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, self._number, waiter))
        self._changed.set()
        await waiter

    async def at(self, seconds: float, job: Coroutine[Any, Any, Any]) -> Any:
        """What a job returns that begins at an instant."""
        if seconds > self.now:
            await self.sleep(seconds - self.now)
        return await job

    async def run(self, *jobs: Coroutine[Any, Any, Any]) -> list[Any]:
        """What the jobs return; each that does not sleep is waited for before the time passes.

        Raises what the first of them raised.
        """
        tasks = [asyncio.ensure_future(job) for job in jobs]
        for task in tasks:
            task.add_done_callback(lambda _: self._changed.set())
        async with asyncio.timeout(60):
            while running := sum(not task.done() for task in tasks):
                self._sleepers = [s for s in self._sleepers if not s[2].done()]
                if running <= len(self._sleepers):
                    heapq.heapify(self._sleepers)
                    until, _, waiter = heapq.heappop(self._sleepers)
                    self.now = max(self.now, until)
                    waiter.set_result(None)
                else:
                    self._changed.clear()
                    await self._changed.wait()
        return [task.result() for task in tasks]
