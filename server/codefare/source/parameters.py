"""The parameters of a definition, as its tree has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare.source.roles import ParameterKind, ParameterShape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

_NAMES = frozenset({"identifier", "field_identifier", "variable_name", "self", "this", "name"})
_PATTERNS = frozenset(
    {
        "object_pattern",
        "array_pattern",
        "tuple_pattern",
        "tuple_struct_pattern",
        "struct_pattern",
        "slice_pattern",
        "destructured_parameter",
    }
)
_NAME_FIELDS = ("name", "pattern", "declarator", "left")
_LISTS = frozenset({"parameters", "formal_parameters", "parameter_list", "method_parameters"})
_KINDS_INSIDE = {
    "list_splat_pattern": ParameterKind.VARIADIC,
    "dictionary_splat_pattern": ParameterKind.KEYWORDS,
    "rest_pattern": ParameterKind.VARIADIC,
    "this": ParameterKind.RECEIVER,
}
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `type` and `default` are source text, "" where there is none.

    `name` is what the body calls it; a destructured parameter has its pattern there and
    `destructured` set. `optional` is true where a call may leave it out.
    """

    name: str
    kind: ParameterKind
    type: str = ""
    default: str = ""
    optional: bool = False
    destructured: bool = False

    @property
    def given(self) -> bool:
        """Whether a caller gives it: all but the object itself."""
        return self.kind is not ParameterKind.RECEIVER


def parameter_list(node: Node) -> Node | None:
    """The list of parameters of a definition's node, found through C's nested declarators."""
    here: Node | None = node
    for _ in range(_DEEPEST):
        if here is None:
            return None
        found = here.child_by_field_name("parameters") or here.child_by_field_name("parameter")
        inner = here.child_by_field_name("declarator")
        nested = inner is not None and _has_parameters(inner)
        if found is not None and not nested:
            return found
        if inner is None:
            # A record keeps its list without a field, and C++ a reference its declarator.
            for kid in here.named_children:
                if kid.type in _LISTS:
                    return kid
                if kid.type.endswith("declarator"):
                    inner = kid
            if inner is None:
                return None
        here = inner
    return None


def read_parameters(
    node: Node, data: bytes, shapes: Mapping[str, ParameterShape]
) -> tuple[Parameter, ...]:
    """The parameters of a definition's node over the document's bytes, the receiver first."""
    found: list[Parameter] = []
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:
        found.extend(
            replace(one, kind=ParameterKind.RECEIVER) for one in _read(receiver, data, shapes)
        )
    listed = parameter_list(node)
    if listed is not None:
        if listed.type == "identifier":  # JavaScript: `x => ...`
            found.append(Parameter(_text(listed, data), ParameterKind.POSITIONAL))
        else:
            found.extend(_read(listed, data, shapes))
    return tuple(found)


def _has_parameters(node: Node | None) -> bool:
    """Whether a function declarator stands in a chain of declarators."""
    for _ in range(_DEEPEST):
        if node is None:
            return False
        if node.child_by_field_name("parameters") is not None:
            return True
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next((k for k in node.named_children if k.type.endswith("declarator")), None)
        node = inner
    return False


def _read(listed: Node, data: bytes, shapes: Mapping[str, ParameterShape]) -> Iterator[Parameter]:
    done: list[Parameter] = []
    keyword_only = False
    for kid in listed.named_children:
        if kid.type == "keyword_separator":
            keyword_only = True
        elif kid.type == "positional_separator":
            done = [replace(one, kind=ParameterKind.POSITIONAL_ONLY) for one in done]
        elif (shape := shapes.get(kid.type)) is not None:
            for one in _one(kid, data, shape):
                after_star = keyword_only and one.kind is ParameterKind.POSITIONAL
                done.append(replace(one, kind=ParameterKind.KEYWORD) if after_star else one)
                keyword_only |= one.kind is ParameterKind.VARIADIC and "splat" in _kinds(kid)
    rest = listed.child_by_field_name("name")
    if rest is not None:  # C#: `params` stands in the list itself
        kind = _text(listed.child_by_field_name("type"), data)
        done.append(Parameter(_text(rest, data), ParameterKind.VARIADIC, kind, optional=True))
    elif any(kid.type == "..." for kid in listed.children):
        done.append(Parameter("...", ParameterKind.VARIADIC, optional=True))
    yield from done


