"""What the nodes of each grammar mean to an outline: tables, so that one walker reads all."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from codefare.source.roles import ParameterKind, ParameterShape, Role, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMON: Mapping[Role, str] = {
    Role.IF: "if_statement",
    Role.ELIF: "elif_clause else_if_clause",
    Role.ELSE: "else_clause",
    Role.TERNARY: "ternary_expression conditional_expression",
    Role.LOOP: "for_statement while_statement do_statement",
    Role.SWITCH: "switch_statement",
    Role.TRY: "try_statement",
    Role.CATCH: "catch_clause",
    Role.FINALLY: "finally_clause",
    Role.RETURN: "return_statement",
    Role.RAISE: "throw_statement throw_expression",
    Role.BREAK: "break_statement",
    Role.CONTINUE: "continue_statement",
    Role.CALL: "call_expression",
    Role.ASSIGN: "assignment_expression",
    Role.COMMENT: "comment line_comment block_comment",
    Role.NAME: "identifier",
}


def _roles(own: Mapping[Role, str]) -> Mapping[str, Role]:
    """Node type to role: the common rows, and the language's own."""
    rows = [*_COMMON.items(), *own.items()]
    return MappingProxyType({kind: role for role, kinds in rows for kind in kinds.split()})


def _parameters(
    positional: str, default: str = "value", **others: str
) -> Mapping[str, ParameterShape]:
    """Node type to parameter shape; `others` are the node types of the other kinds."""
    kinds = {ParameterKind.POSITIONAL: positional} | {
        ParameterKind(kind): nodes for kind, nodes in others.items()
    }
    return MappingProxyType(
        {
            node: ParameterShape(kind, default)
            for kind, nodes in kinds.items()
            for node in nodes.split()
        }
    )


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_PYTHON = Shape(
    roles=_roles(
        {
            Role.SWITCH: "match_statement",
            Role.CASE: "case_clause",
            Role.CATCH: "except_clause except_group_clause",
            Role.WITH: "with_statement",
            Role.RAISE: "raise_statement",
            Role.ASSERT: "assert_statement",
            Role.YIELD: "yield",
            Role.CALL: "call",
            Role.ASSIGN: "assignment augmented_assignment",
            Role.DEFINITION: "function_definition class_definition",
            Role.CALLBACK: "lambda",
        }
    ),
    parameters=_parameters(
        "identifier typed_parameter default_parameter typed_default_parameter tuple_pattern",
        variadic="list_splat_pattern",
        keywords="dictionary_splat_pattern",
    ),
    imports=_set("import_statement import_from_statement future_import_statement"),
    fields=_set("assignment"),
    own=("self.", "cls."),
    truth=("is truthy", "is falsy"),
    exit_calls=_set("sys.exit os._exit exit quit os.abort"),
    nothing=_set("None NoReturn Never") | {""},
)

_JAVASCRIPT = Shape(
    roles=_roles(
        {
            Role.LOOP: "for_statement for_in_statement while_statement do_statement",
            Role.CASE: "switch_case",
            Role.DEFAULT: "switch_default",
            Role.YIELD: "yield_expression",
            Role.CALL: "call_expression new_expression",
            Role.ASSIGN: "assignment_expression augmented_assignment_expression",
            Role.DEFINITION: "function_declaration generator_function_declaration class_declaration"
            " abstract_class_declaration class method_definition",
            Role.CALLBACK: "arrow_function function_expression generator_function",
            Role.COMMENT: "comment html_comment",
            Role.NAME: "identifier shorthand_property_identifier",
        }
    ),
    parameters=_parameters(
        "identifier assignment_pattern object_pattern array_pattern required_parameter"
        " optional_parameter",
        variadic="rest_pattern",
    ),
    imports=_set("import_statement"),
    fields=_set("public_field_definition field_definition property_signature"),
    truth=("is truthy", "is falsy"),
    exit_calls=_set("process.exit process.abort"),
    assert_calls=_set("assert console.assert invariant"),
    nothing=_set("void undefined never Promise<void> Promise<undefined>") | {""},
)

