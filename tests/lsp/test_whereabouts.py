"""The code that an answer was made for is found as it is now, also while the user types."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from lsprotocol import types as lsp
from tests.engine import DOCSTRING, engine, quoted
from tests.wire.vendors import anthropic_stream

from codefare.engine import Engine
from codefare.errors import TargetError
from codefare.lsp.base import Server
from codefare.lsp.document import OpenDocument
from codefare.lsp.documents import Documents
from codefare.lsp.edits import Editor
from codefare.lsp.kept import Kept
from codefare.lsp.offers import Picked
from codefare.lsp.whereabouts import subject_now

if TYPE_CHECKING:
    from codefare.lsp.server import CodefareServer

URI = "file:///sums.py"
CODE = "def add(a, b):\n    return a + b\n"
TOP = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))


@dataclass
class Session:
    """A session whose user types one of `keys` at the top whenever something was done in a thread."""

    documents: Documents
    keys: list[str] = field(default_factory=list)

    async def in_thread(self, work: Callable[..., Any], *given: Any) -> Any:
        """Does it, and then the user types."""
        done = await asyncio.to_thread(work, *given)
        if self.keys:
            self.document.apply_change(lsp.TextDocumentContentChangePartial(TOP, self.keys.pop(0)))
        return done

    @property
    def document(self) -> OpenDocument:
        """The one that is open."""
        document = self.documents.find(URI)
        assert document is not None
        return document


@pytest.fixture
async def made(wire, configure, monkeypatch) -> AsyncIterator[Engine]:
    """An engine whose model has one answer."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        yield made


async def an_answer(made: Engine) -> tuple[Session, Kept]:
    """One that was kept for the function, in a session in which its file is open."""
    session = Session(Documents(Server(), None, [], "utf-16"))
    session.documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, CODE))
    document = session.document
    await document.parsed(session.in_thread)
    result = await made.run(await quoted(made, document.code.copy(), "document"))
    place = Editor(Server()).hold(document, result.quote.target.region)
    return session, Kept("1", result, place, Picked(URI), "", refused=False)


async def test_what_is_typed_while_code_is_looked_for_moves_it(made: Engine) -> None:
    """Where it is said to be, it is: in the text that holds when it was found."""
    session, kept = await an_answer(made)
    session.keys = ["# one\n", "# two\n"]
    subject = await subject_now(kept, cast("CodefareServer", session), made.quoter)
    span = subject.target.span
    assert session.document.source == f"# two\n# one\n{CODE}"
    assert session.document.source[span.start : span.end] == subject.target.text
    assert subject.target.text.startswith("def add")


async def test_what_was_found_does_not_change(made: Engine) -> None:
    """It is worked on in threads: what is typed from then on does not reach it."""
    session, kept = await an_answer(made)
    subject = await subject_now(kept, cast("CodefareServer", session), made.quoter)
    session.document.apply_change(lsp.TextDocumentContentChangePartial(TOP, "# later\n"))
    assert subject.document.text == CODE


async def test_whoever_never_stops_typing_is_told(made: Engine) -> None:
    """The code is not looked for without end."""
    session, kept = await an_answer(made)
    session.keys = ["#\n"] * 100
    with pytest.raises(TargetError, match="the text has changed"):
        await subject_now(kept, cast("CodefareServer", session), made.quoter)
    assert session.keys
