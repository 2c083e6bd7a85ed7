"""Where requests go: offerings, the user's addresses and keys, and what runs locally."""

from __future__ import annotations

import logging
import os
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codefare.errors import KeyRefused, ProviderError, RequestRefused
from codefare.providers.access import ProviderSettings, checked_base_url
from codefare.providers.dialects import body_of, dialect_of, fingerprint_of, url_of
from codefare.providers.http import Transport
from codefare.providers.inspection import Inspection, inspect
from codefare.providers.keys import KeyRing
from codefare.providers.local import LOCAL, LocalModels
from codefare.providers.network import Network, Networks
from codefare.providers.payload import encoded
from codefare.providers.probe import LocalProbe
from codefare.providers.recent import Recent
from codefare.providers.visit import Visit, limits_of, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from codefare.providers.base import Event, Request
    from codefare.providers.keys import Secret
    from codefare.store.traffic import Traffic
    from codefare_catalog import Catalog, Offering, Provider

_log = logging.getLogger(__name__)


class Endpoints:
    """Answers from memory what can be asked, and sends requests. Close it at the end.

    Only the provider `local` may be found by looking for it; another base URL of any other provider
    changes where its requests go, never whether it counts as self-hosted.

    Args:
        catalog: Models and providers.
        settings: The user's settings by provider id.
        network: How requests travel to providers whose settings do not say it.
        environ: The environment, for keys, passwords and `OLLAMA_HOST`.
        transport: Sends the requests; made here if not given.
        keys: The keys; made here if not given.
        probe: Looks for local servers; made here if not given.
        traffic: What the user's servers share; closed with this. Without it nothing is remembered
            of failures, and no rate limit kept.
        recent: What was sent lately; made here if not given.

    Raises:
        ConfigError: A base URL cannot be used.
    """

    def __init__(
        self,
        catalog: Catalog,
        settings: Mapping[str, ProviderSettings],
        *,
        network: Network | None = None,
        environ: Mapping[str, str] = os.environ,
        transport: Transport | None = None,
        keys: KeyRing | None = None,
        probe: LocalProbe | None = None,
        traffic: Traffic | None = None,
        recent: Recent | None = None,
    ) -> None:
        self.traffic = traffic
        self._catalog = catalog
        self._settings = settings
        self._providers = {
            provider.id: _configured(provider, settings.get(provider.id, ProviderSettings()))
            for provider in catalog.providers.values()
        }
        own = {name: one.network for name, one in settings.items() if one.network is not None}
        self._transport = transport or Transport(
            networks=Networks(network or Network(), own), environ=environ
        )
        self._recent = recent or Recent()
        self._keys = keys or KeyRing(settings, environ)
        local = settings.get(LOCAL, ProviderSettings())
        self.probe = probe or LocalProbe(
            self._transport,
            base_url=self._providers[LOCAL].base_url
            if local.base_url and LOCAL in self._providers
            else None,
            key=self._local_key,
            environ=environ,
        )
        self._local = LocalModels(self.probe)

    @property
    def any_rests(self) -> bool:
        """Whether something failed lately, so that `unusable` may say less as a last resort."""
        return self.traffic is not None and not self.traffic.cooldowns.nothing_rests()

    def unusable(
        self, offering: Offering, now: datetime, *, last_resort: bool = False
    ) -> str | None:
        """Why no request can go there, in a user's words; None if one can.

        `now` (with a zone) is the instant for its lifecycle. What failed lately rests for a while; with `last_resort`
        only as far as there is no sense in trying: for what the user named, or where nothing else can serve.
        """
        provider = self._providers.get(offering.provider)
        if provider is None:
            return f"the catalog has no provider {offering.provider}"
        model = self._catalog.models.get(offering.model)
        if model is not None and not provider.self_hosted and model.is_retired(now):
            return f"{provider.name} no longer serves it (since {model.retires_at})"
        if provider.id == LOCAL and self._local.find(offering) is None:
            return self._local.why_not(offering)
        missing = self._keys.missing(provider)
        if missing is not None or self.traffic is None or not self.any_rests:
            return missing
        provider = self.provider(offering)
        place = place_of(provider, self.served(offering), self._keys.ready(provider))
        return self.traffic.cooldowns.cooling(place, last_resort=last_resort)

    def ready_keys(self) -> frozenset[str]:
        """The keys that are at hand without running a command: what is sent must hold none of them."""
        ready = (self._keys.ready(provider) for provider in self._providers.values())
        return frozenset(key.reveal() for key in ready if key is not None)

    def served(self, offering: Offering) -> Offering:
        """The offering as a local server has it: its own name for the model, its real window."""
        return self._local.served(offering) if offering.provider == LOCAL else offering

    def provider(self, offering: Offering) -> Provider:
        """The provider with the user's address and key variable, or those of the local server.

        Raises:
            KeyError: The catalog has no such provider.
        """
        provider = self._providers[offering.provider]
        found = self._local.find(offering) if provider.id == LOCAL else None
        if found is None:
            return provider
        server, _ = found
        return replace(provider, name=server.name, base_url=server.base_url, dialect=server.dialect)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """All providers, with the user's addresses and key variables."""
        return tuple(self._providers.values())

    def key_source(self, provider: Provider) -> str | None:
        """Where the user's key is taken from; None if none was set."""
        return self._keys.source(provider)

    def needs_key(self, provider: Provider) -> bool:
        """Whether no request can go there before the user sets a key."""
        return self._keys.source(provider) is None and self._keys.missing(provider) is not None

    async def inspect(
        self,
        provider: Provider,
        *,
        seconds: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Inspection:
        """Looks whether a provider answers, takes the key and lists which models. Never raises.

        The key's command, if there is one, has its own time; all else together takes `seconds` at most. `now` is this
        machine's clock, which is compared with the provider's.
        """
        try:
            key = await self._keys.key(provider)
        except ProviderError as error:
            return Inspection(provider, now(), error)
        dialect = dialect_of(provider)
        return await inspect(provider, self._transport, dialect, key, seconds=seconds, now=now)

    def fingerprint(self, request: Request) -> Mapping[str, Any]:
        """What decides an answer: `dialect`, `url` and `body` as they would be sent.

        Never a key.
        """
        return fingerprint_of(self.provider(request.offering), self._as_served(request))

    def longest(self, offering: Offering) -> float:
        """Seconds that all attempts of one request to it may take."""
        return self._transport.limits_of(offering.provider).total

    def url(self, request: Request) -> str:
        """Where it would be sent."""
        return url_of(self.provider(request.offering))

    def body(self, request: Request) -> bytes:
        """The body as it would be sent."""
        return encoded(body_of(self.provider(request.offering), self._as_sent(request)))

    async def stream(
        self,
        request: Request,
        on_attempt: Callable[[int], Awaitable[None]] | None = None,
        on_retry: Callable[[int, ProviderError], Awaitable[None]] | None = None,
        on_sent: Callable[[], None] = lambda: None,
        on_wait: Callable[[float], None] = lambda _: None,
        within: float | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Sends the request and yields its events; see `Transport.stream`.

        Each attempt waits for its turn first, before `on_attempt`. `on_wait` is told the seconds of such a wait.
        `within` are the seconds that are left for all of it, if that is less than the provider's limits say. When
        an error comes out of this that another offering may help with, `unusable` already says why this one cannot.

        Raises:
            ProviderError: No key, no turn, or what the last attempt ended with.
        """
        provider, sent = self.provider(request.offering), self._as_sent(request)
        settings = self._settings.get(provider.id, ProviderSettings())
        model = self._catalog.models.get(request.offering.model)
        limits = self._transport.limits_of(provider.id)
        visit = Visit(
            self.traffic,
            provider,
            sent,
            limits_of(provider, sent.offering, model, settings),
            longest=limits.longest_wait,
            total=limits.total if within is None else min(within, limits.total),
            on_wait=on_wait,
        )
        try:
            key = await self._keys.key(provider)
            visit.come(key)
            self._recent.note(sent)
            events = self._transport.stream(
                provider,
                dialect_of(provider),
                sent,
                key,
                on_attempt=visit.before(on_attempt),
                on_retry=visit.again(on_retry),
                on_sent=on_sent,
                on_headers=visit.answered,
                within=within,
            )
            async with aclosing(events):
                async for event in events:
                    visit.heard(event)
                    yield event
        except ProviderError as error:
            if _is_about_key(error):
                self._keys.forget(provider)
            await visit.failed(error)
            raise
        finally:
            visit.over()

    def _as_served(self, request: Request) -> Request:
        return replace(request, offering=self.served(request.offering))

    def _as_sent(self, request: Request) -> Request:
        """As it goes out: what came lately, too, is to be kept by the provider. No answer changes by that."""
        served = self._as_served(request)
        return replace(served, cache_prefix=self._recent.prefix(served))

    def local_offerings(self) -> tuple[Offering, ...]:
        """An offering for each model that a local server has and the catalog does not know."""
        return self._local.unknown_to(self._catalog) if LOCAL in self._providers else ()

    async def warm_up(self) -> None:
        """Prepares the HTTP client and looks for local servers; once `initialized` has come."""
        try:
            await self._transport.warm_up()
        except ProviderError as error:
            _log.warning("%s", error.text)  # the first request says it to the user
        if self.traffic is not None:
            await self.traffic.open()
        await self.probe.refresh()

    async def aclose(self) -> None:
        """Ends what is under way and closes all connections."""
        await self.probe.aclose()
        await self._transport.aclose()
        if self.traffic is not None:
            await self.traffic.close()

    def _local_key(self) -> Secret | None:
        provider = self._providers.get(LOCAL)
        return self._keys.ready(provider) if provider is not None else None


def _is_about_key(error: ProviderError) -> bool:
    """Whether the key may be the reason: a new one may be at hand."""
    return isinstance(error, KeyRefused) or (isinstance(error, RequestRefused) and error.forbidden)


def _configured(provider: Provider, settings: ProviderSettings) -> Provider:
    base_url = provider.base_url
    if settings.base_url:
        base_url = checked_base_url(
            settings.base_url, provider=provider.id, self_hosted=provider.self_hosted
        )
    return replace(provider, base_url=base_url, key_env=settings.api_key_env or provider.key_env)
