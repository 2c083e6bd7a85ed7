"""Answers that come whole, as one JSON document, from servers that do not stream: cases made from tables."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

from tests.wire.cases import TEXT, Case, Steps, stream
from tests.wire.hurry import Pause
from tests.wire.server import Answer, Step
from tests.wire.vendors import whole_answer

from codefare.errors import ProviderError, RequestRefused, StreamBroken, Unreachable

_JSON = {"content-type": "application/json"}
_GZ = _JSON | {"content-encoding": "gzip"}
_EMOJI = "😀".encode()


def whole_cases(dialect: str) -> Iterator[Case]:
    """A whole answer in every form is the same one; what is less is never complete, and may have been billed."""
    raw = _bytes(whole_answer(dialect, TEXT))
    for name, answer in _forms(dialect, raw).items():
        yield Case(dialect, f"whole, {name}", (answer,), 1, whole=True, text=TEXT)
    for name, before, text in _points(raw):
        yield from _broken_at(dialect, name, before, text)
    for name, body in _no_answers(raw).items():
        answer = Answer((body,), headers=_JSON)
        yield Case(dialect, f"whole, {name}", (answer,) * 2, 1, RequestRefused)
    huge = Answer((raw[:-1], *(b" " * 1_000_000 for _ in range(6)), Step.HANG), headers=_JSON)
    yield Case(dialect, "whole, without an end", (huge,) * 2, 1, StreamBroken)


def _bytes(document: dict[str, Any], **more: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, **more).encode()


def _forms(dialect: str, raw: bytes) -> dict[str, Answer]:
    packed = gzip.compress(raw, mtime=0)
    pretty = _bytes(whole_answer(dialect, TEXT), indent=2)
    alive = tuple(step for _ in range(5) for step in (b"\n", Pause(50)))
    streams = stream(dialect).answer().headers
    return {
        "as JSON": Answer((raw,), headers=_JSON),
        "with its length": Answer((raw,), 200, _JSON, "length"),
        "in capitals": Answer((raw,), headers={"Content-Type": "APPLICATION/JSON; charset=UTF-8"}),
        "without a type": Answer((raw,)),
        "as text": Answer((raw,), headers={"content-type": "text/plain"}),
        "with a mark and blanks": Answer((b"\xef\xbb\xbf \r\n\t" + raw + b"\r\n",), headers=_JSON),
        "over several lines": Answer((pretty,), headers=_JSON),
        "escaped": Answer((json.dumps(whole_answer(dialect, TEXT)).encode(),), headers=_JSON),
        "a byte a time": Answer(tuple(bytes([b]) for b in raw), headers=_JSON),
        "kept alive by blank lines": Answer((*alive, raw), headers=_JSON),
        "gzip": Answer((packed,), headers=_GZ),
        "gzip without its check sum": Answer((packed[:-8],), headers=_GZ),
        "created": Answer((raw,), 201, _JSON),
        "cut after its end": Answer((raw, Step.CUT), headers=_JSON),
        "two of them": Answer((raw + raw,), headers=_JSON),
        "something behind it": Answer((raw + b"\n<html>",), headers=_JSON),
        "called a stream": Answer((raw,), headers=streams),
    }


def _points(raw: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Where it may break off, what came by then, and what can be read of the text."""
    yield "at its first byte", raw[:1], ""
    begin = raw.index("Grüße".encode())
    yield "before the text", raw[:begin], ""
    yield "in a character", raw[: raw.index(_EMOJI) + 2], TEXT[: TEXT.index("😀")]
    end = raw.index("— ".encode()) + 4
    yield "in the text", raw[:end], TEXT[: TEXT.index("— ") + 2]
    yield "before its last byte", raw[:-1], TEXT


def _broken_at(dialect: str, name: str, before: bytes, text: str) -> Iterator[Case]:
    whole = stream(dialect).whole
    packed = gzip.compress(before, mtime=0)[:-8]
    ways: list[tuple[str, Steps, dict[str, str], type[ProviderError]]] = [
        ("cut", (before, Step.CUT), _JSON, StreamBroken),
        ("reset", (before, Pause(0), Step.RESET), _JSON, StreamBroken),
        ("ends", (before,), _JSON, StreamBroken),
        ("packed and cut", (packed, Step.CUT), _GZ, StreamBroken),
    ]
    for way, steps, headers, error in ways:
        answer = Answer(steps, headers=headers)
        if text:
            yield Case(dialect, f"whole, {way} {name}", (answer,) * 2, 1, text=text)
            continue
        yield Case(dialect, f"whole, {way} {name}", (answer,) * 4, 2, error)
        again = (answer, whole)
        yield Case(dialect, f"once whole, {way} {name}", again, 2, whole=True, text=TEXT)
    stalled = Answer((before, Step.HANG), headers=_JSON)
    yield Case(dialect, f"whole, stalled {name}", (stalled,) * 4, 2, Unreachable)


def _no_answers(raw: bytes) -> dict[str, bytes]:
    """JSON that is none, or none of an answer."""
    return {
        "what is not JSON": b"{oops}",
        "bytes in its text": raw.replace(_EMOJI, b"\xff\xfe"),
        "deep": raw[:-1] + b', "x": ' + b"[" * 100_000,
        "NaN": raw[:-1] + b', "x": NaN}',
        "another API's": b'{"object": "text_completion", "choices": [{"text": "Hello."}], "usage": {}}',
    }
