"""What stands in a test file: its imports, its cases, what they share, and the classes and blocks around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.languages import LANGUAGES
from codefare.tasks.testing import kinds
from codefare.tasks.testing.kinds import SCRIPTS, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node

    from codefare.source.syntax import Parsed


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a test file, from its comments and attributes to its end, in bytes.

    `body` is what holds the items of a wrapper; None for what holds none.
    """

    kind: Kind
    name: str
    start: int
    end: int
    node: Node
    body: Node | None = None


def items(parsed: Parsed, holder: Node) -> Iterator[Item]:
    """The items directly in a node, in order. Namespaces count as transparent."""
    start: int | None = None
    comments = LANGUAGES[parsed.language].comments
    for child in statements(parsed.language, holder):
        if child.type in comments or child.type == "attribute_item":
            start = child.start_byte if start is None else start
            continue
        if child.type in kinds.SPACES and (body := child.child_by_field_name("body")) is not None:
            yield from items(parsed, body)
        else:
            yield _item(parsed, child, child.start_byte if start is None else start)
        start = None


def statements(language: str, holder: Node) -> list[Node]:
    """What stands in a node. Ruby has its statements one level deeper, beside names and parameters."""
    if language != "ruby" or holder.type not in kinds.RUBY:
        return holder.named_children
    bodies = [kid for kid in holder.named_children if kid.type in kinds.RUBY_BODIES]
    return [each for body in bodies for each in body.named_children]


def wrappers(parsed: Parsed, holder: Node, depth: int = 3) -> Iterator[tuple[Item, ...]]:
    """All wrappers below a node, each as the way to it from outside."""
    for item in items(parsed, holder):
        if item.kind is Kind.WRAPPER:
            yield (item,)
            if item.body is not None and depth > 1:
                for inner in wrappers(parsed, item.body, depth - 1):
                    yield (item, *inner)


def _item(parsed: Parsed, node: Node, start: int) -> Item:
    core = _core(node)
    text = parsed.data[start : node.end_byte].decode("utf-8", "replace")

    def item(kind: Kind, name: str = "", body: Node | None = None) -> Item:
        return Item(kind, name, start, node.end_byte, node, body)

    called = _called(parsed, core)
    kind, name = _preamble(parsed, node, core, text)
    if kind is not None:
        return item(kind, name)
    if called is not None:
        return _call(item, *called)
    return _definition(item, parsed, core, text)


def _preamble(parsed: Parsed, node: Node, core: Node, text: str) -> tuple[Kind | None, str]:
    """What a file begins or ends with, beside its definitions."""
    if node.type in kinds.IMPORTS or (required := _required(parsed, core)):
        return Kind.IMPORT, "" if node.type in kinds.IMPORTS else required
    if node.type in kinds.HEADS or node.type in kinds.SPACES or _is_docstring(parsed, node):
        return Kind.HEAD, ""
    if parsed.language == "python" and node.type == "if_statement" and "__main__" in text:
        return Kind.MAIN, ""
    return None, ""


def _definition(item: Callable[..., Item], parsed: Parsed, core: Node, text: str) -> Item:
    name = name_of(parsed, core)
    if core.type in kinds.CLASSES:
        body = core if parsed.language == "ruby" else core.child_by_field_name("body")
        return item(Kind.WRAPPER, name, body)
    if core.type in kinds.FUNCTIONS:
        return item(_function(parsed.language, name, text, core), name)
    if core.type in kinds.NAMED or core.type in kinds.VALUES:
        return item(Kind.HOOK if kinds.HOOK_NAMES.match(name) else Kind.HELPER, name)
    if core.type == "macro_invocation" and text.startswith("proptest"):
        return item(Kind.CASE, "")
    return item(Kind.OTHER)


def _call(item: Callable[..., Item], name: str, title: str, body: Node | None) -> Item:
    if kinds.BLOCKS.match(name):
        return item(Kind.WRAPPER, title, body) if body is not None else item(Kind.OTHER)
    if kinds.CASES.match(name) and title:
        return item(Kind.CASE, title)
    if kinds.HOOKS.match(name):
        return item(Kind.HOOK, name)
    if name in ("let", "let!", "subject") and (title or name == "subject"):
        return item(Kind.HELPER, title or name)
    return item(Kind.OTHER)


def _function(language: str, name: str, text: str, node: Node) -> Kind:
    head = text[
        : max(
            0, _body_start(node) - node.start_byte + len(text) - (node.end_byte - node.start_byte)
        )
    ]
    if (
        kinds.HOOK_NAMES.match(name)
        or kinds.HOOK_MARKS.search(head)
        or node.type == "constructor_declaration"
    ):
        return Kind.HOOK
    marks, names = kinds.CASE_MARKS.get(language), kinds.CASE_NAMES.get(language)
    marked = marks is not None and marks.search(head) is not None
    named = names is not None and names.match(name) is not None
    return Kind.CASE if marked or named else Kind.HELPER


