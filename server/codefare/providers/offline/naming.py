"""First sentences, made from what a definition is called and what the tree knows of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.customs import (
    ASKS,
    AWAY,
    BY_NAME,
    CONTEXTS,
    MOST_CASES,
    NOUN_FIRST,
    TOWARDS,
    TYPE_WORDS,
)
from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import (
    counted,
    infinitive,
    is_noun_too,
    is_plural,
    is_verb,
    joined,
    phrase,
    sentence,
    split_name,
    third_person,
    with_a,
    with_the,
)
from codefare.source.roles import ParameterKind
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from codefare.source.facts import Outline

IMPERATIVE = frozenset({"python", "ruby"})
"""Languages whose documentation speaks in the imperative; the others in the third person."""


def summary(outline: Outline) -> str:
    """One sentence on what the definition is or does, as far as its name and its tree tell."""
    if not outline.is_callable:
        return sentence(_thing(outline))
    words = split_name(outline.name)
    if outline.name in BY_NAME and (outline.container or outline.name == "each"):
        it = _it(outline) if outline.container else _first(outline)
        text = BY_NAME[outline.name].format(it=it, a=_a(outline), first=_first(outline))
        return sentence(_voiced(text.split(" "), outline))
    if outline.name.startswith("~"):
        return sentence(_voiced(["release", _it(outline)], outline))
    if outline.kind == "constructor" or not words:
        return sentence(_voiced(["create", _a(outline)], outline))
    if is_property(outline):
        return sentence(_property(words, outline))
    return sentence(_action(words, outline))


def owner_words(outline: Outline) -> list[str]:
    """The words of the class around a definition."""
    return split_name(outline.container.rpartition(".")[2])


def is_property(outline: Outline) -> bool:
    """Whether it is read like a field."""
    if outline.kind == "property" or {"property", "cached_property"} & {*outline.decorators}:
        return True
    named = any(one.endswith(("cached_property", ".getter")) for one in outline.decorators)
    return named or ("get" in outline.words and not outline.given)


def asks(outline: Outline) -> bool:
    """Whether the name asks a question that is answered with true or false."""
    words = split_name(outline.name)
    if outline.name.endswith("?"):
        return True
    kind = _plain_type(outline.returns)
    boolean = kind in ("", "bool", "boolean", "Boolean", "_Bool", "BOOL") or " is " in kind
    return bool(words) and words[0] in ASKS and boolean


def question(outline: Outline) -> str:
    """What the name asks: "`name` is valid"."""
    words = split_name(outline.name)
    subject = _first(outline) if outline.given else _it(outline)
    if words[0] not in ASKS:  # Ruby: `empty?`
        return f"{_it(outline)} is {phrase(words)}"
    verb, rest = ASKS[words[0]], words[1:]
    if outline.container and outline.kind == "method" and not outline.is_static:
        subject = _it(outline)
    if verb == "is" and rest:
        known = rest[-1] in TYPE_WORDS or (outline.given and rest[-1] in _names(outline))
        return f"{subject} is {with_a(rest) if known else phrase(rest)}"
    return f"{subject} {verb} {phrase(rest)}".strip()


def _thing(outline: Outline) -> str:
    """A noun phrase for a class, an enum, a namespace."""
    name = outline.name.rpartition("::")[2].split("<")[0]
    if outline.kind == "interface" and re.match(r"I[A-Z][a-z]", name):
        name = name[1:]
    words = split_name(name.rpartition(" for ")[0] or name)
    error = outline.bases and re.search(r"(?:Error|Exception)$", outline.bases[0])
    if error and words[-1].lower() not in ("error", "exception", "failure"):
        return f"an error: {phrase(words)}"
    text = with_a(words) or code(outline.name)
    cases = [code(one.name) for one in outline.fields if one.kind == "case"]
    if cases and len(cases) <= MOST_CASES:
        return f"{text}: {joined(cases, 'or')}"
    if cases:
        return f"{text}: one of {counted(len(cases), 'case')}"
    if outline.kind in ("module", "namespace"):
        return f"{with_the(words)}"
    return text


def _property(words: list[str], outline: Outline) -> str:
    if asks(outline):
        return f"whether {question(outline)}"
    if words[0] == "get" and len(words) > 1:
        words = words[1:]
    noun = with_the(words)
    if outline.language == "csharp":
        accessors = re.search(r"\{([^{}]*)\}", outline.signature)
        text = accessors[1] if accessors else "get"
        sets = re.search(r"\b(?:set|init)\b", text) is not None
        return f"gets {'or sets ' if sets else ''}{noun}"
    return noun


def _action(words: list[str], outline: Outline) -> str:  # noqa: PLR0911  one return for each form of a name
    if asks(outline):
        return _voiced(["return", f"whether {question(outline)}"], outline)
    if len(words) > 1 and words[-1] in ("async", "sync"):
        words = words[:-1]
    first, rest = words[0], words[1:]
    special = _prefixed(first, rest, outline) or _suffixed(words, outline)
    if special:
        return _voiced(special.split(" "), outline)
    noun = is_noun_too(first) and not rest and _gives(outline)
    if _is_component(outline):
        return _voiced(["render", with_the(words)], outline)
    if is_verb(first) and not (noun and (first in NOUN_FIRST or not outline.given)):
        return _voiced([first, _object(first, rest, outline)], outline)
    if _gives(outline):
        verb = "yield" if outline.is_generator else "return"
        if first in ("must", "should", "will", "maybe"):
            return _voiced([verb, "the result"], outline)
        return _voiced([verb, with_the(words)], outline)
    return phrase(words)


def _prefixed(first: str, rest: list[str], outline: Outline) -> str:  # noqa: C901, PLR0911  one return for each custom
    """What customary first words mean."""
    if first == "test" and rest:
        told = rest[0].endswith("s") and is_verb(rest[0].rstrip("s"))
        return f"test that it {phrase(rest)}" if told else f"test {phrase(rest)}"
    if first == "get" and rest:
        return f"return {with_the(rest)}"
    if first == "set" and rest:
        return f"set {with_the(rest)}"
    if first in ("to", "as", "into") and rest:
        source = _it(outline) if outline.container and not outline.is_static else _first(outline)
        return f"return {source} as {phrase(rest)}"
    if first == "from" and rest:
        return f"create {_a(outline)} from {phrase(rest)}"
    if first == "on" and rest:
        event = is_verb(rest[0]) and not is_noun_too(rest[0])
        return f"react to {phrase(rest) if event else with_a(rest)}"
    if first in ("new", "make", "create") and rest:
        return f"create {with_a(rest)}"
    if first == "new":
        return f"create {_a(outline)}"
    if first == "try" and rest and is_verb(rest[0]):
        return f"try to {rest[0]} {with_the(rest[1:])}".strip()
    if first == "main" and not rest:
        return "run the program"
    if first == "init" and not rest:
        return f"initialize {_it(outline)}"
    return ""


def _suffixed(words: list[str], outline: Outline) -> str:
    """C's habit, `buffer_add`: what it is about comes first, and then the verb."""
    verb, rest = words[-1], words[:-1]
    if outline.language not in ("c", "cpp") or not rest or is_verb(words[0]):
        return ""
    if verb in ("new", "create", "make", "alloc"):
        return f"create {with_a(rest)}"
    if verb in ("init", "initialize"):
        return f"initialize {with_the(rest)}"
    if not is_verb(verb):
        return ""
    link = "to " if verb in TOWARDS else "from " if verb in AWAY else ""
    return f"{verb} {link}{with_the(rest)}"