_GO = Shape(
    roles=_roles(
        {
            Role.SWITCH: "expression_switch_statement type_switch_statement select_statement",
            Role.CASE: "expression_case type_case communication_case",
            Role.DEFAULT: "default_case",
            Role.ASSIGN: "assignment_statement",
            Role.DEFINITION: "function_declaration method_declaration",
            Role.CALLBACK: "func_literal",
        }
    ),
    parameters=_parameters("parameter_declaration", variadic="variadic_parameter_declaration"),
    imports=_set("import_spec"),
    fields=_set("field_declaration"),
    own=(),
    raise_calls=_set("panic log.Panic log.Panicf log.Panicln"),
    exit_calls=_set("os.Exit log.Fatal log.Fatalf log.Fatalln"),
    nothing=frozenset({"", "()"}),
)

_RUST = Shape(
    roles=_roles(
        {
            Role.IF: "if_expression",
            Role.LOOP: "for_expression while_expression loop_expression",
            Role.SWITCH: "match_expression",
            Role.CASE: "match_arm",
            Role.RETURN: "return_expression",
            Role.BREAK: "break_expression",
            Role.CONTINUE: "continue_expression",
            Role.CALL: "call_expression macro_invocation",
            Role.ASSIGN: "assignment_expression compound_assignment_expr",
            Role.DEFINITION: "function_item struct_item enum_item impl_item trait_item mod_item",
            Role.CALLBACK: "closure_expression async_block",
            Role.PROPAGATE: "try_expression",
            Role.NAME: "identifier self shorthand_field_identifier",
        }
    ),
    parameters=_parameters("parameter", receiver="self_parameter", variadic="variadic_parameter"),
    imports=_set("use_declaration extern_crate_declaration"),
    fields=_set("field_declaration"),
    own=("self.",),
    raise_calls=_set("panic! unreachable! todo! unimplemented!"),
    exit_calls=_set("std::process::exit process::exit exit std::process::abort"),
    assert_calls=_set("assert! assert_eq! assert_ne! debug_assert! debug_assert_eq!"),
    wrappers=_set("Ok Err Some"),
    implicit_result=True,
    nothing=frozenset({"", "()", "!"}),
)

_JAVA = Shape(
    roles=_roles(
        {
            Role.LOOP: "for_statement enhanced_for_statement while_statement do_statement",
            Role.SWITCH: "switch_expression switch_statement",
            Role.CASE: "switch_block_statement_group switch_rule",
            Role.TRY: "try_statement try_with_resources_statement",
            Role.WITH: "synchronized_statement",
            Role.ASSERT: "assert_statement",
            Role.CALL: "method_invocation object_creation_expression"
            " explicit_constructor_invocation",
            Role.DEFINITION: "class_declaration interface_declaration enum_declaration"
            " record_declaration method_declaration constructor_declaration"
            " compact_constructor_declaration annotation_type_declaration",
            Role.CALLBACK: "lambda_expression",
        }
    ),
    parameters=_parameters(
        "formal_parameter", variadic="spread_parameter", receiver="receiver_parameter"
    ),
    imports=_set("import_declaration"),
    fields=_set("field_declaration constant_declaration"),
    exit_calls=_set("System.exit"),
)

_C = Shape(
    roles=_roles({Role.CASE: "case_statement", Role.DEFINITION: "function_definition"}),
    parameters=_parameters("parameter_declaration", variadic="variadic_parameter"),
    imports=_set("preproc_include"),
    fields=_set("field_declaration"),
    own=(),
    truth=("is not zero", "is zero"),
    exit_calls=_set("exit _exit abort quick_exit _Exit"),
    assert_calls=_set("assert static_assert"),
)

_CPP = Shape(
    roles=_roles(
        {
            Role.LOOP: "for_statement for_range_loop while_statement do_statement",
            Role.CASE: "case_statement",
            Role.RETURN: "return_statement co_return_statement",
            Role.YIELD: "co_yield_statement",
            Role.CALL: "call_expression new_expression",
            Role.DEFINITION: "function_definition class_specifier struct_specifier",
            Role.CALLBACK: "lambda_expression",
            Role.NAME: "identifier this",
        }
    ),
    parameters=_parameters(
        "parameter_declaration optional_parameter_declaration",
        "default_value",
        variadic="variadic_parameter_declaration variadic_parameter",
    ),
    imports=_set("preproc_include using_declaration alias_declaration"),
    fields=_set("field_declaration"),
    own=("this->",),
    truth=("is true or not zero", "is false or zero"),
    exit_calls=_set("exit std::exit abort std::abort std::terminate"),
    assert_calls=_set("assert static_assert"),
)

