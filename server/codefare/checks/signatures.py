"""Whether callers have to be changed with a definition."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from codefare.checks.rewrite import CALLABLE, full_name, squeezed
from codefare.source.outline import outline
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from codefare.checks.rewrite import Rewrite
    from codefare.source.document import Document
    from codefare.source.facts import Outline
    from codefare.source.target import Symbol

# Where an argument can be given by the parameter's name, and where types are mere notes.
_NAMED = frozenset({"python", "csharp", "php"})
_UNTYPED = frozenset({"python", "javascript", "ruby"})
_WORDS = frozenset({"async", "static", "public", "private", "protected", "pub"})
_MOST_NAMED = 4


def signature_remark(rewrite: Rewrite) -> str:
    """What to say of signatures that are not what they were; "" if they are."""
    changed = [symbol for symbol, now in _pairs(rewrite) if _differs(rewrite, symbol, now)]
    if not changed:
        return ""
    if rewrite.symbol is not None and changed == [rewrite.symbol]:
        return "The signature changed: callers may need a change."
    names = ", ".join(symbol.qualified_name for symbol in changed[:_MOST_NAMED])
    more = len(changed) - _MOST_NAMED
    also = f" and {more} more" if more > 0 else ""
    return f"The signature of {names}{also} changed: callers may need a change."


def _pairs(rewrite: Rewrite) -> list[tuple[Symbol, Symbol]]:
    """The definitions on both sides whose full name is there once on each."""
    was: defaultdict[str, list[Symbol]] = defaultdict(list)
    now: defaultdict[str, list[Symbol]] = defaultdict(list)
    for symbols, named in ((rewrite.replaced, was), (rewrite.made, now)):
        for symbol in symbols:
            if symbol.kind in CALLABLE:
                named[full_name(symbol)].append(symbol)
    return [
        (found[0], now[name][0])
        for name, found in was.items()
        if len(found) == 1 and len(now[name]) == 1
    ]


def _differs(rewrite: Rewrite, was: Symbol, now: Symbol) -> bool:
    if _head(rewrite.old, was) == _head(rewrite.new, now):
        return False
    try:
        before = outline(rewrite.old, was)
        after = outline(rewrite.new, now)
    except LookupError:
        return False
    return _interface(before) != _interface(after)


def _head(document: Document, symbol: Symbol) -> str:
    return squeezed(document.text[symbol.span.start : symbol.signature.end])


def _interface(outline: Outline) -> tuple[object, ...]:
    """What callers see of a definition."""
    language = outline.language
    typed = language not in _UNTYPED
    parameters = tuple(
        (
            one.name if language in _NAMED or one.kind is ParameterKind.KEYWORD else "",
            one.kind,
            squeezed(one.type) if typed else "",
            squeezed(one.default),
            one.optional,
        )
        for one in outline.given
    )
    returns = squeezed(outline.returns) if typed else ""
    return parameters, returns, outline.words & _WORDS
