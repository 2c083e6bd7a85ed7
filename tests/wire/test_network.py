"""Proxies, certificates and time limits, against real proxies and real TLS on loopback."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import sys
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.wire.asking import Heard, ask, ask_whole
from tests.wire.proxies import Proxy as ProxyServer
from tests.wire.proxies import Socks
from tests.wire.server import Step, WireServer
from tests.wire.tls import Authority, strict_server
from tests.wire.vendors import ANTHROPIC, LOCAL, OPENAI, anthropic_stream, at, openai_stream

from codefare.errors import Unreachable
from codefare.providers.http import Limits, Transport
from codefare.providers.network import (
    ClientCertificate,
    Network,
    Networks,
    Proxy,
    Seconds,
    SecretSource,
)
from codefare.providers.trust import system_context

HOST = "api.example.test"
PASSWORD = "canaryPASSWORDcanary"  # noqa: S105 - it is to be found nowhere
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
Opened = Callable[..., Transport]


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


def far(server: WireServer) -> str:
    """The server's address by a name that only a proxy knows."""
    return f"https://{HOST}:{server.port}/v1"


def near(port: int) -> str:
    """An address on this machine, with TLS."""
    return f"https://localhost:{port}/v1"


def told(heard: Heard) -> str:
    """The error as a user reads it; nothing of a password is in it or in its traceback."""
    assert isinstance(heard.error, Unreachable)
    assert PASSWORD not in "".join(traceback.format_exception(heard.error))
    return heard.error.text


# Proxies


async def test_proxy_of_the_settings(
    secure: WireServer, authority: Authority, opened: Opened
) -> None:
    """Requests go through the proxy by CONNECT; the key and the code are TLS to it."""
    secure.sse(*openai_stream("far"))
    async with ProxyServer().running() as proxy:
        transport = opened(Network(Proxy(proxy.url()), ca_bundle=authority.file))
        heard = await ask_whole(transport, at(OPENAI, far(secure)))
    assert heard.text == "far"
    assert proxy.asked == [f"{HOST}:{secure.port}"]
    assert proxy.passed > 1000
    assert "authorization" not in proxy.heads[0].lower()


@pytest.mark.parametrize("source", ["variable", "command"])
async def test_proxy_with_a_login(
    secure: WireServer, authority: Authority, opened: Opened, source: str
) -> None:
    """The password comes from a variable or a command, and reaches the proxy alone."""
    secure.sse(*openai_stream("far"))
    password = SecretSource("PROXY_WORD")
    if source == "command":
        password = SecretSource(command=(sys.executable, "-c", f"print({PASSWORD!r})"))
    async with ProxyServer(login=("me", PASSWORD)).running() as proxy:
        network = Network(Proxy(proxy.url(), "me", password), ca_bundle=authority.file)
        transport = opened(network, environ={"PROXY_WORD": PASSWORD})
        heard = await ask_whole(transport, at(OPENAI, far(secure)))
    assert heard.text == "far"
    assert proxy.logins == [("me", PASSWORD)]
    assert PASSWORD not in str(secure.requests[0].headers)


