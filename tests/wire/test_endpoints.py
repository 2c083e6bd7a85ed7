"""Offerings brought together with addresses, keys and local servers."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from tests.wire.server import Answer, WireServer
from tests.wire.test_probe import ollama, page
from tests.wire.vendors import (
    ANTHROPIC,
    LOCAL,
    OPENAI,
    anthropic_stream,
    at,
    ollama_stream,
    openai_stream,
    price,
    request,
)

from codefare.errors import ConfigError, KeyMissing, KeyRefused, RequestRefused
from codefare.providers.access import ProviderSettings
from codefare.providers.base import Text
from codefare.providers.endpoints import Endpoints
from codefare_catalog import Catalog, Model, Offering, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from codefare.providers.http import Transport

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FREE = price("0", "0")
CODER_LOCAL = Offering(
    "qwen-2.5-coder-7b",
    "local",
    "qwen2.5-coder:7b",
    131_072,
    8_192,
    (FREE,),
    aliases=("qwen2.5-coder-7b-instruct",),
)
OPUS = Offering("opus", "anthropic", "claude-opus", 200_000, 64_000, (price("5", "25"),))
OLD = Offering("old", "openai", "gpt-old", 128_000, 4_096, (price("10", "30"),))


def catalog(*providers: Provider) -> Catalog:
    """A catalog of three models at these providers."""
    models = {
        "opus": Model("opus", "Opus", "Anthropic", "v", (OPUS,)),
        "old": Model("old", "Old", "OpenAI", "v", (OLD,), retires_at=date(2026, 10, 23)),
        "qwen-2.5-coder-7b": Model("qwen-2.5-coder-7b", "Qwen", "Qwen", "v", (CODER_LOCAL,)),
    }
    rows = {p.id: p for p in (providers or (ANTHROPIC, OPENAI, at(LOCAL, "http://127.0.0.1:9/v1")))}
    return Catalog(models, {}, rows, {}, {}, {}, {}, {})


def endpoints(
    transport: Transport,
    settings: Mapping[str, ProviderSettings] | None = None,
    *providers: Provider,
    **environ: str,
) -> Endpoints:
    """Endpoints with this environment alone."""
    return Endpoints(catalog(*providers), settings or {}, environ=environ, transport=transport)


async def local_endpoints(transport: Transport, server: WireServer) -> Endpoints:
    """Endpoints that have looked at a local server."""
    made = endpoints(transport, {"local": ProviderSettings(base_url=server.url)})
    await made.probe.refresh()
    return made


def test_usable_with_a_key(transport: Transport) -> None:
    """An offering is usable as soon as its key is set."""
    assert endpoints(transport).unusable(OPUS, NOW) == "no key: set ANTHROPIC_API_KEY"
    assert endpoints(transport, ANTHROPIC_API_KEY="k").unusable(OPUS, NOW) is None


def test_unusable_with_the_users_own_variable(transport: Transport) -> None:
    """Where the user names another variable, that is the one that is missing."""
    settings = {"anthropic": ProviderSettings(api_key_env="WORK_KEY")}
    made = endpoints(transport, settings, ANTHROPIC_API_KEY="k")
    assert made.unusable(OPUS, NOW) == "no key: set WORK_KEY"
    assert made.provider(OPUS).key_env == "WORK_KEY"


def test_retired_offerings_are_unusable(transport: Transport) -> None:
    """A model that its provider no longer serves is unusable from that day on."""
    made = endpoints(transport, OPENAI_API_KEY="k")
    assert made.unusable(OLD, NOW) == "OpenAI no longer serves it (since 2026-10-23)"
    assert made.unusable(OLD, datetime(2026, 10, 22, tzinfo=UTC)) is None


def test_unknown_provider(transport: Transport) -> None:
    """An offering of a provider that the catalog does not have is unusable, not a crash."""
    reason = endpoints(transport).unusable(replace(OPUS, provider="nobody"), NOW)
    assert reason == "the catalog has no provider nobody"


async def test_local_reasons(server: WireServer, transport: Transport) -> None:
    """Before the first look, without a server, and without the model: each has its words."""
    made = endpoints(transport, {"local": ProviderSettings(base_url=server.url)})
    place = f"127.0.0.1:{server.port}"
    assert made.unusable(CODER_LOCAL, NOW) == f"still looking for a local server at {place}"
    await made.probe.refresh()
    kept_back = f"the server at {place} does not list its models (status 404)"
    assert made.unusable(CODER_LOCAL, NOW) == kept_back
    async with WireServer().running() as gone:
        url = gone.url
    absent = endpoints(transport, {"local": ProviderSettings(base_url=url)})
    await absent.probe.refresh()
    nobody = f"no local server answered at {url.removeprefix('http://')}"
    assert absent.unusable(CODER_LOCAL, NOW) == nobody
    ollama(server, "llama3:8b")
    await made.probe.refresh()
    assert made.unusable(CODER_LOCAL, NOW) == (
        f"no local server has qwen2.5-coder:7b (found Ollama at {server.url})"
    )
    ollama(server, "qwen2.5-coder:7b")
    await made.probe.refresh()
    assert made.unusable(CODER_LOCAL, NOW) is None


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5-coder:7b",
        "Qwen2.5-Coder:7B",
        "qwen2.5-coder:7b-instruct",
        "qwen2.5-coder:7b-instruct-q4_K_M",
        "hf.co/Qwen/Qwen2.5-Coder-7B-Instruct-GGUF:Q4_K_M",
    ],
)
async def test_local_names_of_one_model(
    server: WireServer, transport: Transport, name: str
) -> None:
    """The catalog's model is found under the server's name, and asked for by it."""
    ollama(server, "llama3:8b", name)
    made = await local_endpoints(transport, server)
    assert made.unusable(CODER_LOCAL, NOW) is None
    assert made.served(CODER_LOCAL).wire_id == name
    assert [o.model for o in made.local_offerings()] == ["local/llama3:8b"]
    lines = tuple(ollama_stream("hello"))
    server.answer(Answer(lines, headers={"content-type": "application/x-ndjson"}))
    asked = request(offering=CODER_LOCAL)
    assert [e.text async for e in made.stream(asked) if isinstance(e, Text)] == ["hello"]
    assert server.requests[-1].path == "/api/chat"
    assert server.requests[-1].json["model"] == name
    assert "authorization" not in server.requests[-1].headers


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5-coder:32b",
        "qwen2.5-coder:7b-base",
        "someone/qwen2.5-coder:7b",
        "qwen2.5-coder:7b-abliterated",
    ],
)
async def test_other_models_are_other_models(
    server: WireServer, transport: Transport, name: str
) -> None:
    """Another size, a base model or someone's own version is not the catalog's model."""
    ollama(server, name)
    made = await local_endpoints(transport, server)
    assert made.unusable(CODER_LOCAL, NOW) is not None
    assert [o.model for o in made.local_offerings()] == [f"local/{name}"]


async def test_exact_names_come_first(server: WireServer, transport: Transport) -> None:
    """Where a server has two versions, the one with the catalog's own name is taken."""
    ollama(server, "qwen2.5-coder:7b-instruct-q8_0", "qwen2.5-coder:7b")
    made = await local_endpoints(transport, server)
    assert made.served(CODER_LOCAL).wire_id == "qwen2.5-coder:7b"


