"""What a dialect is asked and what it tells: the seam between the engine and the wire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from codefare.providers.form import Form
    from codefare_catalog import Offering, Provider, Usage


class Stop(StrEnum):
    """Why an answer ended. Only COMPLETE is a whole answer; a reason we do not know is OTHER, never COMPLETE.

    BROKEN is no provider's word: the stream ended, or failed, without any.
    """

    COMPLETE = "complete"
    LENGTH = "length"
    REFUSED = "refused"
    FILTERED = "filtered"
    CONTEXT = "context"
    OTHER = "other"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to one offering. `max_tokens` bounds the answer, thinking included.

    `input_tokens` is our own count of the prompt's likely tokens, to notice a server that silently cut it.
    `borders` are where the parts of `user` end (characters, rising): providers keep prompts by such beginnings.
    `cache_prefix` asks to keep the prompt up to there, where the dialect has that; 0 is `system` alone, None nothing.
    """

    offering: Offering
    system: str
    user: str
    max_tokens: int
    input_tokens: int
    borders: tuple[int, ...] = ()
    cache_prefix: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model is thinking (`tokens` is an estimate of this piece): progress, not part of the answer."""

    tokens: int


@dataclass(frozen=True, slots=True)
class Billed:
    """What the provider has reported so far, cumulative within one attempt: the last one stands.

    `usd` is the provider's own figure for the charge, if it gives one.
    """

    usage: Usage
    usd: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The end marker came. `reason` is the provider's own word; `model` is the one that answered, if it says."""

    stop: Stop
    reason: str
    model: str | None = None


Event = Text | Thinking | Billed | End


class Dialect(Protocol):
    """A wire format: pure functions around one HTTP request. Knows no key store, no retries, no prices."""

    form: Form
    """How it streams."""

    def url(self, provider: Provider) -> str:
        """Where requests are posted."""
        ...

    def headers(self, provider: Provider, key: str | None) -> dict[str, str]:
        """All headers of the request but those that the HTTP client sets itself."""
        ...

    def body(self, provider: Provider, request: Request) -> dict[str, Any]:
        """The JSON body. The answer cache's key is made from it, so it must be the same for the same request."""
        ...

    def events(
        self, provider: Provider, data: AsyncIterator[Mapping[str, Any] | None]
    ) -> AsyncIterator[Event]:
        """The events of a stream of decoded JSON messages (None stands for the `[DONE]` marker).

        Raises:
            ProviderError: An error message came inside the stream.
            StreamBroken: The stream ended without its end marker, or a message has the wrong shape.
        """
        ...

    def spread(self, document: Mapping[str, Any]) -> Sequence[Mapping[str, Any] | None]:
        """The messages of the stream that would have said what an answer says that came whole.

        The last of them is the end, and brings nothing else. There are none if the document is no answer.
        """
        ...
