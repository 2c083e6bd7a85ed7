"""OpenAI chat completions (`POST {base}/chat/completions`, streamed), as many vendors speak it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from codefare import __version__
from codefare.errors import StreamBroken
from codefare.providers.base import Billed, End, Event, Request, Stop, Text, Thinking
from codefare.providers.complaint import complaint_in
from codefare.providers.endings import end_of, is_complete
from codefare.providers.failure import error_of
from codefare.providers.form import TYPES, Form
from codefare.providers.payload import (
    at_path,
    count_at,
    merged,
    object_at,
    text_at,
    thinking_tokens,
    without,
)
from codefare_catalog import Ending, Provider, Usage, UsageFields

_ENDINGS: Mapping[str, Ending] = MappingProxyType(
    {"stop": "complete", "length": "length", "content_filter": "filtered"}
)
_CACHE_WRITES = "prompt_tokens_details.cache_write_tokens"
_REASONING = "completion_tokens_details.reasoning_tokens"
_THINKING_FIELDS = ("reasoning_content", "reasoning")
_LARGEST_USD = (
    6  # decimal digits before the point: a guard against absurd numbers, not against dear answers
)


class ChatCompletions:
    """The dialect of OpenAI, its imitators and most local servers: they differ in catalog data."""

    form = Form.EVENTS

    def url(self, provider: Provider) -> str:
        """The address for chat completions."""
        return provider.base_url.rstrip("/") + "/chat/completions"

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers; the key goes in `Authorization`."""
        headers = {
            "accept": TYPES[self.form],
            "content-type": "application/json",
            "user-agent": f"codefare/{__version__}",
            **provider.headers,
        }
        return headers | {"authorization": f"Bearer {key}"} if key else headers

    def body(self, provider: Provider, request: Request) -> dict[str, Any]:
        """The request body.

        Providers keep prompts by their beginning on their own: `cache_prefix` changes nothing.
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
        return without(
            provider.omit, merged(provider.extra_body, request.offering.extra_body, body)
        )

    async def events(
        self, provider: Provider, data: AsyncIterator[Mapping[str, Any] | None]
    ) -> AsyncIterator[Event]:
        """The events of the stream.

        Raises:
            ProviderError: An error came inside the stream, or the server gave up.
            StreamBroken: The stream ended without `[DONE]`, or a message has the wrong shape. Where
                the provider never sends the marker, a finish reason with the usage stands for it.
        """
        reader = _Reader(provider)
        async for message in data:
            if message is None:
                yield reader.end()
                return
            for event in reader.read(message):
                yield event
        if provider.ends_without_marker and reader.billed is not None and reader.reason:
            yield reader.end()
            return
        raise StreamBroken(
            f"{provider.name} cut the answer off before its end.", remedy="Run the action again."
        )

    def spread(self, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
        """The messages of a chat completion that came whole: its message is all there is of a delta."""
        choices = document.get("choices")
        if not isinstance(choices, list) or not all(isinstance(c, Mapping) for c in choices):
            return ()
        if choices and "message" not in choices[0]:  # of another API, or a stream's
            return ()
        return {**document, "choices": [c | {"delta": c.get("message")} for c in choices]}, None


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
        text, thought = _content(delta)
        thought += next((t for name in _THINKING_FIELDS if (t := text_at(delta, name))), "")
        if thought:
            events.append(Thinking(thinking_tokens(thought)))
        if text:
            events.append(Text(text))
        if refusal := text_at(delta, "refusal"):
            # The user may read why; `Stop.REFUSED` keeps it from being applied.
            self._refused = True
            events.append(Text(refusal))
        told = text_at(choice, "finish_reason")
        # An answer that was once said to be cut is not made whole by a later word.
        if told and (not self.reason or is_complete(self._provider, _ENDINGS, self.reason)):
            self.reason = told
        return events

    def end(self) -> End:
        end = end_of(self._provider, _ENDINGS, self.reason, self._model or None)
        return replace(end, stop=Stop.REFUSED, reason="refusal") if self._refused else end


def _content(delta: Mapping[str, Any]) -> tuple[str, str]:
    """The text and the thinking of a delta whose content is text, or a list of parts (Mistral's)."""
    parts = delta.get("content")
    if not isinstance(parts, list):
        return text_at(delta, "content"), ""
    text = thought = ""
    for part in parts:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if kind == "text":
            text += text_at(part, "text")
        elif kind == "thinking":
            thought += _content({"content": part.get("thinking")})[0]
    return text, thought


def _billed(provider: Provider, message: Mapping[str, Any]) -> Billed | None:
    fields = provider.usage
    for path in fields.report:
        report = at_path(message, path)
        if isinstance(report, Mapping):
            usage = _usage(fields, report)
            if usage is not None:
                return Billed(usage, _usd(fields, report))
    return None


def _usage(fields: UsageFields, report: Mapping[str, Any]) -> Usage | None:
    """The four classes out of a report whose prompt includes cached tokens; None without counts."""
    read = next((n for path in fields.cached if (n := _count(report, path)) is not None), 0)
    prompt = count_at(report, "prompt_tokens")
    fresh = _count(report, fields.uncached)
    if prompt is None and fresh is not None:
        prompt = read + fresh
    completion = count_at(report, "completion_tokens")
    if prompt is None or completion is None:
        return None
    written = _count(report, _CACHE_WRITES) or 0
    # A server whose cached tokens outnumber its prompt counts them apart from it: then nothing may
    # be taken off.
    fresh = prompt - read - written if read + written <= prompt else prompt
    return Usage(fresh, _output(report, prompt, completion), written, read)


def _output(report: Mapping[str, Any], prompt: int, completion: int) -> int:
    """The output with its reasoning; a few servers count that in the total only."""
    reasoning = _count(report, _REASONING) or 0
    apart = count_at(report, "total_tokens") == prompt + completion + reasoning
    return completion + reasoning if apart else completion


def _count(report: Mapping[str, Any], path: str | None) -> int | None:
    """The tokens at a dotted path; None if there are none."""
    above, _, name = (path or "").rpartition(".")
    holder = at_path(report, above) if above else report
    return count_at(holder, name) if isinstance(holder, Mapping) else None


def _usd(fields: UsageFields, report: Mapping[str, Any]) -> str | None:
    """The real charge in USD, where the provider tells it."""
    usd = at_path(report, fields.cost_usd) if fields.cost_usd else None
    if isinstance(usd, int) and not isinstance(usd, bool):
        usd = Decimal(usd)
    if not isinstance(usd, Decimal) or not usd.is_finite():
        return None
    if fields.no_cost and at_path(report, fields.no_cost):
        return None
    return format(usd, "f") if usd >= 0 and usd.adjusted() < _LARGEST_USD else None