def _kinds(node: Node) -> str:
    return " ".join([node.type, *(kid.type for kid in node.named_children)])


def _one(node: Node, data: bytes, shape: ParameterShape) -> Iterator[Parameter]:
    """The parameters of one node: Go declares several names at once."""
    kind = shape.kind
    default = node.child_by_field_name(shape.default) or node.child_by_field_name("right")
    if default is None and (equals := [k for k in node.children if k.type == "="]):
        default = next((k for k in node.named_children if k.start_byte >= equals[0].end_byte), None)
    optional = (
        default is not None
        or node.type == "optional_parameter"
        or kind in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
    )
    names = node.children_by_field_name("name") if node.type.endswith("declaration") else []
    places: list[Node | None] = [*names] or [_named(node)]
    for found in places:
        leaf = _leaf(found) if found is not None else None
        own = _kind_inside(found, kind) if found is not None else kind
        inner = found is not None and found.type == "mut_pattern"  # Rust: `mut x` is called x
        place = leaf or found if inner else found
        patterned = place is not None and place.type in _PATTERNS
        name = _text(place if patterned else leaf, data)
        kind_text = _type(node, data, leaf, default)
        if not name and kind_text == "void":  # C: `f(void)` takes nothing
            return
        yield Parameter(
            "self" if node.type == "self_parameter" else name or _nameless(node),
            own,
            kind_text,
            _text(default, data),
            optional=optional or own in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS),
            destructured=patterned,
        )


def _nameless(node: Node) -> str:
    """C's `...` has no name but is not nothing."""
    return "..." if node.type == "variadic_parameter" and node.child_count == 1 else ""


def _kind_inside(place: Node, kind: ParameterKind) -> ParameterKind:
    return _KINDS_INSIDE.get(place.type, kind)


def _named(node: Node) -> Node | None:
    """The part of a parameter that holds its name."""
    if node.type in _NAMES or node.type in _PATTERNS:
        return node
    for name in _NAME_FIELDS:
        if (found := node.child_by_field_name(name)) is not None:
            return found
    kinds = node.child_by_field_name("type")
    for kid in node.named_children:
        if kid != kinds and (kid.type in _NAMES or kid.type in _KINDS_INSIDE):
            return kid
        if kid != kinds and kid.type.endswith(("declarator", "pattern")):
            return kid
    return None


def _leaf(node: Node) -> Node | None:
    """The first name in a pattern or declarator, in the order of the source."""
    pending = [node]
    for _ in range(_DEEPEST):
        if not pending:
            return None
        here = pending.pop()
        if here.type in _NAMES:
            return here
        pending.extend(reversed(here.named_children))
    return None


def _type(node: Node, data: bytes, leaf: Node | None, default: Node | None) -> str:
    """The type as it is written; for C and C++ all of the declaration but the name."""
    if node.type == "self_parameter":
        return _text(node, data)
    found = node.child_by_field_name("type")
    if found is None:
        if node.type == "spread_parameter":  # Java has no field here
            kids = [kid for kid in node.named_children if kid.type != "modifiers"]
            return _text(kids[0], data) if kids else ""
        return ""
    if (
        "declarator" not in {node.field_name_for_child(i) for i in range(node.child_count)}
        and node.type != "variadic_parameter_declaration"
    ):
        kind = _text(found, data).removeprefix(":").strip()
        return f"?{kind[1:]}" if kind.startswith("? ") else kind
    end = default.start_byte if default is not None else node.end_byte
    around = data[node.start_byte : end]
    if leaf is not None and node.type != "variadic_parameter_declaration":
        cut = leaf.start_byte - node.start_byte
        around = around[:cut] + around[leaf.end_byte - node.start_byte :]
    elif leaf is not None:
        return _text(found, data)
    text = " ".join(around.decode("utf-8", "replace").split()).rstrip("= ")
    return re.sub(r"(?<=\w)\s*([*&]+)\s*", r" \1", text).strip()


def _text(node: Node | None, data: bytes) -> str:
    if node is None:
        return ""
    return " ".join(data[node.start_byte : node.end_byte].decode("utf-8", "replace").split())
