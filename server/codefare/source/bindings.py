"""Which names the import statements of a file bind, and to what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.binding import DEFAULT, Binding, Statement, statement, text_of, unquoted
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from codefare.source.documentation import Range
    from codefare.source.syntax import Parsed

_MOST = 400  # statements
_DEEPEST = 8
# Beyond its table's own: what also brings names in.
_MORE = {
    "javascript": {"lexical_declaration", "variable_declaration", "export_statement"},
    "typescript": {"lexical_declaration", "variable_declaration", "export_statement"},
    "tsx": {"lexical_declaration", "variable_declaration", "export_statement"},
    "rust": {"mod_item"},
    "cpp": {"namespace_alias_definition"},
    "ruby": {"call"},
    "php": {"require_expression", "require_once_expression"}
    | {"include_expression", "include_once_expression"},
}
# What import statements may stand in.
_OPEN = frozenset(
    {"if_statement", "else_clause", "elif_clause", "block", "begin", "expression_statement"}
    | {"try_statement", "except_clause", "finally_clause", "linkage_specification"}
    | {"preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef"}
    | {"declaration_list", "namespace_declaration", "file_scoped_namespace_declaration"}
    | {"namespace_definition", "compound_statement", "import_declaration", "import_spec_list"}
)
_VERSION = re.compile(r"v\d+\Z")


def read_bindings(parsed: Parsed, around: Range | None = None) -> tuple[Statement, ...]:
    """The import statements of a file, in order.

    Those inside of definitions count where the definition holds the range `around`.
    """
    wanted = SHAPES[parsed.language].imports | _MORE.get(parsed.language, set())
    read = _READERS[parsed.language]
    found: list[Statement] = []
    pending = [(kid, 0) for kid in reversed(parsed.root.named_children)]
    while pending and len(found) < _MOST:
        node, depth = pending.pop()
        if node.type in wanted and (statement := read(parsed, node)):
            found.append(statement)
        elif depth < _DEEPEST and (node.type in _OPEN or _holds(node, around)):
            pending.extend((kid, depth + 1) for kid in reversed(node.named_children))
    return tuple(found)


def _holds(node: Node, around: Range | None) -> bool:
    return (
        around is not None
        and node.start_byte <= around[0]
        and around[1] <= node.end_byte
        and (node.start_byte, node.end_byte) != around
    )


def _python(parsed: Parsed, node: Node) -> Statement | None:
    module = text_of(parsed, node.child_by_field_name("module_name"))
    star = any(kid.type == "wildcard_import" for kid in node.named_children)
    return statement(node, _python_names(parsed, node, module), module if star else "")


def _python_names(parsed: Parsed, node: Node, module: str) -> Iterator[Binding]:
    if node.type == "future_import_statement":
        return
    for kid in node.children_by_field_name("name"):
        name = text_of(parsed, kid.child_by_field_name("name") or kid)
        alias = text_of(parsed, kid.child_by_field_name("alias"))
        if module:
            yield Binding(alias or name, module, name)
        elif name:
            yield Binding(alias or name.split(".")[0], name)


def _javascript(parsed: Parsed, node: Node) -> Statement | None:
    if node.type in ("lexical_declaration", "variable_declaration"):
        return statement(node, _required(parsed, node))
    source = node.child_by_field_name("source")
    if node.type == "export_statement":
        if source is None:
            return None
        names = tuple(_specified(parsed, node, unquoted(parsed, source)))
        opened = () if names else (unquoted(parsed, source),)
        return Statement((node.start_byte, node.end_byte), names, opened, passes_on=True)
    module = unquoted(parsed, source)
    clause = next((kid for kid in node.named_children if kid.type.startswith("import_")), None)
    if clause is None:
        return None
    if clause.type == "import_require_clause":
        module = unquoted(parsed, clause.child_by_field_name("source"))
        return statement(node, (Binding(text_of(parsed, clause.named_child(0)), module),))
    return statement(node, _imported(parsed, clause, module))


def _imported(parsed: Parsed, clause: Node, module: str) -> Iterator[Binding]:
    for kid in clause.named_children:
        if kid.type == "identifier":
            yield Binding(text_of(parsed, kid), module, DEFAULT)
        elif kid.type == "namespace_import" and kid.named_child_count:
            yield Binding(text_of(parsed, kid.named_child(0)), module)
        else:
            yield from _specified(parsed, clause, module)


def _specified(parsed: Parsed, node: Node, module: str) -> Iterator[Binding]:
    """The names in the braces of an import or export, and the one that stands for all of them."""
    for kid in node.named_children:
        if kid.type == "namespace_export" and kid.named_child_count:
            yield Binding(text_of(parsed, kid.named_child(0)), module)
        for each in kid.named_children if kid.type in ("named_imports", "export_clause") else ():
            name = text_of(parsed, each.child_by_field_name("name"))
            if name:
                alias = text_of(parsed, each.child_by_field_name("alias"))
                yield Binding(alias or name, module, name)


def _required(parsed: Parsed, node: Node) -> Iterator[Binding]:
    for declared in node.named_children:
        name, value = declared.child_by_field_name("name"), declared.child_by_field_name("value")
        if value is not None and value.type == "await_expression" and value.named_child_count:
            value = value.named_child(0)
        if name is None or value is None or value.type != "call_expression":
            continue
        if text_of(parsed, value.child_by_field_name("function")) not in ("require", "import"):
            continue
        module = unquoted(parsed, value.child_by_field_name("arguments"))
        if name.type == "identifier" and module:
            yield Binding(text_of(parsed, name), module)
        for kid in name.named_children if module else ():
            member = kid.child_by_field_name("key") or kid
            yield Binding(
                text_of(parsed, kid.child_by_field_name("value") or kid),
                module,
                text_of(parsed, member),
            )


def _go(parsed: Parsed, node: Node) -> Statement | None:
    module = unquoted(parsed, node.child_by_field_name("path"))
    name = text_of(parsed, node.child_by_field_name("name"))
    if name == ".":
        return statement(node, (), module)
    parts = [part for part in module.split("/") if not _VERSION.match(part)]
    # A package is mostly called as its folder is; what holds a dash or a dot, as a part of that.
    guesses = re.split(r"[-.]", parts[-1]) if parts else []
    names = [name] if name else [one for one in guesses if one.isidentifier()]
    return statement(node, tuple(Binding(one, module) for one in names if one != "_"))


def _rust(parsed: Parsed, node: Node) -> Statement | None:
    if node.type == "mod_item":
        if node.child_by_field_name("body") is not None:
            return None
        name = text_of(parsed, node.child_by_field_name("name"))
        return statement(node, (Binding(name, f"self::{name}"),))
    if node.type == "extern_crate_declaration":
        name = text_of(parsed, node.child_by_field_name("name"))
        alias = text_of(parsed, node.child_by_field_name("alias"))
        return statement(node, (Binding(alias or name, name),))
    argument = node.child_by_field_name("argument")
    if argument is None:
        return None
    found = list(_used(parsed, argument))
    bindings = tuple(one for one in found if one.name != "*")
    return statement(node, bindings, *(one.module for one in found if one.name == "*"))


def _used(parsed: Parsed, argument: Node) -> Iterator[Binding]:
    """What a Rust `use` names; a wildcard is called `*`."""
    pending = [(argument, "")]
    while pending:
        node, prefix = pending.pop()
        if node.type == "use_list":
            pending.extend((kid, prefix) for kid in reversed(node.named_children))
            continue
        if node.type == "scoped_use_list":
            inner = node.child_by_field_name("list")
            path = text_of(parsed, node.child_by_field_name("path"))
            if inner is not None:
                pending.append((inner, _joined(prefix, path)))
            continue
        if node.type == "use_wildcard":
            yield Binding("*", _joined(prefix, text_of(parsed, node.named_child(0))))
            continue
        alias = text_of(parsed, node.child_by_field_name("alias"))
        path = text_of(parsed, node.child_by_field_name("path") if alias else node)
        whole = prefix if path == "self" else _joined(prefix, path)
        module, _, member = whole.rpartition("::")
        yield Binding(alias or member, module, member)


def _java(parsed: Parsed, node: Node) -> Statement | None:
    path = next((kid for kid in node.named_children if "identifier" in kid.type), None)
    module = text_of(parsed, path)
    if any(kid.type == "asterisk" for kid in node.named_children):
        return statement(node, (), module)
    module, _, name = module.rpartition(".")
    return statement(node, (Binding(name, module, name),))


def _c(parsed: Parsed, node: Node) -> Statement | None:
    if node.type == "preproc_include":
        text = text_of(parsed, node.child_by_field_name("path"))
        return statement(node, (), text.strip('"'))
    if node.type == "namespace_alias_definition":
        module = text_of(parsed, node.named_child(1) if node.named_child_count > 1 else None)
        return statement(
            node, (Binding(text_of(parsed, node.child_by_field_name("name")), module),)
        )
    if node.type != "using_declaration" or not node.named_child_count:
        return None
    written = text_of(parsed, node.named_child(0))
    if any(kid.type == "namespace" for kid in node.children):
        return statement(node, (), written)
    module, _, name = written.rpartition("::")
    return statement(node, (Binding(name, module, name),))


def _csharp(parsed: Parsed, node: Node) -> Statement | None:
    if not node.named_child_count:
        return None
    written = text_of(parsed, node.named_children[-1])
    alias = text_of(parsed, node.child_by_field_name("name"))
    if not alias:
        return statement(node, (), written)
    module, _, name = written.rpartition(".")
    return statement(node, (Binding(alias, module, name),))


def _ruby(parsed: Parsed, node: Node) -> Statement | None:
    method = text_of(parsed, node.child_by_field_name("method"))
    arguments = node.child_by_field_name("arguments")
    if arguments is None or node.child_by_field_name("receiver") is not None:
        return None
    module = unquoted(parsed, arguments)
    if method == "autoload" and arguments.named_child_count:
        name = text_of(parsed, arguments.named_child(0)).lstrip(":")
        return statement(node, (Binding(name, module, name),))
    if method == "require_relative":
        return statement(node, (), f"./{module}" if module else "")
    return statement(node, (), module) if method in ("require", "load") else None


def _php(parsed: Parsed, node: Node) -> Statement | None:
    if node.type != "namespace_use_declaration":
        path = unquoted(parsed, node)
        beside = "__DIR__" in text_of(parsed, node)
        return statement(node, (), f"./{path.lstrip('/')}" if beside and path else path)
    return statement(node, _php_names(parsed, node))


def _php_names(parsed: Parsed, node: Node) -> Iterator[Binding]:
    prefix = ""
    clauses = node.named_children
    if (group := node.child_by_field_name("body")) is not None:
        prefix, clauses = text_of(parsed, node.named_child(0)), group.named_children
    for clause in clauses:
        if clause.type != "namespace_use_clause":
            continue
        alias = text_of(parsed, clause.child_by_field_name("alias"))
        whole = f"{prefix}\\{text_of(parsed, clause.named_child(0))}".strip("\\")
        module, _, name = whole.rpartition("\\")
        yield Binding(alias or name, module, name)


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}::{path}" if prefix and path else prefix or path


_READERS: Mapping[str, Callable[[Parsed, Node], Statement | None]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
    "csharp": _csharp,
    "ruby": _ruby,
    "php": _php,
}
