"""A place remembers what it was and knows where it is."""

from __future__ import annotations

import pytest

from codefare.errors import TargetError
from codefare.lsp.document import OpenDocument
from codefare.lsp.edits import Place
from codefare.source.target import Span
from codefare.tasks.outcome import Edit

URI = "file:///a.py"


def place_of(text: str, start: int, end: int) -> Place:
    """A place in a document."""
    document = OpenDocument(URI, text, 1, None, "utf-16")
    span = Span(start, end)
    return Place(document, document.anchor(span), span, text[start:end])


def test_place_with_edit():
    """An edit of the document becomes one of the place, wherever the place has gone since."""
    place = place_of("one two three", 4, 13)
    place.document.buffer.replace(Span(0, 0), "zero ")
    assert place.with_edit(Edit(Span(4, 7), "two", "2")) == "2 three"
    assert place.with_edit(Edit(Span(13, 13), "", "!")) == "two three!"
    assert place.now == Span(9, 18)


@pytest.mark.parametrize(
    "edit",
    [
        Edit(Span(0, 3), "one", "1"),
        Edit(Span(8, 14), "three", "3"),
        Edit(Span(4, 7), "TWO", "2"),
        Edit(Span(7, 4), "", "2"),
    ],
)
def test_place_with_an_edit_of_something_else(edit):
    """An edit that reaches out of the place, or is about another text, is refused."""
    with pytest.raises(TargetError):
        place_of("one two three", 4, 13).with_edit(edit)
