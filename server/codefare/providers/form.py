"""What the body of an answer is: told by its first bytes, since servers call streams by many names."""

from __future__ import annotations

import re
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from codefare.providers.payload import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(Enum):
    """How an answer comes; a dialect streams in one of the first two."""

    EVENTS = "server-sent events"
    LINES = "lines of JSON"
    WHOLE = "one JSON document"
    NOTHING = "nothing that a model says"


TYPES: Mapping[Form, str] = MappingProxyType(
    {Form.EVENTS: "text/event-stream", Form.LINES: "application/x-ndjson"}
)
"""The content type that each kind of stream should have."""

LONGEST_START = 64 * 1024
"""Bytes: what has not shown by then what it is, is nothing. Blank lines keep some connections alive."""

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_COMMENTS = re.compile(rb"(?:[\r\n]|:[^\r\n]*+[\r\n])*+")
_FIELDS = (b"data:", b"event:", b"id:", b"retry:")


def form_of(start: bytes, stream: Form, kind: str, *, over: bool) -> Form | None:
    """What a body is that begins with these bytes; None as long as that cannot be told.

    Args:
        start: What has come so far.
        stream: How the dialect streams.
        kind: Its content type, in lower case and without parameters.
        over: Whether no more will come.
    """
    labelled = kind == TYPES[stream]
    if labelled and stream is Form.LINES:
        return stream
    over = over or len(start) >= LONGEST_START
    text = start.removeprefix(_BOM)
    if text.lstrip(_BLANK).startswith(b"{"):
        return Form.WHOLE if stream is Form.EVENTS else _lines_or_whole(text, over=over)
    open_ = _BOM.startswith(start) or not text.strip(_BLANK)
    if stream is Form.EVENTS and not labelled and not open_:
        rest = _COMMENTS.sub(b"", text, count=1)
        if rest.startswith(_FIELDS):
            return stream
        open_ = rest.startswith(b":") or any(field.startswith(rest) for field in _FIELDS)
    if open_ and not over:
        return None
    return stream if labelled else Form.NOTHING


def unsaid(start: bytes) -> bytes:
    """The beginning of events without the comments and blank lines that it begins with: they need no second look."""
    return _COMMENTS.sub(b"", start.removeprefix(_BOM), count=1)


def _lines_or_whole(text: bytes, *, over: bool) -> Form | None:
    """Whether the first line is a message of its own: a document may be written over several."""
    line, end, _ = text.lstrip(_BLANK).partition(b"\n")
    if not end:
        return Form.WHOLE if over else None
    try:
        decoded(line)
    except ValueError:
        return Form.WHOLE
    return Form.LINES
