"""Everything that can go wrong with a stream, at every point of it, for each dialect: cases made from tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.wire.cases import TEXT, TEXTS, Case, Steps, Stream, stream
from tests.wire.hurry import Pause
from tests.wire.server import Answer, Step
from tests.wire.vendors import sse

from codefare.errors import Overloaded, ProviderError, StreamBroken, Unreachable

_EMOJI = "😀".encode()
_BROKEN_BYTES = b"\xff\xfe\x00\x80\xc3\n\n"
_BLOCK = b"x" * 1_000_000


@dataclass(frozen=True)
class Point:
    """A place in a stream: what was sent by then, what is left, and the text that has come."""

    name: str
    before: bytes
    after: bytes
    text: str
    inside: bool = False
    ended: bool = False


def points(of: Stream) -> Iterator[Point]:
    """Every point after the headers at which a fault makes a difference."""
    raw, first, second = of.raw, of.texts[0], of.texts[1]
    body = b"".join(of.texts)

    def point(name: str, before: bytes, text: str, **more: bool) -> Point:
        return Point(name, before, raw[len(before) :], text, **more)

    yield point("after the headers", b"", "")
    if of.start:
        yield point("before the first text", of.start, "")
    line = first[: first.index(TEXTS[0].encode())]
    yield point("in the first line", of.start + line, "", inside=True)
    yield point("in the text", of.start + first, TEXTS[0])
    half = second[: second.index(_EMOJI) + 2]
    yield point("in a character", of.start + first + half, TEXTS[0], inside=True)
    if of.usage:
        yield point("before the usage", of.start + body + of.finish, TEXT)
    yield point("before the end marker", raw[: -len(of.marker)], TEXT)
    yield point("in the end marker", raw[: -len(of.marker) + 7], TEXT, inside=True)
    yield point("after the end marker", raw, TEXT, ended=True)


@dataclass(frozen=True)
class Fault:
    """What happens at a point. `follows`: the rest of the stream comes after it.

    `harmless` ones change nothing. Of the others `requests` is how often the same request may be sent before its first
    text, and `error` what is told then. One that `ends_lines` makes half a message, which is not JSON, of a line in
    which it comes.
    """

    name: str
    steps: Steps
    error: type[ProviderError] = StreamBroken
    requests: int = 3
    follows: bool = False
    harmless: bool = False
    ends_lines: bool = False

    def within(self, point: Point) -> Fault:
        """The same as it is told at this point."""
        if self.ends_lines and point.inside:
            return replace(self, error=StreamBroken, requests=3)
        return self


def faults(dialect: str) -> Iterator[Fault]:
    """What can happen at any point of a stream of this dialect."""
    lines = dialect == "ollama"
    error: dict[str, Any] = {"type": "overloaded_error", "message": "Overloaded"}
    told = b'{"error": "overloaded"}\n' if lines else sse({"type": "error", "error": error})
    page = b"<html><body>502 Bad Gateway</body></html>\n"
    line = b"" if lines else b"data: "
    yield Fault("cut", (Step.CUT,))
    yield Fault("clean end", ())
    yield Fault("reset", (Step.RESET,))
    yield Fault("stall", (Step.HANG,), Unreachable, 2)
    yield Fault("keep-alives alone", (Step.COMMENTS,), Unreachable, 2, ends_lines=True)
    yield Fault("bytes that are no text", (_BROKEN_BYTES,), requests=1, follows=True)
    yield Fault("a line that is not JSON", (b"\n" + line + b"{oops\n\n",), follows=True)
    yield Fault("a message that is a list", (b"\n" + line + b"[1]\n\n",), follows=True)
    yield Fault("a page", (page,))
    yield Fault("a huge line", (line, *(_BLOCK for _ in range(6)), Step.HANG), requests=1)
    yield Fault("an error message", (b"\n" + told,), Overloaded, ends_lines=True)
    yield Fault("a pause", (Pause(55),), follows=True, harmless=True)
    yield from _noise(lines=lines)


def _noise(*, lines: bool) -> Iterator[Fault]:
    if lines:
        noise = {
            "empty lines": b"\n\r\n\n",
            "an unknown message": b'{"model": "m:7b", "news": [1, {"x": null}]}\n',
            "unknown fields": b'{"message": {"content": "", "mood": "fine"}, "done": false}\n',
        }
    else:
        noise = {
            "comments": b": OPENROUTER PROCESSING\n\n:\n\n",
            "an unknown event": sse({"type": "weather_report", "choices": None}, "weather"),
            "unknown fields": b"mood: fine\nid: 7\nretry: 10\n\nevent: x\ndata:\n\n",
            "a ping": sse({"type": "ping"}, "ping"),
        }
    for name, data in noise.items():
        yield Fault(name, (data,), follows=True, harmless=True, ends_lines=True)


def stream_cases(dialect: str) -> Iterator[Case]:
    """Every fault at every point, on each attempt; and, where it is tried again, on the first one alone."""
    whole = stream(dialect)
    for point in points(whole):
        for fault in faults(dialect):
            if fault.harmless and point.inside and fault.ends_lines:
                continue
            rest = (point.after,) if fault.follows else ()
            answer = whole.answer(point.before, *fault.steps, *rest)
            name = f"{fault.name}, {point.name}"
            yield from _of_point(whole, point, fault.within(point), name, answer)
    for name, steps, error, requests in _before_headers():
        answer = Answer(steps, framing="raw")
        yield Case(dialect, f"{name}, before the headers", (answer,) * 4, requests, error)
        if requests > 1:
            again = (answer, whole.whole)
            yield Case(dialect, f"once {name}, before the headers", again, 2, whole=True, text=TEXT)


def _of_point(
    whole: Stream, point: Point, fault: Fault, name: str, answer: Answer
) -> Iterator[Case]:
    dialect = whole.dialect
    if fault.harmless or point.ended:
        yield Case(dialect, name, (answer,), 1, whole=True, text=TEXT)
    elif point.text:
        yield Case(dialect, name, (answer,) * 2, 1, text=point.text)
    else:
        yield Case(dialect, name, (answer,) * 4, fault.requests, fault.error)
        if fault.requests > 1:
            again = (answer, whole.whole)
            yield Case(dialect, f"once {name}", again, 2, whole=True, text=TEXT)


def _before_headers() -> Iterator[tuple[str, Steps, type[ProviderError], int]]:
    line = b"HTTP/1.1 200 OK\r\n"
    yield "cut", (Step.CUT,), Unreachable, 3
    yield "reset", (Step.RESET,), Unreachable, 3
    yield "stall", (Step.HANG,), Unreachable, 2
    yield "cut in the status line", (line[:9], Step.CUT), Unreachable, 3
    yield "cut in the headers", (line, b"content-type: text/", Step.CUT), Unreachable, 3
    yield "stall in the headers", (line, b"content-type: text/", Step.HANG), Unreachable, 2
    yield "not HTTP", (b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",), Unreachable, 3
    yield "bytes", (bytes(range(256)) * 4,), Unreachable, 3
    yield "a huge header", (line + b"x: ", *(_BLOCK for _ in range(3)), Step.HANG), Unreachable, 3
    slow = (step for byte in line for step in (bytes([byte]), Pause(20)))
    yield "a byte of the headers each 20 s", (*slow, Step.HANG), Unreachable, 2
