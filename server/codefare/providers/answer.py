"""The messages of an answer, in whichever form it comes: as a stream, or all at once where a server does not stream."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from codefare.errors import RequestRefused, StreamBroken
from codefare.providers.complaint import complaint_in
from codefare.providers.failure import AttemptError, error_of, may_pass
from codefare.providers.form import LONGEST_START, Form, form_of, unsaid
from codefare.providers.payload import decoded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import httpx

    from codefare.providers.base import Dialect
    from codefare.providers.wire import Wire
    from codefare_catalog import Provider

_JSON = "application/json"  # it does not stream: the model is done when the headers come

LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that comes whole: more than any that is one."""


async def messages_of(
    response: httpx.Response, wire: Wire, provider: Provider, dialect: Dialect
) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """The decoded messages of an answer with a good status; None for `[DONE]`.

    Raises:
        AttemptError: It broke off, or is none; one that came whole may be billed all the same.
        ProviderError: It is an error.
    """
    kind = media_type(response)
    chunks = wire.chunks(response)
    async with aclosing(chunks):
        body = _Body(chunks)
        form = await body.form(dialect.form, kind)
        if form is Form.NOTHING:
            raise _no_answer(provider, f"answered with {kind or 'nothing'} in place of a stream")
        pieces = body.pieces()
        whole = form is Form.WHOLE
        messages = _spread(pieces, provider, dialect) if whole else wire.messages(pieces, form)
        async with aclosing(pieces), aclosing(messages):
            async for message in messages:
                yield message


def media_type(response: httpx.Response) -> str:
    """The content type in lower case, without parameters; empty if there is none."""
    header: str = response.headers.get("content-type", "")
    return header.partition(";")[0].strip().casefold()


class _Body:
    """A body of which the beginning is looked at before it is read."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._start = b""
        self._failure: AttemptError | None = None

    async def form(self, stream: Form, kind: str) -> Form:
        """What it is, once enough has come to tell.

        Raises:
            AttemptError: It broke off before.
        """
        found, came = form_of(b"", stream, kind, over=False), 0
        while found is None:
            if stream is Form.EVENTS:
                self._start = unsaid(self._start)
            try:
                chunk = await anext(self._chunks)
                self._start, came = self._start + chunk, came + len(chunk)
                over = came >= LONGEST_START
            except StopAsyncIteration:
                over = True
            except AttemptError as failure:
                self._failure, over = failure, True
            found = form_of(self._start, stream, kind, over=over)
        if self._failure is not None and found is not Form.WHOLE:
            self._failure.timed_out = kind == _JSON
            raise self._failure
        return found

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """All of it, from its beginning.

        Raises:
            AttemptError: It broke off.
        """
        yield self._start
        if self._failure is not None:
            raise self._failure
        async for chunk in self._chunks:
            yield chunk


async def _spread(
    pieces: AsyncIterator[bytes], provider: Provider, dialect: Dialect
) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """The messages of one JSON document.

    The model was done when it came: half of it, too, may be billed.
    """
    text, cut = await _received(pieces)
    if len(text) > LARGEST:
        error = StreamBroken("The answer is larger than any answer can be.")
        raise AttemptError(error, retry=False, timed_out=True)
    document = _decoded(text)
    if document is not None:
        messages = dialect.spread(document)
        for message in messages:
            yield message
        if not messages:
            raise _refusal(provider, document)
        return
    some = _half(text)
    for message in dialect.spread(some or {})[:-1]:
        yield message
    if some is None and not cut:
        said = "sent something that is not JSON, in place of a stream"
        raise _no_answer(provider, said, billed=True)
    said = f"{provider.name} cut the answer off before its end."
    error = StreamBroken(said, remedy="Run the action again.")
    raise AttemptError(error, retry=True, timed_out=True)


def _decoded(text: bytes) -> Mapping[str, Any] | None:
    try:
        # It begins as an object. What follows that is no part of it, as what follows a stream's end.
        document: Mapping[str, Any] = decoded(text, alone=False)
    except ValueError:
        return None
    return document


async def _received(pieces: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The body, or a little more than may be; and whether it broke off."""
    received = bytearray()
    try:
        async for piece in pieces:
            received += piece
            if len(received) > LARGEST:
                break
    except AttemptError:
        return bytes(received), True
    return bytes(received), False


def _half(text: bytes) -> Mapping[str, Any] | None:
    """What the beginning of a JSON object holds; None if it is not JSON. Without counts: the last may lack its end."""
    from pydantic_core import from_json

    try:
        some = from_json(text, allow_partial="trailing-strings", allow_inf_nan=False)
    except ValueError:
        return None
    return {name: value for name, value in some.items() if name != "usage"}


def _refusal(provider: Provider, document: Mapping[str, Any]) -> AttemptError:
    """What to say of a document that is no answer: some servers send their errors with a good status."""
    complaint = complaint_in(document)
    if not complaint.message and not document.get("error"):
        return _no_answer(provider, "sent JSON that is no answer")
    error = error_of(provider, complaint)
    return AttemptError(error, retry=may_pass(error))


def _no_answer(provider: Provider, said: str, *, billed: bool = False) -> AttemptError:
    error = RequestRefused(
        f"{provider.name} {said}.", remedy=f"Check base_url in [providers.{provider.id}]."
    )
    return AttemptError(error, retry=False, timed_out=billed)
