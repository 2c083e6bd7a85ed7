"""Laying text out in lines."""

from __future__ import annotations

import re
from textwrap import wrap

_CODE = re.compile(r"`[^`]*`|\{@code [^}]*\}|<c>[^<]*</c>")
_HELD = "\x00"  # stands for a space inside code, where no line is broken


def wrapped(text: str, width: int, *, indent: str = "", hanging: str = "") -> list[str]:
    """`text` in lines of at most `width`, as far as words and pieces of code are that short.

    `indent` begins each line, and `hanging` each but the first as well.
    """
    held = _CODE.sub(lambda found: found[0].replace(" ", _HELD), text)
    lines = wrap(
        held,
        width,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_HELD, " ") for line in lines]
