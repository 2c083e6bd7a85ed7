"""Finding local servers, against servers that answer as they do."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.conftest import Clock
from tests.wire.server import Answer, Step, WireServer

from codefare.providers.keys import Secret
from codefare.providers.probe import LocalProbe, LocalServer, ollama_url

if TYPE_CHECKING:
    from codefare.providers.http import Transport


def page(payload: Any) -> Answer:
    """A JSON document."""
    body = json.dumps(payload).encode()
    return Answer((body,), 200, {"content-type": "application/json"}, "length")


def ollama(server: WireServer, *models: str, **more: Any) -> None:
    """Makes the server answer as Ollama does."""
    rows = [{"name": name, "model": name, "digest": f"d{i}"} for i, name in enumerate(models)]
    server.paths |= {
        "/api/tags": page({"models": rows}),
        "/api/version": page({"version": "0.33.2"}),
        "/api/show": page(
            {"capabilities": ["completion"], "model_info": {"qwen2.context_length": 32768}} | more
        ),
    }


async def look(transport: Transport, base_url: str) -> LocalServer | None:
    """What a probe of this one address finds."""
    found = await LocalProbe(transport, base_url=base_url, environ={}).refresh()
    return found[0] if found else None


@pytest.mark.parametrize("path", ["", "/v1", "/"])
async def test_ollama_is_found(server: WireServer, transport: Transport, path: str) -> None:
    """Ollama is known by its own API, at whichever of its addresses it was configured."""
    ollama(server, "qwen2.5-coder:7b", "llama3:8b")
    found = await look(transport, server.url + path)
    assert found is not None
    assert (found.name, found.base_url, found.dialect) == ("Ollama", server.url, "ollama")
    assert found.models == ("qwen2.5-coder:7b", "llama3:8b")
    assert found.context_windows == {"qwen2.5-coder:7b": 32768, "llama3:8b": 32768}


async def test_ollama_by_its_variable(server: WireServer, transport: Transport) -> None:
    """`OLLAMA_HOST` says where Ollama is looked for."""
    ollama(server, "m:1b")
    probe = LocalProbe(transport, environ={"OLLAMA_HOST": f"127.0.0.1:{server.port}"})
    found = {s.name: s for s in await probe.refresh()}
    assert found["Ollama"].models == ("m:1b",)
    assert probe.places[0] == f"127.0.0.1:{server.port}"


async def test_ollama_cloud_models_are_not_local(server: WireServer, transport: Transport) -> None:
    """Models that Ollama passes on to its cloud are left out: code would leave the machine."""
    ollama(server, "m:1b")
    rows = [
        {"name": "m:1b"},
        {"name": "gpt-oss:120b-cloud"},
        {"name": "other:cloud"},
        {"name": "mine", "remote_host": "https://ollama.com:443"},
    ]
    server.paths["/api/tags"] = page({"models": rows})
    found = await look(transport, server.url)
    assert found is not None
    assert found.models == ("m:1b",)


async def test_ollama_embedding_models_are_left_out(
    server: WireServer, transport: Transport
) -> None:
    """A model that cannot complete is not offered."""
    ollama(server, "nomic-embed-text", capabilities=["embedding"])
    found = await look(transport, server.url)
    assert found is not None
    assert found.models == ()


async def test_ollama_details_are_asked_once(server: WireServer, transport: Transport) -> None:
    """What a model is like is asked once, not at each look."""
    ollama(server, "m:1b")
    probe = LocalProbe(transport, base_url=server.url, environ={})
    await probe.refresh()
    await probe.refresh()
    assert [r.path for r in server.requests].count("/api/show") == 1


async def test_llama_cpp_is_found_with_its_window(server: WireServer, transport: Transport) -> None:
    """llama.cpp's real window is that of its slots, not that of the training."""
    row = {"id": "/m/x.gguf", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131072}}
    server.paths["/v1/models"] = page({"object": "list", "data": [row]})
    server.paths["/props"] = page({"default_generation_settings": {"n_ctx": 4096}})
    found = await look(transport, server.url + "/v1")
    assert found is not None
    assert (found.name, found.dialect, found.base_url) == (
        "llama.cpp",
        "openai",
        server.url + "/v1",
    )
    assert found.context_windows == {"/m/x.gguf": 4096}


async def test_vllm_is_found_with_its_window(server: WireServer, transport: Transport) -> None:
    """A vLLM server reports its window; an address without `/v1` is found, too."""
    row = {"id": "Qwen/Qwen2.5-Coder-7B-Instruct", "max_model_len": 16384}
    server.paths["/v1/models"] = page({"object": "list", "data": [row]})
    found = await look(transport, server.url)
    assert found is not None
    assert found.base_url == server.url + "/v1"
    assert found.context_windows == {"Qwen/Qwen2.5-Coder-7B-Instruct": 16384}


async def test_lm_studio_loaded_window(server: WireServer, transport: Transport) -> None:
    """LM Studio tells the window of what is loaded, and which models only embed."""
    names = ("coder-7b", "text-embedding-nomic")
    server.paths["/v1/models"] = page({"data": [{"id": name} for name in names]})
    own = [
        {"id": "coder-7b", "type": "llm", "loaded_context_length": 12000},
        {"id": "text-embedding-nomic", "type": "embeddings"},
    ]
    server.paths["/api/v0/models"] = page({"data": own})
    found = await look(transport, server.url + "/v1")
    assert found is not None
    assert found.models == ("coder-7b",)
    assert found.context_windows == {"coder-7b": 12000}


