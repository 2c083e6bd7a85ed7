"""What a prompt says of the code around a target: imports, the type it belongs to, what it calls.

All of it comes from memory: one pass over the file's tree, then work in proportion to the target.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Protocol

from codefare.source.bindings import read_bindings
from codefare.source.named import visible
from codefare.source.parameters import read_parameters
from codefare.source.shapes import SHAPES
from codefare.source.signature import (
    TYPES,
    card,
    commented,
    contains,
    described,
    purpose,
    signature,
)
from codefare.source.symbols import enclosing
from codefare.source.target import Scope
from codefare.source.uses import OWN, UNKNOWN, read_uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from codefare.source.binding import Statement
    from codefare.source.document import Document
    from codefare.source.documentation import Range
    from codefare.source.symbols import Definition
    from codefare.source.syntax import Parsed
    from codefare.source.target import Target
    from codefare.source.uses import Use

MOST_SIGNATURES = 60
MOST_CHARACTERS = 6_000

_MOST_IMPORTS = 40
_MOST_FOREIGN = 30
_IMPORTS_SHARE = 1_500  # characters
_ENCLOSING_SHARE = 2_000
_CALLABLE = frozenset({"function", "method", "constructor"})
_MEMBERS = frozenset({"method", "constructor", "property"})
_IN_HEADER = frozenset({"constructor", "property"})
_SPACES = frozenset({"namespace", "module", "impl"})
# Here a method is called without naming the object.
_IMPLICIT = frozenset({"java", "csharp", "cpp", "ruby"})
_MOST_NAMESAKES = 3  # methods of one name that a call on an unknown object could mean


@dataclass(frozen=True, slots=True)
class Context:
    """What a model should know beyond a target's text, each part in the order of its file.

    `imports` are the statements that bring in what the target uses; `enclosing` is the header of
    what it stands in, a type with its fields and constructor; `signatures` are those of the file
    that it calls or names, `foreign` those of other files of the project.
    """

    imports: tuple[str, ...] = ()
    enclosing: str = ""
    signatures: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Importer:
    """The file whose code uses a name, with its import statements."""

    path: Path
    language: str
    statements: tuple[Statement, ...]


class Project(Protocol):
    """Who knows the definitions of the project's other files."""

    def signature_of(self, use: Use, importer: Importer) -> str:
        """The signature that a use in a file means, with where it is; "" if it is not known."""
        ...


def context_of(document: Document, target: Target, project: Project | None = None) -> Context:
    """What is known beyond the text of `target`; empty where there is no grammar.

    Takes about 1 ms, and 1 ms more for each 1,000 lines of the file. Never reads the disk.
    """
    parsed = document.parsed()
    if parsed is None:
        return Context()
    at = document.buffer.byte_offset
    region = (at(target.region.start), at(target.region.end))
    uses = read_uses(parsed, region)
    statements = read_bindings(parsed, region)
    blank = len(target.text) - len(target.text.lstrip())
    reader = _Reader(parsed, region, at(target.span.start + blank), uses)
    imports: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    enclosed = ""
    left = MOST_CHARACTERS
    if target.scope is not Scope.FILE:  # all of it is in the target
        imports, enclosed = reader.imports(statements), reader.enclosing()
        left -= len(enclosed) + sum(map(len, imports))
        signatures = reader.signatures(left)
        left -= sum(map(len, signatures))
    foreign: tuple[str, ...] = ()
    if project is not None and document.path is not None:
        importer = Importer(document.path, parsed.language, statements)
        foreign = _foreign(project, importer, uses, reader.known)
    return Context(imports, enclosed, signatures, tuple(sorted(_within(foreign, left))))


