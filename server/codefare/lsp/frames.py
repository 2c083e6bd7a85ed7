"""Messages in a byte stream: header fields, a blank line, a body of Content-Length bytes.

The base protocol of LSP 3.17. Pure: bytes in, bodies out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BODY = 64 * 1024 * 1024
"""The largest body that is read, in bytes. Files beyond a few megabytes are refused anyway."""

_MAX_LINE = 8192
_KEPT = 64  # what is kept of garbage without a line end: the start of a header may be in it

_FIELD = re.compile(rb"([A-Za-z-]+)[ \t]*:[ \t]*(.*)")
# After garbage the next header may stand behind a body, since bodies end without a line end.
_GLUED = re.compile(rb"Content-Length[ \t]*:[ \t]*([0-9]{1,12})[ \t]*$", re.IGNORECASE)
_LENGTH = re.compile(rb"[0-9]{1,12}")


class FramingError(Exception):
    """The stream does not speak the base protocol of LSP, and its reader was told to be strict."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that were no message. Reported once, until a whole message was read again."""

    reason: str


class Frames:
    """Cuts a stream into message bodies.

    A lenient reader (stdio, where the one peer is the editor) skips garbage and finds the next
    header. A strict one (a socket, which anything on the machine can open, a web page in a browser
    included) allows only the two header fields that LSP defines and raises at anything else.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._buffer = bytearray()
        self._length: int | None = None
        self._need: int | None = None
        self._lost = False

    def feed(self, data: bytes) -> Iterator[bytes | Garbage]:
        """Yields what `data` completes.

        Raises:
            FramingError: if strict, at the first garbage.
        """
        self._buffer += data
        while True:
            if self._need is not None:
                if len(self._buffer) < self._need:
                    return
                body = self._take(self._need)
                self._need = None
                self._lost = False
                yield body
                continue
            end = self._buffer.find(b"\n")
            if end >= 0:
                yield from self._header(self._take(end + 1).strip())
                continue
            if len(self._buffer) > _MAX_LINE:
                yield from self._garbage("a header line without end")
                del self._buffer[:-_KEPT]
            return

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _header(self, line: bytes) -> Iterator[Garbage]:
        if not line:
            # A blank line without a length before it belongs to garbage that was reported already.
            self._need, self._length = self._length, None
            return
        field = _FIELD.fullmatch(line)
        name = field[1].lower() if field else b""
        if field and name == b"content-length":
            yield from self._set_length(field[2])
        elif field and name == b"content-type":
            pass  # LSP knows one charset, UTF-8
        elif self._strict or not field:
            yield from self._garbage("a line that is no header")
            if glued := _GLUED.search(line):
                yield from self._set_length(glued[1])

    def _set_length(self, digits: bytes) -> Iterator[Garbage]:
        if _LENGTH.fullmatch(digits) and int(digits) <= MAX_BODY:
            self._length = int(digits)
        else:
            self._length = None
            yield from self._garbage("a Content-Length that is no number or too large")

    def _garbage(self, reason: str) -> Iterator[Garbage]:
        if self._strict:
            raise FramingError(f"the stream is not LSP: {reason}")
        if not self._lost:
            self._lost = True
            yield Garbage(reason)
