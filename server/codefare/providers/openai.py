"""OpenAI chat completions (`POST {base}/chat/completions`, streamed), as many vendors speak it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

from codefare import __version__
from codefare.errors import Overloaded, StreamBroken
from codefare.providers.base import Billed, End, Event, Request, Stop, Text, Thinking
from codefare.providers.failure import complaint_in, error_of
from codefare.providers.payload import (
    at_path,
    count_at,
    merged,
    object_at,
    text_at,
    thinking_tokens,
)
from codefare_catalog import Provider, Usage

_COMPLETE = ("stop",)
_STOPS = {
    "length": Stop.LENGTH,
    "content_filter": Stop.FILTERED,
    "sensitive": Stop.FILTERED,  # z.ai
    "model_context_window_exceeded": Stop.CONTEXT,  # z.ai
}
# The server gave up: z.ai, DeepSeek, OpenRouter. Not an answer that ended, but a failure that may
# pass.
_FAILURES = frozenset({"network_error", "insufficient_system_resource", "error"})
_THINKING_FIELDS = ("reasoning_content", "reasoning")
_LARGEST_USD = (
    6  # decimal digits before the point: a guard against absurd numbers, not against dear answers
)


class ChatCompletions:
    """The dialect of OpenAI, its imitators and most local servers: they differ in catalog data."""

    def url(self, provider: Provider) -> str:
        """The address for chat completions."""
        return provider.base_url.rstrip("/") + "/chat/completions"

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers; the key goes in `Authorization`."""
        headers = {
            "accept": "text/event-stream",
            "content-type": "application/json",
            "user-agent": f"codefare/{__version__}",
            **provider.headers,
        }
        return headers | {"authorization": f"Bearer {key}"} if key else headers

    def body(self, provider: Provider, request: Request) -> dict[str, Any]:
        """The request body.

        Providers cache prompts by their prefix on their own: `cache_prefix` changes nothing.
        """
        messages = [{"role": "user", "content": request.user}]
        if request.system:
            messages.insert(0, {"role": "system", "content": request.system})
        body = {
            "model": request.offering.wire_id,
            "messages": messages,
            request.offering.max_tokens_field: request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return merged(provider.extra_body, request.offering.extra_body, body)

    async def events(
        self, provider: Provider, data: AsyncIterator[Mapping[str, Any] | None]
    ) -> AsyncIterator[Event]:
        """The events of the stream.

        Raises:
            ProviderError: An error came inside the stream, or the server gave up.
            StreamBroken: The stream ended without `[DONE]`, or a message has the wrong shape. Some
            self-hosted
                servers never send the marker: of these a finish reason with the usage is accepted
                in its place.
        """
        reader = _Reader(provider)
        async for message in data:
            if message is None:
                yield reader.end()
                return
            for event in reader.read(message):
                yield event
        if provider.self_hosted and reader.billed is not None and reader.reason:
            yield reader.end()
            return
        raise StreamBroken(
            f"{provider.name} cut the answer off before its end.", remedy="Run the action again."
        )


class _Reader:
    """What is known of one stream so far."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._refused = False
        self._model = ""
        self.reason = ""
        self.billed: Billed | None = None

    def read(self, message: Mapping[str, Any]) -> list[Event]:
        if message.get("error"):
            raise error_of(self._provider, complaint_in(message))
        events: list[Event] = []
        self._model = self._model or text_at(message, "model")
        choices = message.get("choices") or []
        if not isinstance(choices, list) or not all(isinstance(c, Mapping) for c in choices):
            raise StreamBroken(f"{self._provider.name} sent `choices` in a wrong shape.")
        for choice in choices:
            if choice.get("index") in (0, None):  # no set: it may be what cannot be hashed
                events += self._read_choice(choice)
        billed = _billed(self._provider, message)
        if billed is not None and billed != self.billed:
            self.billed = billed
            events.append(billed)
        return events

    def _read_choice(self, choice: Mapping[str, Any]) -> list[Event]:
        if choice.get("error"):
            raise error_of(self._provider, complaint_in(choice))
        delta = object_at(choice, "delta")
        events: list[Event] = []
        thought = next((t for name in _THINKING_FIELDS if (t := text_at(delta, name))), "")
        if thought:
            events.append(Thinking(thinking_tokens(thought)))
        if text := text_at(delta, "content"):
            events.append(Text(text))
        if refusal := text_at(delta, "refusal"):
            # The user may read why; `Stop.REFUSED` keeps it from being applied.
            self._refused = True
            events.append(Text(refusal))
        told = text_at(choice, "finish_reason")
        # An answer that was once said to be cut is not made whole by a later word.
        if told and (not self.reason or self._is_complete(self.reason)):
            self.reason = told
        return events

    def _is_complete(self, reason: str) -> bool:
        return reason in (self._provider.complete_reasons or _COMPLETE)

    def end(self) -> End:
        if not self.reason:
            raise StreamBroken(f"{self._provider.name} ended the answer without a reason.")
        if self.reason in _FAILURES:
            raise Overloaded(
                f"{self._provider.name} gave up in the middle of the answer ({self.reason}).",
                remedy="Try again in a few minutes or use another provider.",
            )
        if self._refused:
            return End(Stop.REFUSED, "refusal", self._model or None)
        stop = _STOPS.get(self.reason, Stop.OTHER)
        if self._is_complete(self.reason):
            stop = Stop.COMPLETE
        return End(stop, self.reason, self._model or None)


def _billed(provider: Provider, message: Mapping[str, Any]) -> Billed | None:
    for path in (provider.usage_path, "usage"):
        report = at_path(message, path) if path else None
        if isinstance(report, Mapping):
            usage = _usage(report)
            if usage is not None:
                return Billed(usage, _usd(report))
    return None


def _usage(report: Mapping[str, Any]) -> Usage | None:
    """The four classes out of a report whose prompt includes cached tokens; None without counts.

    Cached tokens are counted in `prompt_tokens_details`, DeepSeek's hit counter or Moonshot's
    `cached_tokens`: always the same tokens, so that the first of them stands.
    """
    hit = count_at(report, "prompt_cache_hit_tokens")
    miss = count_at(report, "prompt_cache_miss_tokens")
    prompt = count_at(report, "prompt_tokens")
    if prompt is None and miss is not None:
        prompt = (hit or 0) + miss
    completion = count_at(report, "completion_tokens")
    if prompt is None or completion is None:
        return None
    details = _details(report, "prompt_tokens_details")
    counters = (count_at(details, "cached_tokens"), hit, count_at(report, "cached_tokens"))
    read = next((n for n in counters if n is not None), 0)
    written = count_at(details, "cache_write_tokens") or 0
    # A server whose cached tokens outnumber its prompt counts them apart from it: then nothing may
    # be taken off.
    fresh = prompt - read - written if read + written <= prompt else prompt
    return Usage(fresh, _output(report, prompt, completion), written, read)


def _output(report: Mapping[str, Any], prompt: int, completion: int) -> int:
    """The output with its reasoning; a few vendors count that in the total only."""
    reasoning = count_at(_details(report, "completion_tokens_details"), "reasoning_tokens") or 0
    apart = count_at(report, "total_tokens") == prompt + completion + reasoning
    return completion + reasoning if apart else completion


def _details(report: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    details = report.get(name)
    return details if isinstance(details, Mapping) else {}


def _usd(report: Mapping[str, Any]) -> str | None:
    """OpenRouter's `cost` in USD, the real charge; None where the user pays the host as well."""
    usd = report.get("cost")
    if isinstance(usd, int) and not isinstance(usd, bool):
        usd = Decimal(usd)
    if not isinstance(usd, Decimal) or not usd.is_finite() or report.get("is_byok"):
        return None
    return format(usd, "f") if usd >= 0 and usd.adjusted() < _LARGEST_USD else None
