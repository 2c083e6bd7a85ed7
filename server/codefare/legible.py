"""Text that others wrote, made fit to be read: nothing obeys it, nothing hides in it, nothing in it can be clicked.

File names, what a provider says and what a model answers may hold whatever their authors like: sequences that a
terminal obeys, links that an editor runs, marks that turn the direction of writing, quotes that end a string.
"""

from __future__ import annotations

import os
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import PurePath

_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # control, format, half a character
_SEEN = frozenset("\n\t\u200c\u200d")
_BYTE, _BASIC = 0xFF, 0xFFFF
_LONGEST_NAME = 80  # characters
_SHORTEST_HOME = 4  # characters: `/` is no user's own
_PLAIN_NAME = re.compile(r"[\w .+@=,-]{1,200}")
_LINK = re.compile(r"\](?=[(\[:])")


def visible(text: str) -> str:
    r"""`text` with what a reader cannot see written out, `\x1b` or `\u202e`.

    Line breaks and tabs stay; so do the joiners that some scripts and emoji are written with.
    """
    return "".join(
        _escape(character)
        if unicodedata.category(character) in _UNSEEN and character not in _SEEN
        else character
        for character in text.replace("\r\n", "\n")
    )


def one_line(text: str) -> str:
    r"""`visible` text on one line: a line break is written as `\n`, a tab as `\t`."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def name(text: str) -> str:
    """A name for a title or a hover: on one line, not too long, and without the mark that ends Markdown's code."""
    line = one_line(text).replace("`", "'")
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def message(text: str) -> str:
    """Words for an editor's message or progress display.

    VS Code makes links of `[words](command:…)` in them, which run a command: no message of ours has a link.
    """
    return _LINK.sub("] ", visible(text))


def without_home(text: str) -> str:
    """`text` with `~` for the user's home folder, whose name is his own in most cases."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises
    if len(home) < _SHORTEST_HOME:
        return text
    for spelling in {home, home.replace("\\", "/")}:
        text = re.sub(rf"{re.escape(spelling)}(?![\w-]|\.\w)", "~", text)
    return text


def file_name(path: PurePath | None, otherwise: str) -> str:
    """What is written of a file's name into code: its name if it is an ordinary one, else `otherwise`.

    A line break would end a comment, and quotes a string, so that what follows them would be run.
    """
    return path.name if path is not None and _PLAIN_NAME.fullmatch(path.name) else otherwise


def _escape(character: str) -> str:
    code = ord(character)
    if code <= _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _BASIC else f"\\U{code:08x}"
