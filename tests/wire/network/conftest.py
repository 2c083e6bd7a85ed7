"""Servers with TLS, and transports with network settings of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.wire.network.addresses import HOST, Opened
from tests.wire.server import WireServer
from tests.wire.tls import Authority

from codefare.providers.http import Limits, Transport
from codefare.providers.network import Network, Networks

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may sit behind a proxy."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Signs the servers' certificates."""
    return Authority(tmp_path)


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Makes transports that do not wait between retries, and closes them."""
    transports: list[Transport] = []

    def make(
        default: Network | None = None,
        own: dict[str, Network] | None = None,
        environ: dict[str, str] | None = None,
        **limits: float,
    ) -> Transport:
        networks = Networks(default or Network(), own or {})
        allowed = Limits(**({"first": 5.0, "idle": 5.0, "connect": 5.0} | limits))  # type: ignore[arg-type]
        transport = Transport(allowed, networks=networks, environ=environ or {}, sleep=_no_sleep)
        transports.append(transport)
        return transport

    yield make
    for transport in transports:
        await transport.aclose()


async def _no_sleep(_seconds: float) -> None:
    return


@pytest.fixture
async def secure(authority: Authority) -> AsyncIterator[WireServer]:
    """A TLS server for HOST and for localhost."""
    async with WireServer().running(authority.server(HOST, "localhost")) as running:
        yield running
