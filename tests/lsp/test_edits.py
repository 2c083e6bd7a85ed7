"""An edit is in the document or it is not, whatever the editor says, and the user is told which.

What particular editors do is in test_traps.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from tests.lsp.client import Client, Error
from tests.lsp.editor import Editor, failing, never

from codefare.lsp import edits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

TINY = Path(__file__).with_name("tiny_server.py")
URI = "file:///a%20folder/%C3%BC.py"
VERSIONED = {"workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}}}
PLAIN = {"workspace": {"applyEdit": True}}
TEXT = "# 😋 before\ndef f():\n    a = 1\n    return a\n\n\ndef g():\n    pass\n"
OLD = "def f():\n    a = 1\n    return a\n"
NEW = 'def f():\n    """Ü😋."""\n    a = 1\n    return a + 1\n'


class Session:
    """A document in an editor, and a place that is held in it."""

    def __init__(self, client: Client, editor: Editor) -> None:
        self.client = client
        self.editor = editor
        self.place = ""

    async def hold(self, old: str = OLD, text: str = TEXT, uri: str = URI) -> None:
        """Opens a document and holds `old` in it."""
        self.editor.open(uri, text)
        start = text.index(old)
        where = {"uri": uri, "start": start, "end": start + len(old)}
        self.place = await self.client.ask("x/hold", where)

    def start(self, new: str = NEW, *, confirm: bool = False) -> int:
        """Asks the server to replace the place; returns the request's id."""
        params = {"place": self.place, "text": new, "confirm": confirm}
        return self.client.request("x/apply", params)

    async def apply(self, new: str = NEW, *, confirm: bool = False) -> Any:
        """Asks the server to replace the place, and waits for what became of it."""
        return await self.client.response(self.start(new, confirm=confirm))

    @property
    def text(self) -> str:
        """What the editor shows."""
        return self.editor.buffers[URI].text


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers():
    """Servers by the abilities of their client: each is started once for all tests."""
    async with contextlib.AsyncExitStack() as stack:
        clients: dict[str, Client] = {}

        async def get(*, hurry: bool, **params: Any) -> Client:
            key = json.dumps([hurry, params], sort_keys=True)
            if key not in clients:
                argv = [TINY, "--hurry"] if hurry else [TINY]
                clients[key] = await stack.enter_async_context(Client.start(*argv))
                await clients[key].initialize(**params)
            return clients[key]

        yield get
        for client in clients.values():
            assert await client.end() == 0


@pytest.fixture
def session(servers):
    """Makes an editor of certain abilities, with a server."""

    @contextlib.asynccontextmanager
    async def make(
        capabilities: dict[str, Any] = VERSIONED,
        *,
        encoding: str = "utf-16",
        hurry: bool = False,
        **params: Any,
    ) -> AsyncIterator[Session]:
        general = {"general": {"positionEncodings": [encoding]}}
        capabilities = {**capabilities, **general}
        client = await servers(hurry=hurry, capabilities=capabilities, **params)
        client.received.clear()
        yield Session(client, Editor(client, encoding))
        assert client.surprises == []

    return make


