"""The buffer against a naive model: lines, positions in three encodings, bytes, and anchors."""

from __future__ import annotations

import gc
import re
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codefare.source.buffer import Buffer
from codefare.source.positions import Encoding
from codefare.source.target import Span

# Everything that some splitter of lines takes for a line break, and characters of 1 to 4 bytes.
CHARACTERS = "ab \t\r\n\r\n\x0b\x0c\x1c\x85\u2028\u2029é漢😀\U0001d4d0\ufeff\ud800"
TEXTS = st.text(alphabet=CHARACTERS, max_size=30)
ENCODINGS = st.sampled_from(get_args(Encoding))


def naive_lines(text: str) -> list[str]:
    """Lines with their breaks, by the letter of the protocol."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text) + (
        [""] if not text or text[-1] in "\r\n" else []
    )


def naive_units(text: str, encoding: Encoding) -> int:
    """The length of a text in an encoding, by encoding it."""
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    name = encoding if encoding == "utf-8" else f"{encoding}-le"
    return len(text.encode(name, "surrogatepass")) // width


def as_seen(buffer: Buffer) -> tuple[str, list[str], list[int]]:
    """The text, its lines without breaks, and the byte offset of every character."""
    lines = [buffer.text[slice(*buffer.line_span(line))] for line in range(buffer.line_count)]
    return buffer.text, lines, [buffer.byte_offset(at) for at in range(len(buffer.text) + 1)]


@given(TEXTS)
@example("")
@example("a\r")
@example("a\x0cb\u2028c\r\n")
def test_lines_end_only_where_the_protocol_says(text: str) -> None:
    r"""Lines end at \\r\\n, \\n and \\r; form feed, NEL and U+2028 do not end them."""
    assert as_seen(Buffer(text))[1] == [line.rstrip("\r\n") for line in naive_lines(text)]


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), TEXTS), max_size=8))
@example("a\r\nb", [(2, 0, "x")])  # a pair torn apart
@example("a\r", [(2, 0, "\n")])  # a pair joined
@example("a\rX\nb", [(2, 1, "")])  # joined by a deletion
@example("\nb", [(0, 0, "\r")])
@example("é\r\nb", [(0, 1, "e")])  # the text becomes ASCII
@example("e\r\nb", [(3, 0, "😀\r")])  # and stops being so
def test_edits_leave_what_a_fresh_buffer_would_hold(
    text: str, edits: list[tuple[int, int, str]]
) -> None:
    """After any edits, text, lines and bytes are those of a buffer made from the result."""
    buffer = Buffer(text)
    for start, length, new in edits:
        before = buffer.text
        start = min(start, len(before))  # noqa: PLW2901 - the drawn number is only a wish
        end = min(start + length, len(before))
        change = buffer.replace(Span(start, end), new)
        after = before[:start] + new + before[end:]
        assert as_seen(buffer) == as_seen(Buffer(after))
        assert (change is None) == (before == after)
        if change:
            assert before[: change.start] == after[: change.start]
            assert before[change.old_end :] == after[change.new_end :]
            assert start <= change.start <= change.old_end <= end


@given(TEXTS, TEXTS, st.integers(0, 30), st.integers(0, 30))
def test_a_change_tells_bytes_and_points(text: str, new: str, start: int, length: int) -> None:
    """The byte offsets and points of a change are those of the encoded texts."""
    buffer = Buffer(text)
    change = buffer.replace(Span(start, start + length), new)
    if change is None:
        return
    for whole, offset, byte, point in (
        (text, change.start, change.start_byte, change.start_point),
        (text, change.old_end, change.old_end_byte, change.old_end_point),
        (buffer.text, change.new_end, change.new_end_byte, change.new_end_point),
    ):
        data = whole[:offset].encode("utf-8", "surrogatepass")
        assert byte == len(data)
        assert point == (data.count(b"\n"), len(data) - data.rfind(b"\n") - 1)


@given(TEXTS, ENCODINGS)
def test_positions_come_back(text: str, encoding: Encoding) -> None:
    """Every offset outside a line break survives the way to a position and back."""
    buffer = Buffer(text)
    for offset in range(len(text) + 1):
        line, character = buffer.position_at(offset, encoding)
        start, end = buffer.line_span(line)
        assert character == naive_units(text[start : min(offset, end)], encoding)
        assert buffer.offset_at(line, character, encoding) == min(offset, end)


@given(TEXTS, ENCODINGS, st.integers(-1, 12), st.integers(-1, 70))
def test_positions_out_of_range_are_clamped(
    text: str, encoding: Encoding, line: int, character: int
) -> None:
    """Past a line's end is its end, past the text is its end, inside a character its start."""
    offset = Buffer(text).offset_at(line, character, encoding)
    lines = naive_lines(text)
    if line >= len(lines):
        assert offset == len(text)
    elif line < 0:
        assert offset == 0
    else:
        start = sum(map(len, lines[:line]))
        content = lines[line].rstrip("\r\n")
        fitting = [
            at for at in range(len(content) + 1) if naive_units(content[:at], encoding) <= character
        ]
        assert offset == start + max(fitting, default=0)


@given(TEXTS)
def test_bytes_come_back(text: str) -> None:
    """Every byte leads to the character that holds it."""
    buffer = Buffer(text)
    for offset, character in enumerate(text):
        first = buffer.byte_offset(offset)
        for byte in range(first, first + naive_units(character, "utf-8")):
            assert buffer.offset_of_byte(byte) == offset
    assert buffer.offset_of_byte(naive_units(text, "utf-8")) == len(text)


