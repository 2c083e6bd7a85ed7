"""The documents that are open, and the folders of the workspace, are the editor's; whoever watches them is told."""

from __future__ import annotations

import pytest
from lsprotocol import types as lsp
from tests.lsp.client import Client, Error
from tests.lsp.editor import Editor

from codefare.lsp.base import Server
from codefare.lsp.document import OpenDocument
from codefare.lsp.documents import Documents

URI = "file:///a%20folder/%C3%BC.py"


def test_whoever_watches_the_documents_is_told():
    """Opening, changing and closing are told once they have happened, also of what was open before."""
    told: list[tuple[str, str, bool]] = []

    class Watcher:
        def opened(self, document: OpenDocument) -> None:
            told.append(("opened", document.source, documents.find(URI) is document))

        def changed(self, document: OpenDocument) -> None:
            told.append(("changed", document.source, documents.find(URI) is document))

        def closed(self, document: OpenDocument) -> None:
            told.append(("closed", document.source, documents.find(URI) is document))

    documents = Documents(Server(), None, [], "utf-16")
    documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, "a"))
    documents.watch(Watcher())
    identifier = lsp.VersionedTextDocumentIdentifier(2, URI)
    whole = [lsp.TextDocumentContentChangeWholeDocument(text) for text in "bc"]
    documents.change(lsp.DidChangeTextDocumentParams(identifier, whole))
    documents.put_text_document(lsp.TextDocumentItem(URI, "python", 1, "d"))
    documents.remove_text_document(URI)
    documents.remove_text_document(URI)
    assert told == [
        ("opened", "a", True),
        ("changed", "c", True),
        ("closed", "c", False),
        ("opened", "d", True),
        ("closed", "d", False),
    ]


@pytest.mark.parametrize(
    ("folders", "root", "expected"),
    [
        ([], None, []),
        ([], "file:///root%20here", ["/root here"]),
        (["file:///one", "untitled:x", "file:///two"], "file:///one", ["/one", "/two"]),
    ],
)
def test_folders(folders, root, expected):
    """The workspace's folders are those on disk; without any it is the root."""
    named = [lsp.WorkspaceFolder(uri, "name") for uri in folders]
    documents = Documents(Server(), root, named, "utf-16")
    assert [str(path) for path in documents.folder_paths] == expected


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16", "utf-32"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["utf-7", "utf-16"], "utf-16"),
        (["utf-7"], "utf-16"),
    ],
)
async def test_position_encoding(client: Client, offered, expected):
    """The first encoding of the client's that is known is used, and said."""
    general = {} if offered is None else {"positionEncodings": offered}
    result = await client.initialize({"general": general})
    assert result["capabilities"]["positionEncoding"] == expected
    assert (await client.ask("x/state"))["encoding"] == expected
    editor = Editor(client, expected)
    editor.open(URI, "é😋x")
    editor.type(URI, 2, "é")
    assert (await client.ask("x/document", {"uri": URI}))["text"] == "é😋éx"


@pytest.mark.asyncio(loop_scope="module")
async def test_changes_in_one_message(session: Client):
    """The changes of one didChange are applied one after the other."""
    session.open(URI, "abc\n")
    changes = [
        {
            "range": {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 2}},
            "text": "",
        },
        {
            "range": {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 2}},
            "text": "d",
        },
    ]
    document = {"uri": URI, "version": 2}
    session.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
    found = await session.ask("x/document", {"uri": URI})
    assert found == {
        "text": "acd\n",
        "lines": ["acd\n"],
        "version": 2,
        "lost": False,
        "parsed": found["parsed"],
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_changes_of_an_unopened_document(session: Client):
    """A change of what is not open is ignored; asking for it says that it is not open."""
    uri = "file:///unopened.py"
    document = {"uri": uri, "version": 2}
    session.notify(
        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": ""}]}
    )
    session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    with pytest.raises(Error, match=r"not open in the editor\. Open it first\."):
        await session.ask("x/document", {"uri": uri})


@pytest.mark.asyncio(loop_scope="module")
async def test_versions_that_do_not_rise(session: Client):
    """A client whose versions go backwards is noted and believed: no text is lost."""
    uri = "file:///versions.py"
    session.open(uri, "a", version=7)
    document = {"uri": uri, "version": 3}
    session.notify(
        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "b"}]}
    )
    found = await session.ask("x/document", {"uri": uri})
    assert (found["text"], found["version"]) == ("b", 3)
    await session.logged("version 3 after 7")


@pytest.mark.asyncio(loop_scope="module")
async def test_lost_track(session: Client):
    """A change that cannot be read is remembered until the whole text comes."""
    uri = "file:///lost.py"
    session.open(uri, "a")
    for params in (None, {}, {"textDocument": 1}, {"textDocument": {"uri": [1]}}):
        session.notify("textDocument/didChange", params)
    assert not (await session.ask("x/document", {"uri": uri}))["lost"]
    document = {"uri": uri, "version": 2}
    broken = {"range": {"start": {"line": -1, "character": 0}, "end": 5}, "text": "x"}
    session.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [broken]})
    assert (await session.ask("x/document", {"uri": uri}))["lost"]
    session.notify(
        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "b"}]}
    )
    assert not (await session.ask("x/document", {"uri": uri}))["lost"]


@pytest.mark.asyncio(loop_scope="module")
async def test_escaped_uris(session: Client):
    """One document has one identity, however its URI is escaped."""
    session.open("file:///c%3A/a.py", "a")
    assert (await session.ask("x/document", {"uri": "file:///c:/a.py"}))["text"] == "a"


async def parsed(client: Client, uri: str) -> None:
    """Waits until the document is parsed, which nobody asked for."""
    for _ in range(10_000):
        if (await client.ask("x/document", {"uri": uri}))["parsed"]:
            return
    raise AssertionError("it was not parsed")


async def test_parsed_beside(tiny):
    """Documents are parsed in the background: after the start, after opening, after typing."""
    async with Client.start(tiny, "--start", "gated") as client:
        await client.initialize()
        editor = Editor(client)
        editor.open("file:///a.py", "a = 1\n")
        assert not (await client.ask("x/document", {"uri": "file:///a.py"}))["parsed"]
        assert (await client.ask("x/state"))["heavy"] == []
        await client.ask("x/open_gate")
        await parsed(client, "file:///a.py")
        editor.open("file:///b.py", "b = 1\n")
        await parsed(client, "file:///b.py")
        for _ in range(5):
            editor.type("file:///b.py", 0, "x")
        await parsed(client, "file:///b.py")
        assert await client.end() == 0
        assert "Traceback" not in client.stderr
