"""What the definition at a node is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.definitions import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from codefare.source.syntax import Parsed

_LONGEST = 200  # characters; what is longer, or spans lines, is an expression and no name
# What holds the name that a value is assigned to, and the field that the name is in.
_NAMING_FIELDS = {
    "variable_declarator": "name",
    "pair": "key",
    "field_definition": "property",
    "public_field_definition": "name",
    "assignment_expression": "left",
    "var_spec": "name",
    "init_declarator": "declarator",
}
_MODULE_PARTS = frozenset({"module", "exports", "this", "prototype"})
# Functions that give back the function they are handed: what they return keeps its name.
_HANDING_BACK = frozenset(
    {"memo", "forwardRef", "observer", "useCallback", "debounce", "throttle", "once", "wraps"}
)
# What joins the parts of a name that is written in full: C++ and Ruby, PHP; TypeScript and C#.
_SEPARATOR = re.compile(r"::|\\")
_DOT = re.compile(r"\.")
_DOTTED = frozenset({"internal_module", "namespace_declaration"})
_C_NAMES = frozenset(
    {"identifier", "field_identifier", "type_identifier", "destructor_name", "operator_name"}
)

Name = tuple[tuple[str, ...], str]
_NONE: Name = ((), "")


def name_of(parsed: Parsed, path: Sequence[Node]) -> Name:
    """The qualifiers and the name of the definition at the end of `path`.

    Qualifiers are what the code itself puts before the name: `Stack` of `Stack<T>::pop`, the type
    of a Go receiver. An empty name means that the definition has none.
    """
    node = path[-1]
    if node.type in DEFINITIONS[parsed.language].values:
        qualifiers, name = _assigned(parsed, path)
        if name:
            return qualifiers, name
    special = _SPECIAL.get(parsed.language)
    if special and (found := special(parsed, path)) is not None:
        return found
    named = node.child_by_field_name("name")
    if named is None:
        return _NONE
    text = _clean(parsed.text(named)).strip("'\"")
    return _split(_DOT.split(text) if node.type in _DOTTED else _SEPARATOR.split(text))


def container_name(parsed: Parsed, path: Sequence[Node]) -> str:
    """What the definition at the end of `path` contributes to the names of those inside it."""
    node = path[-1]
    if node.type == "impl_item":
        type_node = node.child_by_field_name("type")
        return _base_type(parsed, type_node) if type_node else ""
    qualifiers, name = name_of(parsed, path)
    return ".".join((*qualifiers, name))


def is_prototype(node: Node, parent: Node | None) -> bool:
    """Whether a C or C++ declaration declares a function where that can be documented."""
    if parent is None or parent.type in {"compound_statement", "for_statement", "if_statement"}:
        return False
    found = node.child_by_field_name("declarator")
    while found is not None and found.type in {"pointer_declarator", "reference_declarator"}:
        found = found.child_by_field_name("declarator") or found.named_child(0)
    if found is None:
        return False
    if found.type == "operator_cast":
        return True
    inner = found.child_by_field_name("declarator")
    # `int (*f)(int)` declares a pointer.
    return (
        found.type == "function_declarator"
        and inner is not None
        and inner.type != "parenthesized_declarator"
    )


def hands_back(parsed: Parsed, node: Node) -> bool:
    """Whether a node between a function and its wrapper is the function's value all the same."""
    if node.type != "call_expression":
        return True
    function = node.child_by_field_name("function")
    return function is not None and parsed.text(function).rpartition(".")[2] in _HANDING_BACK


def _assigned(parsed: Parsed, path: Sequence[Node]) -> Name:
    """The name that a function or class gets from the place it is assigned to."""
    passes = DEFINITIONS[parsed.language].passes
    for index in range(len(path) - 2, -1, -1):
        node, inner = path[index], path[index + 1]
        if node.type == "export_statement":
            default = any(child.type == "default" for child in node.children)
            return (), "default" if default else ""
        if field := _NAMING_FIELDS.get(node.type):
            target = node.child_by_field_name(field)
            return _NONE if target is None or target == inner else _dotted(parsed, target)
        if node.type not in passes or not hands_back(parsed, node):
            return _NONE
    return _NONE


def _dotted(parsed: Parsed, target: Node) -> Name:
    if target.type in {"object_pattern", "array_pattern", "subscript_expression"}:
        return _NONE
    parts = _clean(parsed.text(target)).strip("'\"").split(".")
    return _split([part for part in parts[:-1] if part not in _MODULE_PARTS] + parts[-1:])


