"""What the doctor finds at providers, against real servers."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.doctor.conftest import (
    CATALOG,
    KEY,
    NOW,
    Providers,
    by_id,
    diagnose,
    listed,
    offered,
    page,
)
from tests.wire.server import Answer, Step, WireServer, refusal

from codefare.doctor.finding import State, diagnosis_json
from codefare.doctor.providers import inspected
from codefare.providers.fetched import Fetched, Tls, tls_of
from codefare.providers.inspection import Inspection

ANTHROPIC = "/v1/models?limit=1000"


async def test_a_provider_that_is_well(providers: Providers) -> None:
    """Its key is taken, it answers, it has all models; nothing but free requests is sent, and no code."""
    server = await providers.serve("openai", **{"/models": listed(*offered("openai"))})
    diagnosis = await diagnose()
    found = by_id(diagnosis)
    assert found["provider.openai.key"].text == "in OPENAI_API_KEY, taken"
    assert f"127.0.0.1:{server.port} answers in " in found["provider.openai.connection"].text
    assert f"all {len(offered('openai'))} " in found["provider.openai.models"].text
    assert {one.state for id_, one in found.items() if "openai" in id_} == {State.OK}
    assert diagnosis.asked == ("OpenAI",)
    assert [(r.method, r.path, r.body) for r in server.requests] == [("GET", "/models", b"")]
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "content-type" not in server.requests[0].headers
    assert found["models.usable"].state is State.OK
    assert f"{len(offered('openai'))} at OpenAI" in found["models.usable"].text


async def test_anthropics_list_is_read_to_its_end(providers: Providers) -> None:
    """Page after page, with its own headers; a model that is listed with its day is there."""
    names = [f"{name}-20260101" for name in offered("anthropic")]
    first = {"data": [{"id": names[0]}], "has_more": True, "last_id": names[0]}
    rest = {"data": [{"id": name} for name in names[1:]], "has_more": False, "last_id": names[-1]}
    more = f"{ANTHROPIC}&after_id={names[0]}"
    server = await providers.serve("anthropic", **{ANTHROPIC: page(first), more: page(rest)})
    found = by_id(await diagnose())
    assert found["provider.anthropic.models"].state is State.OK
    assert [r.path for r in server.requests] == [ANTHROPIC, more]
    assert all(r.headers["x-api-key"] == KEY for r in server.requests)
    assert all(r.headers["anthropic-version"] for r in server.requests)


async def test_a_list_without_end_is_not_read_for_ever(providers: Providers) -> None:
    """A server that always has one more page is left after a few."""
    endless = {"data": [{"id": "m"}], "has_more": True, "last_id": "m"}
    more = f"{ANTHROPIC}&after_id=m"
    server = await providers.serve("anthropic", **{ANTHROPIC: page(endless), more: page(endless)})
    await diagnose()
    assert len(server.requests) == 5


TROUBLES = [
    (401, {"message": f"Incorrect API key provided: {KEY}"}, "key", State.PROBLEM),
    (403, {"message": "not allowed"}, "key", State.PROBLEM),
    (402, {"message": "Insufficient Balance"}, "account", State.PROBLEM),
    (429, {"code": "insufficient_quota", "message": "pay"}, "account", State.PROBLEM),
    (429, {"message": "slow down"}, "account", State.WARNING),
    (503, {"message": "busy"}, "connection", State.WARNING),
    (302, {"message": "moved"}, "connection", State.PROBLEM),
    (400, {"message": "what?"}, "connection", State.PROBLEM),
]


async def test_each_refusal_is_told_of_what_it_is_about(providers: Providers) -> None:
    """The key, the account or the connection, with what to do; the key is nowhere, even if the server says it."""
    server = await providers.serve("deepseek")
    for status, error, about, state in TROUBLES:
        server.paths["/models"] = refusal(status, {"error": error})
        diagnosis = await diagnose()
        finding = next(f for f in diagnosis.findings if f.id == f"provider.deepseek.{about}")
        assert (status, finding.state) == (status, state)
        assert str(status) in finding.text
        assert finding.remedy
        assert KEY not in json.dumps(diagnosis_json(diagnosis))
        usable = by_id(diagnosis)["models.usable"]
        assert usable.state is State.WARNING
        assert "none, since DeepSeek cannot serve" in usable.text
    # The key was sent nowhere else, and no request twice.
    assert len(server.requests) == len(TROUBLES)


async def test_a_refused_key_names_where_it_came_from_and_other_addresses(
    providers: Providers,
) -> None:
    """Some vendors' keys are only known at another address: that is said."""
    await providers.serve("moonshot", **{"/models": refusal(401, {})})
    finding = by_id(await diagnose())["provider.moonshot.key"]
    assert "MOONSHOT_API_KEY" in finding.text
    assert "api.moonshot.cn" in finding.remedy


