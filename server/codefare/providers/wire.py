"""HTTP requests by httpx, their failures told in codefare's terms.

Importing it takes 95 ms: never at start-up.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from codefare.errors import RequestRefused, StreamBroken
from codefare.providers.failure import AttemptError
from codefare.providers.faults import Progress, Step, fault_of, wants_login
from codefare.providers.fetched import Tls, tls_of
from codefare.providers.form import Form
from codefare.providers.frames import ndjson_messages, sse_messages
from codefare.providers.routes import Routes, Way
from codefare.providers.trust import client_context
from codefare.providers.unpacking import ASKED_FOR, PackedError, body_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping

    from codefare.providers.network import Network
    from codefare.providers.secret import Secret

_WRITE_SECONDS = 60.0
_POOL_SECONDS = 30.0
_LARGEST_BODY = 4 * 1024 * 1024
# No connection is used twice: httpcore would take what a server sent too much after one answer for the next one. And
# a server that closes idle connections cannot make a request fail that way.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=0)
_LOGIN_WANTED = 407
# httpcore lets errors of TLS through as they are, once a connection stands.
_BREAKS = (httpx.TransportError, ssl.SSLError)


class Wire:
    """The HTTP clients for one kind of network settings: one for each way. Follows no redirects.

    Making it takes 30 ms.

    Args:
        network: The settings; what they leave open is as the environment says.
        proxy_password: The password for the settings' proxy.
        key_password: The password of the settings' client key.
        plain: Whether only this machine is to be reached, without TLS.

    Raises:
        AttemptError: A file that the settings or the environment name cannot be used.
    """

    def __init__(
        self,
        network: Network,
        *,
        proxy_password: Secret | None = None,
        key_password: Secret | None = None,
        plain: bool = False,
    ) -> None:
        # At DEBUG it logs all headers of answers: cookies, and whatever a server chooses to echo.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        if plain:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        else:
            self._context = client_context(network, key_password)
        self._proxy_context = self._context
        if network.certificate is not None:  # it is for the provider, not for the proxy
            self._proxy_context = client_context(replace(network, certificate=None))
        self._routes = Routes(network, proxy_password)
        self._clients: dict[Way | None, httpx.AsyncClient] = {}
        self.refused = False
        """Whether a proxy did not accept the password: it may have changed since it was asked for."""

    async def send(
        self,
        method: str,
        url: str,
        *,
        who: str,
        headers: Mapping[str, str],
        content: bytes | None,
        connect: float,
        on_sent: Callable[[], None] = lambda: None,
    ) -> httpx.Response:
        """The answer as soon as its headers are there, its body unread; the caller closes it.

        `who` is the server's name for messages, `connect` the seconds until the connection stands; `on_sent` is told
        that it does, before the request goes out.
        Reading has no limit here: only the caller knows what counts as data.

        Raises:
            AttemptError: Nothing came back.
        """
        # The texts of these errors quote addresses and header values, the key among them.
        try:
            place = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            raise _cannot_be_sent(who) from None
        way = self._routes.way(place, self._proxy_context)
        client, progress = self._client(way), Progress(connect, way, on_sent)
        try:
            request = client.build_request(
                method,
                place,
                headers=dict(headers),
                content=content,
                timeout=httpx.Timeout(None, write=_WRITE_SECONDS, pool=_POOL_SECONDS),
                extensions={"trace": progress},
            )
            async with progress, progress.limit:
                response = await client.send(request, stream=True)
        except (
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
            UnicodeError,
        ):
            raise _cannot_be_sent(who) from None
        except (httpx.TransportError, ssl.SSLError, TimeoutError) as failure:
            raise self._noted(fault_of(failure, who, place.host, way, progress.step), way) from None
        except Exception as failure:
            # socksio and httpcore raise whatever comes, an AssertionError too, where a SOCKS proxy
            # does not answer as one.
            if way is None or not way.is_socks or progress.step is not Step.PROXY:
                raise
            raise fault_of(failure, who, place.host, way, progress.step) from None
        if response.status_code == _LOGIN_WANTED and way is not None:
            await response.aclose()
            raise self._noted(wants_login(way), way)
        return response

    def _noted(self, fault: AttemptError, way: Way | None) -> AttemptError:
        self.refused = self.refused or (way is not None and way.has_login and not fault.retry)
        return fault

    def _client(self, way: Way | None) -> httpx.AsyncClient:
        client = self._clients.get(way)
        if client is None:
            transport = httpx.AsyncHTTPTransport(
                verify=self._context,
                trust_env=False,
                limits=_LIMITS,
                proxy=way.proxy if way is not None else None,
            )
            client = self._clients[way] = httpx.AsyncClient(
                transport=transport,
                headers={"accept-encoding": ASKED_FOR},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # keeps none
                trust_env=False,
                follow_redirects=False,
                event_hooks={"response": [_stay]},
            )
        return client

    async def body_of(self, response: httpx.Response) -> bytes:
        """The body, decompressed and cut at 4 MiB; less if it breaks off."""
        body = bytearray()
        try:
            async for piece in _unpacked(response):
                body += piece
                if len(body) >= _LARGEST_BODY:
                    break
        except (*_BREAKS, PackedError):
            return bytes(body)
        return bytes(body[:_LARGEST_BODY])

    def tls_of(self, response: httpx.Response) -> Tls | None:
        """How the connection is secured on which this came; None for plain HTTP. Before the answer is closed."""
        stream = response.extensions.get("network_stream")
        secured = stream.get_extra_info("ssl_object") if stream is not None else None
        return tls_of(secured, self._public_roots if secured is not None else ())

    @cached_property
    def _public_roots(self) -> frozenset[bytes]:
        """The roots that browsers trust, whatever the environment adds: made at the first use, in some 20 ms."""
        context = httpx.create_ssl_context(trust_env=False)
        return frozenset(context.get_ca_certs(binary_form=True))

    def proxy_for(self, url: str) -> str | None:
        """The proxy that requests to this address go through, without a password; None if there is none.

        Raises:
            AttemptError: What is set is no proxy.
        """
        try:
            place = httpx.URL(url)
        except (httpx.InvalidURL, UnicodeError):
            return None
        way = self._routes.way(place, self._proxy_context)
        return way.place.partition("://")[2] if way is not None else None

    async def chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """The body as it comes, decompressed.

        Raises:
            AttemptError: It broke off, or cannot be decompressed.
        """
        retry = True
        try:
            async with aclosing(_unpacked(response)) as pieces:
                async for piece in pieces:
                    yield piece
        except _BREAKS:
            said = "The answer was cut off."
        except PackedError as failure:
            said, retry = "The answer could not be decompressed.", not failure.repeats
        else:
            return
        raise AttemptError(StreamBroken(said, remedy="Run the action again."), retry=retry)

    def messages(
        self, chunks: AsyncIterator[bytes], form: Form
    ) -> AsyncGenerator[Mapping[str, Any] | None, None]:
        """The decoded messages of a stream of this form.

        Raises:
            AttemptError: It broke off, or is not what it should be.
        """
        return ndjson_messages(chunks) if form is Form.LINES else sse_messages(chunks)

    async def aclose(self) -> None:
        """Closes all connections."""
        for client in self._clients.values():
            await client.aclose()


def _cannot_be_sent(who: str) -> AttemptError:
    error = RequestRefused(
        f"The request to {who} cannot be sent: its address or a header of it is not valid.",
        remedy="Check base_url, headers and the key of this provider.",
    )
    return AttemptError(error, retry=False)


async def _stay(response: httpx.Response) -> None:
    """Forgets where a redirect points: httpx looks at the place though it never goes there, and stumbles over some."""
    response.headers.pop("location", None)


async def _unpacked(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The body in small pieces, and between them everything else has its turn."""
    body = body_for(response.headers.get("content-encoding", ""))
    async for chunk in response.aiter_raw():
        for number, piece in enumerate(body.feed(chunk)):
            if number:
                await asyncio.sleep(0)
            yield piece
