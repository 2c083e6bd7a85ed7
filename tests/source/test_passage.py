"""Lines that are followed: where they are after an edit, and whether they still say what they said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codefare.source.buffer import Buffer
from codefare.source.passage import Lines, Passage, State
from codefare.source.target import Span

TEXT = """\
def f(a):
    b = a
    c = 1 / b
    return c


def g(a):
    b = a
    return b
"""
CODE = "c = 1 / b"


class Followed:
    """A passage in a text that is edited."""

    def __init__(self, code: str = CODE, text: str = TEXT, nth: int = 1) -> None:
        self.buffer = Buffer(text)
        start = -1
        for _ in range(nth):
            start = text.index(code, start + 1)
        self.passage = Passage(self.buffer, Span(start, start + len(code)), Lines(self.buffer))

    def replace(self, old: str, new: str, nth: int = 1) -> None:
        """Replaces an occurrence of a text."""
        start = -1
        for _ in range(nth):
            start = self.buffer.text.index(old, start + 1)
        self.buffer.replace(Span(start, start + len(old)), new)

    def look(self) -> tuple[State, str, int]:
        """The state, the text and the line (from 1) of the passage."""
        state = self.passage.look(Lines(self.buffer))
        start, end = self.passage.span
        return state, self.buffer.text[start:end], self.buffer.line_at(start) + 1


INTACT, TOUCHED, GONE = State.INTACT, State.TOUCHED, State.GONE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("def f(a):\n", "import x\n\n\ndef f(a):\n", (INTACT, CODE, 6)),
        ("def f(a):\n    b = a\n", "", (INTACT, CODE, 1)),
        ("    return c\n", "", (INTACT, CODE, 3)),
        ("    c = 1 / b\n", "    c = 1 / b\n    d = 2\n", (INTACT, CODE, 3)),
        ("    c = 1 / b\n", "    d = 2\n    c = 1 / b\n", (INTACT, CODE, 4)),
        ("    c = 1", "        c = 1", (INTACT, CODE, 3)),  # indented: it says the same
        ("    c = 1 / b", "c = 1 / b", (INTACT, CODE, 3)),
        ("a\n    c", "a\n\n    c", (INTACT, CODE, 4)),
        ("1 / b", "1 // b", (TOUCHED, "c = 1 // b", 3)),
        ("1 / b", "1 / b  # fine", (TOUCHED, "c = 1 / b  # fine", 3)),  # at the line's end
        ("    c = 1", "x = c = 1", (TOUCHED, "x = c = 1 / b", 3)),
        ("c = 1 / b", "c = divide(\n        1, b)", (TOUCHED, "c = divide(\n        1, b)", 3)),
        ("    c = 1 / b", "    d = 7", (TOUCHED, "d = 7", 3)),  # as `cc` in Vim does
        ("a\n    c", "a; c", (TOUCHED, "b = a; c = 1 / b", 2)),  # joined with the line before
        ("b\n    return c", "b; return c", (TOUCHED, "c = 1 / b; return c", 3)),
        ("    c = 1 / b\n", "", (GONE, "return c", 3)),
        ("c = 1 / b", "", (GONE, "", 3)),
        ("    c = 1 / b\n    return c\n", "    return 1 / b\n", (GONE, "return 1 / b", 3)),
        (TEXT, "", (GONE, "", 1)),
        (TEXT, "x = 1\n", (GONE, "x = 1", 1)),
    ],
)
def test_one_edit(old: str, new: str, expected: tuple[State, str, int]) -> None:
    """Lines move, are touched or are gone, whichever way an edit reaches into them."""
    followed = Followed()
    followed.replace(old, new)
    state, text, line = followed.look()
    assert state is expected[0]
    if state is not GONE:  # where nothing is, no place is promised
        assert (text, line) == expected[1:]


def test_what_is_undone_was_no_change() -> None:
    """A touched line is intact again after undo, and a deleted one is back; then it is followed as before."""
    followed = Followed()
    followed.replace("1 / b", "2 / b")
    assert followed.look()[0] is TOUCHED
    followed.replace("2 / b", "1 / b")
    assert followed.look() == (INTACT, CODE, 3)
    followed.replace("    c = 1 / b\n", "")
    assert followed.look()[0] is GONE
    followed.replace("    return c\n", "    c = 1 / b\n    return c\n")
    assert followed.look() == (INTACT, CODE, 3)
    followed.replace("1 / b", "3 / b")
    assert followed.look() == (TOUCHED, "c = 3 / b", 3)
    followed.replace("c = 3 / b", "")
    assert followed.look()[0] is GONE


def test_lines_that_are_moved_are_followed() -> None:
    """Cut and paste, and an editor that moves a line, take it along."""
    followed = Followed()
    followed.replace("    c = 1 / b\n", "")
    assert followed.look()[0] is GONE
    followed.replace("    return b\n", "    c = 1 / b\n    return b\n")
    assert followed.look() == (INTACT, CODE, 8)
    followed = Followed()
    followed.replace("    c = 1 / b\n    return c\n", "    return c\n    c = 1 / b\n")
    assert followed.look() == (INTACT, CODE, 4)


def test_of_equal_lines_the_right_one() -> None:
    """A line that reads like others is not mistaken for them when it changes, and is told from them when all move."""
    second = Followed("b = a", nth=2)
    second.replace("b = a", "b = a + 1", nth=2)
    assert second.look() == (TOUCHED, "b = a + 1", 8)
    gone = Followed("b = a", nth=2)
    gone.replace("def g(a):\n    b = a\n", "def g(a):\n")
    assert gone.look()[0] is GONE
    for nth, line in ((1, 11), (2, 3)):
        swapped = Followed("b = a", nth=nth)
        first, rest = TEXT.split("\n\n\n")
        swapped.buffer.replace(Span(0, len(TEXT)), f"\n{rest}\n\n\n\n\n{first}\n")
        assert swapped.look() == (INTACT, "b = a", line)


def test_several_lines() -> None:
    """All lines count, blank ones do not."""
    code = "b = a\n    c = 1 / b\n    return c"
    followed = Followed(code)
    followed.replace("b = a\n", "b = a\n\n")
    assert followed.look() == (INTACT, "b = a\n\n    c = 1 / b\n    return c", 2)
    followed.replace("return c", "return -c")
    assert followed.look()[0] is TOUCHED
    followed.replace("    c = 1 / b\n    return -c\n", "")
    assert followed.look() == (TOUCHED, "b = a", 2)
    followed.replace("    b = a\n\n", "")
    assert followed.look()[0] is GONE


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_carry(ending: str) -> None:
    """Another buffer with the same lines takes over, however they end; changed lines stay changed."""
    followed = Followed()
    followed.replace("def f(a):\n", "# 😋\ndef f(a):\n")
    other = Buffer(followed.buffer.text.replace("\n", ending))
    followed.passage.carry(other)
    followed.buffer = other
    assert followed.look() == (INTACT, CODE, 4)
    followed.replace("1 / b", "2 / b")
    assert followed.look() == (TOUCHED, "c = 2 / b", 4)
    another = Buffer(other.text)
    followed.passage.carry(another)
    followed.buffer = another
    assert followed.look() == (TOUCHED, "c = 2 / b", 4)
    followed.passage.release()


LINES = st.sampled_from(["a", "  a", "b", "b b", "", "  ", "é😋", "a\u2028b", "\r", "c\f"])
TEXTS = st.lists(LINES, max_size=8).map("\n".join)


@given(TEXTS, st.data())
def test_a_passage_is_always_inside_of_the_text(text: str, data: st.DataObject) -> None:
    """Whatever is edited, an intact passage says what it said, and each has a place in the text."""
    buffer = Buffer(text)
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    passage = Passage(buffer, span, Lines(buffer))
    said = _said(text[slice(*passage.lines_span)])
    assert passage.look(Lines(buffer)) is INTACT
    for _ in range(4):
        at = data.draw(st.integers(0, len(buffer.text)))
        buffer.replace(Span(at, at + data.draw(st.integers(0, 9))), data.draw(TEXTS))
        state = passage.look(Lines(buffer))
        assert 0 <= passage.span.start <= passage.span.end <= len(buffer.text)
        now = _said(buffer.text[slice(*passage.lines_span)])
        assert state is not INTACT or now == said
        assert state is not TOUCHED or now != said
    untouched = Passage(buffer, Span(0, len(buffer.text)), Lines(buffer))
    assert untouched.look(Lines(buffer)) is INTACT


def _said(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line.strip() for line in lines if line.strip()]
