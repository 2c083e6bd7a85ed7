"""Proxies that refuse, are not there or cannot be logged in to: what the user is told, and what he is not."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from tests.wire.asking import ask, ask_whole
from tests.wire.network.addresses import HOST, PASSWORD, Opened, far, told, unknown
from tests.wire.proxies import Proxy as ProxyServer
from tests.wire.proxies import Socks
from tests.wire.server import WireServer
from tests.wire.tls import Authority
from tests.wire.vendors import OPENAI, at, openai_stream

from codefare.providers.network import Network, Proxy, SecretSource


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
    unknown(monkeypatch, "proxy.example.test")
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
