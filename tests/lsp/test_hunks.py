"""Edits are as small as they can be and keep the document's line endings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import calls
from tests.lsp.typist import plain

from codefare.lsp.hunks import (
    Hunk,
    apply_hunks,
    before_the_end,
    hunks_between,
    kept_apart,
    split_lines,
    with_ending_of,
)
from codefare.source.target import Span

LINES = st.lists(st.sampled_from(["a", "b", "", " x", "é", "😋", "a\fb", "\u2028"]), max_size=9)
ENDINGS = st.sampled_from(["\n", "\r\n", "\r"])


@given(old=LINES, new=LINES, ending=st.sampled_from(["\n", "\r\n"]), tail=st.booleans())
def test_hunks_give_the_new_text(old, new, ending, tail):
    """Applied to the old text they give the new one; they lie apart and never cut a line break."""
    before = ending.join(old) + ending * tail
    after = "\n".join(new) + "\n" * tail
    hunks = hunks_between(before, after, ending)
    assert apply_hunks(before, hunks) == after.replace("\n", ending)
    assert all(one.span.end < two.span.start for one, two in pairwise(hunks))
    for offset in (offset for hunk in hunks for offset in hunk.span):
        assert before[offset - 1 : offset + 1] != "\r\n" or offset == 0


@given(old=LINES, new=LINES, data=st.data())
def test_mixed_line_ends_stay(old, new, data):
    """Lines that stay keep the line break they had, whichever it was."""
    ends = [data.draw(st.sampled_from(["\n", "\r\n"])) for _ in old]
    before = "".join(map("".join, zip(old, ends, strict=True)))
    after = "".join(f"{line}\n" for line in new)
    result = apply_hunks(before, hunks_between(before, after, "\n"))
    assert result.replace("\r\n", "\n") == after
    if old == new:
        assert result == before


@given(
    old=LINES,
    new=LINES,
    ending=ENDINGS,
    left=st.sampled_from(["x", "\r"]),
    right=st.sampled_from(["x", "\n"]),
    data=st.data(),
)
def test_no_line_is_lost_where_cr_meets_lf(old, new, ending, left, right, data):
    """In a file with all the line breaks that there are, no two of them become one."""
    before = "".join(line + data.draw(ENDINGS) for line in old)
    after = "".join(f"{line}\n" for line in new)
    # What stands around it is not half a line break of the text itself.
    left = "x" if before[:1] in {"", "\n"} else left
    right = "x" if before[-1:] in {"", "\r"} else right
    hunks = kept_apart(before, hunks_between(before, after, ending), left, right)
    assert all(one.span.end < two.span.start for one, two in pairwise(hunks))
    if after:
        result = left + apply_hunks(before, hunks) + right
        assert plain(result) == plain(left) + after + plain(right)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_an_insertion_at_the_end_is_made_before_the_last_line_break(ending):
    """Nothing else about the text is different, and what it meets there becomes one with it."""
    text = f"a{ending}"
    last = Hunk(Span(len(text), len(text)), f"b{ending}")
    assert before_the_end(text, [last]) == [Hunk(Span(1, 1), f"{ending}b")]
    two = [Hunk(Span(0, 1), "c"), last]
    assert before_the_end(text, two) == [Hunk(Span(0, 1), f"c{ending}b")]
    for hunks in ([last], two):
        assert apply_hunks(text, before_the_end(text, hunks)) == apply_hunks(text, hunks)


def test_only_what_differs():
    """Two changes far apart are two small hunks."""
    before = "".join(f"line {n}\n" for n in range(100))
    after = before.replace("line 3\n", "line three\n").replace("line 90\n", "")
    start = before.index("line 90\n")
    assert hunks_between(before, after, "\n") == [
        Hunk(Span(26, 27), "three"),
        Hunk(Span(start, start + 8), ""),
    ]


def test_long_texts_are_compared_in_time():
    """Texts of which every other line differs become one hunk, for work that grows with their length only."""

    def work(lines: int) -> int:
        before = "".join(f"old {n}\n\n" for n in range(lines))
        after = "".join(f"new {n}\n\n" for n in range(lines))
        assert len(hunks_between(before, after, "\n")) == 1
        return calls(lambda: hunks_between(before, after, "\n"))

    assert work(10_000) < 12 * work(1000)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\n", "b", "b\n"),
        ("a\r\n", "b", "b\n"),
        ("a", "b\n\n", "b"),
        ("a\n", "b\n", "b\n"),
        ("", "b\n", "b\n"),
        ("a\n", "", ""),
    ],
)
def test_final_line_break(old, new, expected):
    """The new text ends with a line break if the old one did."""
    assert with_ending_of(old, new) == expected


def test_lines_end_where_lsp_ends_them():
    """A form feed, U+2028, NEL and their like end no line."""
    assert split_lines("a\fb\u2028c\x85d\x1ce\vf\r\ng\rh\n") == [
        "a\fb\u2028c\x85d\x1ce\vf\r\n",
        "g\r",
        "h\n",
    ]
