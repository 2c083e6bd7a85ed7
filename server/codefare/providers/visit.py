"""One request on its way through the traffic: it waits for its turn, and tells the others what came of it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from codefare.errors import ProviderError, RateLimited, RequestRefused
from codefare.providers.allowance import pause_after, server_time
from codefare.providers.base import Billed, End, Text
from codefare.providers.failure import too_late
from codefare.store.cooldowns import visitor
from codefare.store.limiter import Load
from codefare.store.pacing import Limit
from codefare.store.place import Place

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from codefare.providers.access import ProviderSettings
    from codefare.providers.base import Event, Request
    from codefare.providers.keys import Secret
    from codefare.store.traffic import Traffic
    from codefare_catalog import Model, Offering, Provider

    OnAttempt = Callable[[int], Awaitable[None]]
    OnRetry = Callable[[int, ProviderError], Awaitable[None]]

_LOOK_ELSEWHERE = 5.0  # seconds after a wait that would have been too long
_LEAST_PAUSE = 1.0


class Visit:
    """Made for each request.

    Args:
        traffic: What is shared; None: nothing is waited for, and nothing told.
        provider: Who serves it.
        request: What is asked, with the offering as it is served.
        limits: What a minute may hold there (`limits_of`).
        longest: Seconds that each attempt may wait for its turn.
        total: Seconds that all of it may take.
        on_wait: Told the seconds of a wait that begins.
    """

    def __init__(
        self,
        traffic: Traffic | None,
        provider: Provider,
        request: Request,
        limits: Sequence[Limit],
        *,
        longest: float,
        total: float,
        on_wait: Callable[[float], None],
    ) -> None:
        self._traffic = traffic
        self._provider = provider
        self._offering = request.offering
        self._place = place_of(provider, request.offering, None)
        self._limits = limits
        self._load = Load(request.input_tokens, request.input_tokens + request.max_tokens)
        self._longest = longest
        self._end = (traffic.clock() if traffic else 0.0) + total
        self._on_wait = on_wait
        self._visitor = visitor()
        self._entered: float | None = None
        self._passage: str | None = None
        self._used: int | None = None
        self._texted = False
        self._turned_away = False

    def come(self, key: Secret | None) -> None:
        """With the key, which tells one account of a provider from another."""
        self._place = place_of(self._provider, self._offering, key)

    def before(self, then: OnAttempt | None) -> OnAttempt:
        """A hook that waits until an attempt may be sent, and then calls `then`.

        It raises RateLimited if the wait would be too long, and Overloaded if others are finding out in vain whether
        the provider serves again: nothing is to be sent, and `then` is not called.
        """

        async def wait(number: int) -> None:
            await self._turn()
            if then is not None:
                await then(number)

        return wait

    def again(self, then: OnRetry | None) -> OnRetry:
        """A hook for an attempt that failed and that another is to follow; it calls `then`."""

        async def note(number: int, error: ProviderError) -> None:
            self._settle(sent=error.timed_out)
            if self._traffic and isinstance(error, RateLimited) and error.retry_after:
                self._traffic.cooldowns.pause(self._place, error.retry_after)  # for the others
            if then is not None:
                await then(number, error)

        return note

    def answered(self, headers: Mapping[str, str]) -> None:
        """The headers of an answer with status 200: they may say that nothing is left for the next."""
        now = server_time(headers, datetime.now(UTC))
        pause = pause_after(headers, now, self._load.prompt)
        if self._traffic is not None and pause >= _LEAST_PAUSE:
            self._traffic.cooldowns.pause(self._place, pause)

    def heard(self, event: Event) -> None:
        """What the answer brings."""
        if isinstance(event, Billed):
            self._used = event.usage.prompt + event.usage.output
        whole = isinstance(event, End)
        if whole or (isinstance(event, Text) and not self._texted):
            self._texted = True
            if self._traffic is not None and self._entered is not None:
                self._traffic.cooldowns.passed(self._place, self._entered, whole=whole)

    async def failed(self, error: ProviderError) -> None:
        """The error that the request ended with; when this returns, this process knows it."""
        self._settle(sent=self._texted or error.timed_out)
        # A request that is too long for a model says nothing of the others.
        too_long = isinstance(error, RequestRefused) and error.too_long
        silent = self._turned_away or error.unsent or too_long
        if self._traffic is not None and error.elsewhere and not silent:
            await self._traffic.cooldowns.failed(self._place, error)

    def over(self) -> None:
        """However it ended."""
        self._settle(sent=True)
        if self._traffic is not None:
            self._traffic.cooldowns.leave(self._visitor)

    async def _turn(self) -> None:
        traffic = self._traffic
        if traffic is None:
            return
        if traffic.clock() >= self._end:
            raise too_late(self._provider)
        try:
            if self._entered is None:
                await traffic.cooldowns.enter(self._place, self._visitor, self._on_wait)
                self._entered = traffic.clock()
            self._passage = await traffic.limiter.admit(
                self._limits,
                self._load,
                who=self._place.name,
                access=self._place.access,
                longest=max(min(self._longest, self._end - traffic.clock()), 0.0),
                on_wait=self._on_wait,
            )
        except ProviderError as error:
            self._turned_away = True
            asked = error.retry_after if isinstance(error, RateLimited) else None
            seconds = _LOOK_ELSEWHERE if asked is None else min(asked, _LOOK_ELSEWHERE)
            traffic.cooldowns.turn_away(self._place, seconds)
            raise

    def _settle(self, *, sent: bool) -> None:
        """Count an attempt as what was billed; else as expected if it was served, and as nothing if it was not."""
        passage, self._passage = self._passage, None
        used, self._used = self._used, None
        if self._traffic is None or passage is None:
            return
        if used is not None or not sent:
            self._traffic.limiter.settle(passage, used or 0)


def place_of(provider: Provider, offering: Offering, key: Secret | None) -> Place:
    """Where a request to an offering goes; `key` is the one at hand, if it is known yet."""
    access = None
    if key is not None or provider.key_env is None:
        reached = f"{provider.base_url}\n{key.reveal() if key else ''}"
        access = hashlib.sha256(reached.encode()).digest()
    return Place(provider.id, offering.wire_id, provider.name, provider.self_hosted, access)


def limits_of(
    provider: Provider, offering: Offering, model: Model | None, settings: ProviderSettings
) -> list[Limit]:
    """What a minute may hold: the user's figures for all of a provider, else the catalog's for the model.

    The catalog's lower figures are taken. They are not for servers of the user's own.
    """
    own = Limit(provider.id, settings.requests_per_minute, settings.tokens_per_minute)
    limits = [own] if own.requests or own.tokens else []
    known = model.rate_limits if model and not provider.self_hosted else None
    if known is None:
        return limits
    requests = known.requests_per_minute if own.requests is None else None
    tokens = known.tokens_per_minute if own.tokens is None else None
    if requests or tokens:
        limits.append(
            Limit(
                f"{provider.id}/{offering.wire_id}",
                requests[0] if requests else None,
                tokens[0] if tokens else None,
            )
        )
    return limits
