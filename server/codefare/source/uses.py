"""Which names a stretch of code uses, and on what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tree_sitter import Query, QueryCursor

from codefare.source.syntax import grammar

if TYPE_CHECKING:
    from codefare.source.documentation import Range
    from codefare.source.syntax import Parsed

UNKNOWN = "?"
"""The receiver of a name that is looked up on the result of an expression."""

OWN = frozenset({"self", "this", "cls", "super", "Self", "static", "parent", "base"})
"""What the languages call the object, its class and the class above."""

_KINDS = frozenset(
    {"identifier", "type_identifier", "field_identifier", "property_identifier", "constant"}
    | {"private_property_identifier", "shorthand_property_identifier", "namespace_identifier"}
    | {"shorthand_field_identifier", "package_identifier", "name"}
)
_MOST = 20_000  # occurrences
_BEFORE = 80  # bytes
_WORD = re.compile(rb"\w+")
_ENDS = (b")", b"]", b"}", b">", b"'", b'"')


@dataclass(frozen=True, slots=True)
class Use:
    """A name, with what it is looked up on: "" for nothing, `UNKNOWN` for an expression.

    `count` is how often it stands there, `calls` how often with an argument list, `first` the byte
    where it does so first.
    """

    name: str
    receiver: str
    count: int
    calls: int
    first: int


@cache
def _query(language_id: str) -> Query:
    language = grammar(language_id)
    ids = range(language.node_kind_count)
    kinds = {language.node_kind_for_id(one) for one in ids if language.node_kind_is_named(one)}
    patterns = " ".join(f"({kind})" for kind in sorted(kinds & _KINDS, key=str))
    return Query(language, f"[{patterns}] @name")


def read_uses(parsed: Parsed, around: Range) -> tuple[Use, ...]:
    """The names in a range of bytes, in the order in which they first appear.

    What stands in comments and strings is none; what stands in a string's interpolations is.
    """
    cursor = QueryCursor(_query(parsed.language))
    cursor.set_byte_range(*around)
    nodes = cursor.captures(parsed.root).get("name", [])
    data = parsed.data
    places = sorted(
        (node.start_byte, node.end_byte)
        for node in nodes
        if around[0] <= node.start_byte and node.end_byte <= around[1]
    )
    found: dict[tuple[bytes, bytes], list[int]] = {}
    for start, end in places[:_MOST]:
        head = data[max(0, start - _BEFORE) : start]
        if head.endswith(b"$"):  # a PHP variable
            continue
        key = (data[start:end], _receiver(head))
        counts = found.setdefault(key, [0, 0, start])
        counts[0] += 1
        counts[1] += data[end : end + 3].lstrip(b"! ").startswith(b"(")
    return tuple(
        Use(name.decode("utf-8", "replace"), receiver.decode("utf-8", "replace"), *counts)
        for (name, receiver), counts in found.items()
    )


def _receiver(head: bytes) -> bytes:
    """What a name is looked up on, from the bytes before it."""
    bare = head.rstrip()
    mark = next((mark for mark in (b".", b"->", b"::") if bare.endswith(mark)), b"")
    if not mark or bare.endswith(b".."):
        return b""
    bare = bare.removesuffix(mark).rstrip(b"?!& \t\r\n")
    if not bare[-1:].isalnum() and not bare.endswith(b"_"):
        # Nothing before `::` is the outermost scope.
        return UNKNOWN.encode() if bare.endswith(_ENDS) or mark != b"::" else b""
    return _WORD.findall(bare)[-1] if bare.isascii() else UNKNOWN.encode()
