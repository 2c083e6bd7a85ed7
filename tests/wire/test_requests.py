"""Request bodies, against the types of the vendors' own SDKs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.asking import DIALECTS, ask
from tests.wire.oracle import SAMPLING, VENDOR_FIELDS, complaints
from tests.wire.server import WireServer
from tests.wire.vendors import ANTHROPIC, OPENAI, at, request

from codefare_catalog import Catalog, Offering, load_catalog

if TYPE_CHECKING:
    from codefare.providers.http import Transport
    from codefare_catalog import Provider

CATALOG = load_catalog()
OFFERINGS = [
    pytest.param(offering, id=f"{offering.provider}-{offering.wire_id}")
    for model in CATALOG.models.values()
    for offering in model.offerings
]
# What keeps a model from thinking, or keeps it short, by vendor: each has it on by default.
QUIET: dict[str, list[dict[str, Any]]] = {
    "deepseek": [{"thinking": {"type": "disabled"}}],
    "zai": [{"thinking": {"type": "disabled"}}, {"reasoning_effort": "low"}],
    "openai": [{"reasoning_effort": "none"}],
}
# Models that came out before their vendor taught them to think.
NEVER_THINK = frozenset(
    {"gpt-4-turbo", "gpt-4o-2024-11-20", "gpt-3.5-turbo", "deepseek-coder", "deepseek-chat"}
)


def _body(catalog: Catalog, offering: Offering) -> tuple[str, dict[str, Any]]:
    provider = catalog.providers[offering.provider]
    dialect = DIALECTS[provider.dialect]
    asked = request(offering=offering, cache_prefix=0)
    return dialect.url(provider), dialect.body(provider, asked)


@pytest.mark.parametrize("offering", OFFERINGS)
def test_every_offering(offering: Offering) -> None:
    """For each offering of the catalog the body is one that its vendor takes, with its own limit and no sampling."""
    url, body = _body(CATALOG, offering)
    assert complaints(url, json.dumps(body).encode()) == []
    limits = {name for name in body if name.endswith("_tokens")}
    assert limits == {offering.max_tokens_field}
    assert not SAMPLING & body.keys()
    assert body["stream"] is True


@pytest.mark.parametrize("offering", OFFERINGS)
def test_thinking_is_off_or_counted(offering: Offering) -> None:
    """Where a vendor's models think by default it is turned off; what cannot be is short, and counted in the quote."""
    ways = QUIET.get(offering.provider)
    if ways is None or offering.wire_id in NEVER_THINK:
        return
    _, body = _body(CATALOG, offering)
    way = next((way for way in ways if way.items() <= body.items()), None)
    assert way is not None
    assert (offering.thinking is None) == (way != {"reasoning_effort": "low"})


def test_moonshot_thinks_and_says_so() -> None:
    """Moonshot's model that thinks in any case is quoted with its thinking, and takes no field for it."""
    offering = next(
        o for o in CATALOG.models["kimi-k2.7-code"].offerings if o.provider == "moonshot"
    )
    assert offering.thinking is not None
    assert offering.extra_body == {}


def test_openai_reasoning_models_take_the_new_limit() -> None:
    """OpenAI's models that reason refuse `max_tokens`."""
    fields = {
        o.wire_id: o.max_tokens_field
        for m in CATALOG.models.values()
        for o in m.offerings
        if o.provider == "openai" and o.wire_id not in NEVER_THINK
    }
    assert set(fields.values()) == {"max_completion_tokens"}


