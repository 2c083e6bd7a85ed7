"""Why a connection failed, in a user's words: how far it came, and who would not let it go on.

Imports httpx: only what is imported by `providers.wire` may import this.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

import httpx

from codefare.errors import Unreachable
from codefare.providers.failure import AttemptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from codefare.providers.routes import Way

_FAULTS: dict[type[BaseException], str] = {
    httpx.ConnectTimeout: "did not answer in time",
    httpx.ConnectError: "cannot be reached",
    httpx.PoolTimeout: "has too many requests under way",
    httpx.WriteTimeout: "stopped taking in the request",
}
# OpenSSL's verification results.
_EARLY, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64
# What OpenSSL calls the alert of a server that does not accept our certificate, or misses it.
_OWN_CERTIFICATE = (
    "CERTIFICATE_REQUIRED",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
    "UNSUPPORTED_CERTIFICATE",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
    "HANDSHAKE_FAILURE",
)
_VERSION = (
    "ALERT_PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_SSL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
)
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
_LOGIN_WANTED, _FORBIDDEN = 407, 403
_GATEWAY = frozenset((500, 502, 503, 504))


class Step(Enum):
    """How far a request came."""

    POOL = "it waits for a connection"
    REACH = "the server, or the proxy, is called"
    PROXY_TLS = "TLS with the proxy"
    PROXY = "the proxy is asked for the way"
    TLS = "TLS with the server"
    SENT = "the request is on its way"


class Progress:
    """Follows a request by httpcore's trace, and limits the time until its connection stands.

    Keeps nothing of what the trace tells: the request's headers are in it.

    Send the request inside it and inside `limit`, which raises TimeoutError if the connection does not
    stand in time. `on_sent` is called when it does, before the first byte of the request.
    """

    def __init__(
        self, seconds: float, way: Way | None, on_sent: Callable[[], None] = lambda: None
    ) -> None:
        self.step = Step.POOL
        self._stream: Any = None
        self.limit = asyncio.timeout(None)
        self._seconds = seconds
        self._way = way
        self._on_sent = on_sent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Closes a connection that never stood: httpcore forgets it where a proxy is in the way."""
        stream, self._stream = self._stream, None
        if kind is not None and stream is not None and self.step is not Step.SENT:
            await stream.aclose()

    async def __call__(self, name: str, info: Mapping[str, Any]) -> None:
        """Told by httpcore of each thing that it starts or ends."""
        if name.endswith(".connect_tcp.started"):
            self.step = Step.REACH
            self.limit.reschedule(asyncio.get_running_loop().time() + self._seconds)
        elif name.endswith(".connect_tcp.complete"):
            self._stream = info["return_value"]
        elif name == "connection.start_tls.started":
            self.step = Step.TLS if self._way is None else Step.PROXY_TLS
        elif name.endswith(".start_tls.started"):
            self.step = Step.TLS
        elif name == "socks.setup_socks5_connection.started":
            self.step = Step.PROXY
        elif name.endswith(".send_request_headers.started"):
            connecting = info["request"].method == b"CONNECT"
            self.step = Step.PROXY if connecting else Step.SENT
            if not connecting:
                self._on_sent()
                self.limit.reschedule(None)


def fault_of(
    failure: BaseException, who: str, host: str, way: Way | None, step: Step
) -> AttemptError:
    """What to tell of a request that brought nothing.

    Args:
        failure: What httpx raised; a TimeoutError if the connection did not stand in time.
        who: The server's name.
        host: Its host.
        way: The proxy, if there is one.
        step: How far the request came.
    """
    if step is Step.PROXY and way is not None:
        return _refused_by_proxy(failure, host, way)
    proxy = way is not None and step in {Step.REACH, Step.PROXY_TLS}
    name = f"The proxy {way.place}" if proxy and way is not None else who
    check = way.setting if proxy and way is not None else "base_url"
    for cause in _causes(failure):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _distrusted(cause, name, host, check)
        if isinstance(cause, ssl.SSLError) and (fault := _of_tls(cause, name, check)):
            return fault
        if isinstance(cause, socket.gaierror):
            place = "" if proxy else f" ({host})"
            return _fault(
                f"{name} cannot be found: nothing is known under its name{place}.",
                f"Check the network and its DNS, and {check}.",
                retry=True,
            )
    if isinstance(failure, TimeoutError):
        words = "did not answer in time"
    elif step in {Step.TLS, Step.PROXY_TLS}:
        words = "closed the connection while TLS was set up"
    else:
        words = _FAULTS.get(type(failure), "closed the connection")
    remedy = ""  # said by whoever knows the provider
    if proxy:
        remedy = f"Check the network, and {check}."
    elif step is Step.TLS:
        remedy = "Check the network: a firewall may be in the way, or a proxy may be needed."
    return _fault(f"{name} {words}.", remedy, retry=True)