async def test_environments_proxy_with_a_login(
    secure: WireServer, opened: Opened, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTPS_PROXY may hold a login, as everywhere; special characters are percent-encoded."""
    secure.sse(*openai_stream("far"))
    async with ProxyServer(login=("me", "a/b@c")).running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url(login="me:a%2Fb%40c@"))
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        heard = await ask_whole(opened(), at(OPENAI, far(secure)))
    assert heard.text == "far"


async def test_each_provider_goes_its_own_way(
    secure: WireServer, authority: Authority, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process one provider uses the proxy for all, one its own, and one none."""
    secure.sse(*openai_stream("one"))
    secure.sse(*anthropic_stream("two"))
    async with ProxyServer().running() as common, ProxyServer().running() as own:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        base = Network(Proxy(common.url()), ca_bundle=authority.file)
        special = Network(Proxy(own.url()), ca_bundle=authority.file)
        none = Network(Proxy(""), ca_bundle=authority.file)
        transport = opened(base, {"anthropic": special, "local": none})
        assert (await ask_whole(transport, at(OPENAI, far(secure)))).text == "one"
        assert (await ask_whole(transport, at(ANTHROPIC, far(secure)))).text == "two"
        secure.sse(*openai_stream("three"))
        assert (await ask_whole(transport, at(LOCAL, near(secure.port)))).text == "three"
    assert (len(common.asked), len(own.asked)) == (1, 1)


async def test_providers_alike_share_connections(
    secure: WireServer, authority: Authority, opened: Opened
) -> None:
    """Settings that differ in time limits alone share one client and its open connection."""
    secure.sse(*openai_stream("one"))
    secure.sse(*anthropic_stream("two"))
    patient = Network(ca_bundle=authority.file, seconds=Seconds(idle=4.0))
    transport = opened(Network(ca_bundle=authority.file), {"anthropic": patient})
    await ask_whole(transport, at(OPENAI, near(secure.port)))
    await ask_whole(transport, at(ANTHROPIC, near(secure.port)))
    assert [request.connection for request in secure.requests] == [1, 1]


@pytest.mark.parametrize("where", ["settings", "environment"])
async def test_hosts_without_a_proxy(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A host under no_proxy is called directly; NO_PROXY serves where the settings are silent."""
    _unknown_host(monkeypatch, HOST)
    async with ProxyServer().running() as proxy:
        network = Network(Proxy(proxy.url()), no_proxy=(".example.test",))
        if where == "environment":
            monkeypatch.setenv("HTTPS_PROXY", proxy.url())
            monkeypatch.setenv("NO_PROXY", "nonsense:x, example.test:443")
            network = Network()
        heard = await ask(opened(network), at(OPENAI, f"https://{HOST}/v1"))
    assert f"nothing is known under its name ({HOST})" in told(heard)
    assert proxy.asked == []
    assert len(heard.attempts) == 3


async def test_empty_no_proxy_of_the_settings_counts(
    secure: WireServer, authority: Authority, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`no_proxy = []` is a setting: the environment's NO_PROXY is not asked."""
    monkeypatch.setenv("NO_PROXY", "*")
    secure.sse(*openai_stream("far"))
    async with ProxyServer().running() as proxy:
        network = Network(Proxy(proxy.url()), no_proxy=(), ca_bundle=authority.file)
        assert (await ask_whole(opened(network), at(OPENAI, far(secure)))).text == "far"


async def test_proxy_by_tls(authority: Authority, opened: Opened) -> None:
    """An https proxy is spoken to by TLS, and is not shown the client certificate."""
    tls = authority.wanting("localhost")
    tls.verify_mode = ssl.CERT_OPTIONAL
    async with WireServer().running(authority.wanting(HOST)) as server:
        server.sse(*openai_stream("far"))
        async with ProxyServer().running(tls=tls) as proxy:
            own = ClientCertificate(authority.client())
            network = Network(Proxy(proxy.url("https")), ca_bundle=authority.file, certificate=own)
            heard = await ask_whole(opened(network), at(OPENAI, far(server)))
    assert heard.text == "far"
    assert proxy.asked == [f"{HOST}:{server.port}"]
    assert proxy.shown == [None]


@pytest.mark.parametrize("login", [None, ("me", PASSWORD)])
async def test_socks_proxy(
    secure: WireServer, authority: Authority, opened: Opened, login: tuple[str, str] | None
) -> None:
    """A SOCKS5 proxy passes requests on and looks the name up itself."""
    secure.sse(*openai_stream("far"))
    async with Socks(login=login).running() as proxy:
        password = SecretSource("W") if login else None
        where = Proxy(proxy.url("socks5"), login and login[0], password)
        transport = opened(Network(where, ca_bundle=authority.file), environ={"W": PASSWORD})
        heard = await ask_whole(transport, at(OPENAI, far(secure)))
    assert heard.text == "far"
    assert proxy.asked == [f"{HOST}:{secure.port}"]


async def test_socks_needs_an_extra(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package for it, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    monkeypatch.setenv("ALL_PROXY", f"socks5://me:{PASSWORD}@127.0.0.1:1")
    heard = await ask(opened(), at(OPENAI, f"https://{HOST}/v1"))
    assert 'pip install "codefare[socks]"' in told(heard)
    assert "ALL_PROXY" in told(heard)
    assert heard.attempts == [1]


REFUSALS: list[tuple[type[ProxyServer], dict[str, Any], list[str], int]] = [
    (ProxyServer, {"login": ("me", "x")}, ["asks for a user name", "proxy_password_env"], 1),
    (ProxyServer, {"answer": 403}, [f"does not allow connections to {HOST}", "no_proxy"], 1),
    (ProxyServer, {"answer": 503}, [f"cannot reach {HOST}"], 3),
    (ProxyServer, {"answer": 418}, ["refused the connection", "418"], 1),
    (ProxyServer, {"does": "hang"}, ["did not open the way", "in time"], 3),
    (ProxyServer, {"does": "close"}, ["does not answer as an HTTP proxy"], 1),
    (ProxyServer, {"does": "chatter"}, ["does not answer as an HTTP proxy"], 1),
    (Socks, {"login": ("me", "x")}, ["asks for a user name"], 1),
    (Socks, {"answer": 2}, ["does not allow"], 1),
    (Socks, {"answer": 4}, [f"cannot reach {HOST}"], 3),
    (Socks, {"does": "close"}, ["does not answer as SOCKS5 proxy"], 1),
    (Socks, {"does": "chatter"}, ["does not answer as SOCKS5 proxy"], 1),
    (Socks, {"does": "hang"}, ["did not open the way", "in time"], 3),
]


@pytest.mark.parametrize(("kind", "how", "says", "attempts"), REFUSALS)
async def test_proxies_that_refuse(
    opened: Opened,
    kind: type[ProxyServer],
    how: dict[str, Any],
    says: list[str],
    attempts: int,
) -> None:
    """The error names the proxy, what it did and the setting; what may pass is tried again."""
    async with kind(**how).running() as proxy:
        url = proxy.url("socks5" if kind is Socks else "http")
        connect = 0.1 if how.get("does") == "hang" else 5.0
        transport = opened(Network(Proxy(url)), connect=connect)
        heard = await ask(transport, at(OPENAI, f"https://{HOST}/v1"))
    for words in (url, *says):
        assert words in told(heard)
    assert len(heard.attempts) == attempts


@pytest.mark.parametrize("kind", [ProxyServer, Socks])
async def test_wrong_password_is_asked_for_anew(
    secure: WireServer, authority: Authority, opened: Opened, kind: type[ProxyServer]
) -> None:
    """A login that the proxy does not accept is told as such; the next action looks the password up again."""
    secure.sse(*openai_stream("far"))
    environ = {"WORD": PASSWORD}
    async with kind(login=("me", "new")).running() as proxy:
        url = proxy.url("socks5" if kind is Socks else "http")
        where = Proxy(url, "me", SecretSource("WORD"))
        transport = opened(Network(where, ca_bundle=authority.file), environ=environ)
        heard = await ask(transport, at(OPENAI, far(secure)))
        assert "did not accept the user name and password" in told(heard)
        assert "proxy_user" in told(heard)
        assert heard.attempts == [1]
        environ["WORD"] = "new"
        assert (await ask_whole(transport, at(OPENAI, far(secure)))).text == "far"


async def test_login_for_clear_text(server: WireServer, opened: Opened) -> None:
    """A proxy that asks for a login where it passes requests on itself is told as one, too."""
    async with ProxyServer(login=("me", "x")).running() as proxy:
        transport = opened(Network(Proxy(proxy.url())))
        heard = await ask(transport, at(OPENAI, f"http://{HOST}:{server.port}/v1"))
    assert "asks for a user name and password" in told(heard)
    assert server.requests == []


async def test_proxy_that_is_not_there(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the proxy that cannot be reached, not the provider; its login is not shown."""
    async with ProxyServer().running() as gone:
        port = gone.port
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{PASSWORD}@127.0.0.1:{port}")
    heard = await ask(opened(), at(OPENAI, f"https://{HOST}/v1"))
    assert f"The proxy http://127.0.0.1:{port} cannot be reached." in told(heard)
    assert "HTTPS_PROXY" in told(heard)
    assert len(heard.attempts) == 3


async def test_proxy_without_an_address(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy's own name may be the one that nothing is known of."""
    _unknown_host(monkeypatch, "proxy.example.test")
    transport = opened(Network(Proxy("http://proxy.example.test:3128")))
    heard = await ask(transport, at(OPENAI, f"https://{HOST}/v1"))
    assert "The proxy http://proxy.example.test:3128 cannot be found" in told(heard)


@pytest.mark.parametrize("value", ["ftp://127.0.0.1", "http://", "http://[::1", "gopher:x"])
async def test_environments_proxy_that_is_none(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    """An environment's proxy that cannot be one is named by its variable, without its value."""
    monkeypatch.setenv("HTTPS_PROXY", value.replace("//", f"//u:{PASSWORD}@"))
    heard = await ask(opened(), at(OPENAI, f"https://{HOST}/v1"))
    assert "HTTPS_PROXY" in told(heard)
    assert heard.attempts == [1]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (SecretSource("NOT_SET"), "Set NOT_SET"),
        (SecretSource(command=(sys.executable, "-c", f"print({PASSWORD!r}); exit(3)")), "code 3"),
        (SecretSource(command=("no-such-program-here",)), "is not on the PATH"),
    ],
)
async def test_password_that_is_not_there(opened: Opened, source: SecretSource, says: str) -> None:
    """Without its password the proxy is not asked at all; nothing of the command's output is told."""
    async with ProxyServer().running() as proxy:
        transport = opened(Network(Proxy(proxy.url(), "me", source)))
        heard = await ask(transport, at(OPENAI, f"https://{HOST}/v1"))
    assert says in told(heard)
    assert proxy.asked == []


async def test_no_password_in_any_log(
    authority: Authority, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy's password is in no log record, accepted or not, at the most verbose level."""
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx", "httpcore", "codefare", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=logger)
    async with WireServer().running(authority.server(HOST)) as server:
        server.sse(*openai_stream("far"))
        for word in (PASSWORD, "other"):
            async with ProxyServer(login=("me", word)).running() as proxy:
                where = Proxy(proxy.url(), "me", SecretSource("WORD"))
                network = Network(where, ca_bundle=authority.file)
                transport = opened(network, environ={"WORD": PASSWORD})
                await ask(transport, at(OPENAI, far(server)))
                assert proxy.logins == [("me", PASSWORD)]
    assert caplog.records
    for record in caplog.records:
        assert "canary" not in f"{record.getMessage()} {record.args!r}".replace("sk-canary", "")


async def test_this_machine_needs_nothing_of_it(server: WireServer, opened: Opened) -> None:
    """A local server is reached whatever is wrong with the network settings."""
    server.sse(*openai_stream("here"))
    broken = Network(
        Proxy("http://127.0.0.1:1", "me", SecretSource("NOT_SET")),
        ca_bundle=Path("/nowhere/ca.pem"),
    )
    assert (await ask_whole(opened(broken), at(LOCAL, server.url))).text == "here"


async def test_warming_up_runs_no_command(tmp_path: Path, opened: Opened) -> None:
    """The command for a proxy's password runs at the first request, not when the server starts."""
    mark = tmp_path / "ran"
    command = (sys.executable, "-c", f"open({str(mark)!r}, 'w'); print('x')")
    async with ProxyServer(answer=403).running() as proxy:
        transport = opened(Network(Proxy(proxy.url(), "me", SecretSource(command=command))))
        await transport.warm_up()
        assert not mark.exists()
        await ask(transport, at(OPENAI, f"https://{HOST}/v1"))
        assert mark.exists()


# Certificates


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


# Time limits


async def test_time_limits_of_one_provider(server: WireServer, opened: Opened) -> None:
    """A provider's own limits replace the usual ones, for it alone."""
    hurried = Network(seconds=Seconds(first=0.1, idle=0.2, total=60))
    transport = opened(Network(), {"openai": hurried})
    server.sse(Step.HANG)
    server.sse(Step.HANG)
    heard = await ask(transport, at(OPENAI, server.url))
    assert "sent nothing for 0" in told(heard)
    server.sse(*openai_stream("x")[:-2], Step.HANG)
    cut = await ask(transport, at(OPENAI, server.url))
    assert cut.error is not None
    assert cut.error.partial
    server.sse(*anthropic_stream("slow"))
    assert (await ask_whole(transport, at(ANTHROPIC, server.url))).text == "slow"


async def test_server_that_never_shakes_hands(opened: Opened) -> None:
    """`connect_seconds` covers TLS: a server that accepts and says nothing is given up."""
    async with ProxyServer(does="hang").running() as mute:
        hurried = Network(seconds=Seconds(connect=0.1))
        heard = await ask(opened(Network(), {"openai": hurried}), at(OPENAI, near(mute.port)))
    assert "did not answer in time" in told(heard)
    assert len(heard.attempts) == 3


async def test_slow_answers_are_not_slow_connections(opened: Opened) -> None:
    """Once a connection stands, the limit for making it is over: the first byte may come much later."""
    asked, later = asyncio.Event(), asyncio.Event()
    answer = b"".join(openai_stream("late"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await later.wait()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + answer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        transport = opened(Network(seconds=Seconds(connect=0.1)))
        asking = asyncio.create_task(ask_whole(transport, at(OPENAI, url)))
        await asked.wait()
        asyncio.get_running_loop().call_later(0.3, later.set)
        heard = await asking
    assert heard.text == "late"
    assert heard.attempts == [1]


def _unknown_host(monkeypatch: pytest.MonkeyPatch, unknown: str) -> None:
    """Nothing is known under this name; the resolver of the machine is not asked."""
    known = socket.getaddrinfo

    def look(host: Any, *arguments: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name == unknown:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look)
