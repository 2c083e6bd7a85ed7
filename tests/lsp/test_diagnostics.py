"""What the editor tells of other servers' diagnostics, and what it proves after a fix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from lsprotocol import types as lsp
from tests.lsp.client import Client
from tests.lsp.editor import position_of

from codefare.lsp.base import Server
from codefare.lsp.diagnostics import EditorDiagnostics
from codefare.lsp.document import OpenDocument
from codefare.lsp.documents import Documents
from codefare.lsp.proof import Proof
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.positions import Encoding
from codefare.source.target import Span

URI = "file:///a.py"
TEXT = "import os\nimport sys\n# é😋\nx: int = 'a'\nprint(nam)\n"


def raw(at: str, message: str, *, text: str = TEXT, encoding: str = "utf-16", **more: Any) -> Any:
    """One of LSP's diagnostics, at the first place of these characters."""
    start = text.index(at)
    ends = {"start": start, "end": start + len(at)}
    where = {name: position_of(text, offset, encoding) for name, offset in ends.items()}
    return {"range": where, "message": message, **more}


class Session:
    """An open document and what its editor tells."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        server = Server()
        documents = Documents(server, None, [], encoding)
        documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, TEXT))
        server.release()
        self.documents = documents
        self.document: OpenDocument = documents.get_text_document(URI)
        self.store = EditorDiagnostics(lambda: documents)

    def tell(self, *diagnostics: Any) -> None:
        """A notification of the client's."""
        self.store.receive({"uri": URI, "diagnostics": list(diagnostics)})

    def edit(self, old: str, new: str) -> Span:
        """The text changes by a didChange; gives the place of the new characters."""
        start = self.document.source.index(old)
        at = self.document.range_of(Span(start, start + len(old)))
        identifier = lsp.VersionedTextDocumentIdentifier((self.document.version or 0) + 1, URI)
        change = lsp.TextDocumentContentChangePartial(at, new)
        self.documents.change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        return Span(start, start + len(new))

    def shown(self) -> list[tuple[str, str]]:
        """What is known, each with its code."""
        text = self.document.source
        return [
            (text[one.span.start : one.span.end], one.message)
            for one in self.store.of(self.document)
        ]


@pytest.fixture
def session() -> Session:
    """A session in UTF-16."""
    return Session()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_diagnostic_is_where_the_editor_shows_it(encoding: Encoding) -> None:
    """Positions count the session's units; all that matters arrives."""
    session = Session(encoding)
    session.tell(
        raw(
            "😋",
            "a face",
            encoding=encoding,
            severity=2,
            source="emo",
            code="E1",
            data={"class": 1},
        ),
        raw("nam", "b", encoding=encoding, code=2304),
    )
    face, name = session.store.of(session.document)
    at = TEXT.index("😋")
    assert face == Diagnostic(Span(at, at + 1), "a face", Severity.WARNING, "emo", "E1")
    assert (name.severity, name.source, name.code) == (Severity.ERROR, "", "2304")


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        "text",
        [],
        {},
        {"message": "no range"},
        {"range": {}, "message": "m"},
        {"range": {"start": {"line": 0}, "end": {"line": 0}}, "message": "m"},
        {"range": {"start": {"line": "0", "character": 0}, "end": {}}, "message": "m"},
        {**raw("os", "m"), "message": None},
        {**raw("os", "m"), "message": " "},
        {
            **raw("os", "m"),
            "range": {**raw("os", "m")["range"], "end": {"line": -1, "character": 0}},
        },
        {
            **raw("os", "m"),
            "range": {**raw("os", "m")["range"], "end": {"line": 10**12, "character": 0}},
        },
    ],
)
def test_what_cannot_be_read_is_left_out(session: Session, bad: Any) -> None:
    """The others of the same notification are taken."""
    session.tell(bad, raw("sys", "fine", code={"value": 1}, source=5, severity="grave"))
    assert session.shown() == [("sys", "fine")]


@pytest.mark.parametrize("params", [None, [], 5, {}, {"uri": 5}, {"uri": URI, "diagnostics": 5}])
def test_a_notification_of_another_shape_does_no_harm(session: Session, params: Any) -> None:
    """Nothing is known then, and nothing is raised."""
    session.store.receive(params)
    assert session.shown() == []


def test_no_more_than_a_thousand_are_kept(session: Session) -> None:
    """A file with more is beyond what anybody fixes one by one."""
    session.tell(*(raw("os", f"m{number}") for number in range(1500)))
    assert len(session.shown()) == 1000


