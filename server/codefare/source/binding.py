"""What an import statement says: the names that it binds, and to what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from codefare.source.documentation import Range
    from codefare.source.syntax import Parsed

DEFAULT = "default"
"""The member that a JavaScript or TypeScript module exports without a name."""

_QUOTED = re.compile(r"[\"'`<]([^\"'`>]*)[\"'`>]")


@dataclass(frozen=True, slots=True)
class Binding:
    """`name` stands for `member` of `module`, or for the module itself if `member` is empty."""

    name: str
    module: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One import statement, with its range in bytes.

    `opened` are the modules of which it brings in names that it does not tell: headers, wildcards,
    namespaces. With `passes_on` it binds nothing here but exports what it names.
    """

    span: Range
    bindings: tuple[Binding, ...]
    opened: tuple[str, ...] = ()
    passes_on: bool = False


def statement(node: Node, bindings: Iterable[Binding], *opened: str) -> Statement | None:
    """The statement at a node; None if it brings in nothing."""
    bound = tuple(bindings)
    opened = tuple(one for one in opened if one)
    return Statement((node.start_byte, node.end_byte), bound, opened) if bound or opened else None


def text_of(parsed: Parsed, node: Node | None) -> str:
    """The text of a node on one line; "" for none."""
    return "" if node is None else " ".join(parsed.text(node).split())


def unquoted(parsed: Parsed, node: Node | None) -> str:
    """The first quoted text in a node."""
    found = _QUOTED.search(text_of(parsed, node))
    return found[1] if found else ""
