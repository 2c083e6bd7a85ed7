"""How requests travel: proxies, the certificates to trust and to show, and time limits.

Only the user's own config.toml says any of it: `[network]` for all, `[providers.ID.network]` for one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Trust = Literal["system", "bundled", "none"]


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a password comes from: an environment variable, or else a command that prints it."""

    variable: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy's address without any password; an empty one means that there is to be none."""

    url: str
    user: str | None = None
    password: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The user's own certificate, a PEM file; its private key is in the same file or in `key`."""

    file: Path
    key: Path | None = None
    password: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class Seconds:
    """Time limits in seconds; None leaves codefare's own.

    `connect` is until the connection stands, proxy and TLS included; `first` until the first text,
    `idle` between two pieces of the answer, `total` for all attempts at one answer together.
    """

    connect: float | None = None
    first: float | None = None
    idle: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach a provider. None: as the environment says.

    `no_proxy` are the hosts that are reached directly. `trust` says whose certificates are believed;
    those in `ca_bundle`, a PEM file, are believed besides.
    """

    proxy: Proxy | None = None
    no_proxy: tuple[str, ...] | None = None
    trust: Trust | None = None
    ca_bundle: Path | None = None
    certificate: ClientCertificate | None = None
    seconds: Seconds = Seconds()

    @property
    def proxy_password(self) -> SecretSource | None:
        """Where the proxy's password comes from."""
        return self.proxy.password if self.proxy is not None else None

    @property
    def key_password(self) -> SecretSource | None:
        """Where the client key's password comes from."""
        return self.certificate.password if self.certificate is not None else None

    @property
    def runs_a_command(self) -> bool:
        """Whether a command has to be run for a password before a connection can be made."""
        sources = (self.proxy_password, self.key_password)
        return any(source is not None and source.command for source in sources)

    @property
    def connection(self) -> Network:
        """All but the time limits: providers for which this is the same share their connections."""
        return replace(self, seconds=Seconds())


@dataclass(frozen=True, slots=True)
class Networks:
    """The network settings of each provider."""

    default: Network = Network()
    by_provider: Mapping[str, Network] = field(default_factory=dict)

    def of(self, provider: str | None) -> Network:
        """Those for a provider's id; None stands for a request to no provider."""
        return self.by_provider.get(provider or "", self.default)
