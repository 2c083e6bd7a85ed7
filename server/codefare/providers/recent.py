"""Which beginnings of prompts were sent lately: a provider should keep those that will come again."""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.providers.base import Request

KEPT_SECONDS = 300.0
"""How long Anthropic keeps a prefix that it was asked to keep; each use begins that time anew."""

_MOST_KEPT = 512


class Recent:
    """What was sent within the last five minutes, as hashes.

    To have a prefix kept costs a quarter more than to send it, to send it again a tenth: it pays if it comes again with
    a chance of more than 28 %. One that came twice within five minutes is the same action on the same code with other
    words, and is likely to come a third time; of one that came once nothing is known. (Other actions have another
    beginning, and neighbouring functions share fewer tokens than any provider keeps.)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: dict[bytes, float] = {}

    def note(self, request: Request) -> None:
        """It was sent now."""
        if request.offering.cache_minimum is None:
            return
        now = self._clock()
        for length in (0, *request.borders):
            name = _name(request, length)
            self._sent.pop(name, None)  # the dictionary stays in the order of time
            self._sent[name] = now
        for name in list(self._sent)[:-_MOST_KEPT]:
            del self._sent[name]

    def prefix(self, request: Request) -> int | None:
        """Up to where (characters of `user`; 0 is `system` alone) it should be kept; None if it need not be.

        A prefix that is shorter than the provider keeps is not worth it; it would pass over the wish without a word.
        """
        shortest = request.offering.cache_minimum
        if shortest is None:
            return None
        whole = len(request.system) + len(request.user)
        for length in sorted({0, *request.borders}, reverse=True):
            tokens = request.input_tokens * (len(request.system) + length) // max(whole, 1)
            if tokens < shortest:
                return None
            at = self._sent.get(_name(request, length))
            if at is not None and self._clock() - at < KEPT_SECONDS:
                return length
        return None


def _name(request: Request, length: int) -> bytes:
    offering = request.offering
    parts = (offering.provider, offering.wire_id, request.system, request.user[:length])
    digest = sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
        digest.update(b"\xff")  # no part holds it
    return digest.digest()
