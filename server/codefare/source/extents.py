"""Where a definition and its parts begin and end, in bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.definitions import DEFINITIONS
from codefare.source.documentation import Range, docstring
from codefare.source.names import hands_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from codefare.source.syntax import Parsed

# Declarations that can hold several definitions, and what each of those is.
_LISTS = {
    "lexical_declaration": "variable_declarator",
    "variable_declaration": "variable_declarator",
    "var_declaration": "var_spec",
    "type_declaration": "type_spec",
}
_NO_BODY = frozenset({"ordered_field_declaration_list", "default_method_clause"})


def outermost(parsed: Parsed, path: Sequence[Node]) -> Node:
    """The definition at the end of `path` with what wraps it: export, template, assignment."""
    rules = DEFINITIONS[parsed.language]
    outer = path[-1]
    for index in range(len(path) - 2, -1, -1):
        node = path[index]
        if node.type in rules.wrappers and _wraps(node, path[index + 1]):
            outer = node
        elif node.type not in rules.passes or not hands_back(parsed, node):
            break
    return outer


def end_of(parsed: Parsed, outer: Node) -> int:
    """The end of a definition: its own semicolon belongs to it, a line break after it does not."""
    rules = DEFINITIONS[parsed.language]
    begin = outer.start_byte
    end = begin + len(parsed.data[begin : outer.end_byte].rstrip())
    if not rules.semicolon or outer.type in rules.values:
        return end
    after = end
    while parsed.data[after : after + 1] in {b" ", b"\t"}:
        after += 1
    return after + 1 if parsed.data[after : after + 1] == b";" else end


def undecorated(parsed: Parsed, node: Node) -> int:
    """Where a definition begins once its decorators, annotations and attributes are left out."""
    rules = DEFINITIONS[parsed.language]
    for child in node.children:
        if child.type in rules.decorations or child.is_extra:
            continue
        if child.type == "modifiers":
            kept = [each for each in child.children if each.type not in rules.decorations]
            if not kept:
                continue
            return kept[0].start_byte
        if child.type in rules.kinds or child.type in rules.wrappers:
            return undecorated(parsed, child)
        return child.start_byte
    return node.start_byte


def body_of(parsed: Parsed, node: Node, end: int) -> tuple[Range | None, int]:
    """The body of the definition at `node`, and where its signature ends.

    `end` is the end of the whole definition: a declaration without a body is all signature.
    """
    if parsed.language == "ruby":
        return _ruby_body(parsed, node)
    body = _body_range(node)
    if body is None:
        text = parsed.data[node.start_byte : end].rstrip()
        return None, node.start_byte + len(text.removesuffix(b";").rstrip())
    until = body[0]
    for child in node.children:
        if child.type == "field_initializer_list" or (
            # Comments may stand between the colon and the body.
            parsed.language == "python" and child.type == ":"
        ):
            until = child.start_byte + (child.type == ":")
    begin = node.start_byte
    return body, begin + len(parsed.data[begin:until].rstrip())


def place_above(parsed: Parsed, top: int) -> tuple[int, str]:
    """Where documentation above `top` begins, and its indentation."""
    if parsed.begins_line(top):
        return parsed.line_start(top), parsed.indent_at(top)
    return top, parsed.indent_at(top)


def place_inside(parsed: Parsed, node: Node, signature_end: int) -> tuple[Range | None, int, str]:
    """The docstring of a Python definition; where a new one begins; its indentation."""
    body = node.child_by_field_name("body")
    outside = parsed.indent_at(node.start_byte)
    if body is None or not body.named_child_count:
        return None, signature_end, outside
    doc = docstring(body, parsed.data)
    if parsed.begins_line(body.start_byte):
        return doc, parsed.next_line(signature_end), parsed.indent_at(body.start_byte)
    # The body stands on the line of the signature.
    return doc, body.start_byte, outside + ("\t" if "\t" in outside else "    ")


def _wraps(node: Node, child: Node) -> bool:
    if node.type in _LISTS:
        held = sum(each.type == _LISTS[node.type] for each in node.named_children)
        return held <= 1 and not any(each.type == "(" for each in node.children)
    if node.type in {"declaration", "field_declaration", "type_definition"}:
        return child.type.endswith("_specifier") or child.type == "init_declarator"
    if node.type == "call":  # `private def ...`, but not `Class.new(def ...)`
        return node.child_by_field_name("receiver") is None and child.named_child_count == 1
    return True


def _body_range(node: Node) -> Range | None:
    for field in ("body", "accessors"):
        body = node.child_by_field_name(field)
        if body is not None:
            return None if body.type in _NO_BODY else (body.start_byte, body.end_byte)
    if node.type in {"property_declaration", "indexer_declaration", "preproc_function_def"}:
        value = node.child_by_field_name("value")
        return (value.start_byte, value.end_byte) if value else None
    holder: Node | None = node
    if node.type == "type_spec":  # Go: the braces are inside the type
        holder = node.child_by_field_name("type")
        if holder is not None and holder.type == "struct_type" and holder.named_child_count:
            holder = holder.named_child(0)
    elif node.type != "macro_definition":
        return None
    if holder is None:
        return None
    for child in holder.children:
        if child.type in {"{", "("}:
            return child.start_byte, holder.end_byte
    return None


def _ruby_body(parsed: Parsed, node: Node) -> tuple[Range, int]:
    """From the signature to `end`: the grammar's body leaves out the comments it begins with."""
    fields = ("name", "superclass", "parameters")
    parts = [part for field in fields if (part := node.child_by_field_name(field))]
    signature_end = max((part.end_byte for part in parts), default=node.start_byte)
    last = node.children[-1] if node.children else None
    if last is None or last.type != "end":  # def twice(x) = x * 2
        body = node.child_by_field_name("body") or node
        return (body.start_byte, body.end_byte), signature_end
    inner = parsed.data[signature_end : last.start_byte]
    begin = signature_end + len(inner) - len(inner.lstrip(b"; \t\r\n"))
    return (begin, max(begin, signature_end + len(inner.rstrip()))), signature_end
