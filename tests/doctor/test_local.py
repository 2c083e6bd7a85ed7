"""Model servers of the user's own, as servers that answer like them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doctor.conftest import Providers, by_id, diagnose, page
from tests.wire.server import Answer

from codefare.doctor.finding import State

if TYPE_CHECKING:
    from tests.wire.server import WireServer

    from codefare.doctor.finding import Finding


def ollama(server: WireServer, window: int | None, *models: str) -> None:
    """Makes the server answer as Ollama does."""
    info = {} if window is None else {"qwen2.context_length": window}
    server.paths |= {
        "/api/tags": page({"models": [{"name": name, "digest": name} for name in models]}),
        "/api/version": page({"version": "0.33.2"}),
        "/api/show": page({"capabilities": ["completion"], "model_info": info}),
    }


async def found() -> dict[str, Finding]:
    """What is found."""
    return by_id(await diagnose())


async def test_ollama_with_a_large_window(providers: Providers) -> None:
    """Its models and windows are told, and that its own context setting does not matter."""
    ollama(await providers.serve("local"), 32_768, "qwen2.5-coder:7b")
    told = await found()
    assert told["local.ollama.models"].state is State.OK
    assert "qwen2.5-coder:7b (32,768 tokens)" in told["local.ollama.models"].text
    assert "context that each request needs" in told["local.ollama.models"].text
    assert "local.ollama.window" not in told
    assert told["models.usable"].state is State.OK


async def test_small_windows(providers: Providers) -> None:
    """Below 16,384 tokens it is a note, below 8,192 a warning, each with what to do."""
    server = await providers.serve("local")
    for window, state in ((16_384, None), (16_383, State.NOTE), (8_191, State.WARNING)):
        ollama(server, window, "small:1b")
        finding = (await found()).get("local.ollama.window")
        assert (finding and finding.state) == state
        assert finding is None or "qwen2.5-coder:7b" in finding.remedy


async def test_a_window_that_is_not_told(providers: Providers) -> None:
    """What is assumed is said, and where another figure goes."""
    ollama(await providers.serve("local"), None, "small:1b")
    finding = (await found())["local.ollama.unknown"]
    assert finding.state is State.NOTE
    assert "8,192" in finding.text
    assert "context_window" in finding.remedy


async def test_many_models_are_counted(providers: Providers) -> None:
    """A line stays a line."""
    ollama(await providers.serve("local"), 32_768, *(f"m{i}:1b" for i in range(9)))
    assert (await found())["local.ollama.models"].text.count("m") < 30
    assert "and 3 more" in (await found())["local.ollama.models"].text


async def test_no_model_in_it(providers: Providers) -> None:
    """A server that runs and has nothing to run is of no use yet."""
    ollama(await providers.serve("local"), None)
    finding = (await found())["local.ollama.models"]
    assert finding.state is State.WARNING
    assert "ollama pull" in finding.remedy


async def test_llama_cpp_is_started_with_a_larger_context(providers: Providers) -> None:
    """The remedy is that server's own option."""
    server = await providers.serve("local")
    row: dict[str, Any] = {"id": "/m/x.gguf", "owned_by": "llamacpp"}
    server.paths["/v1/models"] = page({"data": [row]})
    server.paths["/props"] = page({"default_generation_settings": {"n_ctx": 4096}})
    finding = (await found())["local.llama.cpp.window"]
    assert finding.state is State.WARNING
    assert "-c 32768" in finding.remedy


async def test_nobody_at_the_address_that_was_set(providers: Providers) -> None:
    """Who names a server means to use it: that must be seen to. One that was never named is no fault."""
    providers.set("local", 'base_url = "http://127.0.0.1:1"')
    finding = (await found())["local.none"]
    assert finding.state is State.PROBLEM
    assert "base_url" in finding.remedy


async def test_a_server_that_keeps_its_models_back(providers: Providers) -> None:
    """A server that wants a key, or has no list, is there: what is missing is said, not that it should be started."""
    server = await providers.serve("local")
    for status, words in ((401, "api_key_command"), (404, "catalog.toml")):
        server.paths["/v1/models"] = Answer((b"{}",), status, {}, "length")
        told = await found()
        assert "local.none" not in told
        assert f"(status {status})" in told["local.unlisted"].text
        assert words in told["local.unlisted"].remedy
