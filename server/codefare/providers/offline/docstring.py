"""Python docstrings in Google's style."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from codefare.providers.offline.layout import wrapped
from codefare.source.doctext import bare_text

if TYPE_CHECKING:
    from codefare.providers.offline.docparts import Entry, Parts
    from codefare.source.facts import Outline

_WIDTH = 80
_TRIPLE = ('"""', "'''")
_SECTIONS = ("Args", "Attributes", "Returns", "Yields", "Raises")
_ALIASES = {"Arguments": "Args", "Parameters": "Args", "Return": "Returns", "Yield": "Yields"} | {
    "Raise": "Raises",
    "Params": "Args",
}
_HEADING = re.compile(r"(?P<name>[A-Z][A-Za-z ]+):\s*\Z")
_SPHINX = re.compile(r"^\s*:(?:param|type|returns?|rtype|raises?)\b", re.MULTILINE)
_NUMPY = re.compile(
    r"^\s*(?:Parameters|Returns|Raises|Yields|Attributes)\s*\n\s*-{3,}", re.MULTILINE
)
_OPENING = re.compile(r"\A(?P<prefix>[rRuU]*)(?P<quotes>\"\"\"|'''|\"|')")


def docstring(outline: Outline, parts: Parts) -> str:
    """The docstring with its quotes; what an existing one says is kept.

    A docstring in the style of numpy is left as it is; one with Sphinx's fields gets more fields.
    """
    new = {
        "Args": _entries(parts.parameters),
        "Attributes": _entries(parts.fields),
        "Returns": _lines(parts.result, "    "),
        "Yields": _lines(parts.yields, "    "),
        "Raises": _entries(parts.errors),
    }
    new = {name: lines for name, lines in new.items() if lines}
    if not outline.doc:
        text = "\n".join(_lines(parts.summary, ""))
        return _quoted(_joined([text, *_sections(new)]), "", '"""')
    old = bare_text(outline.doc, "python")
    opening = _OPENING.match(outline.doc)
    if _NUMPY.search(old) or opening is None:
        return _as_it_is(outline.doc)
    prefix, quotes = opening["prefix"], opening["quotes"]
    if _SPHINX.search(old):
        merged = _with_fields(old, parts)
    else:
        description, sections = _split(old)
        if not description:
            description = "\n".join(_lines(parts.summary, ""))
        merged = _joined([description, *_sections(_completed(sections, new, parts))])
    if merged == old and quotes in _TRIPLE:
        return _as_it_is(outline.doc)
    return _quoted(merged, prefix, quotes if quotes in _TRIPLE else '"""')


def _as_it_is(doc: str) -> str:
    first, newline, rest = doc.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    lines = [line for line in rest.split("\n") if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    moved = "\n".join(line[margin:].rstrip() for line in rest.split("\n"))
    return f"{first.rstrip()}{newline}{moved}"


def _quoted(text: str, prefix: str, quotes: str) -> str:
    if "r" not in prefix.lower() and "\\" in text:
        prefix = "r"
    safe = text.replace(quotes, "'''" if quotes == '"""' else '"""')
    if "\n" in safe or safe.endswith(('"', "'", "\\")):
        return f"{prefix}{quotes}{safe}\n{quotes}"
    return f"{prefix}{quotes}{safe}{quotes}"


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(block for block in blocks if block.strip())


def _sections(sections: dict[str, list[str]]) -> list[str]:
    order = {name: number for number, name in enumerate(_SECTIONS)}
    names = sorted(sections, key=lambda name: order.get(name, len(order)))
    return ["\n".join([f"{name}:", *sections[name]]) for name in names]


def _lines(text: str, indent: str, hanging: str = "") -> list[str]:
    if not text:
        return []
    return wrapped(text, _WIDTH, indent=indent, hanging=hanging)


def _entries(entries: tuple[Entry, ...]) -> list[str]:
    return [line for entry in entries for line in _entry(entry)]


def _entry(entry: Entry) -> list[str]:
    return _lines(f"{entry.name}: {entry.text}", "    ", "    ")


def _split(text: str) -> tuple[str, dict[str, list[str]]]:
    """The description, and the sections in their order with their lines."""
    description: list[str] = []
    sections: dict[str, list[str]] = {}
    current = description
    for line in text.split("\n"):
        heading = _HEADING.match(line)
        name = _ALIASES.get(heading["name"], heading["name"]) if heading else ""
        known = name in _SECTIONS or name in ("Example", "Examples", "Note", "Notes", "Todo")
        if heading and known:
            current = sections.setdefault(name, [])
        else:
            current.append(line)
    moved = {
        name: dedent("\n".join(lines)).strip("\n").split("\n") for name, lines in sections.items()
    }
    indented = {name: [f"    {line}".rstrip() for line in lines] for name, lines in moved.items()}
    return "\n".join(description).strip(), indented


def _completed(
    sections: dict[str, list[str]], new: dict[str, list[str]], parts: Parts
) -> dict[str, list[str]]:
    """The sections with what they lack."""
    done = dict(sections)
    named = {"Args": parts.parameters, "Attributes": parts.fields, "Raises": parts.errors}
    for name, lines in new.items():
        if name not in done:
            done[name] = lines
        elif name in named:
            text = "\n".join(done[name])
            for entry in named[name]:
                bare = re.escape(entry.name.rpartition(".")[2])
                if not re.search(rf"^\s*\**(?:\w+\.)*{bare}\b[^:\n]*:", text, re.MULTILINE):
                    done[name] = [*done[name], *_entry(entry)]
    return done


def _with_fields(old: str, parts: Parts) -> str:
    """A docstring of Sphinx fields with the fields that it lacks."""
    lines = [old.rstrip()]
    lines += [
        f":param {entry.name}: {entry.text}"
        for entry in parts.parameters
        if not re.search(rf":param\s+(?:[^:\n]*\s)?{re.escape(entry.name)}\s*:", old)
    ]
    if parts.result and not re.search(r":returns?:", old):
        lines.append(f":returns: {parts.result}")
    lines += [
        f":raises {entry.name}: {entry.text}"
        for entry in parts.errors
        if not re.search(rf":raises?\s+[^:\n]*{re.escape(entry.name)}", old)
    ]
    return "\n".join(lines)
