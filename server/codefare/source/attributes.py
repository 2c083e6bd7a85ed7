"""The fields of an object: those that its type declares, and those that only its constructor brings about."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.source.expressions import source
from codefare.source.fields import Field, read_fields
from codefare.source.parameters import Parameter, read_parameters
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.declaration import Declaration
    from codefare.source.syntax import Parsed

_STATIC = re.compile(r"\A[^=({]*\b(?:static|const|ClassVar|friend|typedef|using)\b")
_FUNCTION = re.compile(r"\A(?:async\s*)?(?:function\b|(?:\([^()]*\)|\w+)\s*(?::[^=]*)?=>)")
_ASSIGNMENTS = frozenset({"assignment", "assignment_expression", "operator_assignment"})
_CONSTRUCTORS = {"python": "__init__", "ruby": "initialize", "php": "__construct"}
_OWN = re.compile(r"(?:this\.|\$this->|@)(#?\w+)\Z")
_PROMOTED = frozenset({"accessibility_modifier", "override_modifier", "readonly"})
_RECORDS = frozenset({"record_declaration"})
_DEFINITIONS = {
    "decorated_definition",
    "export_statement",
    "argument_list",
    "call",
    "body_statement",
}
_MOST = 2000  # nodes of a constructor
_TYPED = frozenset({"javascript", "typescript", "tsx"})


def attributes(declaration: Declaration) -> tuple[Field, ...]:
    """The fields of the objects of a type, each once, in the order of the source.

    Names are without the marks that a language puts in front (`$`, `@`); static fields, constants and functions in
    fields are left out. Rust's tuple structs have numbers for names, as the language does.
    """
    found: dict[str, Field] = {}
    for one in (*_declared(declaration), *_components(declaration), *_constructed(declaration)):
        name = one.name.lstrip("$@&*")
        if name and name not in found:
            found[name] = replace(one, name=name)
    return tuple(found.values())


def methods(declaration: Declaration) -> Iterator[tuple[str, Node]]:
    """The methods in the body of a type, each with its name."""
    body = declaration.body
    pending = list(reversed(body.named_children)) if body is not None else []
    while pending:
        kid = pending.pop()
        if kid.type in _DEFINITIONS or kid.type == "template_declaration":
            pending.extend(reversed(kid.named_children))
        elif (name := method_name(declaration.parsed, kid)) is not None:
            yield name, kid


def method_name(parsed: Parsed, node: Node) -> str | None:
    """The name of a function's node; in C and C++ of what its declarator declares. None for anything else."""
    here: Node | None = node
    if parsed.language in {"c", "cpp"}:
        while here is not None and here.type != "function_declarator":
            inner = here.child_by_field_name("declarator")
            if inner is None:
                inner = next(
                    (k for k in here.named_children if k.type.endswith("declarator")), None
                )
            here = inner
        name = here.child_by_field_name("declarator") if here is not None else None
        found = source(name, parsed.data).replace(" ", "")
        return found if found and not found.startswith("(") else None  # (*f) is a pointer
    name = node.child_by_field_name("name")
    has_list = node.child_by_field_name("parameters") is not None or parsed.language == "ruby"
    return parsed.text(name) if name is not None and has_list else None


def _declared(declaration: Declaration) -> Iterator[Field]:
    node, parsed = declaration.node, declaration.parsed
    shape = SHAPES[declaration.language]
    for one in read_fields(node, parsed.data, shape):
        if declaration.language in {"c", "cpp"}:
            one = _with_whole_type(one)  # noqa: PLW2901  the same field
        unannotated = declaration.language == "python" and not one.type
        if one.kind != "field" or unannotated or _STATIC.match(f"{one.text.partition('=')[0]} "):
            continue
        if "ClassVar" in one.type or _FUNCTION.match(one.default):
            continue
        name = one.name.rpartition(".")[2] if declaration.language == "go" else one.name
        yield replace(one, name=name)
    if declaration.language == "rust":
        yield from _numbered(declaration)
    if declaration.language == "csharp":
        yield from _properties(declaration)


def _with_whole_type(field: Field) -> Field:
    """C and C++: a pointer, an array or a pointer to a function is written around the name."""
    written = field.text.partition("=")[0]
    pointer = field.kind == "method" and "(*" in written.replace(" ", "")
    if "," in written and not pointer:
        return field
    kind = " ".join(re.sub(rf"\b{re.escape(field.name)}\b", "", written, count=1).split())
    return replace(field, type=kind, kind="field" if pointer else field.kind)


