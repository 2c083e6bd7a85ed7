"""Findings in an editor: they stand where their code is, whatever is done to it, and go when they are dismissed."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.lsp.client import Client
from tests.lsp.editor import Editor, offset_of, position_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVER = Path(__file__).with_name("findings_server.py")
TEXT = """\
# 😋 before
def f(a):
    b = "é😋"; c = 1 / a
    return c


def g(a):
    return a
"""
BUG = 'b = "é😋"; c = 1 / a'
ERROR, WARNING, INFORMATION = 1, 2, 3
REMARK = {
    "line": 3,
    "code": BUG,
    "severity": "error",
    "message": "Division by zero when `a` is 0.",
    "advice": "Check it.",
}
MESSAGE = "Division by zero when `a` is 0.\nCheck it."
TOUCHED = "Division by zero when `a` is 0. The code has changed since.\nCheck it."
OTHER = {"code": "return a", "severity": "low", "message": "Does nothing."}
ALL = {
    "textDocument": {"publishDiagnostics": {"versionSupport": True, "dataSupport": True}},
}


class Session:
    """An editor with a server, and the diagnostics that it shows."""

    def __init__(self, client: Client, encoding: str, uri: str) -> None:
        self.client = client
        self.uri = uri
        self.editor = Editor(client, encoding)

    @property
    def text(self) -> str:
        """The text of the one document."""
        return self.editor.buffers[self.uri].text

    async def review(self, *remarks: Any, text: str | None = None, **more: Any) -> Any:
        """Shows a review of the document; `text` is what was reviewed if that is not its text."""
        asked = {"uri": self.uri, "text": self.text if text is None else text, **more}
        asked["answer"] = f"```json\n{json.dumps(remarks)}\n```"
        return await self.client.command("review", asked)

    async def diff(self, files: dict[Path, str], *remarks: Any, origin: str = "diff") -> Any:
        """Shows a review of a diff."""
        texts = {str(path): text for path, text in files.items()}
        asked = {"files": texts, "answer": json.dumps(remarks), "origin": origin}
        return await self.client.command("diff", asked)

    async def published(self, uri: str = "") -> list[dict[str, Any]]:
        """The diagnostics that the server sends next."""
        uri = uri or self.uri
        message = await self.client.expect(
            lambda m: (
                m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
            )
        )
        diagnostics: list[dict[str, Any]] = message["params"]["diagnostics"]
        if uri in self.editor.buffers and "version" in message["params"]:
            assert message["params"]["version"] == self.editor.buffers[uri].version
        return diagnostics

    async def seen(self, uri: str = "") -> list[tuple[str, int, str]]:
        """The code, the severity and the message of the diagnostics that the server sends next."""
        uri = uri or self.uri
        text = self.editor.buffers[uri].text
        return [
            (self.code(one["range"], text), one["severity"], one["message"])
            for one in await self.published(uri)
        ]

    def code(self, place: dict[str, Any], text: str) -> str:
        """What an editor marks: strict about positions."""
        ends = (offset_of(text, place[end], self.editor.encoding) for end in ("start", "end"))
        return text[slice(*ends)]

    def edit(self, old: str, new: str, nth: int = 1) -> None:
        """The user replaces an occurrence of a text."""
        start = -1
        for _ in range(nth):
            start = self.text.index(old, start + 1)
        encoding = self.editor.encoding
        ends = [position_of(self.text, at, encoding) for at in (start, start + len(old))]
        buffer = self.editor.buffers[self.uri]
        buffer.text = buffer.text[:start] + new + buffer.text[start + len(old) :]
        buffer.version += 1
        self.editor.changed(self.uri, [{"range": {"start": ends[0], "end": ends[1]}, "text": new}])

    async def nothing_new(self, *uris: str) -> None:
        """Checks that the server has told nothing about the session's documents that was not looked at."""
        assert await self.client.command("get", "none") is None
        told = [one["params"] for one in self.client.received if "publish" in one.get("method", "")]
        assert [one for one in told if one["uri"] in (self.uri, *uris)] == []


