"""A definition as a reader needs it who only uses it: its signature, its fields, what it is for."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from codefare.source.definitions import DEFINITIONS
from codefare.source.doctext import first_sentence
from codefare.source.fields import read_fields
from codefare.source.flow import shorten
from codefare.source.languages import LANGUAGES
from codefare.source.named import members
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.source.documentation import Range
    from codefare.source.symbols import Definition
    from codefare.source.syntax import Parsed

TYPES = frozenset({"class", "struct", "interface", "enum", "trait"})
"""The kinds of definitions that hold fields and methods."""

_ABSTRACT = frozenset({"interface", "trait"})
_MOST_FIELDS = 24
_MOST_METHODS = 12
_LONGEST = 600  # characters of one signature
_LONGEST_FIELD = 120
_LONGEST_DECORATORS = 200  # bytes
_DOC_BYTES = 4_000


def signature(parsed: Parsed, definition: Definition) -> str:
    """The source up to the body, without the indentation it stands at; long decorators are left out."""
    start, end = definition.signature
    if start - definition.span[0] <= _LONGEST_DECORATORS:
        start = min(start, definition.span[0])
    text = parsed.data[start:end].decode("utf-8", "replace").replace("\r\n", "\n")
    text = dedent(parsed.indent_at(start) + text).strip()
    if definition.body is not None and parsed.language == "python":
        text = text.removesuffix(":")
    text = text.removesuffix("=>").rstrip()
    return text if len(text) <= _LONGEST else shorten(text, _LONGEST)


def purpose(parsed: Parsed, doc: Range | None) -> str:
    """The first sentence of a documentation; "" where there is none."""
    if doc is None:
        return ""
    text = parsed.data[doc[0] : min(doc[1], doc[0] + _DOC_BYTES)].decode("utf-8", "replace")
    return first_sentence(text, parsed.language)


def commented(language: str, text: str, *notes: str) -> str:
    """`text` under a comment line with the notes that are not empty."""
    note = ". ".join(note.rstrip(".") for note in notes if note)
    return f"{LANGUAGES[language].line_comment} {note}\n{text}" if note else text


def described(parsed: Parsed, definition: Definition, around: str = "") -> str:
    """The signature of a definition under what it is for; a type with its fields and constructor.

    What it is in is said where the signature does not, unless it is `around`, which a reader knows.
    """
    text = card(parsed, definition) if definition.kind in TYPES else signature(parsed, definition)
    owner = definition.container
    known = owner == around or re.search(rf"\b{re.escape(owner.rpartition('.')[2])}\b", text)
    owner = "" if known else owner.removeprefix(f"{around}.")
    note = f"in {owner}" if owner else ""
    return commented(parsed.language, text, note, purpose(parsed, definition.doc))


def card(
    parsed: Parsed, definition: Definition, without: Range | None = None, *, values: bool = True
) -> str:
    """The header of a type with its fields, and the signatures that make one or that it demands.

    A definition in the range `without` is left out, and without `values` what fields begin with.
    """
    lines = [signature(parsed, definition)]
    inside = [*_fields(parsed, definition, values=values), *_methods(parsed, definition, without)]
    lines += [f"    {line}" for each in inside for line in each.split("\n")]
    return "\n".join(lines)


def _fields(parsed: Parsed, definition: Definition, *, values: bool) -> Iterator[str]:
    fields = read_fields(definition.node, parsed.data, SHAPES[parsed.language])
    seen: set[str] = set()
    for field in fields:
        if len(seen) >= _MOST_FIELDS:
            yield "…"
            return
        text = field.text.rstrip(",;")
        if not values and field.default:
            text = text.removesuffix(field.default).rstrip(" =:,")
        if field.kind == "method" and definition.kind not in _ABSTRACT:
            continue
        if text and text not in seen:
            seen.add(text)
            yield shorten(text, _LONGEST_FIELD)


def _methods(parsed: Parsed, definition: Definition, without: Range | None) -> Iterator[str]:
    makers = {DEFINITIONS[parsed.language].constructor, definition.name} - {""}
    kinds = {"constructor", "property"}
    if definition.kind in _ABSTRACT:
        kinds |= {"method", "function"}
    found = [
        one
        for one in members(parsed, definition, makers, kinds)
        if one.kind in kinds and not (without and contains(without, one.span))
    ]
    yield from (signature(parsed, one) for one in found[:_MOST_METHODS])
    if len(found) > _MOST_METHODS:
        yield "…"


def contains(outer: Range, inner: Range) -> bool:
    """Whether a range lies in another, or is it."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]
