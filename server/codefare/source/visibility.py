"""Who may use a definition, by the rules and habits of each language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_WRITTEN = re.compile(r"\b(public|protected|private|internal)\b")
_BY_KEYWORD = {"java": "package", "csharp": "private", "php": "public"}
_OPEN_PARENTS = frozenset({"interface_declaration", "trait_item", "enum_declaration"})
_RUBY_SECTIONS = frozenset({"private", "protected", "public"})


def visibility(language: str, name: str, head: str, node: Node, data: bytes) -> str:  # noqa: PLR0911  one return for each rule
    """`public`, `protected`, `private`, `internal` or `package`.

    `head` is the source before the name. What a language leaves to habit (Python's underscore,
    Go's capital) counts like what it enforces.
    """
    if name.startswith("#"):
        return "private"
    written = _WRITTEN.search(head)
    if written is not None and language not in ("cpp", "c", "go", "python"):
        return written[1]
    if language == "python":
        dunder = name.startswith("__") and name.endswith("__")
        return "private" if name.startswith("_") and not dunder else "public"
    if language == "go":
        return "public" if name[:1].isupper() else "private"
    if language == "rust":
        return "public" if "pub" in head.split() or _open(node) else "private"
    if language == "c":
        return "private" if "static" in head.split() else "public"
    if language in ("cpp", "ruby"):
        return _by_section(node, data, language)
    if language in _BY_KEYWORD and not _open(node):
        top = language == "csharp" and _at_top(node)
        return "internal" if top else _BY_KEYWORD[language]
    return "public"


def _open(node: Node) -> bool:
    """Whether the definition stands in an interface or a trait, or implements one."""
    parent = node.parent.parent if node.parent is not None else None
    if parent is None:
        return False
    implements = parent.type == "impl_item" and parent.child_by_field_name("trait") is not None
    return parent.type in _OPEN_PARENTS or implements


def _at_top(node: Node) -> bool:
    parent = node.parent
    holder = parent.parent if parent is not None else None
    return holder is None or "namespace" in holder.type or holder.type == "compilation_unit"


def _by_section(node: Node, data: bytes, language: str) -> str:
    """C++ and Ruby: the last `private:` or `private` before the definition."""
    parent, start = node.parent, node.start_byte
    if parent is not None and parent.type == "template_declaration":
        parent = parent.parent
    if parent is None or parent.type not in ("field_declaration_list", "body_statement"):
        return "public"
    holder = parent.parent
    section = "private" if holder is not None and holder.type == "class_specifier" else "public"
    for kid in parent.named_children:
        if kid.start_byte >= start:
            break
        text = data[kid.start_byte : kid.end_byte].decode("utf-8", "replace")
        if kid.type == "access_specifier":
            section = text.strip()
        elif language == "ruby" and kid.type == "identifier" and text in _RUBY_SECTIONS:
            section = text
    return section
