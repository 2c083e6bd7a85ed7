"""`[network]` and `[providers.ID.network]`: their shape, and what comes of both together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, model_validator

from codefare.providers.network import ClientCertificate, Network, Proxy, SecretSource
from codefare.providers.no_proxy import NoProxy
from codefare.settings.table import File, SecretCommand, Table, Text, Variable

_SCHEMES = ("http", "https", "socks5", "socks5h")
_NO_PROXY = ("", "none")
_SHORTEST = 0.1
_LONGEST = 86_400.0


def _proxy(url: str) -> str:
    """The proxy's address; the message never repeats it, as a password may be in it."""
    if url in _NO_PROXY:
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in _SCHEMES or not host:
        raise ValueError('must be like "http://proxy.example.com:3128", or "none"')
    if parts.username is not None or parts.password is not None:
        raise ValueError(
            "must not hold a user name or password: set proxy_user, and proxy_password_env or"
            " proxy_password_command"
        )
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must end after the port")
    return url.rstrip("/")


def _no_proxy(entry: str) -> str:
    try:
        NoProxy([entry])
    except ValueError as error:
        raise ValueError(f"{error}") from None
    return entry


def _seconds(value: object) -> float:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        seconds = float(value)
        if _SHORTEST <= seconds <= _LONGEST:
            return seconds
    raise ValueError("must be a number of seconds from 0.1 to 86400")


_Seconds = Annotated[float, BeforeValidator(_seconds)]


class NetworkTable(Table):
    """How requests travel. What is not set is as in `[network]`, or as the environment says."""

    proxy: Annotated[str, AfterValidator(_proxy)] | None = None
    proxy_user: Text | None = None
    proxy_password_env: Variable | None = None
    proxy_password_command: SecretCommand = []
    no_proxy: list[Annotated[str, AfterValidator(_no_proxy)]] | None = None
    trust: Literal["system", "bundled", "none"] | None = None
    ca_bundle: File | None = None
    client_certificate: File | None = None
    client_key: File | None = None
    client_key_password_env: Variable | None = None
    client_key_password_command: SecretCommand = []
    connect_seconds: _Seconds | None = None
    first_seconds: _Seconds | None = None
    idle_seconds: _Seconds | None = None
    total_seconds: _Seconds | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A login is for one proxy, a key for one certificate: they stand in the same table."""
        password = bool(self.proxy_password_env or self.proxy_password_command)
        if (self.proxy_user or password) and not self.proxy:
            raise ValueError("needs `proxy` beside proxy_user or its password")
        if password != bool(self.proxy_user):
            raise ValueError(
                "needs proxy_user and one of proxy_password_env and proxy_password_command together"
            )
        key_password = self.client_key_password_env or self.client_key_password_command
        if (self.client_key or key_password) and not self.client_certificate:
            raise ValueError("needs `client_certificate` beside client_key or its password")
        return self


def network_of(table: NetworkTable, base: Network) -> Network:
    """The settings of a table over those it inherits.

    Raises:
        ValueError: They do not go together; the words follow the table's name in a sentence.
    """
    said = table.model_fields_set
    network = base
    if table.proxy is not None:
        password = _source(table.proxy_password_env, table.proxy_password_command)
        network = replace(network, proxy=Proxy(table.proxy, table.proxy_user, password))
    if table.no_proxy is not None:
        network = replace(network, no_proxy=tuple(table.no_proxy))
    if table.trust is not None:
        network = replace(network, trust=table.trust)
    if "ca_bundle" in said:
        network = replace(network, ca_bundle=_path(table.ca_bundle))
    if "client_certificate" in said:
        file = _path(table.client_certificate)
        password = _source(table.client_key_password_env, table.client_key_password_command)
        own = ClientCertificate(file, _path(table.client_key), password) if file else None
        network = replace(network, certificate=own)
    if network.trust == "none" and network.ca_bundle is None:
        raise ValueError('says trust = "none", which needs a ca_bundle: nothing would be trusted')
    limits = {
        "connect": table.connect_seconds,
        "first": table.first_seconds,
        "idle": table.idle_seconds,
        "total": table.total_seconds,
    }
    own_limits = {name: value for name, value in limits.items() if value is not None}
    return replace(network, seconds=replace(network.seconds, **own_limits))


def _source(variable: str | None, command: list[str]) -> SecretSource | None:
    return SecretSource(variable, tuple(command)) if variable or command else None


def _path(name: str | None) -> Path | None:
    return Path(name).expanduser() if name else None
