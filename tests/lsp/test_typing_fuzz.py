"""The user types at random while an edit is on its way: nothing typed is lost, and the edit is where it should be.

Everything between the protocol's bytes and the text is the real thing. The editor heeds versions, or applies edits
blindly; it says the truth or not, at once or late, tells each change or several in one message, or the whole text.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from tests.lsp.memory import Clock, Session
from tests.lsp.stories import Story, Typing, stories
from tests.lsp.typist import Typist, plain

from codefare.lsp.edits import MOVED, Applied, NotApplied
from codefare.source.target import Span

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = int(os.environ.get("CODEFARE_FUZZ_RUNS", "12000"))
"""Of all the tests here. The suite's are the same each time; any other number is a new search."""
ENCODINGS = ("utf-8", "utf-16", "utf-32")


@dataclass
class Run:
    """A story as it is told, in a session."""

    session: Session
    story: Story
    uri: str
    versioned: bool
    encoding: str
    applied: int = 0
    sent: int = 0
    late: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        story = self.story
        self.typist = Typist(story.text, story.start, story.end, story.new, self.encoding)

    async def tell(self) -> NotApplied | Applied:
        """Goes through the story."""
        session, story = self.session, self.story
        item = {"uri": self.uri, "languageId": "plaintext", "version": 1, "text": story.text}
        session.notify("textDocument/didOpen", {"textDocument": item})
        server = session.server
        place = server.editor.hold(
            server.documents.get_text_document(self.uri), Span(story.start, story.end)
        )
        self.type(story.waiting)
        applying = asyncio.create_task(server.editor.apply(place, story.new, "Test"))
        hearing = asyncio.create_task(self.hear_all())
        for _ in range(story.steps):
            await asyncio.sleep(0)
        if not self.sent and not session.pipe.messages:
            self.type(story.making)
        await asyncio.wait({applying, hearing}, return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            applying.cancel()
            await hearing
        hearing.cancel()
        for task in self.late:
            await task
        self.change()
        return applying.result()

    async def hear_all(self) -> None:
        """The editor hears the server."""
        while True:
            self.hear(await self.session.pipe.read())

    def hear(self, message: dict[str, Any]) -> None:
        """The editor gets a message."""
        if message.get("method") != "workspace/applyEdit":
            assert message.get("method") == "$/cancelRequest"
            return
        manners = self.story.manners
        if self.versioned and self.sent < len(self.story.crossing):
            # Without versions an edit that crosses with typing is lost to begin with.
            self.type(self.story.crossing[self.sent])
        self.sent += 1
        edit = message["params"]["edit"]
        if self.versioned:
            [change] = edit["documentChanges"]
            stale = change["textDocument"]["version"] != self.typist.version
            edits = change["edits"]
        else:
            stale, [edits] = False, edit["changes"].values()
        if stale or not manners.applies:
            self.reply(message, manners.stale if stale else manners.answer)
            return
        self.typist.apply(edits)
        self.applied += 1
        if not manners.at_once:
            self.change()
        self.late.append(asyncio.create_task(self.follow(message)))

    async def follow(self, message: dict[str, Any]) -> None:
        """What comes after an edit was applied."""
        manners = self.story.manners
        for typing in self.story.along:
            typing.do(self.typist)
        if manners.first:
            await asyncio.sleep(manners.tells_late)
            self.change()
            await asyncio.sleep(manners.answers_late)
            self.type(self.story.afterwards)
            self.reply(message, manners.answer)
        else:
            await asyncio.sleep(manners.answers_late)
            self.reply(message, manners.answer)
            await asyncio.sleep(manners.tells_late)
            self.change()
            self.type(self.story.afterwards)

    def type(self, typings: list[Typing]) -> None:
        """The user types, and the editor tells."""
        for typing in typings:
            typing.do(self.typist)
            if not self.story.manners.at_once:
                self.change()
        self.change()

    def change(self) -> None:
        """Tells what was not told yet."""
        if not self.typist.untold:
            return
        version, changes = self.typist.tell(whole=self.story.manners.whole)
        document = {"uri": self.uri, "version": version}
        params = {"textDocument": document, "contentChanges": changes}
        self.session.notify("textDocument/didChange", params)

    def reply(self, message: dict[str, Any], answer: str) -> None:
        """Answers a request in one of the ways that there are."""
        if answer == "error":
            error = {"code": -32603, "message": "Edits require another version"}
            self.session.send({"id": message["id"], "error": error})
        elif answer != "never":
            result = None if answer == "null" else {"applied": answer == "yes"}
            self.session.send({"id": message["id"], "result": result})

    def check(self, result: Applied | NotApplied) -> None:
        """What must hold at the end."""
        typist = self.typist
        document = self.session.server.documents.get_text_document(self.uri)
        assert document.source == typist.text, "the server has another text"
        assert document.version == typist.version
        if isinstance(result, Applied):
            unchanged = typist.wanted == plain(typist.old)
            there = self.applied or unchanged or typist.typed_the_same
            assert there, "said to be there, and is not"
        elif self.applied:
            # A no, or an error, is not doubted for longer.
            manners = self.story.manners
            doubted = (
                manners.first or manners.tells_late < 0.5 or manners.answer not in {"no", "error"}
            )
            assert result.reason == MOVED or not doubted, "said not to be there, and is"


_TITLE = "runs of typing while an edit is on its way"


@pytest.mark.parametrize("versioned", [True, False])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_typing_while_waiting(
    encoding: str,
    versioned: bool,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    """No character typed is lost, and an edit is wholly where it should be, or not at all; and said to be so."""
    caplog.set_level(logging.ERROR, "codefare")  # else a failure drowns in warnings
    edit = {"documentChanges": True} if versioned else {}
    capabilities = {
        "general": {"positionEncodings": [encoding]},
        "workspace": {"applyEdit": True, "workspaceEdit": edit},
    }
    clock = Clock()
    session = Session(capabilities)
    clock.run_until_complete(session.start())
    numbers = itertools.count()
    ended: Counter[str] = Counter()

    async def tell(story: Story) -> None:
        run = Run(session, story, f"file:///story{next(numbers)}.txt", versioned, encoding)
        result = await run.tell()
        run.check(result)
        session.notify("textDocument/didClose", {"textDocument": {"uri": run.uri}})
        there = "there" if isinstance(result, Applied) else "not there"
        sent = ("not sent", "sent once")[run.sent] if run.sent < 2 else "sent again"
        ended[f"{there} and {sent}"] += 1

    # Of three encodings; versions give more to look for.
    runs = RUNS * 2 // 9 if versioned else RUNS // 9

    @settings(
        max_examples=runs, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(stories())
    def fuzz(story: Story) -> None:
        clock.run_until_complete(tell(story))

    if "CODEFARE_FUZZ_RUNS" not in os.environ:
        fuzz = seed(2 * ENCODINGS.index(encoding) + versioned)(fuzz)
    try:
        fuzz()
    finally:
        clock.run_until_complete(session.end())
        clock.close()
    record_property("counted", [_TITLE, dict(ended)])
    assert next(numbers) >= runs
