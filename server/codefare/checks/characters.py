"""Characters that no answer may bring into a file."""

from __future__ import annotations

import re
import unicodedata

# Control characters without tab, line feed, carriage return and form feed; half a surrogate pair, which no file can
# hold; a byte order mark inside; the character that stands for lost bytes; and what reorders text, so that code reads
# as something that it is not (https://trojansource.codes).
_STRANGE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffd\u202a-\u202e\u2066-\u2069]"
)
_LONE_RETURN = re.compile(r"\r(?!\n)")


def strange_character(new: str, known: str) -> str | None:
    """What an answer's text `new` holds that no code should and that `known` does not; None if there is nothing."""
    for found in dict.fromkeys(_STRANGE.findall(new)):
        if found not in known:
            return _called(found)
    if _LONE_RETURN.search(new) and not _LONE_RETURN.search(known):
        return "a carriage return in the middle of a line"
    return None


def _called(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    if "\ud800" <= character <= "\udfff":
        name = "half of a surrogate pair"
    return f"{code} ({name or 'a control character'})"
