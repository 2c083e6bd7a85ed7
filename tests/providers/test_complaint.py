"""What servers say went wrong, as it is read and shown."""

from __future__ import annotations

from tests.effort import calls

from codefare.providers.complaint import cleaned


def test_a_long_complaint_is_not_read_to_its_end() -> None:
    """Of megabytes no more is looked at than can be shown; the cut shows, blanks or not."""
    assert cleaned("word " * 3) == "word word word"
    assert cleaned("x" * 301) == "x" * 299 + "…"
    assert cleaned(f"so{' ' * 10_000}that") == "so…"
    assert calls(lambda: cleaned("word " * 100_000)) < 10_000
