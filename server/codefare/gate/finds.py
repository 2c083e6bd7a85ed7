"""Where a word stands in a text, which is quicker to ask than a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def finds(text: str, *words: str) -> Iterator[int]:
    """Where each of the words stands, one word after the other."""
    for word in words:
        at = text.find(word)
        while at >= 0:
            yield at
            at = text.find(word, at + len(word))
