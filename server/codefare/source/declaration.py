"""What a definition says outside of its body: its head, its parameters, its result, the type that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.definitions import DEFINITIONS
from codefare.source.parameters import Parameter, read_parameters
from codefare.source.roles import ParameterKind
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.syntax import Parsed
    from codefare.source.target import Symbol

CALLABLE = frozenset({"function", "method", "constructor", "property"})
TYPES = frozenset({"class", "struct", "interface", "enum", "trait", "impl", "module", "namespace"})
BLOCKS = frozenset(
    {"block", "statement_block", "compound_statement", "constructor_body", "body_statement"}
    | {"statement_list", "class_body", "declaration_list", "field_declaration_list", "enum_body"}
    | {"accessor_list", "accessor_declaration", "arrow_expression_clause", "interface_body"}
    | {"enum_variant_list"}
)
_PROMOTING = frozenset({"accessibility_modifier", "override_modifier", "readonly"})
_INITIALISING = frozenset({"field_initializer_list", "constructor_initializer"})
# Macros may keep the C++ grammar from seeing them.
_INITIALISERS = re.compile(rb"\)[\s\w]*:(?!:)")
_RESULTS = ("return_type", "result", "returns", "type")
_NO_RESULT = frozenset(
    {"None", "void", "()", "Task", "ValueTask", "undefined", "Promise<void>", "auto", ""}
)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One definition; `path` leads from the root to its node, `start` is where its decorators begin."""

    parsed: Parsed
    path: tuple[Node, ...]
    symbol: Symbol
    start: int

    @classmethod
    def of(cls, document: Document, symbol: Symbol) -> Declaration | None:
        """The declaration of `symbol`; None where the last tree no longer has it."""
        parsed = document.parsed()
        if parsed is None:
            return None
        try:
            node = document.node_of(symbol)
        except LookupError:
            return None
        path = parsed.path_to(node.start_byte)
        if node not in path:
            return None
        start = document.buffer.byte_offset(symbol.span.start)
        return cls(parsed, tuple(path[: path.index(node) + 1]), symbol, start)

    @property
    def node(self) -> Node:
        """The definition's node."""
        return self.path[-1]

    @property
    def language(self) -> str:
        """The id of its language."""
        return self.parsed.language

    @property
    def body(self) -> Node | None:
        """The body's node; for a property, its accessors."""
        fields = ["body"]
        if self.symbol.kind == "property":
            fields += ["accessors", "value"]
        return next(filter(None, map(self.node.child_by_field_name, fields)), None)

    @property
    def head(self) -> str:
        """The source from the first decorator up to the name, and in C++ what follows the parameters."""
        named = self.node.child_by_field_name("name")
        end = named or self.node.child_by_field_name("declarator") or self.node
        until = end.start_byte
        if self.language == "cpp" and named is None and (body := self.body) is not None:
            until = body.start_byte
        return self._source(self.start, until)

    @property
    def header(self) -> str:
        """The source from the first decorator up to the body."""
        body = self.body
        return self._source(self.start, body.start_byte if body else self.node.end_byte)

    @property
    def text(self) -> str:
        """The whole source of the definition, with its decorators."""
        return self._source(self.start, self.node.end_byte)

    @property
    def beside(self) -> list[Node]:
        """The definitions and statements that stand in the same block or file, itself among them."""
        around = (one for one in reversed(self.path[:-1]) if one.type in BLOCKS)
        holder = next(around, self.path[0])
        return [kid for child in holder.named_children for kid in _unwrapped(child)]

    @property
    def owner(self) -> Node | None:
        """The type that holds the definition directly."""
        kinds = DEFINITIONS[self.language].kinds
        around = (
            one for one in reversed(self.path[:-1]) if kinds.get(one.type) in TYPES | CALLABLE
        )
        found = next(around, None)
        return found if found is not None and kinds[found.type] in TYPES else None

    @property
    def owner_name(self) -> str:
        """The name of the type that holds it, "" where none does."""
        owner = self.owner
        name = owner.child_by_field_name("name") if owner is not None else None
        return self.parsed.text(name) if name is not None else ""

    @property
    def owner_header(self) -> str:
        """The source of the type that holds it up to its body, "" where none does."""
        owner = self.owner
        if owner is None:
            return ""
        body = owner.child_by_field_name("body")
        return self._source(owner.start_byte, body.start_byte if body else owner.end_byte)

    @property
    def given(self) -> list[Parameter]:
        """The parameters that a caller gives and that the body has to use.

        Promoted properties (PHP, TypeScript) need no body, nor do those that an initialiser takes.
        """
        node = self.node
        if any(kid.type in _INITIALISING for kid in node.named_children) or self._initialises():
            return []
        found = self._parameters()
        in_type = self.symbol.kind in {"method", "constructor"}
        if self.language == "python" and in_type and "staticmethod" not in self.head:
            found = found[1:]
        listed = node.child_by_field_name("parameters")
        promoted = [
            self.parsed.text(kid)
            for kid in (listed.named_children if listed is not None else ())
            if kid.type == "property_promotion_parameter"
            or any(part.type in _PROMOTING for part in kid.children)
        ]
        return [
            one for one in found if one.given and not any(one.name in text for text in promoted)
        ]

    @property
    def has_nameless_receiver(self) -> bool:
        """Go: `func (*Node) isNode() {}` only marks its type."""
        first = next(iter(self._parameters()), None)
        return (
            first is not None
            and self.language == "go"
            and first.kind is ParameterKind.RECEIVER
            and not is_named(first)
        )

    @property
    def promises(self) -> bool:
        """Whether a result is declared."""
        for field in _RESULTS:
            if (found := self.node.child_by_field_name(field)) is not None:
                declarator = self.node.child_by_field_name("declarator")
                pointer = declarator is not None and declarator.type == "pointer_declarator"
                text = self.parsed.text(found).removeprefix(":").strip()
                return pointer or text not in _NO_RESULT
        return False

    @property
    def constructs(self) -> bool:
        """Whether it is a constructor, also one of a C++ class that macros hide from the grammar."""
        typeless = self.language == "cpp" and self.node.child_by_field_name("type") is None
        return self.symbol.kind == "constructor" or typeless

    @property
    def is_callback(self) -> bool:
        """Whether it is a value that no variable names: a property, an argument, a default."""
        named = {"variable_declarator", "expression_list"}
        values = DEFINITIONS[self.language].values
        return self.node.type in values and self.path[-2].type not in named

    def _parameters(self) -> tuple[Parameter, ...]:
        shape = SHAPES[self.language]
        return read_parameters(self.node, self.parsed.data, shape.parameters)

    def _initialises(self) -> bool:
        """C++: whether members are initialised in front of the body."""
        body = self.body
        return (
            self.language == "cpp"
            and body is not None
            and bool(_INITIALISERS.search(self.parsed.data, self.node.start_byte, body.start_byte))
        )

    def _source(self, start: int, end: int) -> str:
        return self.parsed.data[start : max(start, end)].decode("utf-8", "replace")


def _unwrapped(node: Node) -> list[Node]:
    """A node, or what `template` and the conditions of the preprocessor stand around."""
    if node.type == "template_declaration" or node.type.startswith("preproc_if"):
        return [kid for child in node.named_children for kid in _unwrapped(child)]
    return [node]


def is_named(parameter: Parameter) -> bool:
    """Whether a parameter has a name that says it is used: not none, and none with an underscore."""
    name = parameter.name.lstrip("$&*")
    return bool(name) and not name.startswith("_")