async def test_a_redirect_is_not_followed(providers: Providers) -> None:
    """A key goes to its provider's own host alone."""
    async with WireServer().running() as other:
        moved = Answer((), 307, {"location": f"{other.url}/models"})
        await providers.serve("openai", **{"/models": moved})
        finding = by_id(await diagnose())["provider.openai.connection"]
        assert finding.state is State.PROBLEM
        assert "base_url" in finding.remedy
        assert other.requests == []


async def test_all_are_asked_at_once_and_none_waits_for_a_silent_one(providers: Providers) -> None:
    """Two that answer only when both were asked, and one that never does: told by name while it is waited for."""
    both = asyncio.Event()
    body = b'{"data": []}'
    held = Answer((both, body), 200, {"content-type": "application/json"})
    first = await providers.serve("openai", **{"/models": held})
    second = await providers.serve("zai", **{"/models": held})
    await providers.serve("deepseek", **{"/models": Answer((Step.HANG,))})

    async def open_the_gate() -> None:
        await first.asked.wait()
        await second.asked.wait()
        both.set()

    told: list[tuple[str, ...]] = []
    gate = asyncio.create_task(open_the_gate())
    found = by_id(await diagnose(seconds=1.0, waiting=told.append))
    await gate
    assert found["provider.openai.key"].text.endswith("taken")
    assert found["provider.zai.key"].text.endswith("taken")
    assert found["provider.deepseek.connection"].state is State.PROBLEM
    assert "did not answer within 1 s" in found["provider.deepseek.connection"].text
    assert found["provider.deepseek.key"].text.endswith("could not be tried")
    assert {"OpenAI", "z.ai", "DeepSeek"} <= set(told[told.index(max(told, key=len))])
    assert told[-1] == ()


