"""What nodes can mean to an outline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """What a node does in the flow of a definition."""

    IF = "if"
    UNLESS = "unless"
    ELIF = "elif"
    ELSE = "else"
    TERNARY = "ternary"
    SWITCH = "switch"
    CASE = "case"
    DEFAULT = "default"
    LOOP = "loop"
    TRY = "try"
    CATCH = "catch"
    FINALLY = "finally"
    WITH = "with"
    RETURN = "return"
    RAISE = "raise"
    EXIT = "exit"
    ASSERT = "assert"
    YIELD = "yield"
    BREAK = "break"
    CONTINUE = "continue"
    CALL = "call"
    ASSIGN = "assign"
    DEFINITION = "definition"
    CALLBACK = "callback"
    BLOCK = "block"  # a Ruby block: its `return` leaves the method around it
    PROPAGATE = "propagate"  # Rust's `?`
    COMMENT = "comment"
    NAME = "name"


class ParameterKind(StrEnum):
    """How an argument reaches a parameter."""

    RECEIVER = "receiver"
    POSITIONAL_ONLY = "positional-only"
    POSITIONAL = "positional"
    KEYWORD = "keyword"
    VARIADIC = "variadic"
    KEYWORDS = "keywords"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """How to read a parameter node; `default` is the field of its default value."""

    kind: ParameterKind = ParameterKind.POSITIONAL
    default: str = "value"


@dataclass(frozen=True, slots=True)
class Shape:
    """The table of one language.

    `raise_calls` are callees that end a definition with an error, `exit_calls` those that end the
    process, `assert_calls` those that demand a condition. `own` are the beginnings of an
    expression that names an attribute of the object itself. `truth` says in words that a value
    counts as true, and as false, in a condition. `implicit_result` is true where the last
    expression of a body is its value. `fields` are the nodes that declare a field in a class body.
    `nothing` are the result types that hold no value.
    """

    roles: Mapping[str, Role]
    parameters: Mapping[str, ParameterShape]
    imports: frozenset[str]
    fields: frozenset[str]
    own: tuple[str, ...] = ("this.",)
    truth: tuple[str, str] = ("is true", "is false")
    raise_calls: frozenset[str] = frozenset()
    exit_calls: frozenset[str] = frozenset()
    assert_calls: frozenset[str] = frozenset()
    wrappers: frozenset[str] = frozenset()
    implicit_result: bool = False
    nothing: frozenset[str] = frozenset({"", "void"})
