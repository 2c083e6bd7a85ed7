"""The rate limits of providers, kept together by all servers of one user."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare.errors import RateLimited
from codefare.store.cooldown import LONGEST_WAIT
from codefare.store.pacing import WINDOW, Limit, earliest
from codefare.store.place import key_in, written

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable, Sequence

    from codefare.store.shared import Shared

TABLES = (
    """
    CREATE TABLE passage (
        id TEXT NOT NULL,
        bucket TEXT NOT NULL,
        at REAL NOT NULL,
        tokens INTEGER NOT NULL
    )
    """,
    "CREATE INDEX passage_at ON passage (bucket, at)",
    "CREATE INDEX passage_id ON passage (id)",
)

_LOOK = 1.0  # seconds: others may have given their places back


@dataclass(frozen=True, slots=True)
class Load:
    """What a request weighs, in tokens: its prompt, and the most that it may come to with its answer."""

    prompt: int
    most: int


class Limiter:
    """Gives each request its place in time: the first at which no minute holds more than is allowed.

    Places are given in the order of asking, and none is given away again; a smaller request may take a gap that a
    larger one before it cannot use. `clock` (seconds since the epoch) and `sleep` are there for tests.
    """

    def __init__(
        self,
        shared: Shared,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shared = shared
        self._clock = clock
        self._sleep = sleep

    async def admit(
        self,
        limits: Sequence[Limit],
        load: Load,
        *,
        who: str,
        access: bytes | None = None,
        longest: float = LONGEST_WAIT,
        on_wait: Callable[[float], None] = lambda _: None,
    ) -> str:
        """Return when the request may be sent. Cancelling gives its place back.

        Args:
            limits: Those that hold for it.
            load: What it weighs.
            who: The provider's name, for messages.
            access: Whose limits they are (`Place.access`): each account has its own.
            longest: The seconds that it may wait.
            on_wait: Told the seconds of the wait, if there is one.

        Returns:
            The place's name, for `settle`.

        Raises:
            RateLimited: It would wait for longer, or never fits; it has no place, and is not to be sent.
        """
        _check(limits, load, who)
        name = secrets.token_hex(8)
        if limits:
            try:
                await self._take_turn(name, limits, load, who, access, longest, on_wait)
            except BaseException:
                self.give_back(name)
                raise
        return name

    def settle(self, name: str, tokens: int) -> None:
        """Put what a request really took in the place of what it might have."""
        self._shared.start(
            lambda c: c.execute("UPDATE passage SET tokens = ? WHERE id = ?", (tokens, name))
        )

    def give_back(self, name: str) -> None:
        """Nothing was sent after all."""
        self._shared.start(lambda c: c.execute("DELETE FROM passage WHERE id = ?", (name,)))

    async def _take_turn(
        self,
        name: str,
        limits: Sequence[Limit],
        load: Load,
        who: str,
        access: bytes | None,
        longest: float,
        on_wait: Callable[[float], None],
    ) -> None:
        began = self._clock()
        at = await self._plan(name, limits, load, access, began, began + longest)
        if at > began + longest:
            raise _too_long(who, at - began)
        if at > self._clock():
            on_wait(at - began)
        while (left := at - self._clock()) > 0:
            await self._sleep(min(left, _LOOK))
            if at > self._clock():
                at = await self._plan(name, limits, load, access, self._clock(), at)

    async def _plan(
        self,
        name: str,
        limits: Sequence[Limit],
        load: Load,
        access: bytes | None,
        now: float,
        until: float,
    ) -> float:
        """Take the first place that is free, anew if it has one; none that is later than `until`."""
        return await self._shared.write(
            lambda c: _place(c, name, _owned(c, limits, access), load.most, now, until), late=now
        )


def _owned(
    connection: sqlite3.Connection, limits: Sequence[Limit], access: bytes | None
) -> list[Limit]:
    """The limits of one account: what others sent does not count for them."""
    whose = written(key_in(connection), access or b"").hex()
    return [replace(limit, bucket=f"{limit.bucket}@{whose}") for limit in limits]


def _place(
    connection: sqlite3.Connection,
    name: str,
    limits: Sequence[Limit],
    tokens: int,
    now: float,
    until: float,
) -> float:
    # What lies further ahead than anybody waits was written before the clock was set back.
    connection.execute(
        "DELETE FROM passage WHERE at <= ? OR at > ?", (now - WINDOW, now + 2 * WINDOW)
    )
    kept = connection.execute("SELECT at FROM passage WHERE id = ?", (name,)).fetchone()
    connection.execute("DELETE FROM passage WHERE id = ?", (name,))
    lanes = [
        (
            limit,
            connection.execute(
                "SELECT at, tokens FROM passage WHERE bucket = ? ORDER BY at", (limit.bucket,)
            ).fetchall(),
        )
        for limit in limits
    ]
    at = earliest(now, tokens, lanes)
    if kept is not None:
        at = min(at, kept[0])
    if at <= until:
        connection.executemany(
            "INSERT INTO passage VALUES (?, ?, ?, ?)",
            [
                (
                    name,
                    limit.bucket,
                    at,
                    tokens if limit.tokens is None else min(tokens, limit.tokens),
                )
                for limit in limits
            ],
        )
    return at


def _check(limits: Sequence[Limit], load: Load, who: str) -> None:
    for limit in limits:
        if limit.tokens is not None and load.prompt > limit.tokens:
            raise RateLimited(
                f"The prompt has about {load.prompt:,} tokens, and {who} takes {limit.tokens:,} in a minute.",
                remedy="Select a smaller part of the file, or use another model.",
            )


def _too_long(who: str, seconds: float) -> RateLimited:
    return RateLimited(
        f"{who} takes no more requests of this size for {seconds:.0f} s: its rate limit is used up.",
        remedy="Run the action again then, or use another model.",
        retry_after=seconds,
    )
