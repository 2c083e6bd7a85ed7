"""Certificates, against real TLS on loopback: whom codefare believes, and what it shows of itself."""

from __future__ import annotations

import asyncio
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.wire.asking import Heard, ask
from tests.wire.network.addresses import HOST, PASSWORD, Opened, near, told
from tests.wire.proxies import Proxy as ProxyServer
from tests.wire.server import WireServer
from tests.wire.tls import Authority, strict_server
from tests.wire.vendors import LOCAL, OPENAI, at, openai_stream

from codefare.providers.http import Transport
from codefare.providers.network import ClientCertificate, Network, Proxy, SecretSource
from codefare.providers.trust import system_context


async def _reached(transport: Transport, context: ssl.SSLContext, name: str = "localhost") -> Heard:
    async with WireServer().running(context) as server:
        server.sse(*openai_stream("fine"))
        return await ask(transport, at(OPENAI, f"https://{name}:{server.port}/v1"))


@pytest.mark.parametrize("form", ["pem", "der", "bundle"])
async def test_own_authority(
    authority: Authority, opened: Opened, tmp_path: Path, form: str
) -> None:
    """`ca_bundle` is believed besides the system's: PEM, several in one file, or DER as Windows exports it."""
    file = authority.file
    if form == "der":
        file = tmp_path / "authority.cer"
        file.write_bytes(ssl.PEM_cert_to_DER_cert(authority.file.read_text()))
    elif form == "bundle":
        file = tmp_path / "bundle.pem"
        other = Authority(tmp_path, "other")
        file.write_text(f"{other.file.read_text()}\n{authority.file.read_text()}")
    heard = await _reached(opened(Network(ca_bundle=file)), authority.server())
    assert heard.text == "fine"


@pytest.mark.parametrize(
    ("trust", "set_in_environment", "trusted"),
    [
        (None, False, False),
        (None, True, True),
        ("system", False, False),
        ("system", True, True),
        ("bundled", True, False),
    ],
)
async def test_whose_certificates_are_believed(
    authority: Authority,
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    trust: Any,
    *,
    set_in_environment: bool,
    trusted: bool,
) -> None:
    """SSL_CERT_FILE stands for the system's certificates; `trust = "bundled"` asks neither."""
    if set_in_environment:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    heard = await _reached(opened(Network(trust=trust)), authority.server())
    if trusted:
        assert heard.text == "fine"
    else:
        assert "is not trusted" in told(heard)
        assert "ca_bundle" in told(heard)
        assert heard.attempts == [1]


