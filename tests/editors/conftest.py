"""What the tests of all editors share: a file to work on, and a model that waits for a word."""

from __future__ import annotations

import ast
import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# It wants VS Code, a browser and a gigabyte: `make test-vscode` installs them and sets this
# variable to the folder where they are.
collect_ignore = [] if os.environ.get("CODEFARE_VSCODE") else ["test_vscode.py"]


@pytest.fixture(scope="session")
def shop() -> str:
    """A module with a function `total` on line 4, column 5, that has no docstring."""
    return '''\
"""A small shop."""


def total(prices: list[float], discount: float = 0.0) -> float:
    if discount < 0:
        raise ValueError(discount)
    return sum(prices) * (1 - discount)
'''


@pytest.fixture(scope="session")
def undocumented() -> Callable[[str], str]:
    """Takes the docstring of a module's only function out of its text; there must be one."""

    def strip(text: str) -> str:
        (function,) = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
        assert ast.get_docstring(function), text
        docstring = function.body[0]
        lines = text.splitlines(keepends=True)
        del lines[docstring.lineno - 1 : docstring.end_lineno]
        return "".join(lines)

    return strip


class Asked(NamedTuple):
    """What a model was asked: its name, and the user's part of the prompt."""

    model: str
    prompt: str


class Model(ThreadingHTTPServer):
    """A server in the OpenAI dialect: it sends the first half of `answer`, and the rest after `go`.

    `answers` holds those to some prompts, by a part of the prompt, in their order; they come at once, but for the parts
    in `held`. `GET /go` sets `go` too, so that an editor can do it. `hung_up` is set when a client leaves before the
    end.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Chat)
        self.answer = ""
        self.answers: dict[str, list[str]] = {}
        self.held: frozenset[str] = frozenset()
        self.asked: list[Asked] = []
        self.go = threading.Event()
        self.hung_up = threading.Event()

    @property
    def base_url(self) -> str:
        """What goes in config.toml."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def reply(self, asked: Asked) -> tuple[str, bool]:
        """The answer to a prompt, and whether it waits for `go`."""
        self.asked.append(asked)
        part = next((part for part in self.answers if part in asked.prompt), None)
        return (
            (self.answer, True) if part is None else (self.answers[part].pop(0), part in self.held)
        )


class _Chat(BaseHTTPRequestHandler):
    server: Model

    def do_GET(self) -> None:
        self.server.go.set()
        self.send_response(204)
        self.end_headers()

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer, waits = self.server.reply(Asked(sent["model"], sent["messages"][-1]["content"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        half = len(answer) // 2
        try:
            self._send({"choices": [{"index": 0, "delta": {"content": answer[:half]}}]})
            while waits and not self.server.go.wait(0.05):
                # A comment, as some vendors send to keep a stream alive: it fails when the
                # client has left.
                self.wfile.write(b": waiting\n\n")
            if waits:
                self.server.go.clear()
            rest = {"index": 0, "delta": {"content": answer[half:]}}
            self._send({"choices": [rest | {"finish_reason": "stop"}]})
            usage = {"prompt_tokens": 400, "completion_tokens": 30, "total_tokens": 430}
            self._send({"choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.server.hung_up.set()

    def _send(self, chunk: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps({'model': 'gpt-4o', **chunk})}\n\n".encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the library's
        """Says nothing: the tests read what they need."""


@contextmanager
def serving() -> Iterator[Model]:
    """A model on this machine, for a config.toml that points `openai` at it."""
    with Model() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.go.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def model() -> Iterator[Model]:
    """A model that answers when it is told to."""
    with serving() as server:
        yield server