async def test_nobody_there(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port where nobody listens, and a name without an address, are told apart."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("ZAI_API_KEY", KEY)
    providers.set("openai", 'base_url = "http://127.0.0.1:1"')
    providers.set("zai", 'base_url = "https://nobody.example"')
    real = socket.getaddrinfo

    def unknown(host: Any, *more: Any, **named: Any) -> Any:
        if host == "nobody.example":  # no test asks a real name server
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = by_id(await diagnose())
    text = found["provider.openai.connection"].text
    assert "cannot be reached. It was asked at " in text
    assert "cannot be found" in found["provider.zai.connection"].text
    assert found["provider.zai.connection"].remedy


async def test_what_is_no_list_is_told(providers: Providers) -> None:
    """A portal of the network may answer in place of the provider; that there is no list is no fault."""
    portal = Answer((b"<html>Log in</html>",), 200, {"content-type": "text/html"}, "length")
    await providers.serve("openai", **{"/models": portal})
    await providers.serve("zai", **{"/models": refusal(404, {})})
    await providers.serve("moonshot", **{"/models": page({"data": "none"})})
    found = by_id(await diagnose())
    assert found["provider.openai.connection"].state is State.PROBLEM
    assert found["provider.moonshot.connection"].state is State.PROBLEM
    assert "base_url" in found["provider.moonshot.connection"].remedy
    assert "provider.zai.models" not in found
    assert found["provider.zai.connection"].state is State.OK
    assert found["provider.zai.key"].text == "in ZAI_API_KEY, could not be tried"


async def test_a_model_that_is_not_listed_can_be_mended_as_told(
    providers: Providers,
) -> None:
    """The finding names the table of catalog.toml; with the new name there, all is well."""
    names = [name for name in offered("openai") if name != "gpt-6-luna"]
    await providers.serve("openai", **{"/models": listed(*names, "gpt-6-luna-renamed")})
    finding = by_id(await diagnose())["provider.openai.models"]
    assert finding.state is State.WARNING
    assert finding.text.endswith(": gpt-6-luna")
    table = '[models."gpt-6-luna".offerings.openai]'
    assert table in finding.remedy
    catalog = providers.file.with_name("catalog.toml")
    catalog.write_text(f'{table}\nwire_id = "gpt-6-luna-renamed"\n', "utf-8")
    assert by_id(await diagnose())["provider.openai.models"].state is State.OK


def router_list(factor: str) -> Answer:
    """OpenRouter's list with its price for one model: the catalog's, times a factor; a router has none."""
    price = CATALOG.models["claude-opus-4.6"].offerings[1].price_at(NOW)
    assert price is not None
    rates = [str(r.low * Decimal(factor) / 1_000_000) for r in (price.input, price.output)]
    rows: list[dict[str, Any]] = [{"id": name} for name in offered("openrouter")]
    rows = [row for row in rows if row["id"] != "anthropic/claude-opus-4.6"]
    pricing = {"prompt": rates[0], "completion": rates[1]}
    rows.append({"id": "anthropic/claude-opus-4.6", "pricing": pricing})
    rows.append({"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}})
    return page({"data": rows})


async def test_a_list_that_is_all_there_is(providers: Providers) -> None:
    """Some servers send the rows of their list without an object around them."""
    rows = [{"id": name} for name in offered("openai")]
    await providers.serve("openai", **{"/models": page(rows)})
    found = by_id(await diagnose())
    assert found["provider.openai.models"].state is State.OK


async def test_a_key_that_may_not_list(providers: Providers) -> None:
    """A key that is limited to asking models is not called refused: it could not be tried."""
    said = "You have insufficient permissions for this operation. Missing scopes: api.model.read."
    await providers.serve("openai", **{"/models": refusal(403, {"error": {"message": said}})})
    found = by_id(await diagnose())
    assert found["provider.openai.key"].text == "in OPENAI_API_KEY, could not be tried"
    assert {one.state for id_, one in found.items() if "openai" in id_} == {State.NOTE, State.OK}


async def test_a_list_of_nonsense(providers: Providers) -> None:
    """Rows, prices and dates may be anything: nothing of it is shown, and nothing breaks."""
    name = "anthropic/claude-opus-4.6"
    prices: list[Any] = ["NaN", "1e999999999", "-1", "x", None, 7, ["1"], "Infinity"]
    rows: list[Any] = [None, "x", {}, {"id": 5}, {"id": ["a"]}, {"id": "\x1b[2J"}]
    rows += [{"id": name, "pricing": {"prompt": one, "completion": one}} for one in prices]
    rows += [{"id": name, "pricing": "none"}]
    odd = page({"data": rows, "has_more": "yes", "last_id": 9}, date="Thu, 99 Foo 99999 99:99")
    await providers.serve("openrouter", **{"/models": odd, "/key": page([])})
    diagnosis = await diagnose()
    found = by_id(diagnosis)
    assert found["provider.openrouter.models"].state is State.WARNING
    assert "provider.openrouter.prices" not in found
    assert "\x1b" not in str(diagnosis.findings)


@pytest.mark.parametrize(
    ("factor", "state", "said"),
    [
        ("1", State.OK, "the catalog's prices for 1 models"),
        ("1.2", State.WARNING, "anthropic/claude-opus-4.6 6/30, in the catalog 5/25"),
        ("0.5", State.NOTE, "anthropic/claude-opus-4.6 2.5/12.5, in the catalog 5/25"),
    ],
)
async def test_listed_prices_are_compared(
    providers: Providers, factor: str, state: State, said: str
) -> None:
    """Dearer than the catalog is a warning, since ceilings rest on it; cheaper is good to know."""
    server = await providers.serve(
        "openrouter", **{"/models": router_list(factor), "/key": page({"data": {}})}
    )
    found = by_id(await diagnose())
    assert found["provider.openrouter.prices"].state is state
    assert said in found["provider.openrouter.prices"].text
    assert found["provider.openrouter.key"].text.endswith("taken")
    assert [r.path for r in server.requests] == ["/models", "/key"]


async def test_a_public_list_says_nothing_of_the_key(providers: Providers) -> None:
    """OpenRouter gives its list to everybody: the key is tried where it is needed."""
    await providers.serve("openrouter", **{"/models": router_list("1"), "/key": refusal(401, {})})
    found = by_id(await diagnose())
    assert found["provider.openrouter.key"].state is State.PROBLEM
    assert found["provider.openrouter.models"].state is State.OK


async def test_a_command_for_a_key_is_run(providers: Providers, tmp_path: Path) -> None:
    """Its program is named, what it printed is not; where it fails, that is the finding, and nobody is asked."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(f"#!/bin/sh\necho {KEY}\n")
    bad.write_text(f"#!/bin/sh\necho {KEY} >&2\nexit 3\n")
    for script in (good, bad):
        script.chmod(0o700)
    server = await providers.serve("openai", **{"/models": listed(*offered("openai"))})
    other = await providers.serve("zai")
    providers.set("openai", f'base_url = "{server.url}"', f'api_key_command = ["{good}"]')
    providers.set("zai", f'base_url = "{other.url}"', f'api_key_command = ["{bad}"]')
    diagnosis = await diagnose()
    found = by_id(diagnosis)
    assert found["provider.openai.key"].text == "in api_key_command (good), taken"
    assert found["provider.zai.key"].state is State.PROBLEM
    assert "(bad) failed with exit code 3" in found["provider.zai.key"].text
    assert other.requests == []
    assert diagnosis.asked == ("OpenAI",)
    assert KEY not in json.dumps(diagnosis_json(diagnosis))


async def test_a_key_with_a_line_end_is_told(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was set, and cannot be one: that is no missing key."""
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    finding = by_id(await diagnose())["provider.openai.key"]
    assert finding.state is State.PROBLEM
    assert "a line end" in finding.text


def http_date(seconds: int) -> str:
    """A server's clock that is so many seconds behind."""
    return (NOW - timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize(
    ("dates", "state", "said"),
    [
        ((0,), State.OK, "agrees"),
        ((60,), State.OK, "agrees"),
        ((61,), State.WARNING, "61 seconds ahead of"),
        ((-3 * 3600,), State.WARNING, "3 hours behind"),
        ((86_400, 5), State.OK, "agrees with that of z.ai"),
    ],
)
async def test_the_clock(
    providers: Providers, dates: tuple[int, ...], state: State, said: str
) -> None:
    """More than a minute off is a warning; one server of several may be wrong itself."""
    for name, date in zip(("openai", "zai"), dates, strict=False):
        await providers.serve(name, **{"/models": listed("m", date=http_date(date))})
    finding = by_id(await diagnose())["machine.clock"]
    assert (finding.state, said in finding.text) == (state, True), finding.text


async def test_a_clock_is_not_judged_by_a_cache_or_by_nonsense(providers: Providers) -> None:
    """An answer with an age is as old as that; and a server may say anything for a date."""
    await providers.serve("openai", **{"/models": listed("m", date=http_date(900), age="900")})
    await providers.serve("zai", **{"/models": listed("m", date="yesterday")})
    assert "machine.clock" not in by_id(await diagnose())


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A key and a certificate for loopback that vouches for itself, as a company's proxy does."""
    key, made = folder / f"key-{days}.pem", folder / f"made-{days}.pem"
    kind = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    name = ("-subj", "/O=Example Proxy/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    words = ("openssl", *kind, "-days", str(days), *name, "-keyout", key, "-out", made)
    subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return key, made


@pytest.mark.parametrize(("days", "state"), [(100, State.OK), (5, State.WARNING)])
async def test_tls(
    providers: Providers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: State
) -> None:
    """Who vouches for the server and for how long; that it is nobody whom browsers trust; that it ends soon."""
    key, made = await asyncio.to_thread(certificate, tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    server = WireServer()
    server.paths["/models"] = listed(*offered("openai"))
    async with server.running(context):
        providers.set("openai", f'base_url = "https://127.0.0.1:{server.port}"')
        # The real time: the certificate is as old as the test.
        diagnosis = await diagnose(now=lambda: NOW.now(NOW.tzinfo))
    found = [f for f in diagnosis.findings if f.id.startswith("provider.openai.")]
    connection = next(f for f in found if f.id.endswith(".connection"))
    assert f"TLSv1.3, certificate of Example Proxy for {days - 1} more days" in connection.text
    certificates = [f for f in found if f.id.endswith(".certificate")]
    assert any("private authority (Example Proxy)" in f.text for f in certificates)
    assert (max(f.state.grave for f in certificates) == State.WARNING.grave) is (
        state is State.WARNING
    )


async def test_a_certificate_that_nobody_vouches_for(
    providers: Providers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is told, with what a company's user does then; the key is not sent."""
    key, made = await asyncio.to_thread(certificate, tmp_path, 9)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    server = WireServer()
    async with server.running(context):
        providers.set("openai", f'base_url = "https://127.0.0.1:{server.port}"')
        finding = by_id(await diagnose())["provider.openai.connection"]
    assert finding.state is State.PROBLEM
    assert "not trusted" in finding.text
    assert "SSL_CERT_FILE" in finding.remedy
    assert server.requests == []


async def test_a_public_authority_is_known_as_such(tmp_path: Path) -> None:
    """The end of the verified chain is looked for among those that browsers trust."""
    key, made = await asyncio.to_thread(certificate, tmp_path, 9)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(made, key)
    trusting = ssl.create_default_context(cafile=str(made))
    async with WireServer().running(serving) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=trusting)
        secured = writer.get_extra_info("ssl_object")
        public, private = (tls_of(secured, roots) for roots in (trusting.get_ca_certs(True), ()))
        writer.close()
        await writer.wait_closed()
    assert public is not None
    assert private is not None
    assert (public.public, private.public) == (True, False)
    assert (public.issuer, public.version) == ("Example Proxy", "TLSv1.3")
    assert tls_of(None, ()) is None


def test_a_proxy_that_reads_along_is_a_warning() -> None:
    """At a vendor's own address nobody but a public authority should vouch for it."""
    tls = Tls("TLSv1.3", "Example Proxy", NOW + timedelta(days=99), public=False)
    answer = Fetched(200, {}, b"", 0.1, tls)
    look = Inspection(CATALOG.providers["openai"], NOW, fetched=answer, key_checked=True)
    found = inspected(look, "OPENAI_API_KEY", CATALOG, own_address=False)
    finding = next(f for f in found if f.id == "provider.openai.certificate")
    assert finding.state is State.WARNING
    assert "can read the key and the code" in finding.text
    own = inspected(look, "OPENAI_API_KEY", CATALOG, own_address=True)
    assert all(f.state is not State.WARNING for f in own)


async def test_the_proxy_on_the_way_is_named(
    providers: Providers, configure: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the password that the environment has for it; a provider of the user's own needs no key."""
    there = "http://models.internal/v1/models"
    row = 'name = "Acme"\nbase_url = "http://models.internal/v1"\ndialect = "openai"\nself_hosted = true\n'
    configure("").with_name("catalog.toml").write_text(f"[providers.acme]\n{row}", "utf-8")
    async with WireServer().running() as proxy:
        proxy.paths[there] = listed("m")
        monkeypatch.setenv("HTTP_PROXY", f"http://me:{KEY}@127.0.0.1:{proxy.port}")
        diagnosis = await diagnose()
    assert [r.path for r in proxy.requests] == [there]
    finding = by_id(diagnosis)["provider.acme.connection"]
    assert "through the proxy " in finding.text
    assert f"127.0.0.1:{proxy.port}" in finding.text.partition("through")[2]
    assert KEY not in json.dumps(diagnosis_json(diagnosis))


async def test_offline_nobody_is_asked(providers: Providers, tmp_path: Path) -> None:
    """No provider, no local server, and no command for a key."""
    server = await providers.serve("openai", **{"/models": listed("m")})
    local = await providers.serve("local")
    ran = tmp_path / "ran"
    providers.set("zai", f'api_key_command = ["touch", "{ran}"]')
    diagnosis = await diagnose(offline=True)
    found = by_id(diagnosis)
    assert server.requests == local.requests == []
    assert not ran.exists()
    assert (diagnosis.offline, diagnosis.asked) == (True, ())
    assert "not tried" in found["provider.openai.key"].text
    assert "local.unasked" in found
    assert found["models.usable"].state is State.OK


async def test_without_a_key_no_provider_is_asked(home: Path) -> None:
    """What works, and the two shortest ways to a model; nothing is wrong with that."""
    diagnosis = await diagnose()
    found = by_id(diagnosis)
    assert diagnosis.asked == ()
    assert diagnosis.worst is State.WARNING
    assert found["provider.anthropic.key"].remedy == "Set ANTHROPIC_API_KEY to use its models."
    assert "offline engine" in found["models.usable"].text
    assert "ollama pull" in found["models.usable"].remedy
    assert "ANTHROPIC_API_KEY" in found["models.usable"].remedy


async def test_settings_that_leave_no_model(providers: Providers) -> None:
    """There are models, and the user's own settings keep all of them out."""
    await providers.serve("anthropic", **{ANTHROPIC: listed(*offered("anthropic"))})
    providers.write("[privacy]\nself_hosted_only = true\n")
    finding = by_id(await diagnose())["models.usable"]
    assert finding.state is State.WARNING
    assert "self_hosted_only" in finding.remedy
