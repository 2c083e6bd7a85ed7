"""Request bodies and addresses, without a server."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from codefare.providers.anthropic import AnthropicMessages
from codefare.providers.base import Dialect, Request
from codefare.providers.ollama import OllamaChat
from codefare.providers.openai import ChatCompletions
from codefare_catalog import Offering, Provider, load_catalog

DIALECTS: dict[str, Dialect] = {
    "anthropic": AnthropicMessages(),
    "openai": ChatCompletions(),
    "ollama": OllamaChat(),
}
OFFERING = Offering("m", "p", "wire", 32_768, 8_192, ())
REQUEST = Request(OFFERING, "system", "user", 1_000, 500)
PROVIDER = Provider("p", "P", "https://example.com/v1", "openai", headers={"x-title": "t"})


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_same_request_same_body(dialect: Dialect) -> None:
    """The same request has the same body: the answer cache is keyed by it."""
    assert dialect.body(PROVIDER, REQUEST) == dialect.body(PROVIDER, replace(REQUEST))
    other = replace(REQUEST, user="other")
    assert dialect.body(PROVIDER, REQUEST) != dialect.body(PROVIDER, other)


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_extra_body(dialect: Dialect) -> None:
    """The provider's and the offering's extras are merged in, the latter wins, and neither replaces what we set."""
    provider = replace(
        PROVIDER, extra_body={"thinking": {"type": "enabled", "x": 1}, "model": "evil"}
    )
    extra: dict[str, Any] = {
        "thinking": MappingProxyType({"type": "disabled"}),
        "provider": {"max_price": {"prompt": Decimal("2.5"), "completion": Decimal(10)}},
        "stream": False,
        "list": (Decimal("0.1"),),
    }
    body = dialect.body(provider, replace(REQUEST, offering=replace(OFFERING, extra_body=extra)))
    assert body["thinking"] == {"type": "disabled", "x": 1}
    assert body["provider"] == {"max_price": {"prompt": 2.5, "completion": 10}}
    assert body["list"] == [0.1]
    assert body["model"] == "wire"
    assert body["stream"] is True
    json.dumps(body, allow_nan=False)


def test_every_offering_of_the_catalog_can_be_asked() -> None:
    """Each offering that the catalog ships makes a body that is JSON, and carries its limit once."""
    catalog = load_catalog()
    for model in catalog.models.values():
        for offering in model.offerings:
            provider = catalog.providers[offering.provider]
            body = DIALECTS[provider.dialect].body(provider, replace(REQUEST, offering=offering))
            json.dumps(body, allow_nan=False)
            limits = {"max_tokens", "max_completion_tokens"} & set(body)
            assert limits == {offering.max_tokens_field}
            assert not {"temperature", "top_p", "top_k"} & set(body), offering.wire_id


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_limit_under_the_name_the_model_wants(name: Any) -> None:
    """The limit goes under the catalog's name for it, and no other."""
    offering = replace(OFFERING, max_tokens_field=name)
    body = DIALECTS["openai"].body(PROVIDER, replace(REQUEST, offering=offering))
    assert {k: v for k, v in body.items() if k.startswith("max_")} == {name: 1_000}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_no_empty_system_text(dialect: Dialect) -> None:
    """An empty system text is left out: Anthropic refuses empty blocks."""
    body = dialect.body(PROVIDER, replace(REQUEST, system=""))
    assert "system" not in body
    assert [m["role"] for m in body["messages"]] == ["user"]


def test_prefix_is_marked_on_demand_only() -> None:
    """`cache_control` stands there only if caching was asked for."""
    anthropic = DIALECTS["anthropic"]
    (plain,) = anthropic.body(PROVIDER, REQUEST)["system"]
    (marked,) = anthropic.body(PROVIDER, replace(REQUEST, cache_prefix=0))["system"]
    assert "cache_control" not in plain
    assert marked == {**plain, "cache_control": {"type": "ephemeral"}}


@pytest.mark.parametrize(
    ("dialect", "base_url", "url"),
    [
        ("anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/messages"),
        (
            "anthropic",
            "https://gateway.example.com/a/v1/",
            "https://gateway.example.com/a/v1/messages",
        ),
        ("openai", "https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        ("openai", "https://api.deepseek.com", "https://api.deepseek.com/chat/completions"),
        ("ollama", "http://localhost:11434/v1", "http://localhost:11434/api/chat"),
        ("ollama", "http://localhost:11434", "http://localhost:11434/api/chat"),
    ],
)
def test_addresses(dialect: str, base_url: str, url: str) -> None:
    """Base URLs work as users write them."""
    assert DIALECTS[dialect].url(replace(PROVIDER, base_url=base_url)) == url


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_headers(dialect: Dialect) -> None:
    """A provider's own headers go along; without a key no header speaks of one."""
    with_key = dialect.headers(PROVIDER, "k-1")
    without = dialect.headers(PROVIDER, None)
    assert with_key["x-title"] == "t"
    assert with_key["user-agent"].startswith("codefare/")
    assert {name for name in with_key if name not in without} <= {"x-api-key", "authorization"}
    assert "k-1" not in str(without)
    assert "k-1" in str(with_key)


@pytest.mark.parametrize(
    ("prompt", "answer", "context"),
    [
        (100, 1_000, 8_192),
        (5_000, 1_500, 8_192),
        (6_000, 2_000, 16_384),
        (20_000, 8_192, 32_768),  # not beyond the model's window
    ],
)
def test_ollama_context(prompt: int, answer: int, context: int) -> None:
    """Ollama's context holds prompt and answer, in steps, since each change loads the model anew."""
    body = OllamaChat().body(PROVIDER, replace(REQUEST, input_tokens=prompt, max_tokens=answer))
    assert body["options"] == {"num_ctx": context, "num_predict": answer}
    assert body["truncate"] is False


def test_ollama_context_that_the_user_wants() -> None:
    """A larger context in the user's catalog is kept, a smaller one is not."""
    for wanted, context in ((20_000, 20_000), (512, 8_192)):
        offering = replace(OFFERING, extra_body={"options": {"num_ctx": wanted, "seed": 1}})
        options = OllamaChat().body(PROVIDER, replace(REQUEST, offering=offering))["options"]
        assert options == {"num_ctx": context, "num_predict": 1_000, "seed": 1}