Make = Callable[..., AbstractAsyncContextManager[Session]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory):
    """Servers by the abilities of their client: each is started once for all tests."""
    async with contextlib.AsyncExitStack() as stack:
        clients: dict[str, Client] = {}

        async def get(capabilities: dict[str, Any]) -> Client:
            key = json.dumps(capabilities)
            if key not in clients:
                folder = tmp_path_factory.mktemp("state")
                clients[key] = await stack.enter_async_context(Client.start(SERVER, folder))
                await clients[key].initialize(capabilities)
            return clients[key]

        yield get
        for client in clients.values():
            assert await client.end() == 0


NUMBERS = itertools.count(1)


@pytest.fixture
def session(servers) -> Make:
    """Makes an editor of certain abilities, with a server; with one of its own if it has a state folder."""

    @contextlib.asynccontextmanager
    async def make(
        capabilities: dict[str, Any] = ALL,
        *,
        encoding: str = "utf-16",
        text: str | None = TEXT,
        state: Path | None = None,
    ) -> AsyncIterator[Session]:
        declared = {**capabilities, "general": {"positionEncodings": [encoding]}}
        # What is dismissed is so for a file name.
        number = 0 if state else next(NUMBERS)
        uri = f"file:///a%20folder/%C3%BC{number}.py"
        async with contextlib.AsyncExitStack() as stack:
            if state is None:
                client = await servers(declared)
            else:
                client = await stack.enter_async_context(Client.start(SERVER, state))
                await client.initialize(declared)
            session = Session(client, encoding, uri)
            if text is not None:
                session.editor.open(uri, text)
            yield session
            assert client.surprises == []
            if state and client.process.returncode is None:
                assert await client.end() == 0

    return make


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_findings_in_any_encoding(session: Make, encoding: str, ending: str) -> None:
    """A finding marks exactly its code, and moves with it, in each encoding and with each line ending."""
    async with session(encoding=encoding, text=TEXT.replace("\n", ending)) as s:
        await s.review(REMARK, OTHER)
        expected = [(BUG, ERROR, MESSAGE), ("return a", INFORMATION, "Does nothing.")]
        assert await s.seen() == expected
        s.edit("# 😋", f"# 😋{ending}# 𝄞 more")
        assert await s.seen() == expected
        s.edit("def f", "def 😋f")
        s.edit(f"    {BUG}", f"  \t{BUG}")
        assert await s.seen() == expected


async def test_a_diagnostic_carries_its_source_and_id(session: Make, tmp_path: Path) -> None:
    """Source, code, data and severity are there; the id is short and the same in the next session."""
    ids = []
    for _ in range(2):
        async with session(state=tmp_path) as s:
            shown = await s.review(REMARK)
            (diagnostic,) = await s.published()
            assert shown == {"shown": [diagnostic["code"]], "dismissed": 0}
            assert diagnostic["source"] == "codefare"
            assert diagnostic["data"] == diagnostic["code"]
            assert len(diagnostic["code"]) == 8
            assert "codeDescription" not in diagnostic
            ids.append(diagnostic["code"])
    assert ids[0] == ids[1]


async def test_a_client_of_few_abilities(session: Make) -> None:
    """Neither data nor version is sent to a client that does not know them."""
    async with session({}) as s:
        await s.review(REMARK)
        params = await s.client.notified("textDocument/publishDiagnostics")
        assert "version" not in params
        assert "data" not in params["diagnostics"][0]


async def test_touched_lines_fade_and_undo_brings_them_back(session: Make) -> None:
    """A finding on changed lines is for information, and says so; without the change it is as it was."""
    async with session() as s:
        await s.review(REMARK)
        assert await s.seen() == [(BUG, ERROR, MESSAGE)]
        s.edit("1 / a", "1 / (a or 1)")
        assert await s.seen() == [('b = "é😋"; c = 1 / (a or 1)', INFORMATION, TOUCHED)]
        s.edit("1 / (a or 1)", "1 / a")
        assert await s.seen() == [(BUG, ERROR, MESSAGE)]
        s.edit("1 / a", "1 / a  # checked by the caller")
        assert (await s.seen())[0][1:] == (INFORMATION, TOUCHED)