def _numbered(declaration: Declaration) -> Iterator[Field]:
    """The fields of a Rust tuple struct."""
    body, data = declaration.node.child_by_field_name("body"), declaration.parsed.data
    if body is None or body.type != "ordered_field_declaration_list":
        return
    types = body.children_by_field_name("type")
    for number, kid in enumerate(types):
        text = source(kid, data)
        yield Field(str(number), "field", text, "", kid.start_point.row + 1, text)


def _properties(declaration: Declaration) -> Iterator[Field]:
    """C#: the properties that hold a value of their own."""
    data, body = declaration.parsed.data, declaration.body
    for kid in body.named_children if body is not None else ():
        accessors = kid.child_by_field_name("accessors")
        if kid.type != "property_declaration" or accessors is None:
            continue
        automatic = not any(one.child_by_field_name("body") for one in accessors.named_children)
        text = source(kid, data)
        if automatic and not _STATIC.match(text):
            parts = (
                source(kid.child_by_field_name(name), data) for name in ("name", "type", "value")
            )
            name, kind, default = parts
            yield Field(name, "field", kind, default, kid.start_point.row + 1, text)


def _components(declaration: Declaration) -> Iterator[Field]:
    """The components of a record or of a primary constructor, and the parameters that are promoted to properties."""
    data, shape = declaration.parsed.data, SHAPES[declaration.language]
    if declaration.node.type in _RECORDS or declaration.language == "csharp":
        for one in read_parameters(declaration.node, data, shape.parameters):
            yield _of_parameter(one, declaration.node)
    constructor = constructor_of(declaration)
    listed = constructor.child_by_field_name("parameters") if constructor is not None else None
    for kid in listed.named_children if listed is not None else ():
        promoted = kid.type == "property_promotion_parameter" or any(
            part.type in _PROMOTED for part in kid.children
        )
        if promoted and constructor is not None:
            name = source(
                kid.child_by_field_name("name") or kid.child_by_field_name("pattern"), data
            )
            given = read_parameters(constructor, data, shape.parameters)
            yield from (_of_parameter(one, kid) for one in given if one.name == name)


def constructor_of(declaration: Declaration) -> Node | None:
    """The constructor in the body of a type, where the language gives it a name of its own."""
    name = _CONSTRUCTORS.get(declaration.language)
    if declaration.language in _TYPED:
        name = "constructor"
    return next((node for one, node in methods(declaration) if one == name), None)


def _constructed(declaration: Declaration) -> Iterator[Field]:
    """The fields that a constructor assigns, typed like the parameter that they take over."""
    constructor = constructor_of(declaration)
    body = constructor.child_by_field_name("body") if constructor is not None else None
    if constructor is None or body is None:
        return
    data, shape = declaration.parsed.data, SHAPES[declaration.language]
    given = {one.name: one for one in read_parameters(constructor, data, shape.parameters)}
    own = _OWN
    if declaration.language == "python" and given:
        own = re.compile(rf"{re.escape(next(iter(given)))}\.(\w+)\Z")
    pending = [body]
    for _ in range(_MOST):
        if not pending:
            return
        here = pending.pop()
        left, right = here.child_by_field_name("left"), here.child_by_field_name("right")
        if here.type not in _ASSIGNMENTS or left is None:
            pending.extend(reversed(here.named_children))
            continue
        many = left.named_children if "list" in left.type or "tuple" in left.type else [left]
        values = right.named_children if len(many) > 1 and right is not None else [right]
        for index, target in enumerate(many):
            if found := own.match(source(target, data)):
                value = source(values[index], data) if index < len(values) else ""
                kind = source(here.child_by_field_name("type"), data)
                if (taken := given.get(value)) is not None:
                    kind, value = kind or taken.type, taken.default
                line = here.start_point.row + 1
                yield Field(found[1], "field", kind, value, line, source(here, data))


def _of_parameter(one: Parameter, node: Node) -> Field:
    text = f"{one.type} {one.name}".strip()
    return Field(one.name, "field", one.type, one.default, node.start_point.row + 1, text)
