"""What a documentation can say of parameters without inventing anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import (
    infinitive,
    is_noun_too,
    is_plural,
    is_verb,
    joined,
    phrase,
    sentence,
    split_name,
    with_the,
    word_set,
)
from codefare.source.roles import ParameterKind

if TYPE_CHECKING:
    from codefare.source.parameters import Parameter

NOTHING = frozenset({"None", "null", "undefined", "nil", "NULL", "nullptr", "self::NULL"})
"""Defaults that mean: there need be none."""

_BOOLEAN = frozenset({"bool", "boolean", "Boolean", "_Bool", "BOOL"})
_CALLABLE = re.compile(
    r"Callable|Function|\bFn(?:Mut|Once)?\b|=>|\bfunc\(|\(\*|callable|Closure|Func<|Action\b"
)
_CALLBACKS = frozenset({"f", "fn", "func", "callback", "cb", "function", "g"})
_REST = frozenset({"args", "arguments", "rest", "values", "others", "more", "params", "argv"})
_ADJECTIVE = re.compile(
    r".*(?:ive|ose|ict|able|ible|ful|less|ant|ish)\Z|(?:quiet|silent|lazy|dry|eager|safe|deep|greedy"
    r"|partial|global|exact|optional|public|private|hidden|raw|shallow|inline)\Z"
)
_UNITS = frozenset({"USD", "EUR", "usd", "eur", "ms", "px", "kb", "mb", "percent"})
_PRIMITIVES = {
    "int": "number",
    "integer": "number",
    "float": "number",
    "double": "number",
    "long": "number",
    "unsigned": "number",
    "number": "number",
    "size_t": "number",
    "usize": "number",
    "str": "text",
    "string": "text",
    "char": "character",
    "bytes": "bytes",
}
ABBREVIATIONS = {
    "arr": "array",
    "attr": "attribute",
    "attrs": "attributes",
    "btn": "button",
    "buf": "buffer",
    "cb": "callback",
    "cfg": "configuration",
    "conf": "configuration",
    "config": "configuration",
    "ctx": "context",
    "cur": "current",
    "curr": "current",
    "desc": "description",
    "dest": "destination",
    "dir": "directory",
    "dst": "destination",
    "elem": "element",
    "env": "environment",
    "err": "error",
    "idx": "index",
    "len": "length",
    "msg": "message",
    "num": "number",
    "obj": "object",
    "opts": "options",
    "param": "parameter",
    "params": "parameters",
    "pos": "position",
    "prev": "previous",
    "ptr": "pointer",
    "req": "request",
    "resp": "response",
    "src": "source",
    "tmp": "temporary",
    "val": "value",
}
"""What names shorten, in full."""

ADJECTIVES = word_set(
    "low high left right first last best found seen current next previous old new lower upper inner"
    " outer given expected actual initial final minimum maximum min max"
)
"""Words that are no noun by themselves."""

_PREPOSITIONS = frozenset({"to", "at", "from", "by", "of", "in", "on", "with", "for", "into"})
_NUMBER = re.compile(r"[iuf](?:8|16|32|64|128|size)\Z|u?int\d*(?:_t)?\Z|float\d*\Z")


def describe(one: Parameter) -> str:
    """What a parameter is, in a sentence made of its name, type and default."""
    text = sentence(_noun(one))
    if one.default in NOTHING or (one.optional and not one.default and _may_miss(one)):
        return f"{text} Optional."
    if one.default:
        return f"{text} Defaults to {code(one.default)}."
    return text


def _noun(one: Parameter) -> str:
    name = one.name.lstrip("$*&@_")
    words = [ABBREVIATIONS.get(word, word) for word in split_name(name)]
    if one.kind in (ParameterKind.BLOCK, ParameterKind.KEYWORDS, ParameterKind.VARIADIC):
        return _gathered(one, words)
    if one.destructured:
        bare = re.sub(r"=\s*[^,}\]]+", "", one.name)
        names = [code(found) for found in re.findall(r"(?<![:=.\w])\s*([A-Za-z_]\w*)", bare)]
        return f"{'an object' if one.name.startswith('{') else 'a list'} with {joined(names)}"
    if _base(one.type) in _BOOLEAN or one.default in ("True", "False", "true", "false"):
        return _switch(words)
    if _is_callback(one, name, words):
        return "the function to call"
    if len(name) <= 1 or not words:
        return _by_kind(one)
    return _by_name(one, words)


def _gathered(one: Parameter, words: list[str]) -> str:
    if one.kind is ParameterKind.BLOCK:
        return "the block to call"
    if one.kind is ParameterKind.KEYWORDS:
        return "further named arguments"
    plain = not words or words[0].lower() in _REST
    return f"any number of {'further values' if plain else phrase(words)}"


def _is_callback(one: Parameter, name: str, words: list[str]) -> bool:
    generic = re.fullmatch(r"&?(?:mut )?[A-Z]", one.type) is not None
    known = name.lower() in _CALLBACKS
    verb = len(words) == 1 and is_verb(words[0])
    return ((known or verb) and _CALLABLE.search(one.type) is not None) or (generic and known)


def _by_name(one: Parameter, words: list[str]) -> str:  # noqa: PLR0911  one return for each custom of naming
    first, rest = words[0], words[1:]
    if not rest and first in ADJECTIVES:
        return f"the {first} value"
    if not rest and first in _PREPOSITIONS:
        return f"the value of {code(one.name)}"
    if is_plural(words[-1]) and words[-1] != "flags" and _counts(one):
        return f"the number of {phrase(words)}"
    if rest and words[-1] in _UNITS:
        return f"{with_the(words[:-1])} in {words[-1]}"
    if rest and first in ("num", "n", "nb"):
        return f"the number of {phrase(rest)}"
    if rest and first in ("max", "min", "maximum", "minimum"):
        size = "largest" if first.startswith("max") else "smallest"
        return f"the {size} {'number of ' if is_plural(rest[-1]) else ''}{phrase(rest)}"
    if rest and first == "on":
        return f"called on {phrase(rest)}"
    if rest and first in ("is", "has", "can", "should"):
        return f"whether it {phrase(words)}"
    return with_the(words)


def _counts(one: Parameter) -> bool:
    """Whether a parameter is a number, by its type or its default."""
    base = _base(one.type)
    numeric = _NUMBER.match(base) or _PRIMITIVES.get(base.lower()) == "number"
    listed = re.search(r"[\[<*]", one.type)
    return bool(numeric and not listed) or (
        not one.type and bool(re.fullmatch(r"[\d.]+", one.default))
    )


def _switch(words: list[str]) -> str:  # noqa: PLR0911  one return for each custom of naming
    if not words:
        return "whether it is on"
    first, rest = words[0], words[1:]
    if first in ("is", "has", "can", "should", "are", "was"):
        return f"whether it {phrase(words)}"
    if first in ("no", "not", "dont"):
        return f"whether {phrase(words)} is on"
    if is_verb(first) and (rest or not is_noun_too(first)):
        return f"whether to {infinitive(first)} {with_the(rest)}".strip()
    if first.endswith("ed") and not rest:
        return f"whether it is {first}"
    if not rest and _ADJECTIVE.match(first):
        return f"whether to be {first}"
    return f"whether {phrase(words)} is on"


def _by_kind(one: Parameter) -> str:
    """For a name too short to tell anything: by its type."""
    base = _base(one.type)
    if _NUMBER.match(base):
        return "the number"
    if base.lower() in _PRIMITIVES:
        return f"the {_PRIMITIVES[base.lower()]}"
    words = split_name(base)
    if base and len(base) > 1 and words:
        return with_the(words)
    return f"the value {code(one.name)}" if one.name else "not used"


def _base(kind: str) -> str:
    """The name in a type: `buffer` of `const struct buffer *`, `str` of `str | None`."""
    text = re.sub(
        r"\b(?:const|struct|mut|dyn|impl|enum|volatile|unsigned(?=\s+\w)|readonly)\b", " ", kind
    )
    text = re.sub(r"'\w+", " ", text)
    found = re.findall(r"[A-Za-z_]\w*", re.split(r"[\[<|]", text.lstrip("&*?[] "))[0])
    return found[-1] if found else ""


def _may_miss(one: Parameter) -> bool:
    return one.kind not in (ParameterKind.VARIADIC, ParameterKind.KEYWORDS, ParameterKind.BLOCK)