async def test_unlisted_local_models(server: WireServer, transport: Transport) -> None:
    """A model that only the local server knows is an offering at price 0 with the window it reports."""
    ollama(server, "mystery:3b")
    made = await local_endpoints(transport, server)
    (offering,) = made.local_offerings()
    assert offering.wire_id == "mystery:3b"
    assert (offering.context_window, offering.max_output) == (32_768, 8_192)
    (free,) = offering.prices
    assert free.input.high == free.output.high == 0
    assert free.source == "self-hosted"
    assert made.unusable(offering, NOW) is None
    server.paths["/api/show"] = page({})
    other = await local_endpoints(transport, server)
    (offering,) = other.local_offerings()
    assert (offering.context_window, offering.max_output) == (8_192, 4_096)


async def test_window_of_the_local_server(server: WireServer, transport: Transport) -> None:
    """A local server with a smaller window than the catalog's bounds what may be asked."""
    row = {"id": "qwen2.5-coder-7b-instruct-q4_k_m.gguf", "owned_by": "llamacpp"}
    server.paths["/v1/models"] = page({"data": [row]})
    server.paths["/props"] = page({"default_generation_settings": {"n_ctx": 4096}})
    made = await local_endpoints(transport, server)
    served = made.served(CODER_LOCAL)
    assert (served.context_window, served.max_output) == (4096, 4096)
    assert made.provider(CODER_LOCAL).dialect == "openai"
    assert made.provider(CODER_LOCAL).base_url == server.url + "/v1"


async def test_hosted_offerings_are_never_renamed(server: WireServer, transport: Transport) -> None:
    """A local server that has a model of the same name does not catch a hosted offering's requests."""
    ollama(server, "claude-opus")
    made = await local_endpoints(transport, server)
    assert made.served(OPUS) == OPUS
    assert made.provider(OPUS).base_url == ANTHROPIC.base_url