async def test_deleted_lines_take_their_findings_along(session: Make) -> None:
    """A finding vanishes with its lines, and is back when they are, there or elsewhere."""
    async with session() as s:
        await s.review(REMARK, OTHER)
        kept = ("return a", INFORMATION, "Does nothing.")
        assert await s.seen() == [(BUG, ERROR, MESSAGE), kept]
        s.edit(f"    {BUG}\n", "")
        assert await s.seen() == [kept]
        s.edit("    return a\n", f"    return a\n    {BUG}\n")
        assert sorted(await s.seen()) == [(BUG, ERROR, MESSAGE), kept]


async def test_an_editor_that_sends_the_whole_text(session: Make) -> None:
    """Findings are followed where a client replaces all of the text for each change."""
    async with session() as s:
        await s.review(REMARK, OTHER)
        await s.seen()
        buffer = s.editor.buffers[s.uri]
        head, tail = TEXT.split("\n\n\n")
        buffer.text = f"import x\n{tail}\n\n{head}\n".replace("before", "after")
        buffer.version += 1
        s.editor.changed(s.uri)
        assert sorted(await s.seen()) == [
            (BUG, ERROR, MESSAGE),
            ("return a", INFORMATION, "Does nothing."),
        ]


async def test_fast_typing_is_told_in_few_words(session: Make) -> None:
    """A hundred keys pressed at once make a few messages, and the last has the right place."""
    async with session() as s:
        await s.review(REMARK)
        await s.seen()
        for number in range(100):
            s.edit("# 😋", f"# {number % 10}\n# 😋")
        end = position_of(s.text, s.text.index(BUG), "utf-16")
        told = 1
        while (await s.client.notified("textDocument/publishDiagnostics"))["diagnostics"][0][
            "range"
        ]["start"] != end:
            told += 1
        assert told < 20


async def test_what_was_typed_while_the_model_worked(session: Make) -> None:
    """The review is of an older text: findings stand where that code is now, faded if it changed."""
    async with session() as s:
        s.edit("# 😋 before\n", "import x\nimport y\n\n")
        s.edit("return a", "return a + 1")
        shown = await s.review(REMARK, OTHER, text=TEXT)
        assert len(shown["shown"]) == 2
        assert await s.seen() == [
            (BUG, ERROR, MESSAGE),
            ("return a + 1", INFORMATION, "Does nothing. The code has changed since."),
        ]
        s.edit(f"    {BUG}\n", "")
        assert len(await s.seen()) == 1
        shown = await s.review(REMARK, text=TEXT)
        assert shown == {"shown": [], "dismissed": 0}


async def test_a_new_review_replaces_the_findings_of_its_region(session: Make) -> None:
    """Of the same function the old findings go, those of others stay; a review that finds nothing clears."""
    async with session() as s:
        await s.review(REMARK, OTHER)
        await s.seen()
        s.edit("# 😋 before\n", "")
        await s.seen()
        start, end = s.text.index("def f"), s.text.index("\n\n\n")
        again = {**REMARK, "message": "May divide by zero.", "advice": "", "line": 2}
        await s.review(again, region=[start, end])
        kept = ("return a", INFORMATION, "Does nothing.")
        assert sorted(await s.seen()) == [(BUG, ERROR, "May divide by zero."), kept]
        await s.review(region=[start, end])
        assert await s.seen() == [kept]
        await s.review()
        assert await s.seen() == []
        await s.review()
        await s.nothing_new()


