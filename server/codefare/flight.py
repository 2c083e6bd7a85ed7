"""Equal work that is under way is joined, not done twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
P = TypeVar("P")


@dataclass(eq=False, slots=True)
class _Flight(Generic[T, P]):
    """One piece of work with all who wait for it; each hears how far it is."""

    task: asyncio.Task[T]
    listeners: list[Callable[[P], None]] = field(default_factory=list)


class Flights(Generic[T, P]):
    """The work of one process by its key. For one event loop.

    The work belongs to nobody who waits for it: it goes on while one of them is left, and is cancelled with the last.
    """

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[T, P]] = {}

    def has(self, key: str) -> bool:
        """Whether such work is under way."""
        return key in self._under_way

    async def join(
        self,
        key: str,
        work: Callable[[Callable[[P], None]], Coroutine[None, None, T]],
        on_progress: Callable[[P], None],
    ) -> T:
        """What `work` comes to, or what the same work does that is under way already.

        Work that is cancelled with its last waiter has ended, with all that it settles, when this is left.

        Raises:
            Exception: What the work raised, to all who wait for it.
        """
        flight = self._under_way.get(key) or self._begin(key, work)
        flight.listeners.append(on_progress)
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if len(flight.listeners) == 1:
                await self._end(key, flight)
            raise
        finally:
            flight.listeners.remove(on_progress)

    async def aclose(self) -> None:
        """End what is under way. What is owed is settled before."""
        for key, flight in list(self._under_way.items()):
            await self._end(key, flight)

    def _begin(
        self, key: str, work: Callable[[Callable[[P], None]], Coroutine[None, None, T]]
    ) -> _Flight[T, P]:
        listeners: list[Callable[[P], None]] = []

        def tell(progress: P) -> None:
            for listener in listeners:
                listener(progress)

        task = asyncio.create_task(work(tell), name="codefare: a request")
        flight: _Flight[T, P] = _Flight(task, listeners)
        self._under_way[key] = flight
        task.add_done_callback(lambda _: self._over(key, flight))
        return flight

    def _over(self, key: str, flight: _Flight[T, P]) -> None:
        self._forget(key, flight)
        if not flight.task.cancelled():
            flight.task.exception()  # looked at, so that it is no warning when nobody is left to hear it

    async def _end(self, key: str, flight: _Flight[T, P]) -> None:
        """Cancel it and wait; whoever asks for the same from now on begins anew."""
        self._forget(key, flight)
        flight.task.cancel()
        # Not by awaiting the task itself: its end must not be taken for our own.
        await asyncio.wait({flight.task})

    def _forget(self, key: str, flight: _Flight[T, P]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
