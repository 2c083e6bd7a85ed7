"""Definitions that are declared but not written yet.

What counts is what the body says. A reminder in it (TODO, FIXME), or an error that says "not implemented", makes a
stub of what else does nothing. A body that only is empty may be as it should be: the rules are in `_empty_function`
and `_empty_type`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.declaration import BLOCKS, CALLABLE, TYPES, Declaration, is_named
from codefare.source.documentation import docstring
from codefare.source.fields import read_bases
from codefare.source.languages import LANGUAGES
from codefare.source.placeholders import Placeholder, placeholder
from codefare.source.prose import is_for_others, means_nothing, prose, reminder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from codefare.source.document import Document
    from codefare.source.syntax import Parsed
    from codefare.source.target import Symbol

_MOST = 8  # statements; a body with more is no stub
# Declared for others to write, whatever the body holds.
_FOR_OTHERS = re.compile(r"\babstract|\boverload\b|\bsingledispatch|\bhookspec\b")
_FOR_CHECKERS = ("if TYPE_CHECKING", "if typing.TYPE_CHECKING", "if t.TYPE_CHECKING")
_PROTOCOL = re.compile(r"\b(?:Protocol|ABC|ABCMeta)\b")
# In these a method that raises "not implemented" is how a base class leaves it to others.
_NO_ABSTRACT = frozenset({"python", "ruby", "javascript"})
_BASE = re.compile(r"\A_*(?:Abstract|Base)(?=[A-Z_])|(?:Base|Mixin|Interface)\Z")
# What gives an empty body its sense: a base that has the method, a decorator that uses the name.
_MAY_BE_EMPTY = re.compile(
    r"(?i)\b(?:overrides?|virtual|inline)\b|@[\w.]*\b(?:group|callback)\b|no_?op"
)
_OPEN_TYPE = re.compile(r"\b(?:abstract|interface|trait)\b")
_IDLE_TYPE = re.compile(r"(?i)\A_*(?:null|no-?op|dummy|fake|mock|empty|silent)|Controller\Z")
_IDLE_NAME = re.compile(
    r"(?i)\A~|\A[_~]*(?:no_?op|nop|nothing|do_?nothing|ignore\w*|dummy|dispose|close|finalize"
    r"|__(?:clone|wakeup|sleep)|__\w+__)\Z"
)
# What is called when something happens: a base class does nothing then.
_HOOK = re.compile(r"(?:visit|leave|enter|exit|depart|on|before|after)(?:_|(?=[A-Z]))")
_MARKER = re.compile(
    r"(?i)(?:error|exception|warning|marker|tag|sentinel|mixin|config|meta|module)\Z"
)
_UNTAKEN = frozenset({"preproc_else", "preproc_elif"})


def is_stub(document: Document, symbol: Symbol) -> bool:
    """Whether the body of `symbol`, a definition of `document`, is still to be written.

    A declaration without a body is none, nor is what is left to others: abstract methods, members of protocols,
    overloads. Judges by the last tree; False where it no longer has the symbol.
    """
    if document.path is not None and document.path.suffix == ".pyi":
        return False
    declaration = Declaration.of(document, symbol)
    if declaration is None or symbol.kind not in CALLABLE | TYPES or _is_for_others(declaration):
        return False
    found = _placeholders(declaration)
    if found is None:
        return False
    comments = [line for each in _comments(declaration) for line in prose(each) if line.strip()]
    if any(map(reminder, comments)):
        return True
    if found & {Placeholder.REFUSAL, Placeholder.UNSUPPORTED}:
        return _refuses(declaration, found)
    empty = _empty_type if symbol.kind in TYPES else _empty_function
    return found <= {Placeholder.BLANK} and empty(declaration, comments)


def _placeholders(declaration: Declaration) -> set[Placeholder] | None:
    """What the statements of the body stand there for; None if one is real code, or there is no body."""
    body, symbol, parsed = declaration.body, declaration.symbol, declaration.parsed
    if body is None:
        return set() if declaration.language == "ruby" and symbol.body is not None else None
    statements = _statements(parsed, body)
    if len(statements) > _MOST or (symbol.kind == "property" and not statements):
        return None
    found: set[Placeholder] = set()
    for one in statements:
        kind = placeholder(parsed.text(one).strip().removeprefix("=>"))
        if kind is None:
            return None
        found.add(kind)
    return found


def _is_for_others(declaration: Declaration) -> bool:
    """Whether Python declares it for others to write: abstract, overloaded, of a protocol, for type checkers.

    In the other languages such a declaration has no body.
    """
    if declaration.symbol.kind in TYPES or declaration.language != "python":
        return False
    checked = any(
        one.type == "if_statement" and declaration.parsed.text(one).startswith(_FOR_CHECKERS)
        for one in declaration.path
    )
    protocol = _PROTOCOL.search(declaration.owner_header)
    return bool(checked or protocol or _FOR_OTHERS.search(declaration.head))


def _refuses(declaration: Declaration, found: set[Placeholder]) -> bool:
    """Whether an error that says "not implemented" is there until the code is.

    It is not where the type is named a base, or a subclass in the same file shows that it is one; nor for
    UnsupportedOperationException on a deprecated method: that is how Java's collections refuse to change.
    """
    if Placeholder.UNSUPPORTED in found and "@Deprecated" in declaration.head:
        return False
    name = declaration.owner_name
    if not name or declaration.language not in _NO_ABSTRACT:
        return True
    derived = rb"\bclass\s+\w+\s*(?:\(|<|extends\b)[^\n{]*\b" + re.escape(name.encode()) + rb"\b"
    return not _BASE.search(name) and re.search(derived, declaration.parsed.data) is None


def _empty_function(declaration: Declaration, comments: list[str]) -> bool:
    """Whether a function that holds nothing, or only comments, is one that should hold something.

    - It is not if its comments or its docstring say that it is empty on purpose.
    - One that promises a result is one, and so is a constructor that lets its parameters fall.
    - Callbacks, overrides and hooks (virtual, `on_...`, in an abstract class, a trait, an interface), members of an
      impl of a trait, of a Null object or of a Rails controller, destructors, the other side of an `#ifdef`, and
      functions that give their parameters no names, or only some with an underscore, are well as they are.
    """
    doc = _docstring(declaration)
    if any(map(means_nothing, comments)) or (doc and is_for_others(doc)):
        return False
    given = declaration.given
    used = any(map(is_named, given))
    if declaration.constructs:
        return used
    if comments or declaration.promises:
        return True
    name, owner = declaration.symbol.name, declaration.owner
    in_type = owner is not None and (
        owner.child_by_field_name("trait") is not None
        or _OPEN_TYPE.search(declaration.owner_header)
        or _IDLE_TYPE.search(declaration.owner_name)
        or _HOOK.match(name)
    )
    return not (
        (given and not used)
        or in_type
        or declaration.has_nameless_receiver
        or declaration.is_callback
        or _IDLE_NAME.search(name)
        or _MAY_BE_EMPTY.search(declaration.head)
        or any(one.type in _UNTAKEN for one in declaration.path)
    )


def _empty_type(declaration: Declaration, comments: list[str]) -> bool:
    """Whether a type that holds nothing is one that should hold something.

    Markers, exceptions and namespaces are empty on purpose: only a class counts that stands alone, with neither
    bases nor decorators, and Rust's `impl` of no trait.
    """
    node, symbol = declaration.node, declaration.symbol
    if any(map(means_nothing, comments)):
        return False
    if node.type == "impl_item":
        return node.child_by_field_name("trait") is None
    bases = read_bases(node, declaration.parsed.data) or node.child_by_field_name("superclasses")
    decorated = symbol.span.start != symbol.signature.start
    return not (
        symbol.kind != "class"
        or bases
        or decorated
        or _MARKER.search(symbol.name)
        or node.type == "record_declaration"
        or declaration.given
    )


def _docstring(declaration: Declaration) -> str:
    body, data = declaration.body, declaration.parsed.data
    doc = docstring(body, data) if body is not None and declaration.language == "python" else None
    return data[slice(*doc)].decode("utf-8", "replace") if doc else ""


def _statements(parsed: Parsed, body: Node) -> list[Node]:
    """The statements of a body, without comments and the docstring, up to one more than a stub has."""
    comments = LANGUAGES[parsed.language].comments
    if body.type not in BLOCKS:
        return [body]
    doc = docstring(body, parsed.data) if parsed.language == "python" else None
    found: list[Node] = []
    pending = list(reversed(body.named_children))
    while pending and len(found) <= _MOST:
        here = pending.pop()
        if here.type in BLOCKS:
            pending.extend(reversed(here.named_children))
        elif here.type not in comments and (doc is None or here.start_byte != doc[0]):
            found.append(here)
    return found


def _comments(declaration: Declaration) -> Iterator[str]:
    """The comments directly in the body, and those that Python's grammar leaves outside of it."""
    known = LANGUAGES[declaration.language].comments
    body = declaration.body
    pending = [declaration.node, *([] if body is None else [body])]
    while pending:
        here = pending.pop()
        for kid in here.named_children:
            if kid.type in known:
                yield declaration.parsed.text(kid)
            elif kid.type in BLOCKS and kid != body:
                pending.append(kid)
    if declaration.language == "python":
        yield from _below(declaration)


def _below(declaration: Declaration) -> Iterator[str]:
    """The comments after the last statement of a Python body: on its line, and indented below it."""
    parsed, at = declaration.parsed, declaration.node.end_byte
    outside = parsed.indent_at(declaration.start)
    for _ in range(_MOST):
        end = parsed.next_line(at)
        line = parsed.data[at:end].decode("utf-8", "replace")
        bare = line.strip()
        indented = len(line) - len(line.lstrip(" \t")) > len(outside)
        beside = at == declaration.node.end_byte
        if end == at or (bare and not ((beside or indented) and bare.startswith("#"))):
            return
        if bare:
            yield bare
        at = end
