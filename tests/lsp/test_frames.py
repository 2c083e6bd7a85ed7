"""Messages are found in the byte stream, however it is cut and whatever stands between them."""

from __future__ import annotations

import pytest
from tests.lsp.client import frame

from codefare.lsp.frames import MAX_BODY, Frames, FramingError, Garbage

BODY = b'{"jsonrpc":"2.0"}'


def test_messages_in_pieces():
    """A message is found however its bytes arrive."""
    stream = frame(BODY) + frame(b"{}") + frame("ü".encode())
    for size in (1, 2, 7, len(stream)):
        frames = Frames()
        found = [
            item
            for start in range(0, len(stream), size)
            for item in frames.feed(stream[start : start + size])
        ]
        assert found == [BODY, b"{}", "ü".encode()]


@pytest.mark.parametrize(
    "header",
    [
        b"content-length:17\r\n\r\n",
        b"Content-Length: 17\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 17\r\n\r\n",
        b"Content-Length: 17\r\nContent-Type: x\r\n\r\n",
    ],
)
def test_header_spellings(header):
    """Header names have no case, and both line ends and other fields are taken."""
    assert list(Frames().feed(header + BODY)) == [BODY]


@pytest.mark.parametrize(
    "garbage",
    [
        b"Content-Length: many\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n{}",
        b"Content-Length: %d\r\n\r\n{}" % (MAX_BODY + 1),
        b"Content-Length: 99999999999999999999\r\n\r\n{}",
        b"Content-Type: x\r\n\r\n{}",
        b"hello\r\nthere\r\n",
        b"\x00\xff\xfe" * 10_000,
        b"x" * 50_000 + b"\r\n",
    ],
)
def test_garbage_is_skipped(garbage):
    """After garbage, which is told once, the next message is found, even on the same line."""
    frames = Frames()
    found = list(frames.feed(garbage + frame(BODY)))
    assert [type(item) for item in found] == [Garbage, bytes]
    assert found[1] == BODY
    assert list(frames.feed(frame(b"{}"))) == [b"{}"]


def test_endless_garbage_takes_no_memory():
    """A stream without line ends is not kept."""
    frames = Frames()
    for _ in range(1000):
        list(frames.feed(b"x" * 65536))
    assert len(frames._buffer) < 65536


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 17\r\n\r\n",
        b"Content-Length: 17\r\nOrigin: http://example.org\r\n\r\n",
        b"Content-Length: x\r\n\r\n",
        b"x" * 10_000,
    ],
)
def test_strict_reader_refuses_all_else(request_bytes):
    """On a socket nothing but LSP is heard: a web page's POST never becomes a message."""
    with pytest.raises(FramingError):
        list(Frames(strict=True).feed(request_bytes + BODY))


def test_strict_reader_takes_lsp():
    """A strict reader reads what the specification allows."""
    assert list(Frames(strict=True).feed(b"Content-Type: x\r\n" + frame(BODY))) == [BODY]
