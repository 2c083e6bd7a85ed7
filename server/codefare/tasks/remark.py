"""One remark of a review as a model wrote it: what is safe to read is read, the rest is left out."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from codefare.source.diagnostic import Severity

MESSAGE_LIMIT = 1_000
"""Characters of a message and of an advice."""

_CODE_LIMIT = 2_000  # characters of a quoted line; more is a line of generated code, or several
_NUMBER = re.compile(r"\d{1,9}")
_SEVERITIES = {
    Severity.ERROR: ("error", "critical", "blocker", "fatal", "high", "severe", "bug", "security"),
    Severity.INFORMATION: (
        *("information", "informational", "info", "note", "suggestion", "minor", "low", "trivial"),
        *("style", "nit", "nitpick", "hint", "refactor"),
    ),
}
_BY_WORD = {word: severity for severity, words in _SEVERITIES.items() for word in words}

# A string, or what is left of the text after one that does not end: so that no text takes long.
_QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_STRING = re.compile(_QUOTED, re.DOTALL)
_STRING_OR_COMMA = re.compile(rf"{_QUOTED}|,(?=\s*[\]}}])", re.DOTALL)
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')
# Zero-width characters that some scripts and emoji are written with.
_JOINERS = "\u200c\u200d"


def _line(value: object) -> int | None:
    """A line number, or the first of several: 12, "12", "L12-15"."""
    found = _NUMBER.search(str(value)) if isinstance(value, int | str) else None
    return int(found[0]) if found else None


def _words(value: object) -> str:
    """A text; several of them as lines; nothing for what is none."""
    if isinstance(value, list):
        return "\n".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


def _severity(value: object) -> Severity:
    """By its word; a warning if the word is not known."""
    return _BY_WORD.get(_words(value).strip().lower(), Severity.WARNING)


def _message(value: object) -> str:
    return cut(" ".join(printable(_words(value)).split()))


def _advice(value: object) -> str:
    lines = [line.rstrip() for line in printable(_words(value)).splitlines()]
    return cut("\n".join(lines).strip())


class Remark(BaseModel):
    """One object of the answer. `line` counts as the prompt says; `code` is what stands there."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file: Annotated[str, BeforeValidator(_words)] = ""
    line: Annotated[int | None, BeforeValidator(_line)] = None
    code: Annotated[str, BeforeValidator(lambda value: _words(value)[:_CODE_LIMIT])] = ""
    severity: Annotated[Severity, BeforeValidator(_severity)] = Severity.WARNING
    message: Annotated[str, BeforeValidator(_message)] = Field(
        default="",
        validation_alias=AliasChoices("message", "description", "issue", "problem", "title"),
    )
    advice: Annotated[str, BeforeValidator(_advice)] = Field(
        default="", validation_alias=AliasChoices("advice", "suggestion", "recommendation", "fix")
    )


def remarks_in(text: str) -> list[Remark] | None:
    """The remarks of a JSON text; None if it is none, or says something else.

    An object around the one array, or in its place, is looked through. Raw line breaks in strings, commas before a
    closing bracket, and escapes that code knows but JSON does not, are let pass. A remark without words is left out.
    """
    value = _json(text)
    if isinstance(value, dict):
        value = _unwrapped(value)
    if not isinstance(value, list):
        return None
    read = [remark for each in value if (remark := _remark(each)) is not None]
    return read if read or not value else None


def cut(text: str) -> str:
    """`text` in at most `MESSAGE_LIMIT` characters."""
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1].rstrip() + "…"


def printable(text: str) -> str:
    """`text` without control characters, marks that reorder a line, and halves of characters.

    Line breaks and tabs stay.
    """
    return "".join(
        character
        for character in text
        if character in "\n\t"
        or character in _JOINERS
        or not unicodedata.category(character).startswith("C")
    )


def _remark(value: object) -> Remark | None:
    """None for what holds no words, or is no object."""
    if not isinstance(value, dict):
        return None
    try:
        remark = Remark.model_validate(value)
    except ValidationError:
        return None
    if remark.message:
        return remark
    said = _message(remark.advice)
    return remark.model_copy(update={"message": said, "advice": ""}) if said else None


def _unwrapped(value: dict[Any, Any]) -> object:
    """The array of an object that holds one, or an array of the object itself."""
    arrays = [each for each in value.values() if isinstance(each, list)]
    if len(arrays) == 1 and not any(key in value for key in ("message", "code")):
        return arrays[0]
    return [value]


def _json(text: str) -> object:
    """The value of a JSON text, mended where it must be; None if it is none."""
    for mended in (str, _without_commas, _with_escapes):
        text = mended(text)
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _without_commas(text: str) -> str:
    return _STRING_OR_COMMA.sub(lambda found: "" if found[0] == "," else found[0], text)


def _with_escapes(text: str) -> str:
    def mended(found: re.Match[str]) -> str:
        return _ESCAPE.sub(lambda each: each[0] if len(each[0]) > 1 else "\\\\", found[0])

    return _STRING.sub(mended, text)
