"""A small server on codefare's base, run as a program: `tiny_server.py [OPTION...]`.

It says and does what a test asks for through requests of its own ("x/...") and commands.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from codefare.errors import CodefareError, NoModel, WrongUse
from codefare.lsp import display, edits
from codefare.lsp.base import Server
from codefare.lsp.diagnostics import DIAGNOSTICS, EditorDiagnostics
from codefare.lsp.edits import Applied, Place
from codefare.lsp.jobs import Job
from codefare.lsp.protocol import work_done_token
from codefare.lsp.reports import Reports
from codefare.lsp.serve import serve_stdio, serve_tcp
from codefare.lsp.token import find_token
from codefare.source.target import Span

HEAVY = ("httpx", "pydantic", "diskcache", "tree_sitter", "splintr", "rich", "click")


@dataclass
class Order:
    """A command's argument."""

    name: str
    count: int = 1


def say(text: str) -> None:
    """Tells the test something on stderr, in any state of the session."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class Tiny(Server):
    """The server."""

    def __init__(self, mode: str, folder: Path) -> None:
        super().__init__("tiny", "0")
        self.mode = mode
        self.started = 0
        self.heavy_at_start: list[str] = []
        self.places: dict[str, Place] = {}
        self.reports = Reports(self, folder)
        self.diagnostics = EditorDiagnostics(lambda: self.documents)
        self.gate = asyncio.Event()

    async def start(self) -> None:
        """Starts as the test wants it."""
        self.heavy_at_start = [name for name in HEAVY if name in sys.modules]
        if self.mode == "wrong":
            raise WrongUse("The configuration is wrong.", remedy="Mend it.")
        if self.mode == "broken":
            raise ValueError("sk-secret")
        if self.mode == "gated":
            await self.gate.wait()
        self.started = await self.in_thread(threading.get_ident)

    async def stop(self) -> None:
        """Tells that it ended."""
        say("stopped")


def register(server: Tiny) -> None:  # noqa: C901, PLR0915  # a list of small handlers
    """All handlers."""

    @server.feature(lsp.INITIALIZE)
    async def initialize(_params: lsp.InitializeParams) -> None:
        await asyncio.sleep(0)
        assert server.documents.open_documents == []

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover:
        document = server.documents.get_text_document(params.text_document.uri)
        return lsp.Hover(f"{document.offset_at_position(params.position)} {params.position}")

    @server.feature("x/state")
    async def state(_params: Any) -> Any:
        return {
            "encoding": server.encoding,
            "client": {
                key: sorted(value) if isinstance(value, frozenset) else value
                for key, value in asdict(server.client).items()
            },
            "heavy": server.heavy_at_start,
            "jobs": [job.id for job in server.jobs.running()],
            "asked": len(server.protocol._asked),
            "futures": len(server.protocol._request_futures),
            "types": len(server.protocol._result_types),
        }

    @server.feature(DIAGNOSTICS)
    def told(params: Any) -> None:
        server.diagnostics.receive(params)

    @server.feature("x/diagnostics")
    async def diagnostics(params: Any) -> Any:
        found = server.documents.get_text_document(params.uri)
        return [
            [found.source[slice(*each.span)], each.message, each.severity, each.source, each.code]
            for each in server.diagnostics.of(found)
        ]

    @server.feature("x/ready")
    async def ready(_params: Any) -> Any:
        await server.ready()
        return {"own_thread": server.started not in (0, threading.get_ident())}

    @server.feature("x/open_gate")
    async def open_gate(_params: Any) -> None:
        server.gate.set()

    @server.feature("x/document")
    async def document(params: Any) -> Any:
        found = server.documents.get_text_document(params.uri)
        return {
            "text": found.source,
            "lines": list(found.lines),
            "version": found.version,
            "lost": found.lost,
            "parsed": found._code is not None and found._code.is_parsed,
        }

    @server.feature("x/boom")
    async def boom(_params: Any) -> None:
        raise ValueError("sk-secret")

    @server.feature("x/note/boom")
    async def note_boom(_params: Any) -> None:
        raise ValueError("sk-secret")

    @server.feature("x/wrong")
    async def wrong(_params: Any) -> None:
        raise NoModel("No model is set up.", remedy="Set a key.")

    @server.feature("x/unsayable")
    async def unsayable(_params: Any) -> Any:
        return {"sk-secret": {1, 2}}

    @server.feature("x/surrogate")
    async def surrogate(_params: Any) -> str:
        return "\ud800"

    @server.feature("x/large")
    async def large(params: Any) -> str:
        return "x" * int(params.size)

    @server.feature("x/print")
    async def stray_print(_params: Any) -> bool:
        print("stray from print", flush=True)  # noqa: T201  # this is what is tested
        command = [sys.executable, "-c", "print('stray from a child'); input()"]
        child = await server.in_thread(subprocess.run, command, check=False, stderr=-3)
        return child.returncode != 0  # its input() met the end of a stream that is not ours

    @server.feature("x/ask")
    async def ask(params: Any) -> Any:
        shown = lsp.ShowDocumentParams("file:///a")
        answer = await server.protocol.ask(params.method, shown, limit=params.limit)
        return repr(answer)

    @server.feature("x/wait")
    async def wait(_params: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            server.note("wait was cancelled")
            raise

    @server.feature("x/stuck")
    async def stuck(_params: Any) -> None:
        await server.in_thread(threading.Event().wait)

    @server.command("codefare.slow")
    async def slow() -> None:
        await wait(None)

    @server.command("codefare.order")
    async def order(first: Order, note: str = "none") -> Any:
        return [first.name, first.count, note]

    @server.command("codefare.token")
    async def token() -> Any:
        return work_done_token.get()

    @server.command("codefare.cancel")
    async def cancel(which: str = "all") -> int:
        return server.jobs.cancel(which)

    @server.command("codefare.job")
    async def job(kind: str, key: str | None = None) -> str:
        return server.jobs.start(
            f"Job {kind}", lambda job: work(job, kind), token=work_done_token.get(), key=key
        ).id

    async def work(job: Job, kind: str) -> None:
        if kind == "wrong":
            raise WrongUse("That cannot be done.", remedy="Do this.")
        if kind == "costly":
            raise CodefareError("It failed.")
        if kind == "broken":
            raise ValueError("sk-secret")
        if kind == "burst":
            loop = asyncio.get_running_loop()
            end, number = loop.time() + 1.0, 0
            while loop.time() < end:
                number += 1
                job.report(f"step {number}")
                await asyncio.sleep(0)
            server.note(f"last {number}")
            await server.gate.wait()
        if kind in {"wait", "slow to end"}:
            job.report("half way", 50)
            try:
                await server.gate.wait()
            except asyncio.CancelledError:
                say("job cancelled")
                if kind == "slow to end":
                    await asyncio.Event().wait()
                raise

    @server.feature("x/hold")
    async def hold(params: Any) -> str:
        found = server.documents.get_text_document(params.uri)
        place = server.editor.hold(found, Span(params.start, params.end))
        server.places[key := str(len(server.places))] = place
        return key

    @server.feature("x/apply")
    async def apply(params: Any) -> Any:
        confirm = getattr(params, "confirm", False)
        place = server.places[params.place]
        result = await server.editor.apply(place, params.text, "Test", confirm=confirm)
        return ["applied", result.version] if isinstance(result, Applied) else result.reason

    @server.feature("x/create")
    async def create(params: Any) -> Any:
        from codefare.lsp.newfile import create_file  # imports a parser

        beside = Path(params.beside) if getattr(params, "beside", None) else None
        result = await create_file(server, Path(params.path), params.text, beside=beside)
        return {key: str(value) for key, value in asdict(result).items() if is_dataclass(result)}

    @server.feature("x/report")
    async def report(params: Any) -> Any:
        path, shown = await server.reports.show(params.label, params.markdown)
        return [str(path), shown.value]


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tcp")
    parser.add_argument("--start", default="well")
    parser.add_argument("--folder", type=Path, default=Path("unused"))
    parser.add_argument("--hurry", action="store_true", help="wait for no editor")
    options = parser.parse_args()
    if options.hurry:
        edits._ANSWER = edits._UNASKED = edits._LATE = display._LIMIT = 0.2
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    server = Tiny(options.start, options.folder)
    register(server)
    try:
        return (
            serve_tcp(server, options.tcp, 0, find_token(None))
            if options.tcp
            else serve_stdio(server)
        )
    except CodefareError as error:
        say(error.text)
        return 2


if __name__ == "__main__":
    sys.exit(main())
