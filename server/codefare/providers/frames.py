"""From the bytes of a streamed answer to its JSON messages.

httpx-sse imports httpx: only `providers.wire` may import this.
"""

from __future__ import annotations

import codecs
from contextlib import aclosing
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from httpx_sse import EventSource

from codefare.errors import StreamBroken
from codefare.providers.failure import AttemptError
from codefare.providers.payload import decoded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import httpx

EVENT_BYTES = 4 * 1024 * 1024
TOTAL_BYTES = 256 * 1024 * 1024

_END_MARKER = "[DONE]"


class _Gauge:
    """How many bytes came in all, and since the last whole message."""

    def __init__(self) -> None:
        self._total = 0
        self._pending = 0

    def add(self, size: int) -> None:
        # What is pending is only known before a chunk, which may hold many small messages. It is 64 KiB at most as it
        # was sent: where it became so much larger, it was packed to do harm.
        if max(size, self._pending) > EVENT_BYTES or self._total > TOTAL_BYTES:
            raise _broken("The answer is larger than any answer can be", repeats=True)
        self._total += size
        self._pending += size

    def message(self) -> None:
        self._pending = 0


class _Checked:
    """What `EventSource` asks of a response, and no more: one of httpx's own would pack and unpack each piece anew."""

    headers = MappingProxyType({"content-type": "text/event-stream"})

    def __init__(self, chunks: AsyncIterator[bytes], gauge: _Gauge) -> None:
        self._chunks = chunks
        self._gauge = gauge

    def aiter_text(self) -> AsyncGenerator[str, None]:
        """The checked text, in pieces."""
        return _checked(self._chunks, self._gauge)


async def sse_messages(
    chunks: AsyncIterator[bytes],
) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """The JSON objects in the data of server-sent events; None for `[DONE]`.

    Comments bring no message. What an event called `error` says is a message's `error`, whatever its shape; of one
    called `ping` nothing is read.

    Lines end at CR, LF or CRLF only: other splitters break JSON texts at U+2028.

    Raises:
        AttemptError: It is not UTF-8, not JSON, or too large.
    """
    gauge = _Gauge()
    source = EventSource(cast("httpx.Response", _Checked(chunks, gauge)))
    async with aclosing(source.aiter_sse()) as events:
        async for event in events:
            gauge.message()
            data = event.data.strip()
            if data.startswith(_END_MARKER):
                yield None
            elif event.event == "ping":
                yield {"type": "ping"}
            elif data:
                yield _complaint(data) if event.event == "error" else _decoded(data)


async def ndjson_messages(
    chunks: AsyncIterator[bytes],
) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """The JSON objects of newline-delimited JSON; the last line needs no line end.

    Raises:
        AttemptError: It is not UTF-8, not JSON, or too large.
    """
    gauge = _Gauge()
    pieces: list[str] = []
    async with aclosing(_checked(chunks, gauge)) as checked:
        async for chunk in checked:
            *lines, rest = chunk.split("\n")
            for line in lines:
                gauge.message()
                pieces.append(line)
                text = "".join(pieces).strip()
                pieces.clear()
                if text:
                    yield _decoded(text)
            pieces.append(rest)
    if text := "".join(pieces).strip():
        yield _decoded(text)


async def _checked(chunks: AsyncIterator[bytes], gauge: _Gauge) -> AsyncGenerator[str, None]:
    """The same bytes as text, in pieces, without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        async for chunk in chunks:
            gauge.add(len(chunk))
            if text := decoder.decode(chunk):
                yield text
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _broken("The answer is not UTF-8 text", repeats=True) from None


def _decoded(text: str) -> Mapping[str, Any]:
    try:
        message = decoded(text)
    except ValueError:
        raise _broken("The server sent something that is not JSON") from None
    if not isinstance(message, dict):
        raise _broken("The server sent a message that is not a JSON object")
    return message


def _complaint(text: str) -> Mapping[str, Any]:
    """The message of an event that is an error by its name."""
    try:
        said = decoded(text)
    except ValueError:
        said = text
    fields = said if isinstance(said, dict) else {}
    return {"type": "error", "error": fields.get("error") or said}


def _broken(what: str, *, repeats: bool = False) -> AttemptError:
    error = StreamBroken(f"{what}.", remedy="Run the action again or use another model.")
    return AttemptError(error, retry=not repeats)