def edits_asked(client: Client) -> list[dict[str, Any]]:
    """The edits that the server asked for and nobody looked at."""
    return [m["params"] for m in client.received if m.get("method") == "workspace/applyEdit"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("capabilities", [VERSIONED, PLAIN])
async def test_applied(session, encoding, capabilities):
    """An edit lands exactly, in one request and one undo step, and touches only what differs."""
    async with session(capabilities, encoding=encoding) as s:
        await s.hold()
        assert await s.apply() == ["applied", 2]
        assert s.text == TEXT.replace(OLD, NEW)
        assert s.editor.undo_steps == 1
        [params] = edits_asked(s.client)
        uri, version, changes = s.editor.read(params)
        assert (uri, version) == (URI, 1 if capabilities is VERSIONED else None)
        assert [each["newText"] for each in changes] == ['    """Ü😋."""\n', " + 1"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
async def test_more_at_the_end_of_a_file(session, ending):
    """What is added after the last line is inserted before its line break: Neovim needs it so."""
    text, more = f"a = 1{ending}", f"a = 1{ending}{ending}b = 2{ending}"
    async with session() as s:
        await s.hold(text, text)
        assert (await s.apply(more))[0] == "applied"
        assert s.text == more
        _, _, [change] = s.editor.read(edits_asked(s.client)[0])
        assert change["range"]["start"] == {"line": 0, "character": 5}


@pytest.mark.parametrize("new", [OLD, OLD.rstrip("\n")])
async def test_nothing_to_change(session, new):
    """What is there already is not asked for."""
    async with session() as s:
        await s.hold()
        assert await s.apply(new) == ["applied", 1]
        assert edits_asked(s.client) == []


async def test_place_follows(session):
    """What the user types elsewhere, before and after, moves the edit with its text."""
    async with session() as s:
        await s.hold()
        s.editor.type(URI, 0, "import x\r\n")
        s.editor.type(URI, len(s.text), "# end\n")
        assert (await s.apply())[0] == "applied"
        assert s.text == f"import x\r\n{TEXT.replace(OLD, NEW)}# end\n"


@pytest.mark.parametrize("back", [False, True])
async def test_changed_meanwhile(session, back):
    """What the user types inside stands: the edit is not even sent, not if he took it back either."""
    async with session() as s:
        await s.hold()
        s.editor.type(URI, TEXT.index("1"), "4")
        if back:
            s.editor.buffers[URI].text = TEXT
            s.editor.changed(URI)
        assert await s.apply() == edits.CHANGED
        assert edits_asked(s.client) == []


async def test_whole_text_sent_again(session):
    """An editor that sends the whole text for each change moves a place as any other does."""
    async with session() as s:
        await s.hold()
        s.editor.buffers[URI].text = f"# more\n{TEXT}"
        s.editor.changed(URI)
        assert (await s.apply())[0] == "applied"
        assert s.text == f"# more\n{TEXT.replace(OLD, NEW)}"


@pytest.mark.parametrize("reopen", [False, True])
async def test_closed_meanwhile(session, reopen):
    """A file that was closed is not edited, opened again or not."""
    async with session() as s:
        await s.hold()
        s.editor.close(URI)
        if reopen:
            s.editor.open(URI, TEXT)
        assert await s.apply() == edits.CLOSED
        assert edits_asked(s.client) == []


async def test_lost_track(session):
    """A file of which a change could not be read is not edited."""
    async with session() as s:
        await s.hold()
        document = {"uri": URI, "version": 2}
        s.client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [5]})
        assert await s.apply() == edits.LOST
        assert edits_asked(s.client) == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: {"applied": False}, edits.REFUSED),
        (lambda _: {"applied": False, "failureReason": "busy"}, f"{edits.REFUSED}: busy"),
        (lambda _: {"applied": True}, edits.STALE),
        (lambda _: None, edits.NULL),
        (
            failing(-32603, "Edits require version 1, you have 2"),
            f"{edits.REFUSED}: Edits require version 1, you have 2",
        ),
        (failing(-32601, "no such method"), edits.UNABLE),
        (never, edits.SILENT),
    ],
)
async def test_not_applied(session, answer, reason):
    """Each way of not applying an edit has its own reason: VS Code, Neovim, eglot, old clients."""
    async with session(hurry=True) as s:
        await s.hold()
        s.client.answers["workspace/applyEdit"] = answer
        assert await s.apply() == reason
        assert s.text == TEXT
        # The place is still good: the answer can be applied later, for free.
        s.client.answers["workspace/applyEdit"] = s.editor.apply
        assert (await s.apply())[0] == "applied"


async def test_reasons_are_distinct():
    """No two reasons read the same."""
    reasons = [edits.CHANGED, edits.CLOSED, edits.LOST, edits.STALE, edits.MOVED, edits.REFUSED]
    reasons += [edits.UNABLE, edits.NULL, edits.SILENT]
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize(
    ("answer", "late"),
    [
        *itertools.product(
            [
                lambda _: {"applied": True},
                lambda _: {"applied": False},
                lambda _: None,
                failing(-32603, "something"),
            ],
            [False, True],
        ),
        (never, False),
    ],
)
async def test_applied_whatever_the_answer(session, answer, late):
    """An edit that the text shows is applied, whatever the answer and whichever comes first."""
    async with session() as s:
        await s.hold()

        def apply(params: dict[str, Any]) -> Any:
            uri, _, changes = s.editor.read(params)
            s.editor.edit(uri, changes)
            if not late:
                s.editor.changed(uri)
                return answer(params)
            asyncio.get_running_loop().call_soon(s.editor.changed, uri)
            return answer(params)

        s.client.answers["workspace/applyEdit"] = apply
        assert await s.apply() == ["applied", 2]