def test_codefares_own_are_not_among_them(session: Session) -> None:
    """A client that sends those too does not make us fix our own findings."""
    session.tell(raw("os", "ours", source="codefare"), raw("sys", "theirs", source="Ruff"))
    assert session.shown() == [("sys", "theirs")]


def test_they_move_with_typing_until_the_next_notification(session: Session) -> None:
    """One whose own characters change is forgotten; the next notification tells all anew."""
    session.tell(raw("sys", "a"), raw("nam", "b"))
    session.edit("import os\n", "import os\n\n# more\n")
    assert session.shown() == [("sys", "a"), ("nam", "b")]
    session.edit("nam", "naam")
    assert session.shown() == [("sys", "a")]
    session.tell()
    assert session.shown() == []


def test_a_document_that_is_opened_again_starts_with_nothing(session: Session) -> None:
    """What was known of another text is not held against this one; a closed document is no error."""
    session.tell(raw("sys", "a"))
    session.documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, TEXT))
    assert session.store.of(session.documents.get_text_document(URI)) == []
    session.documents.remove_text_document(URI)
    session.tell(raw("sys", "a"))


def test_the_cursor_is_on_what_it_touches_else_on_what_its_line_has(session: Session) -> None:
    """The gravest comes first, and of equals the shortest."""
    session.tell(
        raw("import sys", "wide", severity=2), raw("sys", "narrow", severity=2), raw("nam", "grave")
    )

    def at(place: str, length: int = 0) -> list[str]:
        start = TEXT.index(place)
        found = session.store.at(session.document, Span(start, start + length))
        return [one.message for one in found]

    assert at("sys") == ["narrow", "wide"]
    assert at("print") == ["grave"]
    assert at("print", 3) == []
    assert at("sys", 40) == ["grave", "narrow", "wide"]
    assert at("# é") == []


class Script:
    """Time as a test has it: what happens at which second after the fix."""

    def __init__(self, *steps: tuple[float, Callable[[], object]]) -> None:
        self.steps = list(steps)
        self.time = 0.0

    def now(self) -> float:
        """The script's second."""
        return self.time

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Plays on, for so many seconds or until the event comes."""
        end = self.time + seconds
        while not event.is_set() and self.steps and self.steps[0][0] <= end:
            self.time, act = self.steps.pop(0)
            act()
        if not event.is_set():
            self.time = end
        return event.is_set()


UNDEFINED = {"source": "Pyflakes", "code": "F821"}
UNUSED = {"source": "Pyflakes", "code": "F401"}

Steps = Sequence[tuple[float, Callable[[], object]]]


async def proof(
    session: Session, old: str, new: str, *steps: tuple[float, list[Any]], which: int = 0
) -> tuple[Proof, float]:
    """Fixes the known diagnostic number `which` by an edit; `steps` are what the editor tells when."""
    diagnostic = session.store.of(session.document)[which]
    script = Script(*((at, lambda told=told: session.tell(*told)) for at, told in steps))
    watch = session.store.watch(session.document, diagnostic, script)
    fixed = session.edit(old, new)
    return await watch.proof(fixed), script.time


async def test_gone_is_said_a_second_after_the_news(session: Session) -> None:
    """Nobody waits for ten seconds when the editor has spoken."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    assert await proof(session, "nam", "sys", (0.3, [])) == (Proof.GONE, 1.3)


async def test_what_is_told_anew_within_the_second_counts(session: Session) -> None:
    """Servers clear first: an empty list that is soon followed by the old complaint proves nothing."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    again = raw("print", "undefined name nam", **UNDEFINED)
    result = await proof(session, "nam", "nam ", (0.3, []), (1.1, [again]))
    assert result == (Proof.STILL_THERE, 2.1)


async def test_the_same_rule_in_other_words_is_still_there(session: Session) -> None:
    """A name that does not exist was replaced by another such name."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    text = TEXT.replace("nam", "nom")
    told = raw("nom", "undefined name nom", text=text, **UNDEFINED)
    assert (await proof(session, "nam", "nom", (0.3, [told])))[0] is Proof.STILL_THERE


async def test_its_like_on_the_next_line_is_another_one(session: Session) -> None:
    """Two unused imports: one is removed, the other is as unused as before."""
    other = raw("sys", "sys is unused", **UNUSED)
    session.tell(raw("os", "os is unused", **UNUSED), other)
    text = TEXT.removeprefix("import os\n")
    left = raw("sys", "sys is unused", text=text, **UNUSED)
    assert (await proof(session, "import os\n", "", (0.3, [left])))[0] is Proof.GONE


