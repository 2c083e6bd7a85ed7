"""Keeps keys and code out of what a server's error message brings back."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_HIDDEN = "…"
# A run of this many letters and digits that also stands in the prompt is taken for a quotation of
# it.
_QUOTE = 16
_KEY_PART = 6
_GLANCE = 1000
_OTHERS = re.compile(r"[\W_]+")  # what str.isalnum denies
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # keeps every place
# How vendors' keys begin; their messages often quote a key in part ("sk-ab***yz").
_KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|gsk|xai|ghp|hf)[-_][\w.*-]{4,}", re.ASCII)


class Mask:
    """Hides the key and all quotations of the prompt in a message."""

    def __init__(self, key: str | None, prompt: Iterable[str]) -> None:
        self._key = key
        self._prompt = prompt

    def apply(self, message: str) -> str:
        """The message with everything secret replaced by an ellipsis."""
        if self._key:
            message = _without_parts(message, self._key, _KEY_PART)
        message = _KEY_LIKE.sub(_HIDDEN, message)
        for text in self._prompt:
            message = _without_parts(message, text, _QUOTE)
        return message


def _without_parts(message: str, secret: str, length: int) -> str:
    """The message without any part of `secret` that is `length` letters and digits long.

    Only letters and digits are compared, capital or not: servers escape quotes and line ends in many
    ways, and some of what they send is put in lower case.
    """
    places = [i for i, c in enumerate(message) if c.isalnum()]
    said = "".join(message[i] for i in places).translate(_LOWER)
    # Prompts are long, and nearly all that is shown ("end_turn") is too short to quote one.
    if len(said) < length <= len(_OTHERS.sub("", secret[:_GLANCE])):
        return message
    hidden = _OTHERS.sub("", secret).translate(_LOWER)
    length = min(length, len(hidden))
    if length < min(_KEY_PART, _QUOTE):
        return message
    marked: list[tuple[int, int]] = []
    for start in range(len(said) - length + 1):
        if said[start : start + length] in hidden:
            first, last = places[start], places[start + length - 1] + 1
            if marked and first <= marked[-1][1]:
                marked[-1] = (marked[-1][0], last)
            else:
                marked.append((first, last))
    for first, last in reversed(marked):
        message = message[:first] + _HIDDEN + message[last:]
    return message
