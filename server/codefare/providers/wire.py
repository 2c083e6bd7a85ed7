"""HTTP requests by httpx, their failures told in codefare's terms.

Importing it takes 95 ms: never at start-up.
"""

from __future__ import annotations

import logging
import socket
import ssl
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from codefare.errors import RequestRefused, StreamBroken, Unreachable
from codefare.providers.access import is_loopback
from codefare.providers.attempt import NDJSON, media_type
from codefare.providers.failure import AttemptError
from codefare.providers.fetched import Tls, tls_of
from codefare.providers.frames import ndjson_messages, sse_messages

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

_WRITE_SECONDS = 60.0
_POOL_SECONDS = 30.0
_LARGEST_BODY = 4 * 1024 * 1024
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)
# A proxy cannot reach this machine, and would see the code: the environment's proxies are not for
# these.
_DIRECT = ("all://localhost", "all://*.localhost", "all://127.0.0.1", "all://[::1]")
_FAULTS = {
    httpx.ConnectTimeout: "did not answer in time",
    httpx.ConnectError: "cannot be reached",
    httpx.PoolTimeout: "has too many requests under way",
    httpx.WriteTimeout: "stopped taking in the request",
}


class Wire:
    """The one HTTP client: proxies and certificates from the environment, no redirects.

    Making it takes 50 ms.

    Raises:
        AttemptError: The environment's proxy or certificate settings cannot be used.
    """

    def __init__(self) -> None:
        # At DEBUG it logs all headers of answers: cookies, and whatever a server chooses to echo.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        try:
            self._client = httpx.AsyncClient(
                trust_env=True,
                follow_redirects=False,
                limits=_LIMITS,
                mounts=dict.fromkeys(_DIRECT),
                event_hooks={"response": [_stay]},
            )
        except (ImportError, ValueError, OSError, httpx.InvalidURL):
            # ImportError: a SOCKS proxy; ValueError: an unknown scheme; OSError: SSL_CERT_FILE.
            error = Unreachable(
                "The network settings of the environment cannot be used.",
                remedy="Check HTTPS_PROXY, ALL_PROXY (no SOCKS), SSL_CERT_FILE and SSL_CERT_DIR.",
            )
            raise AttemptError(error, retry=False) from None

    async def send(
        self,
        method: str,
        url: str,
        *,
        who: str,
        headers: Mapping[str, str],
        content: bytes | None,
        connect: float,
    ) -> httpx.Response:
        """The answer as soon as its headers are there, its body unread; the caller closes it.

        `who` is the server's name for messages, `connect` is in seconds. Reading has no limit here:
        only the caller knows what counts as data.

        Raises:
            AttemptError: Nothing came back.
        """
        timeout = httpx.Timeout(
            connect=connect, read=None, write=_WRITE_SECONDS, pool=_POOL_SECONDS
        )
        try:
            request = self._client.build_request(
                method, url, headers=dict(headers), content=content, timeout=timeout
            )
            return await self._client.send(request, stream=True)
        except (
            httpx.InvalidURL,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
            UnicodeError,
        ):
            # Their texts quote addresses and header values, the key among them: none is passed on.
            error = RequestRefused(
                f"The request to {who} cannot be sent: its address or a header of it is not valid.",
                remedy="Check base_url, headers and the key of this provider.",
            )
            raise AttemptError(error, retry=False) from None
        except httpx.TransportError as failure:
            raise _unreachable(failure, who) from None

    async def body_of(self, response: httpx.Response) -> bytes:
        """The body, decompressed and cut at 4 MiB; less if it breaks off."""
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= _LARGEST_BODY:
                    break
        except (httpx.TransportError, httpx.DecodingError):
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
        """The proxy that requests to this address go through, without a password; None if there is none."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host) or proxy_bypass(host):
            return None
        proxies = getproxies()
        through = urlsplit(proxies.get(parts.scheme) or proxies.get("all") or "")
        return through.netloc.rpartition("@")[2] or None

    def messages(self, response: httpx.Response) -> AsyncGenerator[Mapping[str, Any] | None, None]:
        """The decoded messages of a streamed answer, by its content type.

        Raises:
            AttemptError: It broke off, or is not what its content type says.
        """
        chunks = _chunks(response)
        return ndjson_messages(chunks) if media_type(response) == NDJSON else sse_messages(chunks)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._client.aclose()


async def _stay(response: httpx.Response) -> None:
    """Forgets where a redirect points: httpx looks at the place though it never goes there, and stumbles over some."""
    response.headers.pop("location", None)


async def _chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except (httpx.TransportError, httpx.DecodingError) as failure:
        unpacked = isinstance(failure, httpx.TransportError)
        error = StreamBroken(
            "The answer was cut off." if unpacked else "The answer could not be decompressed.",
            remedy="Run the action again.",
        )
        raise AttemptError(error, retry=True) from None


def _unreachable(failure: httpx.TransportError, who: str) -> AttemptError:
    distrust = _caused_by(failure, ssl.SSLCertVerificationError)
    if distrust is not None:
        why = f": {distrust.verify_message}" if distrust.verify_message else ""
        error = Unreachable(
            f"The certificate of {who} is not trusted{why}.",
            remedy="Behind a company proxy, set SSL_CERT_FILE to the proxy's certificate.",
        )
        return AttemptError(error, retry=False)
    if isinstance(failure, httpx.ProxyError):
        error = Unreachable(
            f"The proxy refused the connection to {who}.", remedy="Check HTTPS_PROXY."
        )
        return AttemptError(error, retry=False)
    if _caused_by(failure, socket.gaierror):
        error = Unreachable(
            f"{who} cannot be found: its name has no address.",
            remedy="Check the network, its name service, and HTTPS_PROXY if you use one.",
        )
        return AttemptError(error, retry=True)
    error = Unreachable(
        f"{who} {_FAULTS.get(type(failure), 'closed the connection')}.",
        remedy="Check the network, and HTTPS_PROXY if you use one.",
    )
    return AttemptError(error, retry=True)


_E = TypeVar("_E", bound=BaseException)


def _caused_by(failure: BaseException, kind: type[_E]) -> _E | None:
    """The first error of that kind among those that led to this one."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, kind):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