_CSHARP = Shape(
    roles=_roles(
        {
            Role.LOOP: "for_statement foreach_statement while_statement do_statement",
            Role.SWITCH: "switch_statement switch_expression",
            Role.CASE: "switch_section switch_expression_arm",
            Role.WITH: "using_statement lock_statement",
            Role.YIELD: "yield_statement",
            Role.CALL: "invocation_expression object_creation_expression",
            Role.DEFINITION: "local_function_statement class_declaration struct_declaration"
            " interface_declaration enum_declaration record_declaration method_declaration"
            " constructor_declaration property_declaration indexer_declaration"
            " operator_declaration destructor_declaration",
            Role.CALLBACK: "lambda_expression anonymous_method_expression",
        }
    ),
    parameters=_parameters("parameter"),
    imports=_set("using_directive"),
    fields=_set("field_declaration event_field_declaration"),
    exit_calls=_set("Environment.Exit Environment.FailFast"),
    assert_calls=_set("Debug.Assert Trace.Assert"),
    nothing=_set("void Task ValueTask") | {""},
)

_RUBY = Shape(
    roles=_roles(
        {
            Role.IF: "if if_modifier",
            Role.UNLESS: "unless unless_modifier",
            Role.ELIF: "elsif",
            Role.ELSE: "else",
            Role.TERNARY: "conditional",
            Role.LOOP: "while until for while_modifier until_modifier",
            Role.SWITCH: "case case_match",
            Role.CASE: "when in_clause",
            Role.TRY: "begin",
            Role.CATCH: "rescue rescue_modifier",
            Role.FINALLY: "ensure",
            Role.RETURN: "return",
            Role.YIELD: "yield",
            Role.BREAK: "break",
            Role.CONTINUE: "next redo retry",
            Role.CALL: "call super",
            Role.ASSIGN: "assignment operator_assignment",
            Role.DEFINITION: "method singleton_method class module",
            Role.CALLBACK: "lambda",
            Role.BLOCK: "do_block block",
        }
    ),
    parameters=_parameters(
        "identifier optional_parameter destructured_parameter",
        variadic="splat_parameter",
        keyword="keyword_parameter",
        keywords="hash_splat_parameter",
        block="block_parameter",
    ),
    imports=frozenset(),
    fields=frozenset(),
    own=("@", "self."),
    truth=("is truthy", "is nil or false"),
    raise_calls=_set("raise fail"),
    exit_calls=_set("exit exit! abort"),
    implicit_result=True,
)

_PHP = Shape(
    roles=_roles(
        {
            Role.LOOP: "for_statement foreach_statement while_statement do_statement",
            Role.SWITCH: "switch_statement match_expression",
            Role.CASE: "case_statement match_conditional_expression",
            Role.DEFAULT: "default_statement match_default_expression",
            Role.YIELD: "yield_expression",
            Role.CALL: "function_call_expression member_call_expression scoped_call_expression"
            " nullsafe_member_call_expression object_creation_expression",
            Role.ASSIGN: "assignment_expression augmented_assignment_expression",
            Role.EXIT: "exit_statement",
            Role.DEFINITION: "function_definition method_declaration class_declaration"
            " interface_declaration trait_declaration enum_declaration",
            Role.CALLBACK: "arrow_function anonymous_function",
            Role.NAME: "variable_name",
        }
    ),
    parameters=_parameters(
        "simple_parameter property_promotion_parameter",
        "default_value",
        variadic="variadic_parameter",
    ),
    imports=_set("namespace_use_declaration"),
    fields=_set("property_declaration"),
    own=("$this->", "self::$", "static::$"),
    truth=("is truthy", "is falsy"),
    exit_calls=_set("exit die"),
    assert_calls=_set("assert"),
    nothing=_set("void never") | {""},
)

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "python": _PYTHON,
        "javascript": _JAVASCRIPT,
        "typescript": _JAVASCRIPT,
        "tsx": _JAVASCRIPT,
        "go": _GO,
        "rust": _RUST,
        "java": _JAVA,
        "c": _C,
        "cpp": _CPP,
        "csharp": _CSHARP,
        "ruby": _RUBY,
        "php": _PHP,
    }
)
"""The table of each language of `source.languages`."""
