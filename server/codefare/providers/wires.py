"""The HTTP clients of all providers: one `Wire` for each kind of network settings, made when it is needed."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from codefare.errors import Unreachable
from codefare.providers.access import is_loopback
from codefare.providers.command import CommandFailed, printed, program_name
from codefare.providers.failure import AttemptError
from codefare.providers.network import Network, Networks
from codefare.providers.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.providers.network import SecretSource
    from codefare.providers.wire import Wire


class Wires:
    """Made at the first request that needs them, off the event loop; close them at the end.

    What goes to this machine without TLS has a client of its own: no wrong file and no password keeps
    a local server from being reached.
    """

    def __init__(self, networks: Networks, environ: Mapping[str, str] = os.environ) -> None:
        self._networks = networks
        self._environ = environ
        self._wires: dict[Network | None, Wire] = {}
        self._opening: dict[Network | None, asyncio.Lock] = {}
        self._replaced: list[Wire] = []

    async def open(self, provider: str | None, url: str) -> Wire:
        """The client for a request to a provider (its id) at an address.

        Raises:
            AttemptError: The network settings cannot be used.
        """
        network = None if _is_here(url) else self._networks.of(provider).connection
        async with self._opening.setdefault(network, asyncio.Lock()):
            wire = self._wires.get(network)
            if wire is not None and wire.refused:  # others may still be using it
                self._replaced.append(self._wires.pop(network))
                wire = None
            if wire is None:
                wire = self._wires[network] = await self._made(network)
            return wire

    async def aclose(self) -> None:
        """Closes all connections. A later request would open new ones."""
        wires, self._wires = (*self._wires.values(), *self._replaced), {}
        self._replaced = []
        for wire in wires:
            await wire.aclose()

    async def _made(self, network: Network | None) -> Wire:
        if network is None:
            return await asyncio.to_thread(_new_wire, Network(), None, None, plain=True)
        return await asyncio.to_thread(
            _new_wire,
            network,
            await self._secret(network.proxy_password, "proxy_password"),
            await self._secret(network.key_password, "client_key_password"),
        )

    async def _secret(self, source: SecretSource | None, name: str) -> Secret | None:
        """A password from its variable or its command.

        Raises:
            AttemptError: It is not set, or the command failed.
        """
        if source is None:
            return None
        if source.variable and (value := self._environ.get(source.variable)):
            return Secret(value)
        if not source.command:
            raise _missing(
                f"{name}_env names a variable that is not set", f"Set {source.variable}."
            )
        try:
            return Secret(await printed(source.command))
        except CommandFailed as failed:
            words = f"The {name}_command ({program_name(source.command)}) {failed}"
            raise _missing(
                words, "Run it in a terminal: it must print the password alone."
            ) from None


def _new_wire(
    network: Network,
    proxy_password: Secret | None,
    key_password: Secret | None,
    *,
    plain: bool = False,
) -> Wire:
    """Imports httpx, which takes 95 ms, and makes the client, which takes 30."""
    import anyio

    from codefare.providers.wire import Wire

    # What httpx connects with is imported at its first use: now, and not on the loop, where it would take 40 ms.
    anyio.run(anyio.sleep, 0)
    return Wire(network, proxy_password=proxy_password, key_password=key_password, plain=plain)


def _is_here(url: str) -> bool:
    """Whether this is plain HTTP on this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")
    except ValueError:
        return False


def _missing(words: str, remedy: str) -> AttemptError:
    return AttemptError(Unreachable(f"{words}.", remedy=remedy), retry=False)
