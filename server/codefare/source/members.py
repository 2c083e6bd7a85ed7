"""What a type has already of what is often written by rote: fields, constructor, equality, text, serialisation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.attributes import attributes, method_name, methods
from codefare.source.expressions import source
from codefare.source.member import (
    BASES,
    C_FUNCTIONS,
    DECORATORS,
    RUST_TRAITS,
    VALUE,
    Member,
    parts_named,
)
from codefare.source.parameters import parameter_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tree_sitter import Node

    from codefare.source.declaration import Declaration
    from codefare.source.fields import Field

_CONSTRUCTORS = {
    "python": {"__init__", "__new__"},
    "ruby": {"initialize"},
    "php": {"__construct"},
    "javascript": {"constructor"},
    "typescript": {"constructor"},
    "tsx": {"constructor"},
}
_C_SUFFIX = re.compile(r"_(?:t|s|st|struct)\Z")
_CPP_MACRO = re.compile(r"\bNLOHMANN_DEFINE_TYPE|\bBOOST_\w*SERIALI|\bCEREAL_|\bQ_GADGET")


_HEADER = 500  # bytes; what a function is called and takes stands in them


@dataclass(frozen=True, slots=True)
class Members:
    """The fields of a type's objects, in order, and which parts it has, by its own code or by its language."""

    fields: tuple[Field, ...]
    has: frozenset[Member]


def read_members(declaration: Declaration) -> Members:
    """What a type has. Looks at the type, and beside it where methods stand outside of types."""
    fields = attributes(declaration)
    has = {*_by_words(declaration), *_by_methods(declaration)}
    outside = _OUTSIDE.get(declaration.language)
    if outside is not None:
        has.update(outside(declaration))
    if declaration.node.type == "record_declaration":
        has |= VALUE
    elif declaration.language == "csharp" and parameter_list(declaration.node) is not None:
        has.add(Member.CONSTRUCTOR)
    tagged = any(re.search(r"`.*\b(?:json|xml|yaml):", one.text) for one in fields)
    if tagged and declaration.language == "go":
        has.add(Member.SERIALISATION)
    return Members(fields, frozenset(has))


def _by_words(declaration: Declaration) -> Iterator[Member]:
    """What decorators, bases and mixins bring."""
    language, head = declaration.language, declaration.head
    for known, pattern, members in DECORATORS:
        if known == language and re.search(pattern, head):
            yield from (one for one in members if not _switched_off(one, head))
    bases = declaration.header.removeprefix(head)
    for known, pattern, members in BASES:
        if known == language and re.search(pattern, bases):
            yield from members
    if language == "ruby" and re.search(r"\binclude\s+Comparable\b", declaration.text):
        yield from (Member.EQUALITY, Member.ORDERING)
    if language == "cpp" and _CPP_MACRO.search(declaration.text):
        yield Member.SERIALISATION


def _switched_off(member: Member, head: str) -> bool:
    """Whether a dataclass is told not to bring a part."""
    words = {Member.CONSTRUCTOR: "init", Member.EQUALITY: "eq", Member.TEXT: "repr"}
    return member in words and f"{words[member]}=False" in head.replace(" ", "")


def _by_methods(declaration: Declaration) -> Iterator[Member]:
    """What the methods in the body are."""
    own = declaration.symbol.name.partition("<")[0]
    constructors = _CONSTRUCTORS.get(declaration.language, {own})
    for name, node in methods(declaration):
        if name in constructors and node.type != "destructor_declaration":
            yield Member.CONSTRUCTOR
        yield from parts_named(name)
    if declaration.language == "ruby":
        for kid in declaration.body.named_children if declaration.body is not None else ():
            if kid.type == "alias" or declaration.parsed.text(kid).startswith("alias_method"):
                words = re.split(r"[\s,:(]+", declaration.parsed.text(kid))
                yield from parts_named(words[1] if len(words) > 1 else "")


