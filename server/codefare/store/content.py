"""What a finding is known by: the code it stands on, and the words that count in its message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from codefare.tasks.outcome import Finding

_T = TypeVar("_T")

_MOST = 64  # words of a message
_SHORT = 3  # letters; words of less say nothing

# Also the words inside of names: `ZeroDivisionError` says "zero", "division" and "error".
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_ENDING = re.compile(r"(?<=\w{3})(?:ings?|ed|es|s)$")
_EMPTY = re.compile(
    "the|and|are|but|can|could|does|for|from|has|have|here|into|its|may|might|must|not|should"
    "|that|then|there|these|this|was|when|where|which|while|will|with|would|you|your"
)


@dataclass(frozen=True, slots=True)
class Content:
    """The name of the file and the code, and the words of the message.

    The path is left out, so that a finding is known in another clone too; so are the line, how the code is spaced, and
    the severity, which models grade differently each time.
    """

    code: str
    words: frozenset[str]

    @classmethod
    def of(cls, finding: Finding, file: str) -> Content:
        """The content of a finding in a file of that name."""
        lines = [" ".join(line.split()) for line in finding.code.splitlines()]
        code = "\n".join([file, *(line for line in lines if line)])
        return cls(code, frozenset(_words(finding.message)))

    def resembles(self, other: Content) -> bool:
        """Whether both are the same remark on the same code, be it in other words."""
        return self.code == other.code and alike(self.words, other.words)


def alike(one: frozenset[_T], other: frozenset[_T]) -> bool:
    """Whether half of all the words are in both.

    Less would take two problems of one line for the same, and hide one that nobody has seen.
    """
    return 2 * len(one & other) >= len(one | other)


def _words(message: str) -> list[str]:
    """The words of a message that say something, in lower case and without endings."""
    words = dict.fromkeys(_ENDING.sub("", word) for word in map(str.lower, _told(message)))
    return list(words)[:_MOST]


def _told(message: str) -> list[str]:
    return [
        word
        for word in _WORD.findall(message)
        if (len(word) >= _SHORT or not word.isascii() or word.isdigit())
        and not _EMPTY.fullmatch(word.lower())
    ]