async def test_of_two_that_say_the_same_one_can_be_gone(session: Session) -> None:
    """They are counted, and the same count is no fix."""
    twice = [raw("import os", "bad import"), raw("import sys", "bad import")]
    session.tell(*twice)
    text = TEXT.replace("import os", "import re")
    left = [raw("import re", "bad import", text=text), raw("import sys", "bad import", text=text)]
    assert (await proof(session, "os", "re", (0.3, left)))[0] is Proof.STILL_THERE
    session = Session()
    session.tell(*twice)
    assert (await proof(session, "os", "re", (0.3, left[1:])))[0] is Proof.GONE


async def test_the_same_far_away_is_another_one(session: Session) -> None:
    """Only what is on the lines of the fix, or a little off, is what it was about."""
    session.tell(raw("import os", "bad"))
    far = raw("nam", "bad", text=TEXT)
    assert (await proof(session, "os", "re", (0.3, [far])))[0] is Proof.GONE


async def test_without_news_of_the_new_text_nothing_is_claimed(session: Session) -> None:
    """It is waited for ten seconds; what was told of the old text does not count."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    assert await proof(session, "nam", "sys") == (Proof.UNKNOWN, 10.0)


async def test_news_that_came_before_the_edit_was_confirmed_counts(session: Session) -> None:
    """A quick server answers before the editor does."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    script = Script()
    watch = session.store.watch(session.document, session.store.of(session.document)[0], script)
    fixed = session.edit("nam", "sys")
    session.tell()
    assert (await watch.proof(fixed), script.time) == (Proof.GONE, 1.0)


async def test_an_editor_that_never_rests_is_cut_short(session: Session) -> None:
    """After ten seconds the last news decides."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    never_quiet = [(0.5 * step, [raw("print", "other")]) for step in range(1, 40)]
    assert await proof(session, "nam", "sys", *never_quiet) == (Proof.GONE, 10.0)


async def test_a_client_that_tells_nothing_is_not_waited_for(session: Session) -> None:
    """Most editors know nothing of our notification."""
    script = Script()
    watch = session.store.watch(session.document, Diagnostic(Span(0, 1), "m"), script)
    assert not session.store.heard
    assert (await watch.proof(Span(0, 1)), script.time) == (Proof.UNKNOWN, 0.0)


async def test_a_document_that_is_closed_ends_the_wait(session: Session) -> None:
    """There is nothing left to be shown."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    script = Script((2.0, lambda: session.documents.remove_text_document(URI)))
    watch = session.store.watch(session.document, session.store.of(session.document)[0], script)
    assert (await watch.proof(session.edit("nam", "sys")), script.time) == (Proof.UNKNOWN, 2.0)


async def test_in_real_time_the_news_ends_the_wait(session: Session) -> None:
    """The loop's own clock serves as the script does; a second of silence is real here."""
    session.tell(raw("nam", "undefined name nam", **UNDEFINED))
    watch = session.store.watch(session.document, session.store.of(session.document)[0])
    fixed = session.edit("nam", "sys")
    asyncio.get_running_loop().call_soon(session.tell)
    assert await watch.proof(fixed) is Proof.GONE


async def test_the_notification_reaches_the_server(client: Client) -> None:
    """Params of any shape are taken as they are: a `data` with keys that are no names is no obstacle."""
    await client.initialize()
    client.open(URI, TEXT)
    odd: dict[str, Any] = {"data": {"class": 1, "2": []}}
    client.notify(
        "codefare/diagnostics",
        {"uri": URI, "diagnostics": [5, raw("nam", "m", **odd, **UNDEFINED)]},
    )
    assert await client.ask("x/diagnostics", {"uri": URI}) == [["nam", "m", 1, "Pyflakes", "F821"]]


async def test_a_change_right_after_it_does_not_overtake_it(client: Client) -> None:
    """The places are those of the text before the change."""
    await client.initialize()
    client.open(URI, TEXT)
    client.notify("codefare/diagnostics", {"uri": URI, "diagnostics": [raw("nam", "m")]})
    start = {"line": 0, "character": 0}
    change = {"range": {"start": start, "end": start}, "text": "\n\n"}
    identifier = {"uri": URI, "version": 2}
    client.notify(
        "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
    )
    ((code, *_),) = await client.ask("x/diagnostics", {"uri": URI})
    assert code == "nam"
