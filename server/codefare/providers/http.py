"""The one place that sends requests to models: the clients, the time limits, and the retries.

Nothing else may retry: stacked retries made 45 requests out of one elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from codefare.errors import ProviderError, Unreachable
from codefare.providers.attempt import Patience, attempt
from codefare.providers.backoff import backoff
from codefare.providers.base import Dialect, End, Event, Request, Text
from codefare.providers.complaint import cleaned
from codefare.providers.failure import AttemptError, may_pass, too_late
from codefare.providers.fetcher import Fetcher
from codefare.providers.mask import Mask
from codefare.providers.network import Networks
from codefare.providers.wires import Wires

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from codefare.providers.secret import Secret
    from codefare_catalog import Provider

_log = logging.getLogger(__name__)

_HERE, _SOMEWHERE = "http://localhost", "https://example.com"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and how often to retry.

    `first` is how long a server may send no data before its first text (models think and queue;
    comments are not data), `idle` the same after it, and `total` the time of all attempts and waits
    for one answer together.
    """

    connect: float = 10.0
    first: float = 300.0
    idle: float = 60.0
    total: float = 1800.0
    retries: int = 2
    longest_wait: float = 20.0


class Transport:
    """Owns the HTTP clients, made at the first request that needs them.

    One for a process and its event loop; close it at the end.

    `limits` hold where `networks`, the settings by provider, say nothing. Passwords for proxies are
    looked up in `environ`. `clock` (seconds, rising), `sleep` and `chance` (from 0 to 1) are there for tests.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        networks: Networks | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._networks = networks or Networks()
        self._wires = Wires(self._networks, environ)
        self.fetcher = Fetcher(self._wires, clock)
        """Sends what is no request to a model, over the same connections."""

    async def warm_up(self) -> None:
        """Imports httpx and makes a client, off the event loop: no request need wait the 150 ms.

        Raises:
            Unreachable: The network settings for all providers cannot be used.
        """
        # No command of the user's runs before it is needed: then only what needs no password is made.
        place = _HERE if self._networks.default.runs_a_command else _SOMEWHERE
        try:
            await self._wires.open(None, place)
        except AttemptError as failure:
            raise failure.error from None

    async def stream(
        self,
        provider: Provider,
        dialect: Dialect,
        request: Request,
        key: Secret | None,
        *,
        on_attempt: Callable[[int], Awaitable[None]] | None = None,
        on_retry: Callable[[int, ProviderError], Awaitable[None]] | None = None,
        on_sent: Callable[[], None] = lambda: None,
        on_headers: Callable[[Mapping[str, str]], None] | None = None,
        within: float | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Sends the request and yields its events; anew if it fails before its first text.

        `Billed` is cumulative within one attempt only. Closing the generator or cancelling the task
        closes the connection at once.

        Args:
            provider: Who serves it.
            dialect: The provider's wire format.
            request: What to ask.
            key: The key, if one is needed.
            on_attempt: Told the number (from 1) of each HTTP request before it is sent; if it
                raises, that request is not.
            on_retry: Told the number and the error of each attempt that another is to follow.
            on_sent: Told of each attempt whose connection stands; what is not sent cannot be billed.
            on_headers: Told the headers of each answer with status 200.
            within: Seconds that are left for it, if that is less than the limits say.

        Raises:
            ProviderError: What the last attempt ended with; `partial` if text had come.
        """
        limits = self.limits_of(provider.id)
        total = limits.total if within is None else min(within, limits.total)
        deadline = self._clock() + total
        mask = Mask(key.reveal() if key else None, (request.system, request.user))
        timed_out = False
        number = 0
        while True:
            number += 1
            if on_attempt is not None:
                await on_attempt(number)
            if self._clock() >= deadline:  # it waited for its turn too long, or came too late
                raise too_late(provider)
            started = False
            try:
                events = attempt(
                    await self._wires.open(provider.id, dialect.url(provider)),
                    provider,
                    dialect,
                    request,
                    key=key,
                    patience=Patience(
                        provider.name, limits.first, limits.idle, deadline, self._clock
                    ),
                    connect=limits.connect,
                    on_headers=on_headers,
                    on_sent=on_sent,
                )
                async with aclosing(events):
                    async for event in events:
                        started = started or isinstance(event, Text)
                        yield _shown(event, mask)
            except AttemptError as failed:
                failure = failed
            except ProviderError as told:
                failure = AttemptError(told, retry=may_pass(told))
            else:
                return
            error = _told(failure.error, provider, mask)
            error.partial, error.timed_out = started, failure.timed_out
            wait = self._wait(failure, number)
            # A request that timed out may have been billed: it is sent again once at most.
            again = not started and not (timed_out and failure.timed_out)
            if wait is None or not again or self._clock() + wait >= deadline:
                raise error
            timed_out = timed_out or failure.timed_out
            _log.info(
                "%s: attempt %d failed (%s), the next in %.1f s",
                provider.id,
                number,
                type(error).__name__,
                wait,
            )
            if on_retry is not None:
                await on_retry(number, error)
            await self._sleep(wait)

    def _wait(self, failure: AttemptError, number: int) -> float | None:
        """Seconds until the next attempt; None if there is none."""
        if not failure.retry or number > self._limits.retries:
            return None
        if failure.wait is None:
            return backoff(number, self._chance)
        return failure.wait if failure.wait <= self._limits.longest_wait else None

    async def aclose(self) -> None:
        """Closes all connections. A later request would open new ones."""
        await self._wires.aclose()

    def limits_of(self, provider: str) -> Limits:
        """The limits with what the user set for this provider (its id)."""
        own = asdict(self._networks.of(provider).seconds)
        return replace(self._limits, **{name: value for name, value in own.items() if value})


def _shown(event: Event, mask: Mask) -> Event:
    """The event; a user is shown the reason for an end, which may be any text that the server chose."""
    if not isinstance(event, End):
        return event
    return replace(event, reason=mask.apply(cleaned(event.reason)))


def _told(error: ProviderError, provider: Provider, mask: Mask) -> ProviderError:
    """The error as the user sees it: nothing secret in it, and a remedy that fits the provider."""
    error.args = (mask.apply(str(error)),)
    if not error.remedy and isinstance(error, Unreachable):
        error.remedy = "Check the network; if it needs a proxy, set `proxy` in config.toml."
        if provider.self_hosted:
            error.remedy = f"Start the local server, or set its address: base_url in [providers.{provider.id}]."
    error.remedy = error.remedy or "Run the action again or use another model."
    return error
