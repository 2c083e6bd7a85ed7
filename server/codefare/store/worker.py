"""One thread that does a store's blocking work, in the order in which it was asked for."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Worker:
    """Runs jobs off the event loop. SQLite connections made in it are only ever used in it."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether no more jobs are taken."""
        return self._closed

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job. Raises RuntimeError once closed."""
        return self._thread.submit(job)

    async def run(self, job: Callable[[], _T]) -> _T:
        """What the job returns. It is done even if the caller is cancelled."""
        return await result_of(self.submit(job))

    async def run_within(self, seconds: float, job: Callable[[], _T], late: _T) -> _T:
        """What the job returns, or `late` if it takes too long; dropped if it had not begun."""
        future = asyncio.wrap_future(self.submit(job))
        try:
            done, _ = await asyncio.wait({future}, timeout=seconds)
        except asyncio.CancelledError:
            future.cancel()
            raise
        if done:
            return future.result()
        future.cancel()
        return late

    async def close(self, last: Callable[[], None]) -> None:
        """Do what is queued, then `last`, and take no more."""
        if self._closed:
            return
        self._closed = True
        job = self._thread.submit(last)
        self._thread.shutdown(wait=False)
        await result_of(job)


async def result_of(future: Future[_T]) -> _T:
    """What a job returns or raises. It is done even if the caller is cancelled; its failure is nobody's matter then."""
    there = asyncio.wrap_future(future)
    # Else asyncio would print it, as a failure that nobody looked at.
    there.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(there)
