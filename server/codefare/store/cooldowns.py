"""Which offerings are left alone for a while, for all servers of one user."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING

from codefare.errors import Overloaded, ProviderError, RateLimited
from codefare.store.cooldown import (
    FORGOTTEN,
    LONGEST_WAIT,
    Cooldown,
    Kind,
    after_failure,
    is_of_provider,
    kind_of,
    paused,
)
from codefare.store.place import ALL, Picture, Place, key_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from codefare.store.shared import Shared

TABLES = (
    "CREATE TABLE secret (key BLOB NOT NULL)",
    "INSERT INTO secret VALUES (randomblob(32))",
    """
    CREATE TABLE cooldown (
        provider TEXT NOT NULL,
        wire TEXT NOT NULL,
        access BLOB NOT NULL,
        kind TEXT NOT NULL,
        since REAL NOT NULL,
        until REAL NOT NULL,
        failures INTEGER NOT NULL,
        trial REAL NOT NULL,
        visitor TEXT NOT NULL,
        PRIMARY KEY (provider, wire, access)
    )
    """,
)

_KNOWN = frozenset(Kind)
_STALE = 1.0  # seconds after which others may have changed what is in memory
_TRIAL = 60.0  # how long a trial is waited for: its process may have crashed
_LOOK = 0.25


class Cooldowns:
    """After a failure an offering rests; then one request is let through, and its success ends it.

    `cooling` answers from memory. `clock` (seconds since the epoch) and `sleep` are there for tests.
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
        self._picture = Picture(b"", {})
        self._looked: float | None = None
        self._turned_away: dict[Place, float] = {}

    async def open(self) -> None:
        """Read what others left, so that the first quote knows it."""
        self._looked = self._clock()
        await self._shared.read(self._look, late=None)

    def nothing_rests(self) -> bool:
        """Whether nothing rests anywhere, which is the rule, and found out faster."""
        now = self._clock()
        if self._looked is None or not 0 <= now - self._looked < _STALE:
            self._looked = now
            self._shared.start(
                self._look, writing=False
            )  # for the next time: this one is from memory
        return not self._picture.rows and not self._turned_away

    def cooling(self, place: Place, *, last_resort: bool = False) -> str | None:
        """Why nothing should be sent there now, in a user's words; None if something may be.

        With `last_resort`, only what leaves no sense in trying: for what somebody insists on, or
        where nothing else can serve.
        """
        now = self._clock()
        if self._looked is None or not 0 <= now - self._looked < _STALE:
            self._looked = now
            self._shared.start(
                self._look, writing=False
            )  # for the next time: this one is answered from memory
        until = self._turned_away.get(place, now)
        found = [*self._picture.of(place, now)]
        if until > now:
            found.append(Cooldown(Kind.LIMIT, now, until, 0))
        reasons = (c.refusal(now) if last_resort else c.reason(now) for c in found)
        return next(filter(None, reasons), None)

    async def enter(self, place: Place, visitor: str, on_wait: Callable[[float], None]) -> None:
        """Wait until a request may be sent there; it may be the trial that others wait for.

        Args:
            place: Where to.
            visitor: The request's name, for `leave`.
            on_wait: Told the seconds of each wait that is seen to be needed.

        Raises:
            RateLimited: The limit lasts longer than a request waits.
            Overloaded: Others are trying, for longer than a request waits or without success.
        """
        came = self._clock()
        told = False
        while True:
            stop = await self._shared.write(
                lambda c: self._enter(c, place, visitor, came), late=None
            )
            if stop is None:
                return
            now = self._clock()
            wait = stop.until - now if now < stop.until else stop.trial - now
            if stop.kind is Kind.LIMIT and now < stop.until:
                in_vain = now + wait > came + LONGEST_WAIT
            else:
                in_vain = stop.since > came or now >= came + LONGEST_WAIT
                wait = min(wait, _LOOK)
            if in_vain:
                raise _turned_away(place, stop, now)
            if not told:
                told = True
                on_wait(wait)
            await self._sleep(max(wait, 0.01))

    def turn_away(self, place: Place, seconds: float) -> None:
        """Nothing was sent, as the wait was too long: this process looks elsewhere for so long."""
        now = self._clock()
        self._turned_away = {k: until for k, until in self._turned_away.items() if until > now}
        self._turned_away[place] = now + seconds

    async def failed(self, place: Place, error: ProviderError) -> None:
        """Remember a failure, all retries spent."""
        await self._shared.write(lambda c: self._failed(c, place, error), late=None)

    def pause(self, place: Place, seconds: float) -> None:
        """Remember that a provider said, with an answer, that nothing is left for so long."""
        self._shared.start(lambda c: self._pause(c, place, seconds))

    def passed(self, place: Place, entered: float, *, whole: bool) -> None:
        """A request that entered then brought something; `whole`: it was answered to the end.

        What failed before it came is over; what broke off in the middle, if it is whole.
        """
        if any(c.failures for c in self._picture.of(place, self._clock())):
            self._shared.start(lambda c: self._passed(c, place, entered, whole=whole))

    def leave(self, visitor: str) -> None:
        """The request is over: if it was a trial without success or failure, another may be one."""
        if any(c.trial for c in self._picture.rows.values()):
            self._shared.start(lambda c: self._leave(c, visitor))

    # All below runs in the worker, and leaves in memory what is in the file then.

    def _look(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute(
            "SELECT provider, wire, access, kind, since, until, failures, trial FROM cooldown"
            " WHERE until >= ?",
            (self._clock() - FORGOTTEN,),
        ).fetchall()
        self._picture = Picture(
            key_in(connection),
            {
                (provider, wire, access): Cooldown(Kind(kind), since, until, failures, trial)
                for provider, wire, access, kind, since, until, failures, trial in rows
                if kind in _KNOWN  # a later codefare may write others
            },
        )

    def _enter(
        self, connection: sqlite3.Connection, place: Place, visitor: str, came: float
    ) -> Cooldown | None:
        """What stands in the way; None if nothing does: the request is the trial then, if one is due."""
        now = self._clock()
        self._look(connection)
        here = self._picture.of(place, now)
        for cooldown in here:
            left = cooldown.until - now if cooldown.kind is Kind.LIMIT else 0.0
            if 0 < left <= LONGEST_WAIT or (left > 0 and cooldown.refusal(now)):
                return cooldown
            if cooldown.failures and (now < cooldown.trial or cooldown.since > came):
                return cooldown
        if any(cooldown.failures for cooldown in here):
            connection.execute(
                "UPDATE cooldown SET trial = ?, visitor = ?"
                " WHERE provider = ? AND wire IN (?, ?) AND access = ? AND failures > 0",
                (now + _TRIAL, visitor, place.provider, ALL, place.wire_id, self._own(place)),
            )
            self._look(connection)
        return None

    def _failed(self, connection: sqlite3.Connection, place: Place, error: ProviderError) -> None:
        now = self._clock()
        self._look(connection)
        wire = ALL if is_of_provider(kind_of(error)) else place.wire_id
        before = self._picture.rows.get((place.provider, wire, self._own(place)))
        self._put(
            connection,
            place,
            wire,
            after_failure(before, error, now, self_hosted=place.self_hosted),
        )
        connection.execute("DELETE FROM cooldown WHERE until < ?", (now - FORGOTTEN,))
        self._look(connection)

    def _pause(self, connection: sqlite3.Connection, place: Place, seconds: float) -> None:
        self._look(connection)
        before = self._picture.rows.get((place.provider, place.wire_id, self._own(place)))
        self._put(connection, place, place.wire_id, paused(before, seconds, self._clock()))
        self._look(connection)

    def _put(
        self, connection: sqlite3.Connection, place: Place, wire: str, cooldown: Cooldown
    ) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO cooldown VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')",
            (
                place.provider,
                wire,
                self._own(place),
                cooldown.kind.value,
                cooldown.since,
                cooldown.until,
                cooldown.failures,
            ),
        )

    def _passed(
        self, connection: sqlite3.Connection, place: Place, entered: float, *, whole: bool
    ) -> None:
        connection.execute(
            "DELETE FROM cooldown WHERE provider = ? AND wire IN (?, ?) AND access = ?"
            " AND failures > 0 AND since <= ? AND (kind <> ? OR ?)",
            (
                place.provider,
                ALL,
                place.wire_id,
                self._own(place),
                entered,
                Kind.BROKEN.value,
                whole,
            ),
        )
        self._look(connection)

    def _leave(self, connection: sqlite3.Connection, visitor: str) -> None:
        connection.execute(
            "UPDATE cooldown SET trial = 0, visitor = '' WHERE visitor = ?", (visitor,)
        )
        self._look(connection)

    def _own(self, place: Place) -> bytes:
        return self._picture.hashed(place) or b""


def visitor() -> str:
    """A name for one request."""
    return secrets.token_hex(8)


def _turned_away(place: Place, cooldown: Cooldown, now: float) -> ProviderError:
    remedy = "Wait until then, or use another model."
    if cooldown.kind is Kind.LIMIT and now < cooldown.until:
        return RateLimited(
            f"{place.name}: {cooldown.reason(now)}; nothing was sent.",
            remedy=remedy,
            retry_after=cooldown.until - now,
        )
    return Overloaded(
        f"{place.name}: {cooldown.reason(now) or 'failed a moment ago'}; nothing was sent.",
        remedy="Try again in a moment, or use another model.",
    )
