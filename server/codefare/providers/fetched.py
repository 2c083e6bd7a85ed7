"""One answer to a small request, with how it came: the time, the proxy, and whose certificate vouched for it."""

from __future__ import annotations

import contextlib
import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codefare.errors import RequestRefused, StreamBroken

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True)
class Tls:
    """How a connection is secured.

    `version` is the protocol's ("TLSv1.3"). `issuer` is who signed the server's certificate, `expires` the instant
    from which that is no longer good. `public` tells whether the chain ends at a root that browsers trust, too: if
    not, somebody's own authority vouches for the server, such as that of a proxy that reads along. None where a fact
    could not be had.
    """

    version: str | None
    issuer: str | None
    expires: datetime | None
    public: bool | None


class StatusRefused(RequestRefused):
    """A server answered a small request with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The server answered with status {status}.")
        self.status = status


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back.

    The names of `headers` are in lower case. `seconds` passed until the headers were there. `tls` is None for plain
    HTTP, `proxy` is the address of the proxy on the way, without a password, or None.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    tls: Tls | None = None
    proxy: str | None = None

    def json(self) -> Any:
        """The body, decoded.

        Raises:
            StreamBroken: It is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise StreamBroken("The server sent something that is not JSON.") from None


def tls_of(connection: Any, public_roots: Collection[bytes]) -> Tls | None:
    """What is known of a connection that `ssl` secures; None if it does not.

    Args:
        connection: Its `ssl.SSLObject` or `ssl.SSLSocket`, or None.
        public_roots: The certificates (DER) of the authorities that browsers trust.
    """
    if connection is None:
        return None
    certificate = connection.getpeercert() or {}
    until = certificate.get("notAfter")
    root = _root_of(connection)
    return Tls(
        version=connection.version(),
        issuer=_name(certificate.get("issuer", ())),
        expires=datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if until else None,
        public=None if root is None else root in public_roots,
    )


def _name(parts: Any) -> str | None:
    """The organisation of a certificate's name, else its common name."""
    named = dict(pair for part in parts for pair in part)
    found = named.get("organizationName") or named.get("commonName")
    return str(found) if found else None


def _root_of(connection: Any) -> bytes | None:
    """The last certificate (DER) of the chain that was verified; None if this Python does not tell it."""
    chain: Any = None
    if hasattr(connection, "get_verified_chain"):  # from Python 3.13 on
        chain = connection.get_verified_chain()
    else:
        inner = getattr(connection, "_sslobj", None)
        with contextlib.suppress(AttributeError):  # private until then
            chain = [one.public_bytes(_DER) for one in inner.get_verified_chain()]  # type: ignore[union-attr]
    return bytes(chain[-1]) if chain else None


_DER = 2  # _ssl.ENCODING_DER