def wants_login(way: Way) -> AttemptError:
    """The proxy asked for a user name and a password, or for other ones (407)."""
    configured = way.setting.startswith("`proxy`")
    if way.has_login:
        said = "did not accept the user name and password"
        what = "proxy_user and its password in config.toml" if configured else way.setting
        remedy = f"Check {what}."
    else:
        said = "asks for a user name and password"
        remedy = "Set proxy_user and proxy_password_env beside proxy in config.toml."
    return _fault(
        f"The proxy {way.place} {said}.",
        f"{remedy} Basic authentication is all that codefare knows: for NTLM or Kerberos run a local"
        " proxy that does it, such as px.",
        retry=False,
    )


def _refused_by_proxy(failure: BaseException, host: str, way: Way) -> AttemptError:
    """The proxy was reached, and the way to the server not opened."""
    name = f"The proxy {way.place}"
    text = str(failure)
    status = int(text[:3]) if text[:3].isascii() and text[:3].isdigit() else 0
    login = "from proxy server, but got" in text or "Invalid username" in text  # httpcore, of SOCKS
    if status == _LOGIN_WANTED or (way.is_socks and login):
        return wants_login(way)
    if isinstance(failure, (TimeoutError, httpx.TimeoutException)):
        return _fault(
            f"{name} did not open the way to {host} in time.", f"Check {way.setting}.", retry=True
        )
    if status == _FORBIDDEN or "not allowed" in text:
        return _fault(
            f"{name} does not allow connections to {host}.",
            "Ask whoever runs it, or reach that host directly: no_proxy in config.toml.",
            retry=False,
        )
    if status in _GATEWAY or "could not connect" in text:
        return _fault(
            f"{name} cannot reach {host}.", f"Check base_url, and {way.setting}.", retry=True
        )
    if status:
        return _fault(
            f"{name} refused the connection to {host} with status {status}.",
            f"Check {way.setting}.",
            retry=False,
        )
    kind = "SOCKS5" if way.is_socks else "an HTTP"
    return _fault(
        f"{name} does not answer as {kind} proxy does.",
        f"Check the scheme and the port in {way.setting}.",
        retry=False,
    )


def _distrusted(
    error: ssl.SSLCertVerificationError, name: str, host: str, check: str
) -> AttemptError:
    code = getattr(error, "verify_code", 0)
    if code in {_OTHER_NAME, _OTHER_ADDRESS}:
        place = "" if name.startswith("The proxy") else f" ({host})"
        return _fault(
            f"The certificate of {_inside(name)} is for another name{place}.",
            f"Check {check}; in a foreign network a login page may be answering in its place.",
            retry=False,
        )
    if code in {_EXPIRED, _EARLY}:
        when = "has expired" if code == _EXPIRED else "is not valid yet"
        return _fault(
            f"The certificate of {_inside(name)} {when}.",
            "Check this machine's clock; if it is right, whoever runs that server must renew it.",
            retry=False,
        )
    why = f": {error.verify_message}" if getattr(error, "verify_message", "") else ""
    return _fault(
        f"The certificate of {_inside(name)} is not trusted{why}.",
        "Behind a company proxy, set ca_bundle in [network] of config.toml, or SSL_CERT_FILE, to the"
        " company's certificate.",
        retry=False,
    )


def _of_tls(error: ssl.SSLError, name: str, check: str) -> AttemptError | None:
    """What an error of TLS itself means; None if it says no more than that the connection broke."""
    reason = error.reason or ""
    if any(word in reason for word in _VERSION):
        return _fault(
            f"{name} speaks no version of TLS that is still safe (1.2 or 1.3).",
            "Whoever runs it must update it.",
            retry=False,
        )
    if any(word in reason for word in _NO_TLS):
        return _fault(
            f"{name} does not speak TLS at this address.",
            f"Check http or https, and the port, in {check}.",
            retry=False,
        )
    if "ALERT" in reason and any(word in reason for word in _OWN_CERTIFICATE):
        words = reason.partition("ALERT_")[2].replace("_", " ").lower()
        return _fault(
            f"{name} ended TLS ({words}): it wants a client certificate, or another one.",
            "Set client_certificate and client_key in config.toml, in [providers.ID.network] for"
            " one provider alone.",
            retry=False,
        )
    return None


def _inside(name: str) -> str:
    """The name in the middle of a sentence."""
    return f"the{name[3:]}" if name.startswith("The ") else name


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _fault(words: str, remedy: str, *, retry: bool) -> AttemptError:
    return AttemptError(Unreachable(words, remedy=remedy), retry=retry)