async def test_another_address_is_not_self_hosted(server: WireServer, transport: Transport) -> None:
    """A hosted provider sent to this machine (a gateway) stays hosted: its price and its privacy stand."""
    settings = {"anthropic": ProviderSettings(base_url=server.url + "/")}
    made = endpoints(transport, settings, ANTHROPIC_API_KEY="k")
    provider = made.provider(OPUS)
    assert provider.base_url == server.url
    assert not provider.self_hosted
    server.sse(*anthropic_stream("hi"))
    attempts: list[int] = []

    async def before(number: int) -> None:
        attempts.append(number)

    events = [e async for e in made.stream(request(offering=OPUS), before)]
    assert Text("hi") in events
    assert attempts == [1]
    assert server.requests[0].headers["x-api-key"] == "k"


@pytest.mark.parametrize(
    "base_url",
    [
        "http://gateway.example.com/v1",
        "https://user:pw@gateway.example.com",
        "https://gateway.example.com/v1?x=1",
        "file:///etc/passwd",
        "gateway.example.com",
        "https://",
        "http://[::1",
        "https://host:port",
    ],
)
def test_addresses_that_are_refused(transport: Transport, base_url: str) -> None:
    """Keys and code go in clear text to nobody, and an address carries no password."""
    with pytest.raises(ConfigError, match=r"providers\.anthropic") as caught:
        endpoints(transport, {"anthropic": ProviderSettings(base_url=base_url)})
    assert "pw" not in caught.value.text
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("provider", "base_url"),
    [
        ("anthropic", "https://gateway.example.com/a/"),
        ("anthropic", "http://localhost:4000"),
        ("anthropic", "http://[::1]:4000"),
        ("local", "http://gpu.lan:8000/v1"),
    ],
)
def test_addresses_that_are_fine(transport: Transport, provider: str, base_url: str) -> None:
    """HTTPS anywhere; plain HTTP to this machine, or to a local server in the user's network."""
    endpoints(transport, {provider: ProviderSettings(base_url=base_url)})


async def test_fingerprint(server: WireServer, transport: Transport) -> None:
    """The fingerprint is what is sent, without any key: dialect, address and body."""
    settings = {"openai": ProviderSettings(base_url=server.url)}
    made = endpoints(transport, settings, OPENAI_API_KEY="k-secret")
    asked = request(offering=OLD)
    print_ = made.fingerprint(asked)
    server.sse(*openai_stream("x"))
    _ = [e async for e in made.stream(asked)]
    assert print_["dialect"] == "openai"
    assert print_["url"] == server.url + "/chat/completions"
    assert print_["body"] == server.requests[0].json
    assert "k-secret" not in str(print_)
    assert print_ == made.fingerprint(asked)
    assert print_ != made.fingerprint(replace(asked, user="other"))


async def test_no_key_at_the_request(transport: Transport) -> None:
    """A request without a key fails before anything is sent, with the variable's name."""
    with pytest.raises(KeyMissing) as caught:
        _ = [e async for e in endpoints(transport).stream(request(offering=OPUS))]
    assert "ANTHROPIC_API_KEY" in caught.value.text


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_key_of_a_command_is_asked_for_again(
    server: WireServer, transport: Transport, tmp_path: Path, status: int
) -> None:
    """A key from a command that the provider refuses may have expired: the next request runs it again."""
    program = (
        "import sys; f = open(sys.argv[1], 'a+'); f.write('x'); f.seek(0); print('k-' + f.read())"
    )
    command = (sys.executable, "-c", program, str(tmp_path / "runs"))
    settings = {"anthropic": ProviderSettings(base_url=server.url, api_key_command=command)}
    made = endpoints(transport, settings)
    assert made.unusable(OPUS, NOW) is None
    server.refuse(status)
    with pytest.raises((KeyRefused, RequestRefused)):
        _ = [e async for e in made.stream(request(offering=OPUS))]
    server.sse(*anthropic_stream("hi"))
    _ = [e async for e in made.stream(request(offering=OPUS))]
    assert [r.headers["x-api-key"] for r in server.requests] == ["k-x", "k-xx"]


async def test_closing(server: WireServer, transport: Transport) -> None:
    """Warming up finds local servers; closing is clean."""
    ollama(server, "m:1b")
    made = endpoints(transport, {"local": ProviderSettings(base_url=server.url)})
    await made.warm_up()
    assert [o.wire_id for o in made.local_offerings()] == ["m:1b"]
    await made.aclose()