async def test_a_region_is_one_of_the_reviewed_text(session: Make) -> None:
    """Lines that were typed above while the model worked move the region in which findings are replaced."""
    async with session() as s:
        await s.review(REMARK, OTHER)
        await s.seen()
        s.edit("# 😋 before\n", "# before\n" * 20)
        await s.seen()
        await s.review(text=TEXT, region=[TEXT.index("def f"), TEXT.index("\n\n\n")])
        assert await s.seen() == [("return a", INFORMATION, "Does nothing.")]


async def test_the_same_finding_twice(session: Make) -> None:
    """Equal remarks on equal lines have ids of their own."""
    text = "x = 1 / a\ny = 2\nx = 1 / a\n"
    async with session(text=text) as s:
        remarks = [{**REMARK, "code": "x = 1 / a", "line": line} for line in (1, 3)]
        shown = await s.review(*remarks)
        diagnostics = await s.published()
        assert [one["range"]["start"]["line"] for one in diagnostics] == [0, 2]
        assert len(set(shown["shown"])) == 2


async def test_dismissed_findings_do_not_come_back(session: Make, tmp_path: Path) -> None:
    """Gone at once, and in later reviews and sessions, wherever the code is by then; others stay."""
    async with session(state=tmp_path) as s:
        shown = await s.review(REMARK, OTHER)
        await s.seen()
        assert await s.client.command("dismiss", shown["shown"][0]) is True
        kept = ("return a", INFORMATION, "Does nothing.")
        assert await s.seen() == [kept]
        assert await s.client.command("dismiss", shown["shown"][0]) is False
        assert await s.client.command("get", shown["shown"][0]) is None
        again = await s.review(REMARK, OTHER)
        assert again == {"shown": [shown["shown"][1]], "dismissed": 1}
    async with session(state=tmp_path, text=f"# new\n{TEXT}") as s:
        reworded = {**REMARK, "message": "Dividing by zero if `a` is 0", "line": None}
        assert (await s.review(reworded, OTHER))["dismissed"] == 1
        assert await s.seen() == [kept]


async def test_dismissing_says_it_of_equal_code(session: Make) -> None:
    """What is dismissed is dismissed wherever the file says the same."""
    text = "x = 1 / a\ny = 2\nx = 1 / a\n"
    async with session(text=text) as s:
        remarks = [{**REMARK, "code": "x = 1 / a", "line": line} for line in (1, 3)]
        shown = await s.review(*remarks, {**OTHER, "code": "y = 2"})
        await s.seen()
        await s.client.command("dismiss", shown["shown"][0])
        assert [code for code, *_ in await s.seen()] == ["y = 2"]


async def test_dismiss_all(session: Make) -> None:
    """All findings of a document go for good; those that are not in the text were not looked at."""
    async with session() as s:
        await s.review(REMARK, OTHER)
        await s.seen()
        s.edit("    return a\n", "    return b\n")
        await s.seen()
        s.edit("    return b\n", "")
        await s.seen()
        assert await s.client.command("dismiss_all", s.uri) == 1
        assert await s.seen() == []
        assert await s.client.command("dismiss_all", s.uri) == 0
        assert (await s.review(REMARK, OTHER, text=TEXT))["dismissed"] == 1


async def test_a_touched_finding_is_dismissed_as_it_was_found(session: Make) -> None:
    """The dismissal is of the code that was reviewed."""
    async with session() as s:
        shown = await s.review(REMARK)
        await s.seen()
        s.edit("1 / a", "2 / a")
        await s.seen()
        await s.client.command("dismiss", shown["shown"][0])
        assert await s.seen() == []
        assert (await s.review(REMARK, text=TEXT))["dismissed"] == 1


