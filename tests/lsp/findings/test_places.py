"""Findings in an editor: they stand where their code is, whatever is done to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.lsp.editor import position_of
from tests.lsp.findings.session import (
    BUG,
    ERROR,
    INFORMATION,
    MESSAGE,
    OTHER,
    REMARK,
    TEXT,
    TOUCHED,
    Make,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
