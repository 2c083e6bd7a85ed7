"""Answers that are no stream, or not quite one: error statuses in every shape, types, compression, redirects, odd ends.

Cases made from tables.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

from tests.wire.cases import DIALECTS, TEXT, TEXTS, Case, Steps, stream
from tests.wire.server import Answer, Step
from tests.wire.vendors import sse

from codefare.errors import (
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    StreamBroken,
)

_JSON = {"content-type": "application/json"}
_PASSING = (408, 409, 425, 429, 500, 502, 503, 504, 520, 529)
_COMMON = (429, 500, 502, 503, 504, 529)
_SOME_SHAPES = ("Anthropic's", "OpenAI's", "Ollama's", "a page", "nothing", "cut off")
_REFUSED: dict[int, type[ProviderError]] = {
    400: RequestRefused,
    401: KeyRefused,
    402: OutOfCredit,
    403: RequestRefused,
    404: RequestRefused,
    413: RequestRefused,
    418: RequestRefused,
    422: RequestRefused,
    501: RequestRefused,
    206: RequestRefused,
}


def shapes(status: int) -> dict[str, Answer]:
    """One error in every form in which vendors, gateways and proxies send it."""
    said = "Something went wrong here."
    bodies: dict[str, Any] = {
        "Anthropic's": {"type": "error", "error": {"type": "weird", "message": said}},
        "OpenAI's": {"error": {"message": said, "type": "weird", "param": None, "code": None}},
        "OpenRouter's": {"error": {"code": status, "message": said, "metadata": {"raw": "x"}}},
        "Ollama's": {"error": said},
        "FastAPI's": {"detail": [{"loc": ["body"], "msg": said}]},
        "DashScope's": {"code": "weird", "message": said, "request_id": "7"},
        "a list": [{"error": {"message": said}}],
        "null": None,
    }
    texts = {name: json.dumps(body).encode() for name, body in bodies.items()}
    text = texts["OpenAI's"]
    page = Answer(
        (f"<html>{said}</html>".encode(),), status, {"content-type": "text/html"}, "length"
    )
    made = {name: Answer((body,), status, _JSON, "length") for name, body in texts.items()}
    return made | {
        "a page": page,
        "a sentence": Answer((said.encode(),), status, {"content-type": "text/plain"}, "length"),
        "nothing": Answer((), status, {}, "length"),
        "without a type": Answer((text,), status, {}, "length"),
        "half of its JSON": Answer((text[:20],), status, _JSON, "length"),
        "deep JSON": Answer((b"[" * 100_000,), status, _JSON, "length"),
        "bytes": Answer((bytes(range(128, 256)),), status, _JSON, "length"),
        "cut off": Answer((text[:20], Step.CUT), status, _JSON),
        "reset": Answer((text[:20], Step.RESET), status, _JSON),
        "stalled": Answer((text[:20], Step.HANG), status, _JSON),
        "compressed": Answer((gzip.compress(text),), status, _JSON | {"content-encoding": "gzip"}),
        "badly compressed": Answer((b"no gzip",), status, _JSON | {"content-encoding": "gzip"}),
        "as a stream": Answer(
            (sse(bodies["OpenAI's"]),), status, {"content-type": "text/event-stream"}
        ),
    }


def status_cases() -> Iterator[Case]:
    """Each status in each shape where it may pass, and in some where it is rare; the dialects take turns."""
    turn = 0
    for status in (*_PASSING, *_REFUSED):
        for name, answer in shapes(status).items():
            if status not in _COMMON and name not in _SOME_SHAPES:
                continue
            wanted = DIALECTS if status == 429 else (DIALECTS[turn % 3],)
            turn += 1
            for dialect in wanted:
                error = RateLimited if status == 429 else _REFUSED.get(status, Overloaded)
                requests = 3 if status in _PASSING else 1
                yield Case(dialect, f"{status}: {name}", (answer,) * 4, requests, error)
    for dialect in DIALECTS:
        whole = stream(dialect)
        for status in _PASSING:
            answers = (shapes(status)["Anthropic's"], whole.whole)
            name = f"{status} once"
            yield Case(dialect, name, answers, 2, whole=True, text=TEXT, waits=(0.5,))


_LATER = {"date": "Mon, 23 Nov 2026 10:00:00 GMT"}
_DATE = _LATER | {"retry-after": "Mon, 23 Nov 2026 10:00:09 GMT"}
# What a server asks to wait: the wait before the next request, or None where that is too long.
WAITS: list[tuple[dict[str, str], float | None]] = [
    ({"retry-after": "7"}, 7.0),
    ({"retry-after": "0"}, 0.0),
    ({"retry-after": " 1.5 "}, 1.5),
    ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
    (_DATE, 9.0),
    (_LATER | {"retry-after": "Mon, 23 Nov 2026 09:00:00 GMT"}, 0.0),
    (_LATER | {"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, None),
    ({"retry-after": "20"}, 20.0),
    ({"retry-after": "20.001"}, None),
    ({"retry-after": "3600"}, None),
    ({"retry-after": "1e300"}, None),
    ({"retry-after": "9" * 400}, 0.5),
    ({"retry-after": "-3"}, 0.5),
    ({"retry-after-ms": "-3"}, 0.5),
    ({"retry-after": "nan"}, 0.5),
    ({"retry-after": "inf"}, 0.5),
    ({"retry-after": "soon"}, 0.5),
    ({"retry-after": ""}, 0.5),
    ({"retry-after": "\u00b2"}, 0.5),
    ({"retry-after": f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT"}, 0.5),
    ({"x-should-retry": "true"}, 0.5),
    ({"x-should-retry": "false"}, None),
]


def wait_cases() -> Iterator[Case]:
    """What a server asks to wait is waited for, if it can be, before the same request is sent again."""
    for status, error in ((429, RateLimited), (503, Overloaded)):
        for turn, (headers, wait) in enumerate(WAITS):
            answer = Answer((b"{}",), status, _JSON | headers, "length")
            name = f"{status} with {', '.join(f'{k} {v[:30]!r}' for k, v in headers.items())}"
            for dialect in DIALECTS[:2] if status == 429 else (DIALECTS[turn % 3],):
                if wait is None:
                    yield Case(dialect, name, (answer,) * 2, 1, error, waits=())
                else:
                    again = (answer, stream(dialect).whole)
                    yield Case(dialect, name, again, 2, whole=True, text=TEXT, waits=(wait,))


_NO_ANSWERS = {
    "a page": b"<!DOCTYPE html>\n<html><body>Please log in to the network.</body></html>",
    "a sentence": b"Upgrade your plan to use this model.\n",
    "a sentence that begins as a stream does": b"data is not available\n\n",
    "a list": b'[{"role": "assistant"}]',
    "a text": b'"Hello."',
    "nothing": b"",
    "blank lines": b"\r\n" * 500,
    "another document": b'{"status": "ok", "object": "list", "data": []}',
    "an empty document": b"{}",
}


def type_cases(dialect: str) -> Iterator[Case]:
    """A stream is one whatever it is called, and nothing else is."""
    whole = stream(dialect)
    right = whole.answer().headers["content-type"]
    kinds = (right.upper(), f"{right};charset=UTF-8", f"{right} ; x=y", f"{right};", right + "s")
    for kind in (*kinds, "application/json", "text/html", "text/plain", "", "nonsense"):
        answer = Answer((whole.raw,), headers={"content-type": kind})
        yield Case(dialect, f"type {kind!r}", (answer,), 1, whole=True, text=TEXT)
    yield Case(dialect, "without a type", (Answer((whole.raw,)),), 1, whole=True, text=TEXT)
    bytewise = Answer((b"\xef\xbb\xbf", b"\n", *(bytes([b]) for b in whole.raw)))
    name = "without a type, a byte a time"
    yield Case(dialect, name, (bytewise,), 1, whole=True, text=TEXT)
    for name, body in _NO_ANSWERS.items():
        for kind in ("text/html", "text/plain", "application/json", ""):
            answer = Answer((body,), headers={"content-type": kind})
            yield Case(dialect, f"{name} as {kind!r}", (answer,) * 2, 1, RequestRefused)
    endless = Answer((b" " * 5_000_000, Step.HANG), headers={"content-type": "text/html"})
    yield Case(dialect, "a page without an end", (endless,) * 2, 1, RequestRefused)
    for code, kind_of, requests in (
        (401, KeyRefused, 1),
        (402, OutOfCredit, 1),
        (429, RateLimited, 3),
        (503, Overloaded, 3),
    ):
        error = json.dumps({"error": {"code": code, "message": "told in a 200"}}).encode()
        answer = Answer((error,), headers=_JSON)
        yield Case(dialect, f"{code} inside a 200", (answer,) * 4, requests, kind_of)


def packed_cases(dialect: str) -> Iterator[Case]:
    """Compressed answers, whole and broken."""
    whole = stream(dialect)
    raw = whole.raw
    packed = gzip.compress(raw, mtime=0)
    bomb = gzip.compress(whole.start + b" " * 50_000_000, 1, mtime=0)
    some = zlib.compressobj(wbits=31)
    first = some.compress(whole.start + whole.texts[0]) + some.flush(zlib.Z_SYNC_FLUSH)
    gz = {"content-encoding": "gzip"}
    good = {
        "gzip": whole.answer(packed, **gz),
        "gzip, a byte a time": whole.answer(*(bytes([b]) for b in packed), **gz),
        "gzip as it comes": whole.answer(
            first, some.compress(raw[len(whole.start + whole.texts[0]) :]) + some.flush(), **gz
        ),
        "GZIP in capitals": whole.answer(packed, **{"content-encoding": "GZIP"}),
        "gzip without its check sum": whole.answer(packed[:-8], **gz),
        "deflate": whole.answer(zlib.compress(raw), **{"content-encoding": "deflate"}),
        "deflate without its head": whole.answer(
            zlib.compress(raw)[2:-4], **{"content-encoding": "deflate"}
        ),
        "identity": whole.answer(raw, **{"content-encoding": "identity"}),
        "an encoding that nobody knows, and plain": whole.answer(raw, **{"content-encoding": "x"}),
    }
    for name, answer in good.items():
        yield Case(dialect, name, (answer,), 1, whole=True, text=TEXT)
    bad = {
        "gzip that is none": (whole.answer(raw, **gz), 3),
        "gzip cut at once": (whole.answer(packed[:12], Step.CUT, **gz), 3),
        "brotli that was not asked for": (
            whole.answer(b"\x8b\xff\x03", **{"content-encoding": "br"}),
            1,
        ),
        "a bomb": (whole.answer(bomb, **gz), 1),
    }
    for name, (answer, requests) in bad.items():
        yield Case(dialect, name, (answer,) * 4, requests, StreamBroken)
    ends: dict[str, Steps] = {
        "cut": (Step.CUT,),
        "broken": (b"\xff" * 50,),
        "stalled": (Step.HANG,),
    }
    for name, rest in ends.items():
        answer = whole.answer(first, *rest, **gz)
        yield Case(dialect, f"gzip {name} in the text", (answer,) * 2, 1, text=TEXTS[0])


def redirect_cases(other: str) -> Iterator[Case]:
    """A redirect is never followed, wherever it points: least of all with a key."""
    places = {
        "another host": other + "/v1/messages",
        "another host without its scheme": other.removeprefix("http:") + "/x",
        "a path": "/elsewhere",
        "nothing": "",
        "no address": "http://[::1",
        "a file": "file:///etc/passwd",
        "an address with a name": other.replace("//", "//user:word@"),
        "a port that is none": "http://127.0.0.1:99999999/",
        "nonsense": "\xff\xfe %%% \x7f",
    }
    turn = 0
    for status in (301, 302, 303, 307, 308):
        for name, place in places.items():
            answer = Answer((b"{}",), status, _JSON | {"location": place}, "length")
            for dialect in DIALECTS if name == "another host" else (DIALECTS[turn % 3],):
                yield Case(dialect, f"{status} to {name}", (answer,) * 4, 1, RequestRefused)
            turn += 1
    for dialect in DIALECTS:
        refresh = Answer((b"{}",), 200, _JSON | {"refresh": f"0; url={other}", "location": other})
        yield Case(dialect, "a 200 with a place to go", (refresh,) * 2, 1, RequestRefused)


def end_cases(dialect: str) -> Iterator[Case]:
    """What comes after the end marker is no part of the answer; and an end that says less than the whole is none."""
    whole = stream(dialect)
    lines = dialect == "ollama"
    after = {
        "a second end marker": whole.marker,
        "the last messages again": whole.finish + whole.usage + whole.marker,
        "more text": whole.texts[0],
        "a second answer": whole.raw,
        "an error": b'{"error": "x"}\n'
        if lines
        else sse({"type": "error", "error": {"message": "x"}}),
        "what is not JSON": b"{oops\n\n",
        "bytes": b"\xff\xff\n",
        "much": b"x" * 5_000_000,
    }
    for name, data in after.items():
        answer = whole.answer(whole.raw, data)
        yield Case(dialect, f"{name} after the end", (answer,), 1, whole=True, text=TEXT)
    if dialect == "anthropic":  # the others have no message that begins an answer
        twice = whole.answer(whole.start, whole.texts[0], whole.raw)
        yield Case(dialect, "an answer that begins again", (twice,) * 2, 1, text=TEXTS[0])
    no_marker = whole.answer(whole.raw[: -len(whole.marker)])
    yield Case(dialect, "no end marker", (no_marker,) * 2, 1, text=TEXT)
    last = whole.raw.rstrip(b"\n")
    answer = whole.answer(last)
    # Server-sent events end with an empty line; a last line of JSON does not need its line end.
    if lines:
        yield Case(dialect, "no line end at the end", (answer,), 1, whole=True, text=TEXT)
    else:
        yield Case(dialect, "no empty line at the end", (answer,) * 2, 1, text=TEXT)