async def test_findings_outlive_their_documents(session: Make) -> None:
    """A closed file keeps its findings; opened again, changed or not, it has them where their code is."""
    async with session() as s:
        shown = await s.review(REMARK, OTHER)
        await s.seen()
        s.editor.close(s.uri)
        assert len(await s.published()) == 2
        assert (await s.client.command("get", shown["shown"][0]))["code"] == BUG
        s.editor.open(
            s.uri, f"import x\n{TEXT}".replace("return a", "return b").replace("\n", "\r\n")
        )
        assert await s.seen() == [
            (BUG, ERROR, MESSAGE),
            ("return b", INFORMATION, "Does nothing. The code has changed since."),
        ]
        s.edit("import x", "import x\r\nimport y")
        assert (await s.seen())[0] == (BUG, ERROR, MESSAGE)


async def test_an_untitled_document_takes_its_findings_along(session: Make) -> None:
    """What was never a file is gone when it is closed."""
    uri = "untitled:Untitled-1"
    async with session(text=None) as s:
        s.editor.open(uri, TEXT)
        await s.review(REMARK, text=TEXT, uri=uri)
        assert len(await s.published(uri)) == 1
        s.editor.close(uri)
        assert await s.published(uri) == []


async def test_a_review_that_comes_after_the_file_was_closed(session: Make) -> None:
    """Its findings are shown all the same: they were paid for."""
    async with session() as s:
        s.editor.close(s.uri)
        await s.review(REMARK, text=TEXT)
        (diagnostic,) = await s.published()
        assert s.code(diagnostic["range"], TEXT) == BUG


async def test_a_diff_in_files_that_are_open_or_not(session: Make, tmp_path: Path) -> None:
    """Each file has its findings, in the text on disk until it is opened, and in what the editor has then."""
    one, two = tmp_path / "one ü.py", tmp_path / "two.py"
    files = {one: f"x = 1\n{TEXT}", two: "y = 2\n"}
    async with session(text=None) as s:
        s.editor.open(one.as_uri(), f"unsaved = 1\n{files[one]}")
        await s.diff(
            files, {**REMARK, "file": one.name}, {**OTHER, "file": "b/two.py", "code": "y = 2"}
        )
        assert [code for code, *_ in await s.seen(one.as_uri())] == [BUG]
        (diagnostic,) = await s.published(two.as_uri())
        assert s.code(diagnostic["range"], files[two]) == "y = 2"
        s.editor.open(two.as_uri(), "z = 1\ny = 2\n")
        assert [code for code, *_ in await s.seen(two.as_uri())] == ["y = 2"]


async def test_a_new_review_of_a_diff_replaces_the_old(session: Make, tmp_path: Path) -> None:
    """In all its files, also in those that it no longer finds anything in; other reviews' findings stay."""
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    files = {one: TEXT, two: "y = 2\n"}
    first, second = {**REMARK, "file": "one.py"}, {**OTHER, "file": "two.py", "code": "y = 2"}
    async with session() as s:
        await s.review(REMARK)
        await s.seen()
        await s.diff(files, first, second)
        assert len(await s.published(one.as_uri())) == 1
        assert len(await s.published(two.as_uri())) == 1
        await s.diff(files, first)
        assert await s.published(two.as_uri()) == []
        await s.diff(files, second, origin="another")
        assert len(await s.published(two.as_uri())) == 1
        await s.nothing_new(one.as_uri(), two.as_uri())


async def test_a_closed_file_that_changed_on_disk(session: Make, tmp_path: Path) -> None:
    """A review that read the file later puts the findings of an earlier one where their code is by then."""
    file = tmp_path / "a.py"
    async with session() as s:
        await s.diff({file: "y = 2\n"}, {**OTHER, "code": "y = 2"})
        await s.published(file.as_uri())
        text = "z = 1\ny = 2\n"
        await s.diff({file: text}, {**OTHER, "code": "z = 1"}, origin="another")
        diagnostics = await s.published(file.as_uri())
        assert [s.code(one["range"], text) for one in diagnostics] == ["y = 2", "z = 1"]


