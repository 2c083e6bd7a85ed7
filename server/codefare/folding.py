"""Lines folded between words, as people read them in a terminal."""

from __future__ import annotations

import textwrap

_NARROWEST = 20  # columns: below it every word would stand alone


def folded(text: str, width: int | None, first: str = "", later: str = "") -> list[str]:
    """`text` as lines of at most `width` columns, `first` before the first and `later` before the others.

    With no width it is one line. A word that is longer than a line is left to the terminal: a path or an id in two
    parts is no use.
    """
    if width is None:
        return [first + text]
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