def _object(verb: str, rest: list[str], outline: Outline) -> str:
    """What the verb acts on: the rest of the name, else the parameters, else the object."""
    if rest:
        return with_the(rest)
    skipped = (ParameterKind.KEYWORDS, ParameterKind.BLOCK)
    given = [one for one in outline.given if one.kind not in skipped]
    given = [one for one in given if one.name not in CONTEXTS]
    names = [code(one.name.lstrip("$")) for one in given if one.name and not one.destructured]
    if len(names) > 1 and not given[1].optional:
        link = {"set": "to", "copy": "to", "move": "to", "rename": "to", "compare": "with"}
        link |= {"map": "with", "replace": "with", "add": "and", "merge": "and", "join": "and"}
        link |= {"put": "to"} if given[0].name.lstrip("$") == "key" else {}
        if verb in link and not (verb == "add" and outline.container and names[2:]):
            return f"{names[0]} {link[verb]} {names[1]}"
    if names and given[0].name.lstrip("$").lower() not in ("to", "from", "by", "at"):
        return names[0]
    if not names and outline.kind == "method" and not outline.is_static and owner_words(outline):
        return _it(outline)
    return ""


def _voiced(words: list[str], outline: Outline) -> str:
    """The phrase in the voice of the language's documentation."""
    words = [word for word in words if word]
    if words and outline.language in IMPERATIVE:
        words = [infinitive(words[0]), *words[1:]]
    if outline.language not in IMPERATIVE and words:
        words = [third_person(words[0]), *words[1:]]
    return " ".join(words)


def _gives(outline: Outline) -> bool:
    """Whether a call has a value."""
    if outline.returns:
        return outline.returns not in SHAPES[outline.language].nothing
    return outline.is_generator or any(step.text for step in outline.results)


def _is_component(outline: Outline) -> bool:
    """Whether it is a React component: capitalised, and it gives back markup."""
    scripts = ("javascript", "typescript", "tsx")
    if outline.language not in scripts or not outline.name[:1].isupper():
        return False
    return any(step.text.lstrip("( ").startswith("<") for step in outline.results)


def _plain_type(text: str) -> str:
    return re.sub(r"^(?:Promise|Task|ValueTask)<(.*)>$", r"\1", text).strip()


def _it(outline: Outline) -> str:
    words = owner_words(outline)
    return with_the(words) if words else "the object"


def _a(outline: Outline) -> str:
    words = owner_words(outline)
    if not words:
        return "an object"
    return phrase(words) if is_plural(words[-1]) else with_a(words)


def _first(outline: Outline) -> str:
    given = [one for one in outline.given if one.name and one.name not in CONTEXTS]
    if not given:
        return "it"
    return "the value" if given[0].destructured else code(given[0].name.lstrip("$"))


def _names(outline: Outline) -> set[str]:
    return {word for one in outline.given for word in split_name(one.name)}
