"""Reading the code block of an answer."""

from __future__ import annotations

import pytest

from codefare.legible import visible
from codefare.source.document import Document
from codefare.tasks.answer import LONGEST, code_block, dedented, indented
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


def test_a_sample_inside_a_block_does_not_end_it() -> None:
    """Documentation may show code in a fence of its own, be it named or further in than a fence can stand."""
    said = '"""Do.\n\n```python\nf()\n```\n"""\n'
    assert code_block(f"```python\n{said}```") == said
    deep = 'def f():\n    """Do.\n\n    ```\n    f()\n    ```\n    """\n'
    assert code_block(f"```\n{deep}```") == deep


def test_a_block_in_another_language_is_refused() -> None:
    """What the fence says is believed where it is another language's name, and passed over where it is none."""
    refused = code_block("```go\nx\n```", "python")
    assert isinstance(refused, Refused)
    assert refused.reason == "The answer is Go, not Python."
    diff = code_block("```diff\n-x\n+y\n```", "python")
    assert isinstance(diff, Refused)
    for tag in ("python", "py", "Python title=a.py", "text", ""):
        assert code_block(f"```{tag}\nx\n```", "python") == "x\n"
    assert code_block("```js\nx\n```", "typescript") == "x\n"


@pytest.mark.parametrize("piece", ["x", "x = 1\n", "```\n", "```py\n", "~"])
def test_a_huge_answer_is_refused_at_once(piece: str) -> None:
    """10 MB are not even looked through: that would take hours for some."""
    answer = piece * (10_000_000 // len(piece))
    refused = code_block(answer)
    assert isinstance(refused, Refused)
    assert "million characters" in refused.reason
    assert isinstance(code_block(f"```\n{'x' * (LONGEST - 10)}\n```"), str)


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


def test_what_cannot_be_seen_is_written_out() -> None:
    """A control sequence, a mark that turns a line round, half a character; words, tabs and emoji stay as they are."""
    assert visible("a\x1b]0;x\x07\u202eb\ud800\r\n") == r"a\x1b]0;x\x07\u202eb\ud800" + "\n"
    assert visible("a\U000e0041") == r"a\U000e0041"
    plain = "\tdéjà vu 👩\u200d🚀\n"
    assert visible(plain) == plain
