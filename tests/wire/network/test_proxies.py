"""Proxies, real ones on loopback: the way to a provider, with a login or without."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.network.addresses import HOST, PASSWORD, Opened, far, near, told, unknown
from tests.wire.proxies import Proxy as ProxyServer
from tests.wire.proxies import Socks
from tests.wire.server import WireServer
from tests.wire.tls import Authority
from tests.wire.vendors import ANTHROPIC, LOCAL, OPENAI, anthropic_stream, at, openai_stream

from codefare.providers.network import (
    ClientCertificate,
    Network,
    Networks,
    Proxy,
    Seconds,
    SecretSource,
)
from codefare.providers.wires import Wires


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


async def test_providers_alike_share_a_client(authority: Authority) -> None:
    """Settings that differ in time limits alone share one client: to make one takes 30 ms."""
    patient = Network(ca_bundle=authority.file, seconds=Seconds(idle=4.0))
    wires = Wires(Networks(Network(ca_bundle=authority.file), {"anthropic": patient}))
    one = await wires.open("openai", "https://one.example.com")
    assert await wires.open("anthropic", "https://two.example.com") is one
    await wires.aclose()


@pytest.mark.parametrize("where", ["settings", "environment"])
async def test_hosts_without_a_proxy(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A host under no_proxy is called directly; NO_PROXY serves where the settings are silent."""
    unknown(monkeypatch, HOST)
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