CHAT: dict[str, Any] = {
    "model": "gpt-6-luna",
    "messages": [{"role": "user", "content": "x"}],
    "max_completion_tokens": 9,
    "stream": True,
    "stream_options": {"include_usage": True},
}
MESSAGES: dict[str, Any] = {
    "model": "claude-haiku-4-5",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}],
    "system": [{"type": "text", "text": "y", "cache_control": {"type": "ephemeral"}}],
    "max_tokens": 9,
    "stream": True,
}
CHAT_URL, MESSAGES_URL = "https://h/v1/chat/completions", "https://h/v1/messages"
EPHEMERAL = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
MISTAKES: list[tuple[str, dict[str, Any]]] = [
    (CHAT_URL, {"model": 7}),
    (CHAT_URL, {"max_token": 9}),
    (CHAT_URL, {"messages": [{"role": "user", "contents": "x"}]}),
    (CHAT_URL, {"messages": [{"role": "human", "content": "x"}]}),
    (CHAT_URL, {"messages": [{"role": "user", "content": [{"type": "text", "txt": "x"}]}]}),
    (CHAT_URL, {"messages": "x"}),
    (CHAT_URL, {"stream_options": {"include_usages": True}}),
    (CHAT_URL, {"stream": "true"}),
    (CHAT_URL, {"reasoning_effort": "off"}),
    (CHAT_URL, {"max_completion_tokens": 0}),
    (CHAT_URL, {"max_completion_tokens": "9"}),
    (CHAT_URL, {"max_tokens": 9}),
    (CHAT_URL, {"temperature": 0}),
    (CHAT_URL, {"top_k": 1}),
    (CHAT_URL, {"thinking": {"type": "disabled"}}),  # DeepSeek's: OpenAI refuses it
    (CHAT_URL, {"model": "deepseek-flash", "thinking": {"type": "off"}}),
    (CHAT_URL, {"model": "deepseek-flash", "provider": {"max_price": {"prompt": 1}}}),
    (CHAT_URL, {"cache_control": {"type": "ephemeral"}}),
    (MESSAGES_URL, {"max_tokens": None}),
    (MESSAGES_URL, {"max_completion_tokens": 9}),
    (MESSAGES_URL, {"temperature": 1.0}),
    (MESSAGES_URL, {"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
    (MESSAGES_URL, {"messages": [{"role": "user", "content": [EPHEMERAL] * 5}]}),
    (MESSAGES_URL, {"system": [{"type": "text", "text": "y", "cache_control": "ephemeral"}]}),
    (MESSAGES_URL, {"system": [{"type": "text", "text": "y", "cachecontrol": {}}]}),
    (MESSAGES_URL, {"thinking": {"type": "off"}}),
    (MESSAGES_URL, {"messages": [*MESSAGES["messages"], {"role": "assistant", "content": "{"}]}),
    (MESSAGES_URL, {"messages": []}),
    (MESSAGES_URL, {"output_config": {"effort": "none"}}),
    (MESSAGES_URL, {"stream_options": {"include_usage": True}}),
]


@pytest.mark.parametrize(("url", "mistake"), MISTAKES)
def test_planted_mistakes(url: str, mistake: dict[str, Any]) -> None:
    """The check refuses each body that a vendor would refuse, or would pass over without a word."""
    good = CHAT if url is CHAT_URL else MESSAGES
    assert complaints(url, json.dumps(good).encode()) == []
    assert complaints(url, json.dumps(good | mistake).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7"])
def test_bodies_that_are_none(body: bytes) -> None:
    """What is not a JSON object is no request."""
    assert complaints(CHAT_URL, body)


def test_exceptions_are_used() -> None:
    """Each exception to OpenAI's types is needed by some offering of the catalog."""
    used = {
        (o.provider, name)
        for m in CATALOG.models.values()
        for o in m.offerings
        for name in o.extra_body
    }
    declared = {(provider, name) for provider, names in VENDOR_FIELDS.items() for name in names}
    assert declared <= used


async def _ask_twice(transport: Transport, provider: Provider, extra: dict[str, Any]) -> None:
    async with WireServer().running() as server:
        for more in ({}, extra):
            server.refuse(400)
            asked = request(offering=replace(request().offering, extra_body=more))
            await ask(transport, at(provider, server.url), asked)


@pytest.mark.parametrize(
    ("provider", "extra"),
    [(OPENAI, {"temperature": 0}), (OPENAI, {"thinking": {}}), (ANTHROPIC, {"top_k": 1})],
)
async def test_servers_check_what_they_were_sent(
    transport: Transport, provider: Provider, extra: dict[str, Any]
) -> None:
    """A test whose request a vendor would refuse fails at its end, whatever its server answered."""
    with pytest.raises(AssertionError, match=f"request 2 .*{next(iter(extra))}"):
        await _ask_twice(transport, provider, extra)