def _body_start(node: Node) -> int:
    body = node.child_by_field_name("body")
    return body.start_byte if body is not None else node.end_byte


def _core(node: Node) -> Node:
    """What a statement is about: decorators, exports and semicolons left out."""
    for _ in range(4):
        inner = None
        if node.type == "decorated_definition":
            inner = node.child_by_field_name("definition")
        elif node.type == "export_statement":
            inner = node.child_by_field_name("declaration")
        elif node.type in ("expression_statement", "global_statement", "await_expression"):
            inner = node.named_children[0] if node.named_child_count else None
        if inner is None:
            return node
        node = inner
    return node


def name_of(parsed: Parsed, node: Node) -> str:
    """What a definition defines; names that one declaration gives together are joined by commas."""
    for field in kinds.NAME_FIELDS:
        named = node.child_by_field_name(field)
        if named is not None and (field != "type" or node.type == "impl_item"):
            return parsed.text(named)
    declared = (
        "variable_declarator",
        "var_spec",
        "const_spec",
        "type_spec",
        "variable_declaration",
    )
    found = [
        name_of(parsed, child)
        for child in node.named_children
        if child.type in declared or child.type.endswith("_list")
    ]
    return ",".join(name for name in found if name)


def _called(parsed: Parsed, node: Node) -> tuple[str, str, Node | None] | None:
    """The function of a call without its `.only` or `.each(...)`, its first argument as a title, and its last block."""
    if node.type not in (
        "call_expression",
        "call",
        "function_call_expression",
        "member_call_expression",
    ):
        return None
    arguments = node.child_by_field_name("arguments")
    if parsed.language == "ruby":
        method = node.child_by_field_name("method")
        name = parsed.text(method) if method is not None else ""
        body = node.child_by_field_name("block")
    else:
        name = _root(parsed, node)
        body = _callback(arguments)
    first = (
        arguments.named_children[0] if arguments is not None and arguments.named_children else None
    )
    return name, title_of(parsed.text(first)) if first is not None else "", body


def _root(parsed: Parsed, node: Node) -> str:
    """`test` of `test.each([1])("x", ...)` and of `it('x', ...)->group('y')`."""
    for _ in range(8):
        inner = node.child_by_field_name("function") or node.child_by_field_name("object")
        if inner is None:
            return parsed.text(node)
        if parsed.text(inner) in ("Deno", "Bun") and (
            member := node.child_by_field_name("property")
        ):
            return parsed.text(member)
        node = inner
    return ""


def _callback(arguments: Node | None) -> Node | None:
    for argument in reversed(arguments.named_children if arguments is not None else []):
        function = (
            argument.named_children[0]
            if argument.type == "argument" and argument.named_children
            else argument
        )
        if function.type in ("arrow_function", "function_expression", "anonymous_function"):
            body = function.child_by_field_name("body")
            return (
                body
                if body is not None and body.type in ("statement_block", "compound_statement")
                else None
            )
    return None


def title_of(text: str) -> str:
    """The words of a title, whatever quotes it."""
    return text.strip("\"'`").lstrip(":")


def _required(parsed: Parsed, node: Node) -> str:
    """`require` if a statement only requires modules (Ruby, CommonJS, C's include); else nothing."""
    if parsed.language == "ruby" and node.type == "call":
        method = node.child_by_field_name("method")
        name = parsed.text(method) if method is not None else ""
        return name if name in ("require", "require_relative") else ""
    if parsed.language in SCRIPTS and node.type in ("lexical_declaration", "variable_declaration"):
        values = [each.child_by_field_name("value") for each in node.named_children]
        texts = [parsed.text(value) for value in values if value is not None]
        if texts and all(
            re.match(r"require\(\s*(['\"`])[^'\"`]+\1\s*\)\Z", text) for text in texts
        ):
            return "require"
    return ""


def _is_docstring(parsed: Parsed, node: Node) -> bool:
    if node.type != "expression_statement" or not node.named_children:
        return False
    return node.named_children[0].type == "string" and parsed.language in ("python", *SCRIPTS)


def inside_string(path: Sequence[Node], byte: int) -> bool:
    """Whether a byte, which the nodes of `path` are around, stands in a text of the program's: it is not moved."""
    return any(
        node.start_byte < byte
        and (
            "string" in node.type
            or "heredoc" in node.type
            or node.type in ("template_string", "text_block", "nowdoc")
        )
        for node in path
    )
