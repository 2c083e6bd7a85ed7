"""The same answer in every form in which HTTP and event streams may carry it, and in some in which they may not."""

from __future__ import annotations

from collections.abc import Iterator

from tests.wire.cases import TEXT, TEXTS, Case, Steps, Stream, stream
from tests.wire.hurry import Pause
from tests.wire.server import LAST_CHUNK, Answer, framed, head


def framing_cases(dialect: str) -> Iterator[Case]:
    """The same answer in every form in which HTTP and event streams may carry it, and in some in which they may not."""
    whole = stream(dialect)
    for name, raw in _line_ends(whole).items():
        for size in (1, 2, 7, 64, len(raw)):
            pieces = tuple(raw[i : i + size] for i in range(0, len(raw), size))
            answer = whole.answer(*pieces)
            yield Case(dialect, f"{name}, {size} bytes a time", (answer,), 1, whole=True, text=TEXT)
    for name, steps in _forms(whole):
        answer = Answer(steps, framing="raw")
        yield Case(dialect, name, (answer,), 1, whole=True, text=TEXT)
    for name, steps, text in _wrong_forms(whole):
        answer = Answer(steps, framing="raw")
        yield Case(dialect, name, (answer,) * 2, 1, text=text)
    yield from _slow(whole)


def _line_ends(whole: Stream) -> dict[str, bytes]:
    raw = whole.raw
    ends = {"LF": raw, "CRLF": raw.replace(b"\n", b"\r\n")}
    if whole.dialect != "ollama":  # lines of JSON end with LF
        ends["CR"] = raw.replace(b"\n", b"\r")
        lines = raw.split(b"\n")
        kinds = (b"\n", b"\r", b"\r\n")
        ends["mixed line ends"] = b"".join(
            line + kinds[number % 3] for number, line in enumerate(lines[:-1])
        )
    return ends


def _plain(whole: Stream, version: str = "1.1", **headers: str) -> bytes:
    kind = whole.answer().headers["content-type"]
    lines = [f"HTTP/{version} 200 OK", f"content-type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _forms(whole: Stream) -> Iterator[tuple[str, Steps]]:
    raw = whole.raw
    length = str(len(raw))
    chunked = head(whole.answer())
    yield "HTTP/1.0", (_plain(whole, "1.0"), raw)
    yield "without a length, to the end of the connection", (_plain(whole), raw)
    yield "with its length", (_plain(whole, content_length=length), raw)
    more = str(len(raw) + 100)
    yield "with too great a length", (_plain(whole, content_length=more), raw)
    yield (
        "early hints first",
        (b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + chunked, _end(raw)),
    )
    yield "a hundred first", (b"HTTP/1.1 100 Continue\r\n\r\n" + chunked, _end(raw))
    trailers = framed(raw) + b"0\r\nx-usage: 9\r\n\r\n"
    yield "with trailers", (chunked, trailers)
    yield "with chunk extensions", (chunked, b"%x;a=b\r\n%s\r\n" % (len(raw), raw) + LAST_CHUNK)
    yield "a chunk size that is none, after the end", (chunked, framed(raw), b"zz\r\n")
    yield "cookies and odd headers", (_plain(whole, set_cookie="a=b", x_odd="\tx\t"), raw)
    yield "a byte of the headers each second", (*_each(_plain(whole), 1.0), raw)


def _wrong_forms(whole: Stream) -> Iterator[tuple[str, Steps, str]]:
    raw, chunked = whole.raw, head(whole.answer())
    some = whole.start + whole.texts[0]
    yield "a chunk size that is none", (chunked, framed(some), b"zz\r\n" + raw), TEXTS[0]
    yield "a negative chunk size", (chunked, framed(some), b"-5\r\n" + raw), TEXTS[0]
    fewer = str(len(some))
    yield "with too small a length", (_plain(whole, content_length=fewer), raw), TEXTS[0]


def _slow(whole: Stream) -> Iterator[Case]:
    raw, dialect = whole.raw, whole.dialect
    answer = whole.answer(*_each(raw, 20.0, 100))
    yield Case(dialect, "five bytes a second", (answer,), 1, whole=True, text=TEXT)
    # 59 s apart no piece is late, but half an hour is over in the middle.
    crumbs = [step for _ in range(40) for step in (whole.texts[0], Pause(59))]
    answer = whole.answer(whole.start, *crumbs, whole.finish, whole.usage, whole.marker)
    yield Case(dialect, "a piece each minute", (answer,) * 2, 1, text=TEXTS[0] * 31)


def _each(data: bytes, seconds: float, size: int = 1) -> Steps:
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return tuple(step for piece in pieces for step in (piece, Pause(seconds)))


def _end(raw: bytes) -> bytes:
    return framed(raw) + LAST_CHUNK
