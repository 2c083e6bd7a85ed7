"""An engine whose vendors are a scripted server, and what a test asks of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.wire.server import WireServer

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.quoting import Quote, Wish
from codefare.result import Result
from codefare.source.document import Document
from codefare.source.target import Complexity

CODE = "def add(a, b):\n    return a + b\n"
DOCSTRING = '```python\n"""Add two numbers."""\n```'
BEST = Wish(complexity=Complexity.HIGH)


@asynccontextmanager
async def engine(wire: WireServer, configure, monkeypatch, more: str = "") -> AsyncIterator[Engine]:
    """An engine whose Anthropic and OpenAI are the scripted provider; Haiku 4.5 serves documentation."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    configure(
        f"""{more}
[providers.anthropic]
base_url = "{wire.url}"
[providers.openai]
base_url = "{wire.url}/v1"
"""
    )
    made = assemble()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def document(tmp_path: Path, text: str = CODE, name: str = "sums.py") -> Document:
    """A file on disk, read."""
    path = tmp_path / name
    path.write_text(text, "utf-8", newline="")
    language = "python" if name.endswith(".py") else None
    return Document(path.as_uri(), path, language, text, 1)


async def quoted(made: Engine, doc: Document, action: str, wish: Wish = BEST) -> Quote:
    """The quote of an action on the first symbol."""
    return await made.quote(
        made.quoter.ask(action, doc, doc.target(doc.span_of_lines(1, 1))), wish=wish
    )


async def run(made: Engine, doc: Document, action: str, wish: Wish = BEST) -> Result:
    """An action on the first symbol, quoted and run."""
    return await made.run(await quoted(made, doc, action, wish))
