"""Which nodes of each grammar are definitions, and which nodes belong to one."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Definitions:
    """The node types of one grammar that matter for finding definitions.

    `kinds` maps the type of a defining node to the kind of `Symbol`. `wrappers` are nodes that are
    part of the definition they hold (`export`, `template`, the assignment that names a function);
    `passes` may stand between a definition and its wrapper. `values` are definitions named by what
    they are assigned to. `need_body` are uses, not definitions, when they have no body
    (`struct point *p`). `decorations` stand inside or in front of a definition and annotate it.
    `constructor` is the name that makes a method a constructor. Where `semicolon` is true, a
    semicolon after the definition belongs to it.
    """

    kinds: Mapping[str, str]
    wrappers: frozenset[str] = frozenset()
    passes: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    need_body: frozenset[str] = frozenset()
    decorations: frozenset[str] = frozenset()
    constructor: str = ""
    semicolon: bool = False


_JS_KINDS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_expression": "function",
    "generator_function": "function",
    "arrow_function": "function",
    "method_definition": "method",
    "class_declaration": "class",
    "class": "class",
}
_TS_KINDS = _JS_KINDS | {
    "abstract_class_declaration": "class",
    "interface_declaration": "interface",
    "enum_declaration": "enum",
    "function_signature": "function",
    "method_signature": "method",
    "abstract_method_signature": "method",
    "internal_module": "namespace",
    "module": "namespace",
    "type_alias_declaration": "type",
}
_JS_WRAPPERS = frozenset(
    {
        "export_statement",
        "ambient_declaration",
        "lexical_declaration",
        "variable_declaration",
        "variable_declarator",
        "assignment_expression",
        "expression_statement",
        "pair",
        "field_definition",
        "public_field_definition",
    }
)
_JS_PASSES = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "call_expression",
        "arguments",
    }
)
_JS_VALUES = frozenset({"arrow_function", "function_expression", "generator_function", "class"})
_C_KINDS = {
    "function_definition": "function",
    "declaration": "function",
    "struct_specifier": "struct",
    "union_specifier": "struct",
    "enum_specifier": "enum",
    "preproc_function_def": "macro",
}
_C_WRAPPERS = frozenset({"declaration", "type_definition", "linkage_specification"})
_C_NEED_BODY = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


def _javascript(kinds: Mapping[str, str]) -> Definitions:
    return Definitions(
        kinds=kinds,
        wrappers=_JS_WRAPPERS,
        passes=_JS_PASSES,
        values=_JS_VALUES,
        decorations=frozenset({"decorator"}),
        constructor="constructor",
        semicolon=True,
    )


DEFINITIONS: Mapping[str, Definitions] = MappingProxyType(
    {
        "python": Definitions(
            kinds={"function_definition": "function", "class_definition": "class"},
            wrappers=frozenset({"decorated_definition"}),
            decorations=frozenset({"decorator"}),
            constructor="__init__",
        ),
        "javascript": _javascript(_JS_KINDS),
        "typescript": _javascript(_TS_KINDS),
        "tsx": _javascript(_TS_KINDS),
        "go": Definitions(
            kinds={
                "function_declaration": "function",
                "method_declaration": "method",
                "method_elem": "method",
                "type_spec": "type",
                "type_alias": "type",
                "func_literal": "function",
            },
            wrappers=frozenset({"type_declaration", "var_declaration", "var_spec"}),
            passes=frozenset({"expression_list"}),
            values=frozenset({"func_literal"}),
        ),
        "rust": Definitions(
            kinds={
                "function_item": "function",
                "function_signature_item": "function",
                "impl_item": "impl",
                "struct_item": "struct",
                "union_item": "struct",
                "enum_item": "enum",
                "trait_item": "trait",
                "mod_item": "module",
                "type_item": "type",
                "macro_definition": "macro",
            },
            need_body=frozenset({"mod_item"}),
            decorations=frozenset({"attribute_item"}),
        ),
        "java": Definitions(
            kinds={
                "method_declaration": "method",
                "constructor_declaration": "constructor",
                "compact_constructor_declaration": "constructor",
                "class_declaration": "class",
                "record_declaration": "class",
                "interface_declaration": "interface",
                "annotation_type_declaration": "interface",
                "enum_declaration": "enum",
            },
            decorations=frozenset({"annotation", "marker_annotation"}),
        ),
        "c": Definitions(
            kinds=_C_KINDS, wrappers=_C_WRAPPERS, need_body=_C_NEED_BODY, semicolon=True
        ),
        "cpp": Definitions(
            kinds=_C_KINDS
            | {
                "field_declaration": "method",
                "class_specifier": "class",
                "namespace_definition": "namespace",
                "alias_declaration": "type",
                "lambda_expression": "function",
            },
            wrappers=_C_WRAPPERS | {"field_declaration", "template_declaration", "init_declarator"},
            values=frozenset({"lambda_expression"}),
            need_body=_C_NEED_BODY | {"class_specifier"},
            semicolon=True,
        ),
        "csharp": Definitions(
            kinds={
                "method_declaration": "method",
                "constructor_declaration": "constructor",
                "destructor_declaration": "method",
                "operator_declaration": "method",
                "conversion_operator_declaration": "method",
                "local_function_statement": "function",
                "property_declaration": "property",
                "indexer_declaration": "property",
                "class_declaration": "class",
                "record_declaration": "class",
                "struct_declaration": "struct",
                "interface_declaration": "interface",
                "enum_declaration": "enum",
                "delegate_declaration": "type",
                "namespace_declaration": "namespace",
            },
            wrappers=frozenset({"global_statement"}),
            decorations=frozenset({"attribute_list"}),
        ),
        "ruby": Definitions(
            kinds={
                "method": "method",
                "singleton_method": "method",
                "class": "class",
                "module": "module",
            },
            wrappers=frozenset({"call"}),  # `private def ...`
            passes=frozenset({"argument_list"}),
            constructor="initialize",
        ),
        "php": Definitions(
            kinds={
                "function_definition": "function",
                "method_declaration": "method",
                "anonymous_function": "function",
                "arrow_function": "function",
                "class_declaration": "class",
                "interface_declaration": "interface",
                "trait_declaration": "trait",
                "enum_declaration": "enum",
                "namespace_definition": "namespace",
            },
            wrappers=frozenset({"assignment_expression", "expression_statement"}),
            values=frozenset({"anonymous_function", "arrow_function"}),
            need_body=frozenset({"namespace_definition"}),
            decorations=frozenset({"attribute_list"}),
            constructor="__construct",
        ),
    }
)
