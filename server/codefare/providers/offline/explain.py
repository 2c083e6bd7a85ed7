"""Explain: a report in Markdown on one definition."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from codefare.providers.offline.flowtext import calls_text, flow_list, raises_word
from codefare.providers.offline.naming import summary
from codefare.providers.offline.notable import notable, weighty
from codefare.providers.offline.outcomes import split_results
from codefare.providers.offline.overview import section, tree
from codefare.providers.offline.reasons import Reasons, code
from codefare.providers.offline.words import counted, joined
from codefare.source.doctext import first_sentence
from codefare.source.roles import ParameterKind, Role
from codefare.source.shapes import SHAPES

if TYPE_CHECKING:
    from codefare.source.facts import FileOutline, Outline
    from codefare.source.parameters import Parameter

_TALLEST = 12  # lines of a signature
_KINDS = {
    ParameterKind.POSITIONAL_ONLY: "by position only",
    ParameterKind.KEYWORD: "by name only",
    ParameterKind.VARIADIC: "any number of values",
    ParameterKind.KEYWORDS: "any further named values",
    ParameterKind.BLOCK: "a block",
}


def definition(outline: Outline, file: FileOutline) -> str:
    """The report on one definition."""
    parts = [f"# {code(outline.qualified_name)}", _opening(outline)]
    parts.append(_fenced(outline))
    if outline.is_callable:
        parts += [
            *section("Parameters", [_parameter(one) for one in outline.given]),
            *section("Result", _results(outline)),
            *section("Errors", _errors(outline)),
            *section("What happens, by line", flow_list(outline.steps, outline.language), raw=True),
            *section("State it changes", [_state(outline)] if outline.assigned else []),
        ]
        parts += section(
            "Calls",
            [calls_text(outline.calls, {one.name for one in file.definitions})]
            if outline.calls
            else [],
        )
    else:
        parts += [
            *section("Fields", _fields(outline)),
            *section("Members", list(tree(outline.members)), raw=True),
        ]
    parts += section("Worth a look", notable(outline) + _members_notable(outline))
    return "\n\n".join(part for part in parts if part)


def _opening(outline: Outline) -> str:
    """What it is, where it stands, and in a sentence what it is for."""
    words = [outline.kind]
    if outline.is_abstract:
        words.insert(0, "abstract")
    if outline.is_static and outline.is_callable and outline.container:
        words.insert(0, "static")
    if outline.is_async:
        words.insert(0, "async")
    if outline.is_generator:
        words.insert(0, "generator")
    if outline.visibility not in ("public", "package"):
        words.insert(0, outline.visibility)
    where = f"line {outline.line}"
    if outline.lines > 1:
        where = f"lines {outline.line}–{outline.end_line}"
    kind = " ".join(dict.fromkeys(words)).replace("generator function", "generator")
    facts = []
    if outline.is_callable:
        facts.append(counted(len(outline.branches), "branch"))
        if outline.nesting > 1:
            facts.append(f"nested {outline.nesting} deep")
    if outline.bases:
        facts.append(f"based on {joined([code(one) for one in outline.bases])}")
    known = f"; {', '.join(facts)}" if facts else ""
    of = f" of {code(outline.container)}" if outline.container else ""
    said = first_sentence(outline.doc, outline.language)
    doc = "docstring" if outline.language == "python" else "comment"
    purpose = f"Its {doc} says: “{said}”" if said else f"Going by its name: {summary(outline)}"
    return f"{kind.capitalize()}{of}, {where} ({counted(outline.lines, 'line')}{known}). {purpose}"


def _fenced(outline: Outline) -> str:
    signature = outline.signature
    first, _, rest = signature.partition("\n")
    text = f"{first}\n{dedent(rest)}" if rest else first
    lines = text.split("\n")
    shown = "\n".join(lines[:_TALLEST]) + ("\n…" if lines[_TALLEST:] else "")
    fence = "```" if "```" not in shown else "````"
    return f"{fence}{outline.language}\n{shown}\n{fence}"


def _parameter(one: Parameter) -> str:
    facts = [code(one.type)] if one.type else []
    if one.kind in _KINDS:
        facts.append(_KINDS[one.kind])
    if one.default:
        facts.append(f"default {code(one.default)}")
    elif one.optional and one.kind not in _KINDS:
        facts.append("optional")
    name = code(one.name) if one.name else "(no name)"
    return f"{name}: {', '.join(facts)}" if facts else name


def _results(outline: Outline) -> list[str]:
    reasons = Reasons(outline)
    found: list[str] = []
    if outline.returns and outline.returns not in SHAPES[outline.language].nothing:
        found.append(f"of type {code(outline.returns)}")
    found += [
        f"line {step.line}: yields {code(step.text) if step.text else 'nothing'}"
        for step in outline.yields
    ]
    values, failed = split_results(outline)
    for step in values:
        when = reasons.when(step)
        found.append(f"line {step.line}: {code(step.text)}{f' when {when}' if when else ''}")
    if not found and not failed and outline.kind != "constructor" and outline.has_body:
        found.append("nothing")
    return found


def _errors(outline: Outline) -> list[str]:
    reasons = Reasons(outline)
    word = raises_word(outline.language)
    found: list[str] = []
    for step in outline.raises:
        when = reasons.when(step)
        what = code(step.error) if step.error else "the caught error again"
        if word == "panics":
            what = "panics"
        elif not step.error and step.text:
            what = code(step.text)
        found.append(f"line {step.line}: {what}{f' when {when}' if when else ''}")
    for step in split_results(outline)[1]:
        when = reasons.when(step)
        found.append(
            f"line {step.line}: gives back {code(step.text)}{f' when {when}' if when else ''}"
        )
    for step in outline.steps:
        if step.kind is Role.PROPAGATE and not step.inner:
            found.append(f"line {step.line}: passes on the error of {code(step.text, 60)}")
        elif step.kind is Role.EXIT and not step.inner:
            found.append(f"line {step.line}: ends the process")
        elif step.kind is Role.ASSERT and not step.inner:
            found.append(f"line {step.line}: stops unless {code(step.text, 60)}")
    thrown = re.search(r"\bthrows\s+([\w., ]+)", outline.signature)
    if thrown:
        found.append(f"declared: {joined([code(one.strip()) for one in thrown[1].split(',')])}")
    return found


def _state(outline: Outline) -> str:
    return f"sets {joined([code(name) for name in outline.assigned])} of the object"


def _fields(outline: Outline) -> list[str]:
    found = [f"line {one.line}: {code(one.text)}" for one in outline.fields]
    known = {one.name.lstrip("#$") for one in outline.fields}
    for member in outline.members:
        if member.kind == "constructor" and outline.language == "python":
            new = [name for name in member.assigned if name not in known]
            found.extend(f"{code(f'self.{name}')}, set in {code(member.name)}" for name in new)
    return found


def _members_notable(outline: Outline) -> list[str]:
    """The weighty points of the members; that a method has no docstring is left to the method."""
    return [
        f"{code(member.name)}, {point}"
        for member in outline.members
        for point in weighty(member)
        if point not in notable(outline)
    ]
