"""What a documentation can say of parameters, results and errors without inventing anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.naming import asks, question
from codefare.providers.offline.reasons import Reasons, code
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
from codefare.source.shapes import SHAPES, ParameterKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.source.facts import Outline
    from codefare.source.flow import Step
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
    r".*(?:ive|ose|ict|able|ible|al|ful|less|ent|ant|ish|ic|y|et|ict|ne|se|ght)\Z"
)
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
_LITERAL = re.compile(
    r"-?\d[\w.]*|[\"'](?:[^\"'\\]|\\.)*[\"']|True|False|true|false|None|null|nil|undefined|NULL"
    r"|nullptr|\[\]|\{\}|\(\)|[A-Z][A-Z0-9_]+|'(?:.)'"
)
_MADE = {
    "python": re.compile(r"(?P<name>(?:\w+\.)*[A-Z]\w*)\("),
    "go": re.compile(r"&?(?P<name>(?:\w+\.)?[A-Z]\w*)\{"),
    "rust": re.compile(r"(?P<name>[A-Z]\w*)\s*(?:\{|::new\()"),
    "ruby": re.compile(r"(?P<name>[A-Z][\w:]*)\.new\b"),
}
_MADE_NEW = re.compile(r"new\s+(?P<name>[\w.:\\]+)")
_ABBREVIATIONS = {
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
_ADJECTIVES = word_set(
    "low high left right first last best found seen current next previous old new lower upper inner"
    " outer given expected actual initial final minimum maximum min max"
)
_PREPOSITIONS = frozenset({"to", "at", "from", "by", "of", "in", "on", "with", "for", "into"})
_NUMBER = re.compile(r"[iuf](?:8|16|32|64|128|size)\Z|u?int\d*(?:_t)?\Z|float\d*\Z")
_VAGUE = frozenset({"result", "res", "ret", "out", "output", "value", "rv", "retval", "x", "r"})
_SHORT = 60
_MOST_RESULTS = 4
_MOST_CALLS = 3


def describe(one: Parameter) -> str:
    """What a parameter is, in a sentence made of its name, type and default."""
    text = sentence(_noun(one))
    if one.default in NOTHING or (one.optional and not one.default and _may_miss(one)):
        return f"{text} Optional."
    if one.default:
        return f"{text} Defaults to {code(one.default)}."
    return text


def result(outline: Outline) -> str:
    """What a call gives back, as a sentence; "" where it gives nothing."""
    if outline.kind == "constructor" or not _gives(outline):
        return ""
    if asks(outline):
        return sentence(f"whether {question(outline)}")
    values, _ = split_results(outline)
    reasons = Reasons(outline)
    ways: dict[str, list[str]] = {}
    for step in values:
        told = _value(step.text, outline)
        ways.setdefault(told, []).append(reasons.when(step))
    if not ways or len(ways) > _MOST_RESULTS:
        return sentence(_by_type(outline))
    parts: list[str] = []
    last = ""
    for told, whens in ways.items():
        known = [when for when in whens if when]
        if len(known) < len(whens):
            last = told
        else:
            parts.append(f"{told} if {' or if '.join(known)}")
    if last:
        parts.append(f"otherwise {last}" if parts else last)
    return sentence("; ".join(parts) if parts[2:] else ", ".join(parts))


def yielded(outline: Outline) -> str:
    """What a generator gives, as a sentence."""
    texts = list(dict.fromkeys(step.text for step in outline.yields))
    if len(texts) == 1:
        return sentence(_value(texts[0], outline))
    return sentence(f"one of {joined([code(text) for text in texts[:4]], 'or')}")


def errors(outline: Outline) -> dict[str, str]:
    """Each error that is raised by name, with when; a panic has the name `panic`."""
    reasons = Reasons(outline)
    found: dict[str, list[str]] = {}
    for step in outline.raises:
        if step.error:
            found.setdefault(step.error, []).append(reasons.when(step))
    return {name: _conditions(whens, outline) for name, whens in found.items()}


def failures(outline: Outline) -> str:
    """When Go or Rust give an error back, as a clause; "" where they never do."""
    reasons = Reasons(outline)
    _, failed = split_results(outline)
    whens = [reasons.when(step) for step in failed]
    known = list(dict.fromkeys(when for when in whens if when))
    calls = [
        code(re.sub(r"\(.*", "", step.text) or step.text)
        for step in outline.steps
        if step.kind is Role.PROPAGATE and not step.inner
    ]
    calls = list(dict.fromkeys(calls))
    parts = [f"if {when}" for when in known]
    if calls and len(calls) <= _MOST_CALLS:
        parts.append(f"if {joined(calls, 'or')} {'fails' if len(calls) == 1 else 'fail'}")
    elif calls:
        parts.append("if one of the calls in it fails")
    return joined(parts, "or")


def split_results(outline: Outline) -> tuple[list[Step], list[Step]]:
    """The results that are values, and those that are errors (Go, Rust)."""
    values: list[Step] = []
    failed: list[Step] = []
    for step in outline.results:
        if step.text:
            (failed if _is_error(step.text, outline) else values).append(step)
    return values, failed


def top_level_parts(text: str) -> list[str]:
    """`text` split at the commas that stand in no bracket or string."""
    parts, depth, quote, start = [], 0, "", 0
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[position - 1] != "\\" else quote
        elif char in "\"'`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def _is_error(text: str, outline: Outline) -> bool:
    if outline.language == "rust":
        return text.startswith("Err(")
    if outline.language != "go" or not re.search(r"\berror\)?\Z", outline.returns):
        return False
    return top_level_parts(text)[-1] != "nil"


def _conditions(whens: Iterable[str], outline: Outline) -> str:
    all_ = list(whens)
    known = list(dict.fromkeys(when for when in all_ if when))
    if known:
        more = ", among others" if len(known) > _MOST_RESULTS else ""
        return sentence(f"if {', or if '.join(known[:_MOST_RESULTS])}{more}")
    alone = len(outline.raises) == 1 and not outline.branches and not outline.results
    return "Always." if alone else "If no other case applies."


def _noun(one: Parameter) -> str:
    name = one.name.lstrip("$*&@_")
    words = [_ABBREVIATIONS.get(word, word) for word in split_name(name)]
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
    if not rest and first in _ADJECTIVES:
        return f"the {first} value"
    if not rest and first in _PREPOSITIONS:
        return f"the value of {code(one.name)}"
    if is_plural(words[-1]) and words[-1] != "flags" and _counts(one):
        return f"the number of {phrase(words)}"
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


def _gives(outline: Outline) -> bool:
    if outline.returns:
        return outline.returns not in SHAPES[outline.language].nothing and not outline.is_generator
    return any(step.text for step in outline.results) and not outline.is_generator


def _value(text: str, outline: Outline) -> str:
    """An expression as a noun phrase, or as code."""
    bare = text.removeprefix("await ").strip()
    if outline.language == "rust":
        bare = re.sub(r"\A(?:Ok|Some)\((.*)\)\Z", r"\1", bare)
    if outline.language == "go" and re.search(r"\berror\)?\Z", outline.returns):
        bare = ", ".join(top_level_parts(bare)[:-1]) or bare
    if bare in ("self", "this", "$this"):
        return "the object itself"
    name = bare.lstrip("$*&")
    if any(name == one.name.lstrip("$*&") for one in outline.given):
        return code(bare)
    if re.fullmatch(r"[A-Za-z_]\w*", name) and not _LITERAL.fullmatch(bare):
        words = [_ABBREVIATIONS.get(word, word) for word in split_name(name)]
        vague = name.lower() in _VAGUE or len(name) == 1 or name.lower() in _ADJECTIVES
        verb = is_verb(name) and not is_noun_too(name)
        return "the result" if vague or verb else with_the(words)
    made = _MADE_NEW.match(bare) or (
        _MADE[outline.language].match(bare) if outline.language in _MADE else None
    )
    if made and made["name"] not in ("Self", "Ok", "Some"):
        return f"a new {code(made['name'])}"
    if re.match(r"(?:cls|Self)\s*[({]", bare):
        return f"a new {code(outline.container.rpartition('.')[2] or 'object')}"
    return code(bare) if len(bare) <= _SHORT and "…" not in bare else _by_type(outline)


def _by_type(outline: Outline) -> str:
    return f"a value of type {code(outline.returns)}" if outline.returns else "the result"
