"""One document's text, positions and watchers are the editor's, in every encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as lsp
from tests.effort import calls
from tests.lsp.editor import lines_of, offset_of, position_of

from codefare.lsp.document import OpenDocument
from codefare.source.target import Span

if TYPE_CHECKING:
    from codefare.source.positions import Encoding

ENCODINGS: list[Encoding] = ["utf-8", "utf-16", "utf-32"]
URI = "file:///a%20folder/%C3%BC.py"
TEXT = st.text(alphabet="ab\r\n\t\f\v\x1c\x85\u2028é😋\ud800", max_size=25)


def position(at: dict[str, int]) -> lsp.Position:
    """The protocol's type of a position."""
    return lsp.Position(at["line"], at["character"])


def splits_line_break(text: str, offset: int) -> bool:
    """Whether an offset lies between CR and LF."""
    return offset > 0 and text[offset - 1 : offset + 1] == "\r\n"


@settings(max_examples=300)
@given(text=TEXT, edits=st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25), TEXT)))
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_random_edits(encoding, text, edits):
    """Any edits, in any encoding, give the text that the editor has; pygls fails in two of three."""
    document = OpenDocument(URI, text, 1, "python", encoding)
    for one, two, new in edits:
        start, end = sorted((min(one, len(text)), min(two, len(text))))
        if splits_line_break(text, start) or splits_line_break(text, end):
            continue
        at = [position(position_of(text, offset, encoding)) for offset in (start, end)]
        document.apply_change(lsp.TextDocumentContentChangePartial(lsp.Range(*at), new))
        text = text[:start] + new + text[end:]
        assert document.source == text
        assert [*document.lines, ""][: len(lines_of(text))] == lines_of(text)


@given(text=TEXT, data=st.data())
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_positions_there_and_back(encoding, text, data):
    """An offset and its position belong together, by the document and by an editor's own count."""
    document = OpenDocument(URI, text, 1, "python", encoding)
    offset = data.draw(st.integers(0, len(text)))
    if splits_line_break(text, offset):
        return
    at = position_of(text, offset, encoding)
    assert document.client_position_at_offset(offset) == position(at)
    assert document.offset_at_position(position(at)) == offset_of(text, at, encoding) == offset


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    ("text", "at", "offset"),
    [
        ("ab\ncd", (1, 99), 5),
        ("ab\ncd", (0, 99), 2),
        ("ab\r\ncd", (0, 99), 2),
        ("ab\ncd", (9, 0), 5),
        ("ab\n", (9, 9), 3),
        ("", (0, 5), 0),
        ("", (3, 5), 0),
    ],
)
def test_positions_past_the_end(encoding, text, at, offset):
    """A position past the end of a line or text means its end; the params are left as they are."""
    document = OpenDocument(URI, text, 1, "python", encoding)
    asked = lsp.Position(*at)
    assert document.offset_at_position(asked) == offset
    assert asked == lsp.Position(*at)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 2), ("utf-16", 1)])
def test_positions_inside_a_character(encoding, character):
    """A position inside of a character means its start."""
    assert (
        OpenDocument(URI, "😋", 1, None, encoding).offset_at_position(lsp.Position(0, character))
        == 0
    )


def test_inverted_range():
    """A range whose end comes before its start is empty."""
    document = OpenDocument(URI, "abc", 1, None, "utf-16")
    at = lsp.Range(lsp.Position(0, 2), lsp.Position(0, 1))
    assert document.span_of(at) == Span(2, 2)


def test_typing_is_cheap():
    """A character typed in 10,000 lines is as much work as one typed in ten, with and without a tree."""

    def work(lines: int, *, with_tree: bool) -> int:
        text = "    value = compute(number, 42)  # é\n" * lines
        document = OpenDocument("file:///a.py", text, 1, "python", "utf-16")
        if with_tree:
            document.code.reparse()
        at = lsp.Position(lines // 2, 10)
        change = lsp.TextDocumentContentChangePartial(lsp.Range(at, at), "x")
        document.apply_change(change)
        return calls(lambda: document.apply_change(change))

    for with_tree in (False, True):
        few, many = work(10, with_tree=with_tree), work(10_000, with_tree=with_tree)
        assert many <= 2 * few


def test_code_follows():
    """The document as code has the same text, before and after edits."""
    document = OpenDocument("file:///a.py", "def f(): pass\n", 1, "python", "utf-16")
    document.apply_change(lsp.TextDocumentContentChangeWholeDocument("def g(): pass\n"))
    assert [symbol.name for symbol in document.code.symbols()] == ["g"]
    at = lsp.Range(lsp.Position(0, 4), lsp.Position(0, 5))
    document.apply_change(lsp.TextDocumentContentChangePartial(at, "higher"))
    document.code.reparse()
    assert document.code.text == document.source == "def higher(): pass\n"
    assert [symbol.name for symbol in document.code.symbols()] == ["higher"]


def test_watchers():
    """Whoever watches is told of each change, whether it was the whole text, and of the close; then no more."""
    document = OpenDocument(URI, "a", 1, None, "utf-16")
    seen: list[tuple[str | None, bool]] = []
    at = lsp.Range(lsp.Position(0, 1), lsp.Position(0, 1))
    with document.watched(lambda text: seen.append((text, document.came_whole))):
        document.apply_change(lsp.TextDocumentContentChangeWholeDocument("b"))
        document.apply_change(lsp.TextDocumentContentChangePartial(at, "c"))
        document.close()
    document.apply_change(lsp.TextDocumentContentChangeWholeDocument("d"))
    assert seen == [("b", True), ("bc", False), (None, False)]
