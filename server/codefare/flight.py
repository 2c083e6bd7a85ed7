"""Equal work that is under way is joined, not done twice."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_log = logging.getLogger(__name__)

T = TypeVar("T")
P = TypeVar("P")


@dataclass(eq=False, slots=True)
class Seat(Generic[P]):
    """One who waits for some work, and hears how far it is.

    `pays` tells, once the work is over, who has to account for it: of those who are left then, the one who came first.
    """

    hear: Callable[[P], None]
    pays: bool = False


@dataclass(eq=False, slots=True)
class _Flight(Generic[T, P]):
    """One piece of work with all who wait for it, in the order in which they came."""

    task: asyncio.Task[T]
    listeners: list[Seat[P]] = field(default_factory=list)


class Flights(Generic[T, P]):
    """The work of one process by its key. For one event loop.

    The work belongs to nobody who waits for it: it goes on while one of them is left, and is cancelled with the last.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[T, P]] = {}
        self._ending: set[asyncio.Task[T]] = set()

    def has(self, key: str) -> bool:
        """Whether such work is under way."""
        return key in self._under_way

    async def join(
        self,
        key: str,
        work: Callable[[Callable[[P], None]], Coroutine[None, None, T]],
        seat: Seat[P],
    ) -> T:
        """What `work` comes to, or what the same work does that is under way already.

        Work that is cancelled with its last waiter has ended, with all that it settles, when this is left.

        Raises:
            Exception: What the work raised, to all who wait for it.
        """
        flight = self._under_way.get(key) or self._begin(key, work)
        flight.listeners.append(seat)
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if len(flight.listeners) == 1:
                await self._end(key, flight)
            raise
        finally:
            flight.listeners.remove(seat)

    async def aclose(self) -> None:
        """End what is under way. What is owed is settled before."""
        for key, flight in list(self._under_way.items()):
            await self._end(key, flight)
        if self._ending:  # of those who gave up a moment ago
            await asyncio.wait(self._ending)

    def _begin(
        self, key: str, work: Callable[[Callable[[P], None]], Coroutine[None, None, T]]
    ) -> _Flight[T, P]:
        listeners: list[Seat[P]] = []

        def tell(progress: P) -> None:
            for seat in listeners:
                try:
                    seat.hear(progress)
                except Exception:  # noqa: BLE001 - whatever a display does, the work goes on
                    _log.exception("progress could not be shown")

        task = asyncio.create_task(work(tell), name="codefare: a request")
        flight: _Flight[T, P] = _Flight(task, listeners)
        self._under_way[key] = flight
        task.add_done_callback(lambda _: self._over(key, flight))
        return flight

    def _over(self, key: str, flight: _Flight[T, P]) -> None:
        # Before any of them goes on.
        for seat in flight.listeners[:1]:
            seat.pays = True
        self._forget(key, flight)
        self._ending.discard(flight.task)
        if not flight.task.cancelled():
            flight.task.exception()  # looked at, so that it is no warning when nobody is left to hear it

    async def _end(self, key: str, flight: _Flight[T, P]) -> None:
        """Cancel it and wait; whoever asks for the same from now on begins anew."""
        self._forget(key, flight)
        if flight.task.done():
            return
        self._ending.add(flight.task)
        flight.task.cancel()
        # Not by awaiting the task itself: its end must not be taken for our own.
        await asyncio.wait({flight.task})

    def _forget(self, key: str, flight: _Flight[T, P]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
