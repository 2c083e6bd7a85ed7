"""One HTTP request to a model and the reading of its answer, within time limits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from codefare.errors import StreamBroken, Unreachable
from codefare.providers.answer import messages_of
from codefare.providers.backoff import asked_wait
from codefare.providers.base import Billed, Dialect, End, Event, Request, Text
from codefare.providers.complaint import complaint_body, complaint_in
from codefare.providers.failure import AttemptError, error_of, may_pass
from codefare.providers.payload import TextJoiner, encoded

if TYPE_CHECKING:
    import httpx

    from codefare.providers.keys import Secret
    from codefare.providers.wire import Wire
    from codefare_catalog import Provider

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

# Some frameworks call whatever answers a POST 201. A part of a body (206) is none that was asked for.
_SUCCESSES = frozenset({200, 201, 202, 203})
_ERROR_BODY_SECONDS = 5.0
_DRAIN_SECONDS = 0.1
# The longest token of any vocabulary is a run of 128 spaces. Some servers do not keep to the tokens that they are asked
# for; but nobody wants megabytes in an editor.
_LONGEST_TOKEN = 128
_ALWAYS_TAKEN = 2**20
# A self-hosted server that read less than this share of the prompt, and so many tokens less, has
# cut it; to no less than a window holds.
_WHOLE_SHARE = 0.6
_WHOLE_SLACK = 200
_SMALLEST_WINDOW = 200


@dataclass(slots=True)
class Patience:
    """How long to wait for the next data: `first` seconds until text has come, `idle` seconds then.

    Never beyond `deadline`, an instant of `clock`. `who` is the server's name for messages. `sent` tells that the
    request is on its way: one that timed out before was not, so that nothing can be owed for it.
    """

    who: str
    first: float
    idle: float
    deadline: float
    clock: Callable[[], float]
    started: bool = False
    sent: bool = False

    async def hold(self, awaitable: Awaitable[_T]) -> _T:
        """The awaitable's result.

        Raises:
            AttemptError: It took too long.
        """
        silence = self.idle if self.started else self.first
        left = self.deadline - self.clock()
        try:
            async with asyncio.timeout(min(silence, left)):
                return await awaitable
        except TimeoutError:
            said = f"sent nothing for {silence:.0f} s"
            if self.started:
                said = "stopped in the middle of the answer"
            if left < silence:  # it may have sent, but for too long
                said = (
                    "did not finish its answer in time"
                    if self.sent
                    else "could not be reached in time"
                )
            kind = StreamBroken if self.started else Unreachable
            error = kind(
                f"{self.who} {said}.", remedy="Try again in a few minutes or use another model."
            )
            raise AttemptError(error, retry=True, timed_out=self.sent) from None

    async def each(self, messages: AsyncIterator[_T]) -> AsyncGenerator[_T, None]:
        """The same messages, each awaited for so long only."""
        while True:
            try:
                message = await self.hold(anext(messages))
            except StopAsyncIteration:
                return
            yield message


async def attempt(
    wire: Wire,
    provider: Provider,
    dialect: Dialect,
    request: Request,
    *,
    key: Secret | None,
    patience: Patience,
    connect: float,
    on_headers: Callable[[Mapping[str, str]], None] | None = None,
    on_sent: Callable[[], None] = lambda: None,
) -> AsyncGenerator[Event, None]:
    """Sends the request once and yields its events.

    Raises:
        AttemptError: The request failed outside of the stream.
        ProviderError: The stream itself told of a failure.
    """

    def sent() -> None:
        patience.sent = True
        on_sent()

    response = await patience.hold(
        wire.send(
            "POST",
            dialect.url(provider),
            who=provider.name,
            headers=dialect.headers(provider, key.reveal() if key else None),
            content=encoded(dialect.body(provider, request)),
            connect=connect,
            on_sent=sent,
        )
    )
    try:
        await _check(wire, provider, response)
        if on_headers is not None:
            on_headers(response.headers)
        messages = messages_of(response, wire, provider, dialect)
        timed = patience.each(messages)
        events = dialect.events(provider, timed)
        joiner, room = TextJoiner(), max(_ALWAYS_TAKEN, _LONGEST_TOKEN * request.max_tokens)
        billed: Billed | None = None
        # Closed from the inside out: each reads from the next.
        async with aclosing(messages), aclosing(timed), _closing(events):
            async for event in events:
                if isinstance(event, Text):
                    patience.started = True
                    room -= len(event.text)
                    if room < 0:
                        raise _too_long()
                    if text := joiner.feed(event.text):
                        yield Text(text)
                    continue
                if isinstance(event, Billed):
                    billed = event
                if isinstance(event, End):
                    _close(joiner)
                    # Not before: what an answer's start reports may be a placeholder.
                    _check_prompt(provider, request, billed)
                yield event
            await _drain(messages)
    finally:
        await response.aclose()


def _close(joiner: TextJoiner) -> None:
    """Raises if the text is none. It came to its end, and is paid: to have another is for the user to say."""
    try:
        joiner.close()
    except StreamBroken as error:
        raise AttemptError(error, retry=False) from None


def _too_long() -> AttemptError:
    remedy = "Run the action again or use another model."
    error = StreamBroken("The answer is longer than any answer can be.", remedy=remedy)
    return AttemptError(error, retry=False)


@asynccontextmanager
async def _closing(events: AsyncIterator[Event]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _drain(messages: AsyncIterator[object]) -> None:
    """Reads what follows the end marker, so that the server sees its answer taken; not for long."""
    with contextlib.suppress(TimeoutError, AttemptError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in messages:
                pass


async def _check(wire: Wire, provider: Provider, response: httpx.Response) -> None:
    """Raises what a status says that is no success."""
    status = response.status_code
    if status in _SUCCESSES:
        return
    _log.debug("%s: status %d", provider.id, status)
    payload = await _complaint_body(wire, response)
    wait = asked_wait(response.headers, datetime.now(UTC))
    error = error_of(provider, complaint_in(payload, status), retry_after=wait)
    retry = may_pass(error) and response.headers.get("x-should-retry") != "false"
    raise AttemptError(error, retry=retry, wait=wait)


async def _complaint_body(wire: Wire, response: httpx.Response) -> Any:
    """What an error's body says: JSON, or a plain sentence; None if it is neither, or does not come."""
    try:
        async with asyncio.timeout(_ERROR_BODY_SECONDS):
            return complaint_body(await wire.body_of(response))
    except TimeoutError:
        return None


def _check_prompt(provider: Provider, request: Request, billed: Billed | None) -> None:
    """Raises if a local server has not read the whole prompt: its answer would be wrong.

    Servers that report no count cannot be checked, nor those that report always the same few.
    """
    seen = billed.usage.prompt if billed else 0
    missing = request.input_tokens - seen
    cut = _SMALLEST_WINDOW <= seen < _WHOLE_SHARE * request.input_tokens
    if not provider.self_hosted or not cut:
        return
    if missing > _WHOLE_SLACK:
        error = StreamBroken(
            f"{provider.name} silently cut the prompt: "
            f"it read {seen} of about {request.input_tokens} tokens.",
            remedy=(
                "Raise its context length: OLLAMA_CONTEXT_LENGTH (Ollama), --ctx-size (llama.cpp), "
                "--max-model-len (vLLM), Context Length (LM Studio)."
            ),
        )
        raise AttemptError(error, retry=False)