def _naming(declaration: Declaration, word: str) -> Iterator[Node]:
    """What stands beside a type and has `word`, in small letters, at its beginning: the others are many."""
    data, wanted = declaration.parsed.data, word.encode()
    for kid in declaration.beside:
        if wanted in data[kid.start_byte : min(kid.end_byte, kid.start_byte + _HEADER)].lower():
            yield kid


def _go(declaration: Declaration) -> Iterator[Member]:
    """Methods by their receiver, and functions called New that give the type."""
    name, parsed = declaration.symbol.name, declaration.parsed
    word = re.compile(rf"\b{re.escape(name)}\b")
    for kid in _naming(declaration, name.lower()):
        if kid.type == "method_declaration":
            receiver = kid.child_by_field_name("receiver")
            if receiver is not None and word.search(parsed.text(receiver)):
                yield from parts_named(method_name(declaration.parsed, kid) or "")
        elif kid.type == "function_declaration":
            result = kid.child_by_field_name("result")
            made = result is not None and word.search(parsed.text(result))
            if made and (method_name(declaration.parsed, kid) or "").lower().startswith(
                ("new", "make")
            ):
                yield Member.CONSTRUCTOR


def _rust(declaration: Declaration) -> Iterator[Member]:
    """The `impl`s beside the type."""
    parsed = declaration.parsed
    whole = re.compile(rf"{re.escape(declaration.symbol.name)}(?!\w)")
    for kid in declaration.beside:
        on = kid.child_by_field_name("type")
        if kid.type != "impl_item" or on is None or not whole.match(parsed.text(on)):
            continue
        trait = kid.child_by_field_name("trait")
        if trait is not None:
            word = re.split(r"::|<", parsed.text(trait).partition("<")[0])[-1]
            if word in RUST_TRAITS:
                yield RUST_TRAITS[word]
            continue
        body = kid.child_by_field_name("body")
        for method in body.named_children if body is not None else ():
            result = source(method.child_by_field_name("return_type"), parsed.data)
            called = method_name(declaration.parsed, method) or ""
            if called == "new" or (
                called.startswith(("new_", "from_", "with_")) and "Self" in result
            ):
                yield Member.CONSTRUCTOR
            yield from parts_named(called)


def _cpp(declaration: Declaration) -> Iterator[Member]:
    """Operators, friends and free functions that take the type."""
    parsed, word = declaration.parsed, re.compile(rf"\b{re.escape(declaration.symbol.name)}\b")
    body = declaration.body
    friends = (
        [kid for kid in body.named_children if kid.type == "friend_declaration"] if body else []
    )
    befriended = [one for friend in friends for one in friend.named_children]
    for kid in (*_naming(declaration, declaration.symbol.name.lower()), *befriended):
        name = method_name(declaration.parsed, kid)
        inner = kid.child_by_field_name("body")
        end = inner.start_byte if inner is not None else kid.end_byte
        header = parsed.data[kid.start_byte : end].decode("utf-8", "replace")
        if name is None or kid.type.endswith("_specifier") or not word.search(header):
            continue
        bare = name.rpartition("::")[2]
        yield from parts_named(bare)
        if bare == "operator<<":
            yield Member.TEXT


def _c(declaration: Declaration) -> Iterator[Member]:
    """Functions that are called after the struct."""
    base = _C_SUFFIX.sub("", declaration.symbol.name).lower()
    patterns = {
        member: re.compile(
            rf"(?:\w*_)?(?:{re.escape(base)}_?(?:{words})(?:_\w+)?|(?:{words})_{re.escape(base)}(?:_\w+)?)"
        )
        for member, words in C_FUNCTIONS.items()
    }
    for kid in _naming(declaration, base):
        name = (method_name(declaration.parsed, kid) or "").lower()
        yield from (member for member, pattern in patterns.items() if pattern.fullmatch(name))


# Where methods, or functions that serve as such, stand outside of the type.
_OUTSIDE: Mapping[str, Callable[[Declaration], Iterator[Member]]] = {
    "go": _go,
    "rust": _rust,
    "cpp": _cpp,
    "c": _c,
}
