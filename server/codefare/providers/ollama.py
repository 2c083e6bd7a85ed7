"""Ollama's own chat API (`POST /api/chat`, newline-delimited JSON).

Its OpenAI-like API ignores the context length and silently cuts long prompts at 4,096 tokens; this
one takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codefare import __version__
from codefare.errors import StreamBroken
from codefare.providers.base import Billed, Event, Request, Text, Thinking
from codefare.providers.complaint import complaint_in
from codefare.providers.endings import end_of
from codefare.providers.failure import error_of
from codefare.providers.form import TYPES, Form
from codefare.providers.payload import (
    count_at,
    merged,
    object_at,
    text_at,
    thinking_tokens,
    without,
)
from codefare_catalog import Provider, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from codefare_catalog import Ending

_SMALLEST_CONTEXT = 8_192
_FRAMING = 256
_ENDINGS: Mapping[str, Ending] = MappingProxyType({"stop": "complete", "length": "length"})


class OllamaChat:
    """Ollama's native dialect."""

    form = Form.LINES

    def url(self, provider: Provider) -> str:
        """The address for chats; the base URL may be the OpenAI-like one, ending in `/v1`."""
        return provider.base_url.rstrip("/").removesuffix("/v1") + "/api/chat"

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers; a key is only there for a proxy in front of it."""
        headers = {
            "accept": TYPES[self.form],
            "content-type": "application/json",
            "user-agent": f"codefare/{__version__}",
            **provider.headers,
        }
        return headers | {"authorization": f"Bearer {key}"} if key else headers

    def body(self, provider: Provider, request: Request) -> dict[str, Any]:
        """The request body, with a context that holds the prompt and the answer.

        `truncate` and `shift` make newer versions refuse what older ones cut without a word.
        """
        messages = [{"role": "user", "content": request.user}]
        if request.system:
            messages.insert(0, {"role": "system", "content": request.system})
        extra = merged(provider.extra_body, request.offering.extra_body)
        wanted = object_at(extra, "options").get("num_ctx")
        context = max(_context(request), wanted if isinstance(wanted, int) else 0)
        body = {
            "model": request.offering.wire_id,
            "messages": messages,
            "stream": True,
            "truncate": False,
            "shift": False,
            "options": {"num_ctx": context, "num_predict": request.max_tokens},
        }
        return without(provider.omit, merged(extra, body))

    async def events(
        self, provider: Provider, data: AsyncIterator[Mapping[str, Any] | None]
    ) -> AsyncIterator[Event]:
        """The events of the stream.

        Raises:
            ProviderError: An error came inside the stream.
            StreamBroken: The stream ended without `done`, or a message has the wrong shape.
        """
        async for message in data:
            if message is None:
                continue
            if message.get("error"):
                raise error_of(provider, complaint_in(message))
            content = object_at(message, "message")
            if thought := text_at(content, "thinking"):
                yield Thinking(thinking_tokens(thought))
            if text := text_at(content, "content"):
                yield Text(text)
            if message.get("done") is True:
                yield Billed(_usage(message))
                reason = text_at(message, "done_reason")
                model = text_at(message, "model") or None
                yield end_of(provider, _ENDINGS, reason, model)
                return
        raise StreamBroken(
            f"{provider.name} cut the answer off before its end.", remedy="Run the action again."
        )

    def spread(self, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
        """The messages of an answer that came whole: its text, and its end with the counters."""
        if not isinstance(document.get("message"), Mapping):
            return ()
        return {**document, "done": False}, {**document, "message": None}


def _context(request: Request) -> int:
    """Tokens of context to ask for: the answer, and a prompt a quarter longer than was counted.

    Rounded up to a power of two, since Ollama loads the model anew whenever the figure changes.
    """
    needed = request.input_tokens * 5 // 4 + request.max_tokens + _FRAMING
    context = _SMALLEST_CONTEXT
    while context < needed:
        context *= 2
    return min(context, request.offering.context_window)


def _usage(message: Mapping[str, Any]) -> Usage:
    """The counts; `prompt_eval_count` includes cached tokens (old versions leave it out then)."""
    prompt = count_at(message, "prompt_eval_count") or 0
    read = min(prompt, count_at(message, "prompt_eval_cached_count") or 0)
    return Usage(prompt - read, count_at(message, "eval_count") or 0, 0, read)
