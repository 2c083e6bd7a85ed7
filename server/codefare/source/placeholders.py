"""Statements that stand where code is still to be written."""

from __future__ import annotations

import re
from enum import Enum

_LONGEST = 400  # characters; what is longer is real code
_BLANK = re.compile(r"pass|\.\.\.|;*")
# The author silences a warning about a parameter that is not used yet.
_SILENCING = re.compile(
    r"\(void\)\s*\w+|_\s*=\s*\w+|let _ = &?\w+|del \w+(?:, \w+)*|Q_UNUSED\(\w+\)"
)
_LEAVING = re.compile(
    r"(?:raise|fail|throw|panic!?|todo!|unimplemented!|assert|Err|Q_UNIMPLEMENTED|abort"
    r"|return\b.*\b(?:errors\.New|fmt\.Errorf|Err|reject|failedFuture|FromException))\b|\bassert\("
)
_ALWAYS = re.compile(r"(?:[\w:]+::)?(?:todo|unimplemented)!|Q_UNIMPLEMENTED\b")
_CLASS = re.compile(
    r"(?:raise|fail|throw(?: new)?)\s*\(?\s*(?:new\s+)?\\?(?:[\w.]+(?:\.|::|\\))*\\?"
    r"(?:NotImplemented\w*|Unimplemented\w*|NotYetImplemented\w*|Todo(?:Error|Exception))\b"
)
_UNSUPPORTED = re.compile(
    r"throw new (?:[\w.]+\.)?UnsupportedOperationException\(\s*(?:\"\"\s*)?\)"
)
_STRING = re.compile(r"\"((?:\\.|[^\"\\])*)\"|'((?:\\.|[^'\\])*)'|`([^`]*)`")
_UNWRITTEN = re.compile(
    r"\b(?:not?[ -](?:yet[ -])?implemented|not implemented|unimplemented|implement (?:me|this)"
    r"|not (?:yet )?written|not supported yet|to be implemented|notimplemented)\b|\Atodo\b\W*\Z",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b(?:TODO|FIXME)\b")
# The error is meant: for who forgets to override the method, or for what never will be there.
_MEANT = re.compile(
    r"\b(?:sub-?class|child class|derived|overrid|overload|abstract|interface|(?:must|should) (?:be )?implement"
    r"|(?:must|should) (?:be )?defin|implement(?:ed)? (?:by|in)\b"
    r"|(?:does|do|will) not\b|cannot|can't|unsupported|not (?:supported|available)\b(?! yet)|deprecated|removed)",
    re.IGNORECASE,
)
_EMPTY = (
    r"(?:None|nil|null|undefined|NULL|nullptr|true|false|True|False|self|-?\d[\w.]*|\"\"|''|``|``"
    r"|\"[^\"\n]*\"|'[^'\n]*'|\(\)|\[\]|\{\}|default(?:\([^()]*\))?|Ok\(\(\)\)|Ok\(None\)|vec!\[\]"
    r"|(?:[\w.]+::|[A-Z]\w*\.)*[Dd]efault\(\)"
    r"|new [\w.]+(?:<[^()]*>)?(?:\(\)|\[0\]|\[\]\s*\{\})|(?:\w+::)+(?:new|default)\(\)"
    r"|(?:[\w.]+\.)?(?:[Ee]mpty\w*|of)(?:<[^()]*>)?\(\)|[Ss]tring\.Empty|Task\.CompletedTask"
    r"|array\(\)|set\(\)|dict\(\)|list\(\)|std::\w+(?:<[^()]*>)?(?:\(\)|\{\})"
    r"|(?:\[\]|map\[\w+\])?\*?[\w.]+\{\})"
)
_RESULT = re.compile(rf"(?:return\b\s*)?(?:\(?{_EMPTY}(?:,\s*{_EMPTY})*\)?)?|abort\(\)")
_SPACE = re.compile(r"\s+")


class Placeholder(Enum):
    """What a statement stands there for.

    `SILENCE` only keeps a checker quiet. `RESULT` may be all there is to do; it stands in for
    something only where a comment says so.
    """

    BLANK = "nothing"
    SILENCE = "an unused parameter"
    REFUSAL = "an error that says that it is not implemented"
    UNSUPPORTED = "an error that may say that it is not implemented"
    RESULT = "an empty result"


_WHOLE = {
    Placeholder.BLANK: _BLANK,
    Placeholder.SILENCE: _SILENCING,
    Placeholder.UNSUPPORTED: _UNSUPPORTED,
    Placeholder.RESULT: _RESULT,
}


def placeholder(statement: str) -> Placeholder | None:
    """What the source of one statement stands there for; None for real code.

    An error that tells the caller what cannot be, or a subclass what to do, is real code.
    """
    if len(statement) > _LONGEST:
        return None
    text = _SPACE.sub(" ", statement).strip(" ;")
    for kind, pattern in _WHOLE.items():
        if pattern.fullmatch(text):
            return kind
    return Placeholder.REFUSAL if _refuses(text) else None


def _refuses(text: str) -> bool:
    """Whether a statement leaves with an error that says that it is not implemented."""
    if _ALWAYS.match(text):
        return True
    if not _LEAVING.match(text):
        return False
    messages = [next(filter(None, found), "") for found in _STRING.findall(text)]
    if any(_MEANT.search(message) for message in messages):
        return False
    return bool(_CLASS.match(text)) or any(map(_unwritten, messages))


def _unwritten(message: str) -> bool:
    return bool(_UNWRITTEN.search(message) or _CAPITALS.search(message))
