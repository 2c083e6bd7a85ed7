"""Which way a request goes: directly or through a proxy, the user's own or the environment's.

Imports httpx: only what is imported by `providers.wire` may import this.
"""

from __future__ import annotations

import os
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from codefare.errors import Unreachable
from codefare.providers.access import is_loopback
from codefare.providers.failure import AttemptError
from codefare.providers.no_proxy import NoProxy, environment_entries

if TYPE_CHECKING:
    import ssl

    from codefare.providers.network import Network
    from codefare.providers.secret import Secret

_SCHEMES = ("http", "https", "socks5", "socks5h")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Way:
    """Through a proxy. `place` is its address without a login, `setting` where the user set it."""

    place: str
    setting: str
    proxy: httpx.Proxy = field(repr=False, compare=False)

    @property
    def is_socks(self) -> bool:
        """Whether it is a SOCKS proxy."""
        return self.proxy.url.scheme.startswith("socks")

    @property
    def has_login(self) -> bool:
        """Whether it is sent a user name and a password."""
        return self.proxy.auth is not None


class Routes:
    """The ways that the network settings and the environment allow.

    Requests to this machine go directly: no proxy could reach it, and it would see the code.
    """

    def __init__(self, network: Network, password: Secret | None) -> None:
        found = urllib.request.getproxies()  # the system's own settings on macOS and Windows, too
        self._own = network.proxy
        self._password = password
        self._proxies = {} if self._own is not None else found
        entries = network.no_proxy
        self._direct = NoProxy(
            environment_entries(found.get("no", "")) if entries is None else entries
        )

    def way(self, url: httpx.URL, context: ssl.SSLContext) -> Way | None:
        """The proxy for this address, None if it is reached directly.

        Raises:
            AttemptError: The proxy that is set is none.
        """
        port = url.port or _PORTS.get(url.scheme, 0)
        if is_loopback(url.host) or self._direct.covers(url.host, port):
            return None
        if self._own is not None:
            setting = "`proxy` in config.toml"
            address = self._own.url
            login = None
            if self._own.user is not None and self._password is not None:
                login = (self._own.user, self._password.reveal())
        else:
            scheme = url.scheme if self._proxies.get(url.scheme) else "all"
            address, setting, login = self._proxies.get(scheme, ""), _variable(scheme), None
        return _way(address, setting, login, context) if address else None


def _variable(scheme: str) -> str:
    name = f"{scheme.upper()}_PROXY"
    if any(one.upper() == name for one in os.environ):
        return name
    return "the system's proxy settings"


def _way(address: str, setting: str, login: tuple[str, str] | None, context: ssl.SSLContext) -> Way:
    try:
        url = httpx.URL(address if "://" in address else f"http://{address}")
    except (httpx.InvalidURL, ValueError, UnicodeError):  # their texts quote it with its password
        url = httpx.URL()
    if not url.host or url.scheme not in _SCHEMES:
        error = Unreachable(
            "The network settings name a proxy that is none.",
            remedy=f"Check {setting}: it must be like http://proxy.example.com:3128",
        )
        raise AttemptError(error, retry=False)
    if url.scheme not in _PORTS:
        _check_socks(setting)
    host = f"[{url.host}]" if ":" in url.host else url.host
    port = f":{url.port}" if url.port else ""
    proxy = httpx.Proxy(url, auth=login, ssl_context=context if url.scheme == "https" else None)
    return Way(f"{url.scheme}://{host}{port}", setting, proxy)


def _check_socks(setting: str) -> None:
    try:
        import socksio  # noqa: F401 - an extra; httpx would only say so with an ImportError
    except ImportError:
        error = Unreachable(
            "A SOCKS proxy cannot be used: a package is missing.",
            remedy=f'Run: pip install "codefare[socks]", or name an HTTP proxy in {setting}.',
        )
        raise AttemptError(error, retry=False) from None
