"""What a scripted server answers, and what must come of it; and the answer that is right, in its parts."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.wire.server import Answer, Gate, Step
from tests.wire.vendors import anthropic_stream, ollama_stream, openai_stream

from codefare.errors import ProviderError

Steps = tuple[bytes | Step | Gate, ...]

TEXTS = ("Grüße, ", "日本 😀 — ", '"end"\n')
TEXT = "".join(TEXTS)
DIALECTS = ("anthropic", "openai", "ollama")


@dataclass(frozen=True)
class Case:
    """Answers to the first, second, ... request, and what must come of them.

    `error` is what the user is told where no text came; with text and without `whole`, the answer is broken. `text` is
    what must have come, to the letter.
    """

    dialect: str
    name: str
    answers: tuple[Answer, ...]
    requests: int
    error: type[ProviderError] | None = None
    whole: bool = False
    text: str = ""
    waits: tuple[float, ...] | None = None

    def __str__(self) -> str:
        return f"{self.dialect}: {self.name}"


@dataclass(frozen=True)
class Stream:
    """A whole answer in its parts; those that a dialect puts into one message stand in `marker`."""

    dialect: str
    start: bytes
    texts: tuple[bytes, ...]
    finish: bytes
    usage: bytes
    marker: bytes

    @property
    def raw(self) -> bytes:
        """All of it."""
        return b"".join((self.start, *self.texts, self.finish, self.usage, self.marker))

    def answer(self, *steps: bytes | Step | Gate, **headers: str) -> Answer:
        """A 200 with these steps and this dialect's content type."""
        kind = "application/x-ndjson" if self.dialect == "ollama" else "text/event-stream"
        return Answer(steps, 200, {"content-type": kind, **headers})

    @property
    def whole(self) -> Answer:
        """A 200 with all of it."""
        return self.answer(self.raw)


def stream(dialect: str) -> Stream:
    """The answer `TEXT`, with 25 tokens in and 12 out, its characters unescaped."""
    if dialect == "ollama":
        *texts, marker = _unescaped(ollama_stream(*TEXTS))
        return Stream(dialect, b"", tuple(texts), b"", b"", marker)
    if dialect == "openai":
        start, *texts, finish, usage, marker = _unescaped(openai_stream(*TEXTS))
        return Stream(dialect, start, tuple(texts), finish, usage, marker)
    pieces = _unescaped(anthropic_stream(*TEXTS))
    start, texts, (finish, usage, marker) = b"".join(pieces[:3]), pieces[3:-3], pieces[-3:]
    return Stream(dialect, start, tuple(texts), finish, usage, marker)


def _unescaped(pieces: list[bytes]) -> list[bytes]:
    for text in TEXTS:
        escaped = json.dumps(text).encode()
        plain = json.dumps(text, ensure_ascii=False).encode()
        pieces = [piece.replace(escaped, plain) for piece in pieces]
    return pieces
