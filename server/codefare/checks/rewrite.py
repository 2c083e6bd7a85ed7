"""A rewrite: a document before and after an edit, and the definitions on both sides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from codefare.source.document import Document
from codefare.source.languages import LANGUAGES
from codefare.source.target import Scope, Span

if TYPE_CHECKING:
    from codefare.source.target import Symbol, Target
    from codefare.tasks.outcome import Edit

CALLABLE = frozenset({"function", "method", "constructor", "macro", "property"})
"""The kinds of symbols that run; the others hold or name something."""

_OVERLOADING = frozenset({"java", "cpp", "csharp"})


@dataclass(frozen=True)
class Rewrite:
    """`old` with its span `was`, and `new` with the span `now` that took its place.

    `target` is what the action works on. Nothing here may be asked of a language without a grammar.
    """

    old: Document
    new: Document
    was: Span
    now: Span
    target: Target

    @classmethod
    def of(cls, edit: Edit, document: Document, target: Target) -> Rewrite:
        """What an edit makes of a document, each parsed anew: the document itself may be in use elsewhere."""
        text = document.text
        new = text[: edit.span.start] + edit.new + text[edit.span.end :]
        now = Span(edit.span.start, edit.span.start + len(edit.new))
        before, after = (
            Document(document.uri, document.path, document.language, each) for each in (text, new)
        )
        return cls(before, after, edit.span, now, target)

    @property
    def language(self) -> str:
        """The id of the language."""
        return self.old.language or ""

    @property
    def symbol(self) -> Symbol | None:
        """The definition that is rewritten as a whole; None where a part is, or more than one."""
        return self.target.symbol if self.was == self.target.span else None

    @property
    def is_wide(self) -> bool:
        """Whether the edit may replace several definitions: a file, a selection, a class."""
        return self.target.scope is not Scope.SYMBOL or (
            self.symbol is not None and self.symbol.kind not in CALLABLE
        )

    @cached_property
    def made(self) -> list[Symbol]:
        """The definitions that the edit makes, the inner ones too."""
        return [s for s in self.new.symbols() if self.now.start <= s.signature.start < self.now.end]

    @cached_property
    def outermost(self) -> list[Symbol]:
        """Those of `made` that no other of them holds."""
        return outermost(self.made)

    @cached_property
    def replaced(self) -> list[Symbol]:
        """The definitions that stood where the edit is, the inner ones too."""
        return [s for s in self.old.symbols() if self.was.start <= s.signature.start < self.was.end]

    @cached_property
    def kept(self) -> list[Symbol]:
        """The definitions around the edit, as they were."""
        inside = {s.signature.start for s in self.replaced}
        return [s for s in self.old.symbols() if s.signature.start not in inside]

    @cached_property
    def around(self) -> list[Symbol]:
        """The definitions around the edit, as they are now."""
        inside = {s.signature.start for s in self.made}
        return [s for s in self.new.symbols() if s.signature.start not in inside]

    def key(self, symbol: Symbol, document: Document) -> str:
        """What tells a definition from the others: its full name, and its signature where names can be overloaded."""
        name = full_name(symbol)
        if self.language not in _OVERLOADING or symbol.kind not in CALLABLE:
            return name
        return name + squeezed(document.text[symbol.signature.start : symbol.signature.end])


def outermost(symbols: list[Symbol]) -> list[Symbol]:
    """Those that no other of them holds."""
    found: list[Symbol] = []
    for symbol in symbols:
        if not found or symbol.signature.start >= found[-1].span.end:
            found.append(symbol)
    return found


def squeezed(text: str) -> str:
    """`text` without white space: `operator ==` is `operator==`."""
    return "".join(text.split())


def full_name(symbol: Symbol) -> str:
    """The qualified name, however it is spaced."""
    return squeezed(symbol.qualified_name)


def code_lines(text: str, language: str) -> list[str]:
    """The lines of `text` that hold code, stripped; what only closes a block does not count."""
    marks = (LANGUAGES[language].line_comment, "/*", "*", "#" if language == "php" else "\0")
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if not line.startswith(marks) and _SAYS.search(line)]


_SAYS = re.compile(r"(?!\bend\b)[A-Za-z0-9_$@]+")
