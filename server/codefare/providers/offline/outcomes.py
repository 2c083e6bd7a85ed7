"""What a documentation can say of results and errors without inventing anything."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.providers.offline.describing import ABBREVIATIONS, ADJECTIVES
from codefare.providers.offline.naming import asks, question
from codefare.providers.offline.reasons import Reasons, code
from codefare.providers.offline.words import (
    is_noun_too,
    is_verb,
    joined,
    sentence,
    split_name,
    with_the,
)
from codefare.source.roles import Role
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.source.facts import Outline
    from codefare.source.flow import Step

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
_VAGUE = frozenset({"result", "res", "ret", "out", "output", "value", "rv", "retval", "x", "r"})
_SHORT = 60
_MOST_RESULTS = 4
_MOST_CALLS = 3


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
        words = [ABBREVIATIONS.get(word, word) for word in split_name(name)]
        vague = name.lower() in _VAGUE or len(name) == 1 or name.lower() in ADJECTIVES
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
