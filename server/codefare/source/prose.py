"""The words of a comment: its text without markers, and whether it asks for something."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BREAK = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"\A\s*(?:///?!?|//!|#+(?!\[)!?)\s?")
_MARGIN = re.compile(r"\A\s*\*(?!\*)\s?")
_OPENING = re.compile(r"\A\s*(?:/\*+!?|<!--|=begin\b)[ \t]?")
_CLOSING = re.compile(r"\s*(?:\*+/|-->|^=end\b.*)\s*\Z", re.MULTILINE)
# In capitals it may stand alone; in small letters it is a word of the language.
_REMINDER = re.compile(
    r"\s*(?:@(?P<tag>todo|fixme)\b|(?P<word>TODO|FIXME|XXX|HACK)\b|(?P<small>todo|fixme)(?=[(:]))"
    r"(?:\([^()\n]*\))?\s*[:\-–]*\s*",
)
# The last mark counts, whatever closes after it. Full-width, and Arabic.
_QUESTION = re.compile(r"[?\uff1f\u061f][\s)\]\"'»”’*_`!\uff01\uff09]*\Z")  # noqa: RUF001  other scripts' marks
_MEANT = re.compile(
    r"\b(?:no-?op|nop|nothing|intentional(?:ly)?|deliberate(?:ly)?|on purpose|by design|no-empty"
    r"|left (?:empty|blank)|(?:not|no longer) (?:needed|used|required|necessary)|never called"
    r"|compatibility)\b",
    re.IGNORECASE,
)
_FOR_OTHERS = re.compile(
    r"\b(?:overrid(?:e|den|es|ing)|overwritten|sub-?class(?:es)?|child class(?:es)?|does nothing|no-?op)\b"
    r"|\A\W*(?:called|invoked) (?:when|by|after|before|if|at|on|from)\b",
    re.IGNORECASE,
)
_MEANT_ALONE = re.compile(
    r"\W*(?:[\w-]+\W+){0,2}(?:empty|ignored?|unused|default|skip)\W*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Reminder:
    """The beginning of a comment that asks for something; `word` is in capitals, `rest` what follows it."""

    word: str
    rest: str


def prose(comment: str) -> tuple[str, ...]:
    """The lines of a comment, or of a run of line comments, without their markers and the space after them."""
    if not _OPENING.match(comment):
        return tuple(_LINE.sub("", line, count=1).rstrip() for line in _BREAK.split(comment))
    inner = _CLOSING.sub("", _OPENING.sub("", comment, count=1), count=1)
    return tuple(_MARGIN.sub("", line, count=1).strip() for line in _BREAK.split(inner))


def reminder(line: str) -> Reminder | None:
    """What a comment's line asks for, if it begins with TODO, FIXME, XXX or HACK.

    `line` is without its markers. `TODO(name):`, `@todo` and `todo:` count too.
    """
    found = _REMINDER.match(line)
    if found is None:
        return None
    word = found["tag"] or found["word"] or found["small"]
    rest = line[found.end() :].strip()
    again = _REMINDER.match(rest)  # XXX TODO: both
    return Reminder(word.upper(), rest[again.end() :].strip() if again else rest)


def asks(text: str) -> bool:
    """Whether a text is a question: it ends with a question mark."""
    return bool(_QUESTION.search(text))


def means_nothing(text: str) -> bool:
    """Whether a comment says that an empty body is as it should be."""
    return is_for_others(text) or bool(_MEANT.search(text) or _MEANT_ALONE.fullmatch(text))


def is_for_others(text: str) -> bool:
    """Whether documentation says that whoever wants something done has to override it."""
    return bool(_FOR_OTHERS.search(text))
