"""Explain: a report in Markdown on a whole file or on selected lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.providers.offline.flowtext import calls_text, flow_list
from codefare.providers.offline.naming import is_property, summary
from codefare.providers.offline.notable import weighty
from codefare.providers.offline.reasons import code
from codefare.providers.offline.words import counted, joined
from codefare.source.doctext import first_sentence
from codefare.source.outline import outline_file, outline_lines
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from codefare.source.document import Document
    from codefare.source.facts import Outline
    from codefare.source.target import Target

_MOST = 60
_CONDITIONS = frozenset({Role.IF, Role.ELIF, Role.UNLESS, Role.TERNARY, Role.CASE})
_NAMESPACES = frozenset({"namespace", "module"})


def file(document: Document, target: Target) -> str:
    """The report on a whole file."""
    found = outline_file(document)
    name = target.path.name if target.path else "this file"
    flat = list(_flat(found.definitions))
    size = f"{counted(found.lines, 'line')}, {found.code_lines} of them code"
    kinds = _kinds(found.definitions)
    opening = f"{size}. It defines {kinds}." if kinds else f"{size}. It defines nothing by name."
    if found.package:
        opening = f"Part of {code(found.package)}. {opening}"
    said = first_sentence(found.doc, found.language)
    parts = [f"# {code(name)}", f"{opening} It says of itself: “{said}”" if said else opening]
    parts += section(
        "Imports", [f"line {one.line}: {code(one.text, 100)}" for one in found.imports]
    )
    parts += section("Definitions", list(tree(found.definitions)), raw=True)
    steps = flow_list(found.steps, found.language, definitions=False)
    parts += section("When it is loaded or run", steps, raw=True)
    look = [f"{code(one.qualified_name)}, {point}" for one in flat for point in weighty(one)]
    top = [f"line {line}: {code(text, 90)}" for line, text in found.reminders]
    parts += section("Worth a look", look + [one for one in top if one not in look])
    if found.broken:
        parts.append("The file holds syntax errors, so parts of this may be missing.")
    return "\n\n".join(part for part in parts if part)


def lines(document: Document, target: Target) -> str:
    """The report on selected lines that are no definition."""
    found = outline_lines(document, target.span)
    many = found.end_line - found.line + 1
    where = f"lines {found.line}–{found.end_line}" if many > 1 else f"line {found.line}"
    inside = document.symbol_at(target.span.start)
    around = f" in {code(inside.qualified_name)}" if inside is not None else ""
    named = [step.text for step in found.steps if step.kind is Role.DEFINITION]
    facts = [
        counted(sum(step.kind in _CONDITIONS for step in found.steps), "condition"),
        counted(sum(step.kind is Role.LOOP for step in found.steps), "loop"),
        counted(len(found.calls), "call"),
    ]
    parts = [f"# {where.capitalize()}{around}", f"{counted(many, 'line')} with {joined(facts)}."]
    parts += section("Defines", [code(name) for name in named])
    parts += section("What happens, by line", flow_list(found.steps, found.language), raw=True)
    parts += section("Calls", [calls_text(found.calls)] if found.calls else [])
    look = [f"line {line}: {code(text, 90)}" for line, text in found.reminders]
    if found.broken:
        look.append("the code holds a syntax error, so parts of this may be missing")
    return "\n\n".join(part for part in [*parts, *section("Worth a look", look)] if part)


def section(title: str, items: Iterable[str], *, raw: bool = False) -> list[str]:
    """A heading and its list; nothing where there are no items. `raw` items have their marks."""
    found = list(items)
    if not found:
        return []
    shown = [item if raw else f"- {item}" for item in found[:_MOST]] if not raw else found
    if not raw and len(found) > _MOST:
        shown.append(f"- … and {len(found) - _MOST} more")
    return [f"## {title}", "\n".join(shown)]


def tree(outlines: Sequence[Outline], depth: int = 0) -> Iterator[str]:
    """Definitions with their members as a nested list, a line for each."""
    for one in outlines:
        said = first_sentence(one.doc, one.language)
        note = f": {said}" if said else ""
        if not said and not one.is_callable:
            note = f": {summary(one)}"
        sign = code(one.signature.partition("\n")[0] if one.signature else one.name, 100)
        if "\n" in one.signature:
            sign = code(one.signature, 100)
        yield f"{'  ' * depth}- {one.line}: {_prefix(one)}{sign}{note}"
        cases = [field for field in one.fields if field.kind == "case"]
        fields = [field for field in one.fields if field.kind == "field"]
        if fields and not cases:
            names = ", ".join(code(field.name) for field in fields[:20])
            yield f"{'  ' * (depth + 1)}- {counted(len(fields), 'field')}: {names}"
        yield from tree(one.members, depth + 1)


def _prefix(one: Outline) -> str:
    """What a Python decorator above a signature makes of it."""
    if is_property(one) and one.language == "python":
        return "property "
    made = {"staticmethod": "static ", "classmethod": "class method "}
    return next((made[name] for name in one.decorators if name in made), "")


def _flat(outlines: Sequence[Outline]) -> Iterator[Outline]:
    for one in outlines:
        yield one
        yield from _flat(one.members)


def _kinds(outlines: Sequence[Outline]) -> str:
    """`2 classes and 3 functions`, in the order of the file."""
    counts: dict[str, int] = {}
    for one in outlines:
        inside = one.members if one.kind in _NAMESPACES else (one,)
        for each in inside:
            counts[each.kind] = counts.get(each.kind, 0) + 1
    return joined([counted(number, kind) for kind, number in counts.items()])