@pytest.mark.parametrize(
    ("start", "end", "new", "expected"),
    [
        (0, 1, "", (2, 5)),  # before
        (0, 3, "abcdef", (6, 9)),  # up to the border
        (3, 3, "x", (4, 7)),  # typed at the start: stays outside
        (6, 6, "x", (3, 6)),  # typed at the end: stays outside
        (6, 8, "", (3, 6)),  # after, from the border
        (4, 4, "x", None),  # inside
        (2, 4, "x", None),  # over the start
        (5, 7, "x", None),  # over the end
        (0, 8, "", None),  # over all of it
        (3, 6, "x", None),  # exactly it
        (0, 8, "01234567", (3, 6)),  # the same text again
        (0, 8, "__01234567", (5, 8)),  # the same with something in front
    ],
)
def test_an_anchor_follows_or_breaks(
    start: int, end: int, new: str, expected: tuple[int, int] | None
) -> None:
    """An anchor is shifted by edits before it and broken only by those that touch its inside."""
    buffer = Buffer("01234567")
    anchor = buffer.anchor(Span(3, 6))
    buffer.replace(Span(start, end), new)
    assert (None if anchor.broken else tuple(anchor.span)) == expected


@pytest.mark.parametrize(
    ("start", "end", "new", "left"),
    [
        (4, 4, "xy", "3xy45"),  # typed inside
        (4, 5, "", "35"),  # cut out inside
        (3, 6, "xy", "xy"),  # exactly it
        (3, 4, "xy", "xy45"),  # its first character
        (5, 6, "xy", "34xy"),  # its last
        (2, 4, "xy", "45"),  # over the start
        (5, 7, "xy", "34"),  # over the end
        (3, 7, "xy", ""),  # from its start beyond its end
        (2, 7, "xy", ""),  # over all of it
        (2, 6, "", ""),
    ],
)
def test_a_broken_anchor_spans_what_is_left(start: int, end: int, new: str, left: str) -> None:
    """A broken anchor still tells where the rest of its text is, with what was put into it."""
    buffer = Buffer("01234567")
    anchor = buffer.anchor(Span(3, 6))
    buffer.replace(Span(start, end), new)
    assert anchor.broken
    for shift in range(3):
        assert buffer.text[slice(*anchor.span)] == left
        buffer.replace(Span(0, 0), "_" * shift)


@given(TEXTS, st.data())
def test_what_is_left_of_an_anchor_is_in_the_text(text: str, data: st.DataObject) -> None:
    """Whatever is edited, a broken anchor's span is inside of the text, and ordered."""
    buffer = Buffer(text)
    start = data.draw(st.integers(0, len(text)))
    anchor = buffer.anchor(Span(start, data.draw(st.integers(start, len(text)))))
    for _ in range(4):
        at = data.draw(st.integers(0, len(buffer.text)))
        buffer.replace(Span(at, at + data.draw(st.integers(0, 5))), data.draw(TEXTS))
        assert 0 <= anchor.span.start <= anchor.span.end <= len(buffer.text)


@pytest.mark.parametrize(
    ("start", "end", "new", "expected"),
    [
        (0, 2, "", (1, 4)),
        (3, 3, "x", None),  # typed at the start
        (6, 6, "x", None),  # typed at the end
        (1, 3, "", None),  # up to the border
        (6, 8, "", None),  # from the border
        (7, 7, "x", (3, 6)),
    ],
)
def test_a_tight_anchor_breaks_at_its_borders(
    start: int, end: int, new: str, expected: tuple[int, int] | None
) -> None:
    """What is typed beside it breaks it too."""
    buffer = Buffer("01234567")
    anchor = buffer.anchor(Span(3, 6), tight=True)
    buffer.replace(Span(start, end), new)
    assert (None if anchor.broken else tuple(anchor.span)) == expected


@given(TEXTS, st.data())
def test_an_anchor_that_holds_still_has_its_text(text: str, data: st.DataObject) -> None:
    """Whatever is edited, an anchor that is not broken spans the text it was set on."""
    buffer = Buffer(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    anchor = buffer.anchor(Span(start, end))
    for _ in range(4):
        at = data.draw(st.integers(0, len(buffer.text)))
        buffer.replace(Span(at, at + data.draw(st.integers(0, 5))), data.draw(TEXTS))
    assert anchor.broken or buffer.text[slice(*anchor.span)] == text[start:end]


def test_an_insertion_at_an_empty_anchor_comes_after_it() -> None:
    """A place to insert at does not move when text is typed at it."""
    buffer = Buffer("ab")
    anchor = buffer.anchor(Span(1, 1))
    buffer.replace(Span(1, 1), "x")
    assert (anchor.span, anchor.broken) == (Span(1, 1), False)


def test_a_released_anchor_no_longer_moves() -> None:
    """`release` ends the following, and an anchor that nobody holds is forgotten."""
    buffer = Buffer("abc")
    kept, released = buffer.anchor(Span(1, 2)), buffer.anchor(Span(1, 2))
    buffer.anchor(Span(0, 1))
    buffer.release(released)
    buffer.release(released)
    gc.collect()
    buffer.replace(Span(0, 0), "x")
    assert (kept.span, released.span) == (Span(2, 3), Span(1, 2))
    assert list(buffer._anchors) == [kept]