@pytest.mark.parametrize(
    "payload", [[], {}, {"data": 7}, {"data": [7, {"id": 3}, {"id": ""}]}, "text", None]
)
async def test_other_programs_are_no_model_servers(
    server: WireServer, transport: Transport, payload: Any
) -> None:
    """Whatever else listens at the address is not taken for a model server."""
    for path in ("/v1/models", "/api/tags", "/api/version"):
        server.paths[path] = page(payload)
    assert await look(transport, server.url + "/v1") is None


async def test_no_code_and_no_redirects(server: WireServer, transport: Transport) -> None:
    """A look sends small requests only, and follows nobody anywhere."""
    async with WireServer().running() as other:
        server.paths["/v1/models"] = Answer((), 302, {"location": other.url + "/v1/models"})
        assert await look(transport, server.url + "/v1") is None
        assert other.requests == []
    assert {r.method for r in server.requests} == {"GET"}
    assert all(not r.body for r in server.requests)


async def test_key_of_the_users_own_server(server: WireServer, transport: Transport) -> None:
    """A configured server that wants a key gets it; servers that are only looked for do not."""
    server.paths["/v1/models"] = page({"data": [{"id": "m", "max_model_len": 9}]})
    probe = LocalProbe(transport, base_url=server.url, key=lambda: Secret("k-1"), environ={})
    await probe.refresh()
    assert server.requests[0].headers["authorization"] == "Bearer k-1"
    ollama(server, "m:1b")
    server.requests.clear()
    environ = {"OLLAMA_HOST": server.url}
    await LocalProbe(transport, key=lambda: Secret("k-1"), environ=environ).refresh()
    assert all("authorization" not in r.headers for r in server.requests)


async def test_only_the_configured_address_is_asked(
    server: WireServer, transport: Transport
) -> None:
    """With a configured address, `OLLAMA_HOST` and the usual ports are left alone."""
    async with WireServer().running() as other:
        environ = {"OLLAMA_HOST": other.url}
        probe = LocalProbe(transport, base_url=server.url + "/v1", environ=environ)
        await probe.refresh()
        assert other.requests == []
    assert probe.places == (f"127.0.0.1:{server.port}",)


async def test_one_look_at_a_time(server: WireServer, transport: Transport) -> None:
    """Callers that ask at the same time share one look; one that goes away does not end it."""
    ollama(server, "m:1b")
    gate = asyncio.Event()
    tags = server.paths["/api/tags"]
    server.paths["/api/tags"] = Answer((gate, *tags.steps), 200, tags.headers, "length")
    probe = LocalProbe(transport, base_url=server.url, environ={})
    first, second = (asyncio.create_task(probe.refresh()) for _ in range(2))
    async with asyncio.timeout(60):
        await server.asked.wait()
    first.cancel()
    gate.set()
    found = await second
    assert [s.name for s in found] == ["Ollama"]
    assert probe.current() == found
    assert [r.path for r in server.requests].count("/api/tags") == 1


async def test_looks_age(server: WireServer, transport: Transport) -> None:
    """Before the first look and 60 s after it, it is time to look; a server that has gone is forgotten."""
    ollama(server, "m:1b")
    clock = Clock()
    probe = LocalProbe(transport, base_url=server.url, environ={}, clock=clock)
    before = (probe.is_stale, probe.has_looked)
    await probe.refresh()
    after = (probe.is_stale, probe.has_looked)
    await clock.sleep(61)
    assert [before, after, (probe.is_stale, probe.has_looked)] == [
        (True, False),
        (False, True),
        (True, True),
    ]
    server.paths.clear()
    assert await probe.refresh() == ()
    assert probe.current() == ()


async def test_closing_ends_a_look(server: WireServer, transport: Transport) -> None:
    """Closing does not wait for a server that does not answer."""
    hang = Answer((Step.HANG,), 200, {"content-type": "application/json"})
    server.paths |= {"/api/tags": hang, "/api/version": hang}
    probe = LocalProbe(transport, base_url=server.url, environ={})
    look_ = asyncio.create_task(probe.refresh())
    async with asyncio.timeout(60):
        await server.asked.wait()
        await probe.aclose()
        with pytest.raises(asyncio.CancelledError):
            await look_


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - what a user may set
        ("0.0.0.0:8888", "http://127.0.0.1:8888"),
        ("[::]:8888", "http://[::1]:8888"),
        ("::1", "http://[::1]:11434"),
        (":8888", "http://127.0.0.1:8888"),
        ("gpu.lan", "http://gpu.lan:11434"),
        ("gpu.lan:8888", "http://gpu.lan:8888"),
        ("http://gpu.lan", "http://gpu.lan:80"),
        ("https://gpu.lan/", "https://gpu.lan:443"),
        ("http://gpu.lan:8888/path", "http://gpu.lan:8888"),
        ('"gpu.lan:8888"', "http://gpu.lan:8888"),
        ("gpu.lan:port", "http://127.0.0.1:11434"),
    ],
)
def test_ollama_host_spellings(host: str, url: str) -> None:
    """All that Ollama accepts in `OLLAMA_HOST` is understood."""
    assert ollama_url(host) == url


async def test_a_server_without_a_model_is_there(server: WireServer, transport: Transport) -> None:
    """One that lists no models, since none is loaded, is not said to be absent; one whose answer is no list is."""
    server.paths["/v1/models"] = page({"object": "list", "data": []})
    found = await look(transport, server.url + "/v1")
    assert found == LocalServer("Local server", server.url + "/v1", "openai", ())
    server.paths["/v1/models"] = page({"object": "list"})
    assert await look(transport, server.url + "/v1") is None