async def test_nothing_but_the_bundle(
    authority: Authority, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `trust = "none"` only the bundle's authorities are believed, whatever the system says."""
    other = Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    transport = opened(Network(trust="none", ca_bundle=authority.file))
    assert (await _reached(transport, authority.server())).text == "fine"
    assert "is not trusted" in told(await _reached(transport, other.server()))


def test_system_without_certificates(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where OpenSSL finds nothing, the usual places are looked at; a bare container uses the bundled ones."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    found = system_context((str(tmp_path / "no"), str(authority.file)))
    assert found.cert_store_stats()["x509_ca"] == 1
    bundled = system_context(())
    assert bundled.cert_store_stats()["x509_ca"] > 50
    assert bundled.verify_mode is ssl.CERT_REQUIRED
    assert bundled.check_hostname


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere truststore asks the system itself")
async def test_truststore_fits_in(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """What macOS and Windows use does all that is asked of a context: bundle, client certificate, refusal."""
    from codefare.providers.trust import client_context

    own = Network(ca_bundle=authority.file, certificate=ClientCertificate(authority.client()))
    async with WireServer().running(authority.wanting("localhost")) as server:
        for network, fine in ((own, True), (Network(), False)):
            context = client_context(network, platform="darwin")
            assert type(context).__module__ == "truststore._api"
            opening = asyncio.open_connection("localhost", server.port, ssl=context)
            if fine:
                _, writer = await opening
                writer.close()
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    await opening


BAD = [
    ({"names": ("other.example",)}, "is for another name (localhost)", "base_url"),
    ({"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, "has expired", "clock"),
]


@pytest.mark.parametrize(("how", "says", "remedy"), BAD)
async def test_certificates_that_do_not_hold(
    authority: Authority, opened: Opened, how: dict[str, Any], says: str, remedy: str
) -> None:
    """Each fault of a certificate is told for what it is, with its own remedy, and not tried again."""
    how = dict(how)
    context = authority.server(*how.pop("names", ()), **how)
    heard = await _reached(opened(Network(ca_bundle=authority.file)), context)
    assert says in told(heard)
    assert remedy in told(heard)
    assert heard.attempts == [1]


async def test_proxy_that_is_not_trusted(authority: Authority, opened: Opened) -> None:
    """It is the proxy's certificate that is not trusted, not the provider's."""
    async with ProxyServer().running(tls=authority.server("localhost")) as proxy:
        url = proxy.url("https")
        heard = await ask(opened(Network(Proxy(url))), at(OPENAI, f"https://{HOST}/v1"))
    assert f"The certificate of the proxy {url} is not trusted" in told(heard)


async def test_local_servers_certificate(authority: Authority, opened: Opened) -> None:
    """For a server of one's own, too, the remedy is about its certificate, not about starting it."""
    async with WireServer().running(authority.server()) as server:
        heard = await ask(opened(), at(LOCAL, near(server.port)))
    assert "ca_bundle" in told(heard)


@pytest.mark.parametrize("protected", [False, True])
async def test_client_certificate(
    authority: Authority, opened: Opened, tmp_path: Path, *, protected: bool
) -> None:
    """Mutual TLS, with the key in the same file, or in one of its own that a password opens."""
    file, own, environ = authority.client(), ClientCertificate(authority.client()), {}
    if protected:
        key = _encrypted(file, tmp_path)
        own, environ = (
            ClientCertificate(file, key, SecretSource("KEY_WORD")),
            {"KEY_WORD": PASSWORD},
        )
    network = Network(ca_bundle=authority.file, certificate=own)
    heard = await _reached(opened(network, environ=environ), authority.wanting())
    assert heard.text == "fine"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("other", [False, True], ids=["none", "other"])
async def test_client_certificate_that_is_refused(
    authority: Authority,
    opened: Opened,
    tmp_path: Path,
    version: ssl.TLSVersion,
    *,
    other: bool,
) -> None:
    """A server that wants a certificate, or another one, says so in both versions of TLS."""
    context = authority.wanting()
    context.minimum_version = context.maximum_version = version
    own = ClientCertificate(Authority(tmp_path, "stranger").client("you")) if other else None
    with strict_server(context) as port:
        network = Network(ca_bundle=authority.file, certificate=own)
        heard = await ask(opened(network), at(OPENAI, near(port)))
    assert "wants a client certificate, or another one" in told(heard)
    assert "client_certificate" in told(heard)
    assert heard.attempts == [1]


async def test_old_tls(authority: Authority, opened: Opened) -> None:
    """A server that only knows an old TLS is refused, and told why."""
    context = authority.server()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with strict_server(context) as port:
        heard = await ask(opened(Network(ca_bundle=authority.file)), at(OPENAI, near(port)))
    assert "no version of TLS that is still safe" in told(heard)
    assert heard.attempts == [1]


async def test_server_without_tls(server: WireServer, opened: Opened) -> None:
    """TLS to a server that speaks plain HTTP says so."""
    async with ProxyServer(does="chatter").running() as plain:
        heard = await ask(opened(), at(OPENAI, near(plain.port)))
    assert "does not speak TLS at this address" in told(heard)
    assert "base_url" in told(heard)


def _encrypted(file: Path, folder: Path) -> Path:
    """The key of a PEM file, encrypted."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(file.read_bytes(), None)
    protected = folder / "protected.pem"
    protected.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )
    return protected


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing bundle", "No such file"),
        ("folder for a bundle", "cannot be read"),
        ("bundle that is none", "holds no certificate"),
        ("empty bundle", "holds no certificate"),
        ("missing certificate", "No such file"),
        ("certificate that is none", "is not PEM"),
        ("no key", "the key is missing"),
        ("another key", "does not belong to"),
        ("no password", "is encrypted"),
        ("wrong password", "does not open"),
        ("environment", "SSL_CERT_FILE"),
    ],
)
async def test_files_that_cannot_be_used(
    authority: Authority,
    opened: Opened,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    says: str,
) -> None:
    """A file that is missing or wrong is named with its setting; no request is sent, none is tried again."""
    text = tmp_path / "text.txt"
    text.write_text("no certificate" if "empty" not in name else "")
    nothing, mine, yours = tmp_path / "nothing", authority.client(), authority.client("you")
    bare = tmp_path / "bare.pem"
    bare.write_text("-----BEGIN CERT" + mine.read_text().partition("-----BEGIN CERT")[2])
    locked = _encrypted(mine, tmp_path)
    networks = {
        "missing bundle": Network(ca_bundle=nothing),
        "folder for a bundle": Network(ca_bundle=tmp_path),
        "bundle that is none": Network(ca_bundle=text),
        "empty bundle": Network(ca_bundle=text),
        "missing certificate": Network(certificate=ClientCertificate(nothing)),
        "certificate that is none": Network(certificate=ClientCertificate(text)),
        "no key": Network(certificate=ClientCertificate(bare)),
        "another key": Network(certificate=ClientCertificate(mine, yours)),
        "no password": Network(certificate=ClientCertificate(mine, locked)),
        "wrong password": Network(
            certificate=ClientCertificate(mine, locked, SecretSource("KEY_WORD"))
        ),
    }
    if name == "environment":
        monkeypatch.setenv("SSL_CERT_FILE", str(nothing))
    transport = opened(networks.get(name), environ={"KEY_WORD": PASSWORD + "x"})
    async with WireServer().running(authority.server()) as server:
        heard = await ask(transport, at(OPENAI, near(server.port)))
        assert server.requests == []
    assert says in told(heard)
    assert heard.attempts == [1]
