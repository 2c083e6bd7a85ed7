"""Small requests, such as for a list of models: whole answers, without retries."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from codefare import __version__
from codefare.errors import Unreachable
from codefare.providers.failure import AttemptError
from codefare.providers.fetched import Fetched, StatusRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codefare.providers.secret import Secret
    from codefare.providers.wires import Wires

_OK = 200


class Fetcher:
    """Sends them over the clients of `wires`; `clock` is in seconds, rising."""

    def __init__(self, wires: Wires, clock: Callable[[], float]) -> None:
        self._wires = wires
        self._clock = clock

    async def fetch_json(
        self,
        url: str,
        *,
        provider: str | None = None,
        payload: Mapping[str, Any] | None = None,
        key: Secret | None = None,
        connect: float,
        total: float,
    ) -> Any:
        """One small JSON document, without retries: a GET, or a POST of `payload`.

        Times are in seconds; it travels as requests to `provider`, an id, do.

        Raises:
            ProviderError: It did not come in time, or is not JSON with status 200.
        """
        headers = {"accept": "application/json", "user-agent": f"codefare/{__version__}"}
        if key is not None:
            headers["authorization"] = f"Bearer {key.reveal()}"
        if payload is not None:
            headers["content-type"] = "application/json"
        fetched = await self.fetch(
            url, provider=provider, headers=headers, payload=payload, connect=connect, total=total
        )
        if fetched.status != _OK:
            raise StatusRefused(fetched.status)
        return fetched.json()

    async def fetch(
        self,
        url: str,
        *,
        who: str = "The server",
        provider: str | None = None,
        headers: Mapping[str, str],
        payload: Mapping[str, Any] | None = None,
        connect: float,
        total: float,
    ) -> Fetched:
        """Whatever the server answers to one small request, without retries: a GET, or a POST of `payload`.

        `who` is the server's name for messages. It travels as requests to `provider`, an id, do. Times are in
        seconds.

        Raises:
            ProviderError: Nothing came in time.
        """
        try:
            wire = await self._wires.open(provider, url)
            begun = self._clock()
            async with asyncio.timeout(total):
                response = await wire.send(
                    "GET" if payload is None else "POST",
                    url,
                    who=who,
                    headers=headers,
                    content=None if payload is None else json.dumps(payload).encode(),
                    connect=connect,
                )
                seconds = self._clock() - begun
                try:
                    tls = wire.tls_of(response)
                    body = await wire.body_of(response)
                finally:
                    await response.aclose()
        except AttemptError as failure:
            raise failure.error from None
        except TimeoutError:
            raise Unreachable(
                f"{who} did not answer in time.", remedy="Check the network, or try again later."
            ) from None
        names = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(response.status_code, names, body, seconds, tls, wire.proxy_for(url))

    async def proxy_for(self, url: str, *, provider: str | None = None) -> str | None:
        """The proxy that a provider's requests to this address go through, without a password; None if there is none.

        Raises:
            Unreachable: The network settings cannot be used.
        """
        try:
            return (await self._wires.open(provider, url)).proxy_for(url)
        except AttemptError as failure:
            raise failure.error from None
