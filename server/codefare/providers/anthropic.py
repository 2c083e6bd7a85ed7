"""The Anthropic Messages API (`POST /v1/messages`, streamed)."""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codefare import __version__
from codefare.errors import StreamBroken
from codefare.providers.base import Billed, End, Event, Request, Text, Thinking
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
    from collections.abc import AsyncIterator, Mapping, Sequence

    from codefare_catalog import Ending

# Newer versions refuse every sampling parameter; this one is still served, and we send none in any
# case.
VERSION = "2023-06-01"

# We name no stop sequences and no tools, so that `stop_sequence`, `tool_use` and `pause_turn` are
# not whole answers.
_ENDINGS: Mapping[str, Ending] = MappingProxyType(
    {
        "end_turn": "complete",
        "max_tokens": "length",
        "model_context_window_exceeded": "context",
        "refusal": "refused",
    }
)
_KEEP = MappingProxyType({"cache_control": {"type": "ephemeral"}})
_CLASSES = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)


class AnthropicMessages:
    """The dialect of Anthropic and of those who imitate it."""

    form = Form.EVENTS

    def url(self, provider: Provider) -> str:
        """The address for messages; a base URL may end in `/v1` or not."""
        return provider.base_url.rstrip("/").removesuffix("/v1") + "/v1/messages"

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers; the key goes in `x-api-key`."""
        headers = {
            "accept": TYPES[self.form],
            "anthropic-version": VERSION,
            "content-type": "application/json",
            "user-agent": f"codefare/{__version__}",
            **provider.headers,
        }
        return headers | {"x-api-key": key} if key else headers

    def body(self, provider: Provider, request: Request) -> dict[str, Any]:
        """The request body; newer models refuse sampling parameters and prefilled answers."""
        body: dict[str, Any] = {
            "model": request.offering.wire_id,
            "max_tokens": request.max_tokens,
            "messages": [{"role": "user", "content": _content(request)}],
            "stream": True,
        }
        if request.system:
            block: dict[str, Any] = {"type": "text", "text": request.system}
            if request.cache_prefix == 0:
                block |= _KEEP
            body["system"] = [block]
        return without(
            provider.omit, merged(provider.extra_body, request.offering.extra_body, body)
        )

    async def events(
        self, provider: Provider, data: AsyncIterator[Mapping[str, Any] | None]
    ) -> AsyncIterator[Event]:
        """The events of the stream; types that are not known are passed over.

        Raises:
            ProviderError: An `error` event came.
            StreamBroken: There was no `message_stop`, or a message has the wrong shape.
        """
        reader = _Reader(provider)
        async for message in data:
            if message is None:  # `[DONE]` is not this protocol's: what counts is `message_stop`
                continue
            event = reader.read(message)
            if event is not None:
                yield event
            if isinstance(event, End):
                return
        raise StreamBroken(
            f"{provider.name} cut the answer off before its end.", remedy="Run the action again."
        )

    def spread(self, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
        """The messages of a message that came whole: each of its blocks comes at once."""
        blocks = document.get("content")
        if not isinstance(blocks, list):
            return ()
        end = {"stop_reason": document.get("stop_reason")}
        return (
            {"type": "message_start", "message": document},
            *({"type": "content_block_start", "content_block": block} for block in blocks),
            {"type": "message_delta", "delta": end, "usage": document.get("usage")},
            {"type": "message_stop"},
        )


def _content(request: Request) -> str | list[dict[str, Any]]:
    """The user's text; in blocks where a part of it is to be kept: at their ends the API looks for what it kept."""
    end = request.cache_prefix
    if not end:
        return request.user
    ends = [0, *(border for border in request.borders if border < end), end]
    blocks: list[dict[str, Any]] = [
        {"type": "text", "text": request.user[start:stop]} for start, stop in pairwise(ends)
    ]
    blocks[-1] |= _KEEP
    rest = request.user[end:]
    return [*blocks, {"type": "text", "text": rest}] if rest else blocks


class _Reader:
    """What is known of one stream so far."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._counts: dict[str, int] = {}
        self._begun = False
        self._reason = ""
        self._model = ""

    def read(self, message: Mapping[str, Any]) -> Event | None:
        kind = message.get("type")
        if kind == "error" or (kind is None and "error" in message):
            raise error_of(self._provider, complaint_in(message))
        if kind == "message_start":
            # A gateway that asked again behind our back: two answers in one are none.
            if self._begun:
                raise StreamBroken(f"{self._provider.name} began the answer a second time.")
            self._begun = True
            start = object_at(message, "message")
            self._model = text_at(start, "model")
            return self._billed(object_at(start, "usage"))
        if kind == "content_block_start":
            return _piece(object_at(message, "content_block"))
        if kind == "content_block_delta":
            return _piece(object_at(message, "delta"))
        if kind == "message_delta":
            self._reason = text_at(object_at(message, "delta"), "stop_reason") or self._reason
            return self._billed(object_at(message, "usage"))
        return self._end() if kind == "message_stop" else None

    def _billed(self, usage: Mapping[str, Any]) -> Billed | None:
        """Takes over the counts that a message brings: they are cumulative, the last one stands."""
        fresh = {name: count for name in _CLASSES if (count := count_at(usage, name)) is not None}
        self._counts |= fresh
        return Billed(_usage(self._counts)) if fresh else None

    def _end(self) -> End:
        return end_of(self._provider, _ENDINGS, self._reason, self._model or None)


def _piece(block: Mapping[str, Any]) -> Text | Thinking | None:
    """The text or thinking of a block's start or of a delta; None for the other kinds."""
    if text := text_at(block, "text"):
        return Text(text)
    if thought := text_at(block, "thinking"):
        return Thinking(thinking_tokens(thought))
    return None


def _usage(counts: Mapping[str, int]) -> Usage:
    """The four classes; `input_tokens` excludes both cache classes already."""
    return Usage(
        input=counts.get("input_tokens", 0),
        output=counts.get("output_tokens", 0),
        cache_write=counts.get("cache_creation_input_tokens", 0),
        cache_read=counts.get("cache_read_input_tokens", 0),
    )
