"""What a server said went wrong, in whichever shape it did."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST_MESSAGE = 300
_GLANCE = 10 * _LONGEST_MESSAGE
_LONGEST_SENTENCE = 1000  # bytes
_NO_SENTENCE = ("<", "{", "[")  # a page, or half of a document
_LONGEST_WORD = 64
_MOST_PLACES = 3
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SITE_OVERLOADED = 529
# The status that each word stands for where an error comes inside a 200, with no status of its own.
_STATUS_OF = {
    "api_error": 500,
    "authentication_error": 401,
    "context_length_exceeded": 400,
    "internal_server_error": 500,
    "invalid_api_key": 401,
    "invalid_request_error": 400,
    "model_not_found": 404,
    "not_found_error": 404,
    "overloaded_error": _SITE_OVERLOADED,
    "permission_error": 403,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "request_too_large": 413,
    "server_error": 500,
    "timeout_error": 504,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a server said went wrong: an HTTP status, words for the kind (lower case), a message."""

    status: int | None
    words: frozenset[str]
    message: str

    def says(self, entries: tuple[str, ...]) -> bool:
        """Whether it has one of these codes or, where an entry has a space, these words in its message."""
        message = self.message.casefold()
        return any(e in message if " " in e else e in self.words for e in entries)


def complaint_body(body: bytes) -> Any:
    """What stands in an error's body: JSON, or a sentence as some proxies write it; None if it is neither."""
    try:
        return json.loads(body)
    except RecursionError:
        return None
    except ValueError:
        text = " ".join(body[:_LONGEST_SENTENCE].decode("utf-8", "replace").split())
        said = text.isprintable() and "\ufffd" not in text and not text.startswith(_NO_SENTENCE)
        return {"message": text} if said else None


def complaint_in(payload: Any, status: int | None = None) -> Complaint:
    """Reads an error object of any of the vendors' shapes.

    Args:
        payload: The decoded JSON body or stream message; anything else counts as "no details".
        status: The HTTP status; None inside a stream, where the object says it or its words stand
            for one.
    """
    if isinstance(payload, list):  # Google's
        payload = next(iter(payload), None)
    outer = payload if isinstance(payload, Mapping) else {}
    inner = outer.get("error")
    if isinstance(inner, str) and inner:
        return Complaint(status, frozenset(), cleaned(inner))
    if not isinstance(inner, Mapping):  # absent, or a flag; Cloudflare has a list
        several = outer.get("errors")
        inner = next(iter(several), None) if isinstance(several, list) else outer
    fields = inner if isinstance(inner, Mapping) else {}
    # Anthropic's narrower codes stand in `details`.
    details = fields.get("details")
    narrower = details.get("error_code") if isinstance(details, Mapping) else None
    named = (fields.get("type"), fields.get("code"), narrower)
    words = frozenset(
        str(word)[:_LONGEST_WORD].casefold() for word in named if isinstance(word, (str, int))
    )
    said = (fields.get(name) for name in ("message", "msg", "detail"))
    message = next((text for text in said if isinstance(text, str)), _places(fields.get("detail")))
    return Complaint(status or _status_in(words), words, cleaned(message))


def _places(detail: Any) -> str:
    """The fields that FastAPI's list of mistakes is about, and the kind of each.

    All else in its entries may quote the request.
    """
    entries = (
        [entry for entry in detail if isinstance(entry, Mapping)]
        if isinstance(detail, list)
        else []
    )
    told = []
    for entry in entries[:_MOST_PLACES]:
        steps, kind = entry.get("loc"), entry.get("type")
        names = [s for s in steps if isinstance(s, str)] if isinstance(steps, list) else []
        place = ".".join(names[1:] if names[:1] == ["body"] else names)
        if _NAME.fullmatch(place) and isinstance(kind, str) and _NAME.fullmatch(kind):
            told.append(f"{place} ({kind})")
    return ", ".join(told)


def _status_in(words: frozenset[str]) -> int | None:
    for word in sorted(words):
        if word in _STATUS_OF:
            return _STATUS_OF[word]
    numbers = (int(word) for word in sorted(words) if word.isascii() and word.isdigit())
    return next((n for n in numbers if 400 <= n < 600), None)  # noqa: PLR2004 - HTTP's error range


def cleaned(text: str) -> str:
    """A server's text on one line, without control characters, cut at 300 characters."""
    some = text[:_GLANCE]  # it may be megabytes
    line = "".join(c for c in " ".join(some.split()) if c.isprintable())
    if len(line) > _LONGEST_MESSAGE or len(some) < len(text):
        return f"{line[: _LONGEST_MESSAGE - 1]}…"
    return line