async def test_the_diagnostics_of_a_request_are_known_again(session: Make) -> None:
    """By the id where the client gives it back, else by words and place; those of other tools are not ours."""
    async with session() as s:
        shown = await s.review(
            REMARK,
            {**OTHER, "message": "Wrong."},
            {**OTHER, "code": "return c", "message": "Wrong."},
        )
        first, second, third = await s.published()
        ids = [first["code"], second["code"], third["code"]]
        assert ids == shown["shown"]

        async def known(*diagnostics: dict[str, Any]) -> list[str]:
            params = {
                "textDocument": {"uri": s.uri},
                "range": first["range"],
                "context": {"diagnostics": list(diagnostics)},
            }
            return [one["command"] for one in await s.client.ask("textDocument/codeAction", params)]

        bare = [
            {"range": one["range"], "message": one["message"]} for one in (first, second, third)
        ]
        assert await known(third, first, second) == [ids[2], ids[0], ids[1]]
        assert await known({**bare[0], "source": "codefare", "data": ids[0]}) == [ids[0]]
        assert await known({**bare[0], "range": second["range"]}) == [ids[0]]
        assert await known(*bare) == ids
        assert await known({**bare[1], "range": first["range"]}) == []
        assert await known({**first, "source": "pyright"}) == []
        assert await known({**bare[0], "message": "Something else."}) == []
        s.edit("1 / a", "2 / a")
        assert await known(bare[0]) == [ids[0]]
        await s.client.command("dismiss", ids[0])
        assert await known(first, bare[0]) == []


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ((2, 0), (2, 0), True),  # a bare cursor in the indentation
        ((2, 24), (2, 24), True),  # at the line's end
        ((1, 9), (1, 9), False),
        ((3, 0), (3, 0), False),
        ((2, 0), (3, 0), True),  # a bare cursor as Kate sends it
        ((1, 0), (2, 0), False),
        ((0, 0), (7, 0), True),
    ],
)
async def test_the_findings_under_the_cursor(
    session: Make, start: tuple[int, int], end: tuple[int, int], found: bool
) -> None:
    """Those on the lines that the selection touches, with what an action needs to know of them."""
    async with session() as s:
        shown = await s.review(REMARK)
        s.edit("1 / a", "2 / a")
        place = {
            name: {"line": at[0], "character": at[1]}
            for name, at in (("start", start), ("end", end))
        }
        at = s.text.index("b = ")
        code = BUG.replace("1", "2")
        expected = {
            "id": shown["shown"][0],
            "uri": s.uri,
            "code": code,
            "touched": True,
            "message": REMARK["message"],
            "title": "Review it",
            "receipt": "0.1¢",
            "brief": [at, at + len(code), TOUCHED, ERROR, "codefare"],
        }
        assert await s.client.command("at", s.uri, place) == ([expected] if found else [])


async def test_all_is_cleared_at_the_end(session: Make, tmp_path: Path) -> None:
    """The editor keeps no diagnostic of a server that has gone, in open files and in others."""
    other = tmp_path / "a.py"
    async with session(state=tmp_path) as s:
        await s.review(REMARK)
        await s.seen()
        await s.diff({other: "y = 2\n"}, {**OTHER, "code": "y = 2"})
        await s.published(other.as_uri())
        assert await s.client.end() == 0
        assert await s.published() == []
        assert await s.published(other.as_uri()) == []


async def test_a_file_of_dismissals_that_cannot_be_used(session: Make, tmp_path: Path) -> None:
    """That is said once, and the server goes on; what is dismissed holds for the session."""
    (tmp_path / "dismissals.db").write_bytes(b"garbage" * 1000)
    async with session(state=tmp_path) as s:
        shown = await s.review(REMARK)
        await s.seen()
        assert await s.client.command("dismiss", shown["shown"][0]) is True
        assert await s.seen() == []
        assert (await s.review(REMARK))["dismissed"] == 1
        said = await s.client.notified("window/showMessage")
        assert "Findings that you dismiss come back in the next session" in said["message"]
        assert not [one for one in s.client.received if one.get("method") == "window/showMessage"]
        assert "1 / a" not in s.client.stderr