async def test_no_wait_for_a_client_without_apply_edit(session):
    """A client that declares that it applies no edits, and does nothing, is not waited for long."""
    async with session({}, hurry=True) as s:
        await s.hold()
        s.client.answers["workspace/applyEdit"] = never
        assert await s.apply() == edits.SILENT


async def test_edit_in_the_wrong_place(session):
    """An editor that ignores versions and edits the wrong lines is found out, and not asked again."""
    async with session(hurry=True) as s:
        await s.hold()

        def apply(params: dict[str, Any]) -> Any:
            s.editor.type(URI, 0, "#\n", tell=False)
            uri, _, changes = s.editor.read(params)
            for change in changes:
                for end in change["range"].values():
                    end["character"] = 0
            s.editor.edit(uri, changes)
            s.editor.changed(uri)
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert await s.apply() == edits.MOVED
        assert len(edits_asked(s.client)) == 1


async def test_without_versions_an_edit_is_sent_once(session):
    """Where a first edit might be applied after all, a second one would be too many."""
    async with session(PLAIN, hurry=True) as s:
        await s.hold()

        def apply(_params: dict[str, Any]) -> Any:
            s.editor.type(URI, 0, "# typed\n")
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert await s.apply() == edits.STALE
        assert s.text == f"# typed\n{TEXT}"
        assert len(edits_asked(s.client)) == 1


async def test_an_edit_that_the_user_declined_is_not_sent_again(session):
    """Who was asked, typed elsewhere and said no is not asked once more."""
    edit = {"documentChanges": True, "changeAnnotationSupport": {}}
    async with session({"workspace": {"applyEdit": True, "workspaceEdit": edit}}) as s:
        await s.hold()

        def decline(_params: dict[str, Any]) -> Any:
            s.editor.type(URI, 0, "# typed\n")
            return {"applied": False}

        s.client.answers["workspace/applyEdit"] = decline
        assert await s.apply(confirm=True) == edits.REFUSED
        assert len(edits_asked(s.client)) == 1


async def test_whole_texts_are_not_trusted_to_show_that_an_edit_is_not_there(session):
    """The edit repeats a line, and the editor tells it with typing beside it as one text: it is not sent again."""
    async with session(hurry=True) as s:
        await s.hold("a", "a = 1\n")

        def apply(params: dict[str, Any]) -> Any:
            uri, _, changes = s.editor.read(params)
            s.editor.edit(uri, changes)
            s.editor.type(uri, 6, "b", tell=False)
            s.editor.changed(uri)
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert await s.apply("a = 1") == edits.MOVED
        assert s.text == "a = 1 b= 1\n"


@pytest.mark.parametrize("where", ["before", "after"])
async def test_typed_elsewhere_at_the_same_time(session, where):
    """Typing elsewhere that the editor tells together with the edit does not hide the edit."""
    async with session() as s:
        await s.hold()

        def apply(params: dict[str, Any]) -> Any:
            uri, _, changes = s.editor.read(params)
            s.editor.edit(uri, changes)
            offset = 0 if where == "before" else len(s.text)
            s.editor.type(uri, offset, "# typed\n", tell=False)
            s.editor.changed(uri)
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert (await s.apply())[0] == "applied"


@pytest.mark.parametrize("whole", [False, True])
async def test_dropped_edit_that_looks_applied(session, whole):
    """An edit that repeats a line, was dropped, and crossed with typing, is not taken as applied."""
    async with session(hurry=True) as s:
        await s.hold("x = 1\n", "a = 1\nx = 1\nx = 1\nb = 2\n")

        def apply(_params: dict[str, Any]) -> Any:
            s.editor.type(URI, len(s.text), "c = 3\n", tell=not whole)
            if whole:
                s.editor.changed(URI)
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert await s.apply("x = 1\nx = 1\n") == (edits.MOVED if whole else edits.STALE)


