"""What becomes of findings: dismissed ones stay away, others outlive their documents and go with their server."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.lsp.findings.session import BUG, ERROR, INFORMATION, MESSAGE, OTHER, REMARK, TEXT, Make

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
