"""The dialects by their names, and what a request is in its provider's: pure functions of both."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codefare.providers.anthropic import AnthropicMessages
from codefare.providers.ollama import OllamaChat
from codefare.providers.openai import ChatCompletions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codefare.providers.base import Dialect, Request
    from codefare_catalog import Provider

_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {"anthropic": AnthropicMessages(), "openai": ChatCompletions(), "ollama": OllamaChat()}
)


def dialect_of(provider: Provider) -> Dialect:
    """What a provider speaks."""
    return _DIALECTS[provider.dialect]


def url_of(provider: Provider) -> str:
    """Where requests to it are posted."""
    return dialect_of(provider).url(provider)


def body_of(provider: Provider, request: Request) -> dict[str, Any]:
    """The body of a request, as JSON values."""
    return dialect_of(provider).body(provider, request)


def fingerprint_of(provider: Provider, request: Request) -> Mapping[str, Any]:
    """What decides an answer: `dialect`, `url` and `body`. Never a key."""
    body = body_of(provider, request)
    return {"dialect": provider.dialect, "url": url_of(provider), "body": body}
