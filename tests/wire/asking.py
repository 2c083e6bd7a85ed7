"""Asks a test's server as the product does, and keeps what came."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.wire.vendors import request as any_request

from codefare.errors import ProviderError
from codefare.providers.anthropic import AnthropicMessages
from codefare.providers.base import Billed, Dialect, End, Event, Request, Text, Thinking
from codefare.providers.keys import Secret
from codefare.providers.ollama import OllamaChat
from codefare.providers.openai import ChatCompletions

if TYPE_CHECKING:
    from codefare.providers.http import Transport
    from codefare_catalog import Provider, Usage

DIALECTS: dict[str, Dialect] = {
    "anthropic": AnthropicMessages(),
    "openai": ChatCompletions(),
    "ollama": OllamaChat(),
}
KEY = "sk-canary-0123456789abcdef"


@dataclass
class Heard:
    """Everything that one request brought."""

    events: list[Event] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    retried: list[ProviderError] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        """The answer's text."""
        return "".join(e.text for e in self.events if isinstance(e, Text))

    @property
    def thinking(self) -> int:
        """The tokens of thinking."""
        return sum(e.tokens for e in self.events if isinstance(e, Thinking))

    @property
    def bills(self) -> list[Billed]:
        """All reports of usage."""
        return [e for e in self.events if isinstance(e, Billed)]

    @property
    def billed(self) -> Billed:
        """The last report of usage."""
        return self.bills[-1]

    @property
    def usage(self) -> Usage:
        """The last usage."""
        return self.billed.usage

    @property
    def end(self) -> End:
        """The end, which is the last event."""
        last = self.events[-1]
        assert isinstance(last, End)
        return last


async def ask(
    transport: Transport,
    provider: Provider,
    request: Request | None = None,
    key: str | None = KEY,
) -> Heard:
    """Streams one request to its end or its error."""
    heard = Heard()

    async def before(number: int) -> None:
        heard.attempts.append(number)

    async def after(_number: int, error: ProviderError) -> None:
        heard.retried.append(error)

    events = transport.stream(
        provider,
        DIALECTS[provider.dialect],
        request or any_request(),
        Secret(key) if key else None,
        on_attempt=before,
        on_retry=after,
    )
    try:
        async with aclosing(events):
            async for event in events:
                heard.events.append(event)
    except ProviderError as error:
        heard.error = error
    return heard


async def ask_whole(
    transport: Transport, provider: Provider, request: Request | None = None
) -> Heard:
    """The same where no error may come."""
    heard = await ask(transport, provider, request)
    assert heard.error is None, heard.error
    return heard