def _c_name(parsed: Parsed, path: Sequence[Node]) -> Name | None:
    node = path[-1]
    if node.type.endswith("_specifier"):
        name = node.child_by_field_name("name")
        if name is not None:
            return _qualified(parsed, name)
        alias = path[-2].child_by_field_name("declarator") if len(path) > 1 else None
        typedef = alias is not None and path[-2].type == "type_definition"
        return ((), parsed.text(alias)) if alias is not None and typedef else _NONE
    if node.type in {"namespace_definition", "alias_declaration", "preproc_function_def"}:
        return None
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        if declarator.type in _C_NAMES or declarator.type in {
            "qualified_identifier",
            "template_function",
            "operator_cast",
        }:
            return _qualified(parsed, declarator)
        declarator = declarator.child_by_field_name("declarator") or next(
            (child for child in declarator.named_children if child.type.endswith("declarator")),
            declarator.named_child(0) if declarator.type.endswith("_declarator") else None,
        )
    return _NONE


def _qualified(parsed: Parsed, node: Node) -> Name:
    """`ns::Stack<T>::pop` is `pop` in `ns` and `Stack`."""
    qualifiers: list[str] = []
    while node.type == "qualified_identifier":
        scope, name = node.child_by_field_name("scope"), node.child_by_field_name("name")
        if scope is not None:
            qualifiers.append(_base_type(parsed, scope))
        if name is None:
            break
        node = name
    if node.type == "operator_cast":
        return tuple(qualifiers), _clean(parsed.text(node).split("(")[0])
    if node.type in {"template_type", "template_function"}:
        return tuple(qualifiers), _base_type(parsed, node)
    return tuple(qualifiers), _clean(parsed.text(node))


def _base_type(parsed: Parsed, node: Node) -> str:
    """A type's name without its arguments, path and references."""
    inner = node.child_by_field_name("name") or node.child_by_field_name("type")
    while inner is not None and inner.type != "primitive_type":
        node = inner
        inner = node.child_by_field_name("name") or node.child_by_field_name("type")
    return _clean(parsed.text(inner or node))


def _rust_name(parsed: Parsed, path: Sequence[Node]) -> Name | None:
    node = path[-1]
    if node.type != "impl_item":
        return None
    trait, type_node = node.child_by_field_name("trait"), node.child_by_field_name("type")
    name = _clean(parsed.text(type_node)) if type_node else ""
    return (), f"{_clean(parsed.text(trait))} for {name}" if trait else name


def _go_name(parsed: Parsed, path: Sequence[Node]) -> Name | None:
    """`Pop` in `Stack` of `func (s *Stack[T]) Pop()`."""
    node = path[-1]
    name, receiver = node.child_by_field_name("name"), node.child_by_field_name("receiver")
    if name is None or receiver is None:
        return None
    parameter = receiver.named_child(0) if receiver.named_child_count else None
    type_node = parameter.child_by_field_name("type") if parameter else None
    while type_node is not None and type_node.type in {"pointer_type", "parenthesized_type"}:
        type_node = type_node.named_child(0) if type_node.named_child_count else None
    qualifiers = (_base_type(parsed, type_node),) if type_node else ()
    return qualifiers, _clean(parsed.text(name))


def _csharp_name(parsed: Parsed, path: Sequence[Node]) -> Name | None:
    node = path[-1]
    if node.type == "indexer_declaration":
        return (), "this"
    name = node.child_by_field_name("name")
    if name is not None and node.type == "destructor_declaration":
        return (), f"~{parsed.text(name)}"
    word = next((child for child in node.children if child.type == "operator"), None)
    parameters = node.child_by_field_name("parameters")
    if word is None or parameters is None:
        return None
    text = parsed.data[word.start_byte : parameters.start_byte]
    return (), _clean(text.decode("utf-8", "replace"))


def _ruby_name(parsed: Parsed, path: Sequence[Node]) -> Name | None:
    name, owner = path[-1].child_by_field_name("name"), path[-1].child_by_field_name("object")
    if name is None or owner is None or owner.type == "self":
        return None
    return (_clean(parsed.text(owner)),), parsed.text(name)


def _split(parts: Sequence[str]) -> Name:
    return tuple(part for part in parts[:-1] if part), parts[-1]


def _clean(text: str) -> str:
    text = text.strip()
    return "" if len(text) > _LONGEST or "\n" in text else " ".join(text.split())


# Names that are not simply in the field `name`; None leaves them to it.
_SPECIAL: Mapping[str, Callable[[Parsed, Sequence[Node]], Name | None]] = {
    "c": _c_name,
    "cpp": _c_name,
    "rust": _rust_name,
    "go": _go_name,
    "csharp": _csharp_name,
    "ruby": _ruby_name,
}