async def test_cancelled_while_the_user_is_asked(session):
    """An edit that is waited for can be cancelled; the editor is told."""
    async with session() as s:
        await s.hold()
        s.client.answers["workspace/applyEdit"] = never
        applying = s.start()
        asked = await s.client.asked("workspace/applyEdit")
        s.client.notify("$/cancelRequest", {"id": applying})
        with pytest.raises(Error) as caught:
            await s.client.response(applying)
        assert caught.value.code == -32800
        assert await s.client.notified("$/cancelRequest") == {"id": asked["id"]}


async def test_closed_while_the_user_is_asked(session):
    """A file that is closed before the edit landed was not edited."""
    async with session() as s:
        await s.hold()
        s.client.answers["workspace/applyEdit"] = never
        applying = s.start()
        await s.client.asked("workspace/applyEdit")
        s.editor.close(URI)
        assert await s.client.response(applying) == edits.CLOSED


async def test_two_edits_at_once(session):
    """Two edits of one document go one after the other, so that neither is stale."""
    async with session() as s:
        await s.hold()
        first_place = s.place
        start = TEXT.index("    pass\n")
        second_place = await s.client.ask("x/hold", {"uri": URI, "start": start, "end": start + 9})
        s.client.answers["workspace/applyEdit"] = never
        requests = []
        for place, new in ((first_place, NEW), (second_place, "    return f()\n")):
            s.place = place
            requests.append(s.start(new))
        for request in requests:
            asked = await s.client.asked("workspace/applyEdit")
            for _ in range(5):
                await s.client.ask("x/state")
            assert edits_asked(s.client) == []
            result = s.editor.apply(asked["params"])
            s.client.send({"jsonrpc": "2.0", "id": asked["id"], "result": result})
            assert (await s.client.response(request))[0] == "applied"
        assert s.text == TEXT.replace(OLD, NEW).replace("pass", "return f()")


async def test_line_endings_stay(session):
    """In a document with CRLF the edit has CRLF, and no line that stays is touched."""
    text = TEXT.replace("\n", "\r\n")
    async with session() as s:
        await s.hold(OLD.replace("\n", "\r\n"), text)
        assert (await s.apply())[0] == "applied"
        assert s.text == TEXT.replace(OLD, NEW).replace("\n", "\r\n")


async def test_editor_with_its_own_line_endings(session):
    """An editor that writes LF where CRLF was asked for has applied the edit nevertheless."""
    text = TEXT.replace("\n", "\r\n")
    async with session() as s:
        await s.hold(OLD.replace("\n", "\r\n"), text)

        def apply(params: dict[str, Any]) -> Any:
            uri, _, changes = s.editor.read(params)
            for change in changes:
                change["newText"] = change["newText"].replace("\r\n", "\n")
            s.editor.edit(uri, changes)
            s.editor.changed(uri)
            return {"applied": True}

        s.client.answers["workspace/applyEdit"] = apply
        assert (await s.apply())[0] == "applied"


async def test_final_line_break_stays(session):
    """An answer without a final line break does not glue the next line on."""
    async with session() as s:
        await s.hold()
        assert (await s.apply(NEW.rstrip("\n")))[0] == "applied"
        assert s.text == TEXT.replace(OLD, NEW)


@pytest.mark.parametrize("declared", [False, True])
async def test_confirmed_edit(session, declared):
    """An edit asks the user first where the client can ask; elsewhere it comes as it is."""
    edit: dict[str, Any] = {"documentChanges": True}
    if declared:
        edit["changeAnnotationSupport"] = {}
    capabilities = {"workspace": {"applyEdit": True, "workspaceEdit": edit}}
    async with session(capabilities) as s:
        await s.hold()
        assert (await s.apply(confirm=True))[0] == "applied"
        [params] = edits_asked(s.client)
        annotations = params["edit"].get("changeAnnotations", {})
        assert [each["needsConfirmation"] for each in annotations.values()] == [True] * declared
        [change] = params["edit"]["documentChanges"]
        used = {each.get("annotationId") for each in change["edits"]}
        assert used == (set(annotations) or {None})