class _Reader:
    """Reads what one target's uses mean in its own file. Ranges are in bytes."""

    def __init__(self, parsed: Parsed, region: Range, at: int, uses: tuple[Use, ...]) -> None:
        self._parsed = parsed
        self._region = region
        self._uses = uses
        found = list(enclosing(parsed, at))
        around = [one for one in found if not contains(region, one.span)]
        self._around = around[::-1]  # the outermost first
        # Where a method stands outside of its type, its container tells the type.
        owners = {_last(one.container) for one in found} - {""}
        self._seen = visible(parsed, {use.name for use in uses} | owners, at)
        self._targets = [one for one in found if contains(region, one.span)]
        self._targets += [one for one in self._seen if contains(region, one.span)]
        self._apart = self._standing_apart()
        self._types = {
            part
            for one in (*self._around, *self._targets)
            for part in (*one.container.split("."), one.name if one in self._around else "")
        }

    def _standing_apart(self) -> list[Definition]:
        """The types that the target belongs to and does not stand in: Go, Rust and C++ have such."""
        impls = [one for one in self._around if one.kind == "impl"]
        owners = {_last(one.container) for one in self._targets}
        owners |= {one.name.rpartition(" for ")[2].partition("<")[0] for one in impls}
        owners -= {one.name for one in self._around}
        return [
            one
            for one in self._seen
            if one.kind in TYPES and one.name in owners and not contains(self._region, one.span)
        ]

    @property
    def known(self) -> frozenset[str]:
        """The used names that the file itself defines."""
        return frozenset(one.name for one in self._seen)

    def imports(self, statements: Iterable[Statement]) -> tuple[str, ...]:
        """The import statements whose names are used, or cannot be told."""
        used = {use.name for use in self._uses}
        found: list[str] = []
        for statement in statements:
            if statement.passes_on or contains(self._region, statement.span):
                continue
            if statement.opened or any(one.name in used for one in statement.bindings):
                found.append(self._written(statement))
        return _within(tuple(dict.fromkeys(found))[:_MOST_IMPORTS], _IMPORTS_SHARE)

    def _written(self, statement: Statement) -> str:
        start, end = statement.span
        text = self._parsed.data[start:end].decode("utf-8", "replace").replace("\r\n", "\n")
        text = dedent(self._parsed.indent_at(start) + text).strip()
        return f"import {text}" if self._parsed.language == "go" else text

    def enclosing(self) -> str:
        """The headers of what the target stands in and belongs to, the outermost first."""
        outer = [one for one in self._around if one.kind in _SPACES]
        inner = [one for one in self._around if one.kind not in _SPACES]
        parts = [self._header(one) for one in (*outer, *self._apart)]
        parts += [indent(self._header(one), "    " * depth) for depth, one in enumerate(inner)]
        return "\n".join(_within(tuple(parts), _ENCLOSING_SHARE))

    def _header(self, one: Definition) -> str:
        parsed = self._parsed
        text = card(parsed, one, self._region) if one.kind in TYPES else signature(parsed, one)
        return commented(parsed.language, text, purpose(parsed, one.doc))

    def signatures(self, left: int) -> tuple[str, ...]:
        """The signatures that are meant, in the order of the file.

        Where they have more than `left` characters, the nearest and the most used are kept.
        """
        ranked = self._ranked()[:MOST_SIGNATURES]
        spaces = [one for one in self._around if one.kind in _SPACES]
        around = f"{spaces[-1].container}.{spaces[-1].name}".strip(".") if spaces else ""
        texts = {one: described(self._parsed, one, around) for one in ranked}
        cards = {one: text for one, text in texts.items() if one.kind in TYPES}
        for one in ranked:  # what is in a card already
            written = signature(self._parsed, one)
            if any(
                contains(of.span, one.span) and of is not one and written in text
                for of, text in cards.items()
            ):
                del texts[one]
        kept = set(_within(tuple(texts.values()), left))
        ordered = sorted(texts, key=lambda one: one.span)
        return tuple(dict.fromkeys(texts[one] for one in ordered if texts[one] in kept))

    def _ranked(self) -> list[Definition]:
        """The definitions that the uses mean, the nearest and the most used first."""
        shown = {one.span for one in (*self._around, *self._apart)}
        declared = {(one.container, one.name) for one in (*self._targets, *self._around)}
        namesakes = Counter(one.name for one in self._seen)
        by_name: dict[str, list[Use]] = {}
        for use in self._uses:
            by_name.setdefault(use.name, []).append(use)
        local = self._parameters()
        ranked: list[tuple[tuple[int, int, int], Definition]] = []
        bodies = {(one.container, one.name) for one in self._seen if one.body is not None}
        for one in self._seen:
            here = (one.container, one.name)
            if one.span in shown or contains(self._region, one.span) or one.kind in _SPACES:
                continue
            # C and C++ declare what they define elsewhere.
            if one.body is None and one.kind in _CALLABLE and here in declared | bodies:
                continue
            if one.kind in _IN_HEADER and _last(one.container) in self._types:
                continue
            meant = [
                (level, use)
                for use in by_name.get(one.name, ())
                if (level := self._meant(one, use, namesakes[one.name], local)) is not None
            ]
            if meant:
                times = sum(use.count + use.calls for _, use in meant)
                near = abs(one.span[0] - self._region[0])
                ranked.append(((min(level for level, _ in meant), -times, near), one))
        return [one for _, one in sorted(ranked, key=lambda each: each[0])]

    def _parameters(self) -> frozenset[str]:
        """The parameters in and around the target: a name that is one is no function of the file."""
        shape = SHAPES[self._parsed.language]
        return frozenset(
            parameter.name
            for one in (*self._around, *self._targets)
            if one.kind in _CALLABLE
            for parameter in read_parameters(one.node, self._parsed.data, shape.parameters)
        )

    def _meant(
        self, one: Definition, use: Use, namesakes: int, local: frozenset[str]
    ) -> int | None:
        """How surely a use means a definition, 0 the most; None if it does not."""
        owner = _last(one.container).partition("<")[0]
        member = one.kind in _MEMBERS and bool(owner)
        if use.receiver == "":
            if use.name in local and not use.calls:
                return None
            implicit = self._parsed.language in _IMPLICIT and owner in self._types
            return 0 if implicit or not member else None
        if use.receiver in OWN:
            return 0 if owner in self._types else 1 if member and namesakes == 1 else None
        if use.receiver == owner:
            return 0
        return 2 if member and namesakes <= _MOST_NAMESAKES else None


def _foreign(
    project: Project, importer: Importer, uses: Sequence[Use], known: frozenset[str]
) -> tuple[str, ...]:
    """The signatures of other files that the uses mean, the most used first."""
    found: dict[str, None] = {}
    ranked = sorted(uses, key=lambda use: (-use.count - use.calls, use.first))
    for use in ranked:
        if use.receiver in OWN or use.receiver == UNKNOWN:
            continue
        if not use.receiver and use.name in known:
            continue
        if text := project.signature_of(use, importer):
            found[text] = None
            if len(found) >= _MOST_FOREIGN:
                break
    return tuple(found)


def _last(container: str) -> str:
    return container.rpartition(".")[2]


def _within(texts: tuple[str, ...], characters: int) -> tuple[str, ...]:
    """The texts that fit in so many characters, the first ones first."""
    kept = []
    for text in texts:
        characters -= len(text)
        if characters >= 0:
            kept.append(text)
        else:
            characters += len(text)
    return tuple(kept)
