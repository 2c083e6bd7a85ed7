"""The body of an answer as it was before it was compressed, in pieces of a bounded size.

httpx unpacks whatever comes at once, however often it was packed: of 12 KB that becomes 2 GB.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE = 16 * 1024
"""Bytes of the largest piece."""

ASKED_FOR = "gzip, deflate"
"""What an answer may be packed with, as requests say it. httpx would name whatever it finds installed: brotli, zstd."""

_HEAD_BYTES = 2
_GZIP, _DEFLATE = "gzip", "deflate"
_NAMES = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}


class PackedError(Exception):
    """It cannot be unpacked: it is damaged or, which would be so again (`repeats`), packed to do harm."""

    def __init__(self, *, repeats: bool = False) -> None:
        super().__init__()
        self.repeats = repeats


class Body(Protocol):
    """What an answer's body is read with."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What these bytes come to.

        Raises:
            PackedError: They cannot be unpacked.
        """
        ...


def body_for(content_encoding: str) -> Body:
    """How to read a body with this header; other names than those asked for mean nothing.

    Raises:
        PackedError: It is packed more than once.
    """
    names = [name.strip().casefold() for name in content_encoding.split(",")]
    known = [_NAMES[name] for name in names if name in _NAMES]
    if len(known) > 1:
        raise PackedError(repeats=True)
    return _Packed(known[0]) if known else _Plain()


class _Plain:
    """A body as it came."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), PIECE):
            yield data[at : at + PIECE]


class _Packed:
    """A compressed body. Some servers send deflate without the head that belongs to it."""

    def __init__(self, name: str) -> None:
        gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._inflater = gzip if name == _GZIP else None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflater is None:
            self._head += data
            if len(self._head) < _HEAD_BYTES:
                return
            data, self._head = self._head, b""
            self._inflater = zlib.decompressobj(
                zlib.MAX_WBITS if _has_head(data) else -zlib.MAX_WBITS
            )
        piece = b"" if self._inflater.eof else self._inflate(data)
        while piece:
            yield piece
            # A full piece may not be all, even if all that came is read.
            rest = self._inflater.unconsumed_tail
            piece = self._inflate(rest) if rest or len(piece) == PIECE else b""

    def _inflate(self, data: bytes) -> bytes:
        if self._inflater is None:
            return b""
        try:
            return self._inflater.decompress(data, PIECE)
        except zlib.error:
            raise PackedError from None


def _has_head(data: bytes) -> bool:
    """Whether this begins as RFC 1950 says."""
    return data[0] & 15 == zlib.DEFLATED and (data[0] << 8 | data[1]) % 31 == 0
