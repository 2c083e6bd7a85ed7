"""What the vendors send: streams, and the catalog rows to reach a test's server as one of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from codefare.providers.base import Request
from codefare_catalog import Offering, Price, Provider, Rate, load_catalog


def rate(usd: str) -> Rate:
    """A rate that is no range."""
    return Rate(Decimal(usd), Decimal(usd))


def price(input_: str, output: str, write: str | None = None, read: str | None = None) -> Price:
    """A price in USD per million tokens."""
    return Price(
        rate(input_),
        rate(output),
        "test",
        date(2026, 11, 23),
        cache_write=rate(write) if write else None,
        cache_read=rate(read) if read else None,
    )


PROVIDERS = load_catalog().providers
ANTHROPIC = PROVIDERS["anthropic"]
OPENAI = PROVIDERS["openai"]
LOCAL = PROVIDERS["local"]
OLLAMA = replace(LOCAL, name="Ollama", dialect="ollama")


def at(provider: Provider, base_url: str, **changes: Any) -> Provider:
    """The same provider at this address."""
    return replace(provider, base_url=base_url, **changes)


def request(**changes: Any) -> Request:
    """A request for a test model."""
    offering = Offering("model", "provider", "wire-model", 200_000, 64_000, (price("3", "15"),))
    base = Request(
        offering=offering,
        system="You are a careful engineer.",
        user="def f(): pass",
        max_tokens=1000,
        input_tokens=20,
    )
    return replace(base, **changes)


def sse(data: Any, event: str | None = None) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data)
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {text}\n\n".encode()


def anthropic_stream(
    *texts: str,
    usage: dict[str, Any] | None = None,
    output: int = 12,
    reason: str = "end_turn",
) -> list[bytes]:
    """A whole answer of Anthropic's, event by event."""
    usage = usage or {"input_tokens": 25, "output_tokens": 1}
    start = {"type": "message", "role": "assistant", "model": "claude-x-20260101", "usage": usage}
    block = {"type": "text", "text": ""}
    deltas = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": text},
        }
        for text in texts
    ]
    messages: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": block},
        {"type": "ping"},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": {"output_tokens": output},
        },
        {"type": "message_stop"},
    ]
    return [sse(message, message["type"]) for message in messages]


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    """One chunk of a chat completion."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return sse({"id": "x", "model": "gpt-x-2026", "choices": [choice], **more})


DONE = sse("[DONE]")


def openai_stream(
    *texts: str, usage: dict[str, Any] | None = None, finish: str = "stop"
) -> list[bytes]:
    """A whole chat completion, chunk by chunk."""
    usage = usage or {"prompt_tokens": 25, "completion_tokens": 12, "total_tokens": 37}
    return [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": text}) for text in texts),
        chunk({}, finish),
        sse({"id": "x", "model": "gpt-x-2026", "choices": [], "usage": usage}),
        DONE,
    ]


def ollama_stream(*texts: str, **done: Any) -> list[bytes]:
    """A whole answer of Ollama's, line by line."""
    lines: list[dict[str, Any]] = [
        {"model": "m:7b", "message": {"role": "assistant", "content": text}, "done": False}
        for text in texts
    ]
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 25, "eval_count": 12} | done
    lines.append({"model": "m:7b", "message": {"role": "assistant", "content": ""}, **end})
    return [json.dumps(line).encode() + b"\n" for line in lines]


def whole_answer(dialect: str, text: str) -> dict[str, Any]:
    """The same answer as the dialect's stream, as a server sends it that does not stream."""
    if dialect == "anthropic":
        return {
            "id": "x",
            "type": "message",
            "role": "assistant",
            "model": "claude-x-20260101",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 25, "output_tokens": 12},
        }
    message = {"role": "assistant", "content": text}
    if dialect == "ollama":
        counts = {"prompt_eval_count": 25, "eval_count": 12}
        return {"model": "m:7b", "message": message, "done": True, "done_reason": "stop"} | counts
    return {
        "id": "x",
        "object": "chat.completion",
        "model": "gpt-x-2026",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 25, "completion_tokens": 12, "total_tokens": 37},
    }
