"""Reading the code block of an answer."""

from __future__ import annotations

import pytest

from codefare.source.document import Document
from codefare.tasks.answer import code_block, dedented, indented
from codefare.tasks.outcome import Refused


def test_the_one_block_is_taken_from_the_prose_around_it() -> None:
    """Prose around the one code block is left out."""
    assert (
        code_block("Here it is:\n\n```python\ndef f():\n    pass\n```\nDone.")
        == "def f():\n    pass\n"
    )


def test_a_longer_fence_may_hold_shorter_ones() -> None:
    """A block that holds fences itself is read whole."""
    assert code_block("````md\n```\nx\n```\n````") == "```\nx\n```\n"


def test_windows_line_ends_are_read() -> None:
    """CRLF in an answer does not hide its fences."""
    assert code_block("```\r\nx = 1\r\n```\r\n") == "x = 1\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("just prose", "no code block"),
        ("", "no code block"),
        ("```\nx\n```\n```\ny\n```", "2 code blocks"),
        ("```\nx = 1\n", "not closed"),
        ("```\n\n```", "empty"),
    ],
)
def test_anything_but_one_whole_block_is_refused(answer: str, reason: str) -> None:
    """An answer whose meaning would have to be guessed is refused, and is kept for the user."""
    refused = code_block(answer)
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert refused.answer == answer


def test_indentation_is_taken_and_given_by_line() -> None:
    """Blank lines stay blank, deeper lines keep their depth."""
    assert dedented("    a\n      b\n\n    c\n") == "a\n  b\n\nc\n"
    assert indented("a\n  b\n\nc\n", "\t") == "\ta\n\t  b\n\n\tc\n"


@pytest.mark.parametrize(
    ("text", "ending"), [("a\r\nb\n", "\r\n"), ("a\nb", "\n"), ("a\rb", "\r"), ("a", "\n")]
)
def test_a_file_keeps_its_own_line_ending(text: str, ending: str) -> None:
    """The first line ending of a file is its line ending."""
    assert Document("file:///a", None, None, text).line_break == ending
