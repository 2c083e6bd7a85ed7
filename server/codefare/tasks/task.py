"""What an action is to the engine: it says where it makes sense, builds a prompt and reads the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.legible import one_line, without_home
from codefare.source.languages import LANGUAGES
from codefare.source.target import Scope
from codefare.tasks.outcome import Refused
from codefare.tasks.prompt import Part, Prompt
from codefare.tasks.subject import Subject
from codefare.tasks.templates import fenced
from codefare.tokens import YARDSTICK, count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks.brief import Brief
    from codefare.tasks.outcome import Outcome
    from codefare.tasks.surroundings import Surroundings
    from codefare.tasks.templates import PromptTemplate
    from codefare_catalog import Action

_PLACES = frozenset({"symbol", "selection"})
_REWRITES = frozenset({"edit", "comment", "insertion"})
_LONGEST_AROUND = 8_000  # characters
_MOST_WORDS = 60  # characters of somebody's words in a menu
NOTHING_CHANGED = "Nothing was changed. Run the action again, or pick another model."


class Task(ABC):
    """One action, made of its row in the catalog and its prompt file. A subclass for each kind of result."""

    placeholders = frozenset({"language", "file", "subject", "name"})
    """What its prompt file may name."""

    wants_context = True
    """Whether the code around the target belongs into the prompt."""

    def __init__(self, row: Action, template: PromptTemplate, around: Surroundings) -> None:
        self.row = row
        self.template = template
        self.around = around

    @property
    def rewrites(self) -> bool:
        """Whether its result changes the code itself."""
        return self.row.result in _REWRITES

    # -- where it makes sense -----------------------------------------------------------------

    def objection(self, subject: Subject) -> str | None:
        """Why the action cannot be done on this subject, as the end of a sentence; None if it can."""
        target, row, variant = subject.target, self.row, subject.brief.variant
        known = [one.id for one in row.variants]
        if variant and variant not in known:
            listed = f"known are {', '.join(known)}" if known else "there are none"
            return f"there is no variant {variant[:_MOST_WORDS]!r}; {listed}"
        if target.scope.value not in row.scopes:
            return f"it works on {_listed(row.scopes)}"
        if row.languages and target.language not in row.languages:
            return f"it works on {_listed(row.languages)}"
        if not target.text.strip():
            return "there is no text"
        return None

    def remedy(self, subject: Subject) -> str:
        """What to do about an objection."""
        scope, row = subject.target.scope.value, self.row
        if scope in row.scopes or (subject.brief.variant and not row.variants):
            return ""
        if not _PLACES.isdisjoint(row.scopes):
            return (
                "Put the cursor in a function or class, select code, or name its lines (FILE:LINE)."
            )
        return "Name a file." if "file" in row.scopes else "Name a folder."

    def aim(self, document: Document, cursor: Span, target: Target, brief: Brief) -> Target:
        """What the action works on when `target` is what the place `cursor` means to others."""
        del document, cursor, brief
        return target

    def offers(
        self, document: Document, cursor: Span, target: Target, diagnostics: Sequence[Diagnostic]
    ) -> list[Subject]:
        """What a menu offers at a place: nothing, one line, or some; `diagnostics` are those of the place."""
        del diagnostics, cursor
        subject = Subject(document, target)
        return [] if self.objection(subject) else [subject]

    def phrase(self, subject: Subject) -> str:
        """Its line in a menu: `Write tests for Parser.feed`."""
        return self.row.phrase.replace("{label}", self.label(subject))

    def label(self, subject: Subject) -> str:
        """What it works on, in a menu."""
        return subject.target.label

    # -- what is asked ------------------------------------------------------------------------

    def is_prepared(self, subject: Subject) -> bool:
        """Whether the prompt can be built from memory."""
        del subject
        return True

    def prepare(self, subject: Subject) -> None:
        """Read what the prompt needs from the disk; it blocks, so that nothing else has to."""
        del subject

    @abstractmethod
    def prompt(self, subject: Subject) -> Prompt:
        """What a model is asked; the same subject gives the same prompt."""

    def destination(self, subject: Subject) -> Path | None:
        """The other file that the answer would go to; None where it changes the document, or only is shown."""
        del subject
        return None

    # -- what the answer means ----------------------------------------------------------------

    @abstractmethod
    def read(self, answer: str, subject: Subject) -> Outcome:
        """What a complete answer means for the document. Nothing is written yet."""

    # -- for subclasses -----------------------------------------------------------------------

    def build(
        self,
        subject: Subject,
        values: Mapping[str, str] | None = None,
        before: Sequence[Part] = (),
        template: PromptTemplate | None = None,
    ) -> Prompt:
        """The prompt file (or another `template`) filled with what every action says of its target, and with `values`.

        What changes least comes first: the code around, `before`, then the place, the code, and what is asked of it.
        """
        target, row, brief = subject.target, self.row, subject.brief
        template = template or self.template
        system, head = template.fill(
            {
                "language": language_name(target),
                "file": one_line(target.path.name) if target.path else "untitled",
                "subject": about(target),
                "name": target.symbol.name if target.symbol else "",
                **(values or {}),
            }
        )
        parts = [
            *self._context(subject),
            *before,
            Part("the place", head),
            Part("the code", fenced(target.text, target.language or "")),
            *_asked(brief, self.instruction(subject)),
        ]
        shape = row.output
        tokens = count(YARDSTICK, target.text)
        low, likely, high = (
            base + round(tokens * Decimal(slope))
            for base, slope in zip(shape.base, shape.per_input, strict=True)
        )
        most = shape.max_base + round(tokens * Decimal(shape.max_per_input))
        filled = tuple(part for part in parts if part.text)
        return Prompt(row.id, template.version, system, filled, low, likely, high, most)

    def _context(self, subject: Subject) -> list[Part]:
        target = subject.target
        if not self.wants_context or target.language is None:
            return []
        known = subject.known or self.around.context(subject.document, target)
        lists = (
            ("the imports", "Of what the file imports it uses:", known.imports),
            ("signatures of the file", "Of the same file it uses:", known.signatures),
            ("signatures of other files", "Of other files it uses:", known.foreign),
            ("what it stands in", "It stands in:", (known.enclosing,) if known.enclosing else ()),
        )
        return [
            Part(name, f"{head}\n{fenced(_GAP[name].join(texts), target.language)}")
            for name, head, texts in lists
            if texts
        ] + _definition_around(subject)

    def instruction(self, subject: Subject) -> str:
        """What the user wants beyond the action's name: a variant of it, and his own words."""
        brief = subject.brief
        variant = next((v.instruction for v in self.row.variants if v.id == brief.variant), "")
        return "\n".join(filter(None, (variant, brief.instruction)))

    def refused(self, reason: str, answer: str) -> Refused:
        """An answer that is not used."""
        return Refused(reason, NOTHING_CHANGED, answer)


def _definition_around(subject: Subject) -> list[Part]:
    """The whole definition that selected lines stand in, if it is not too long."""
    document, target = subject.document, subject.target
    if target.scope is not Scope.SELECTION:
        return []
    around = document.symbol_at(target.span.start)
    if (
        around is None
        or not around.span.start <= target.span.start < target.span.end <= around.span.end
    ):
        return []
    text = document.text[around.span.start : around.span.end]
    if len(text) > _LONGEST_AROUND:
        return []
    code = fenced(text, target.language or "")
    return [Part("the definition around it", f"The whole of {around.qualified_name}:\n{code}")]


_GAP = {
    "the imports": "\n",
    "signatures of the file": "\n\n",
    "signatures of other files": "\n\n",
    "what it stands in": "\n",
}


def _asked(brief: Brief, instruction: str) -> list[Part]:
    parts = []
    if brief.diagnostic is not None:
        said = brief.diagnostic
        who = " ".join(filter(None, (said.source, said.code)))
        named = f" ({who})" if who else ""
        parts.append(
            Part(
                "the diagnostic",
                f"What a tool says of it{named}:\n{fenced(without_home(said.message), '')}",
            )
        )
    if instruction:
        parts.append(Part("the instruction", f"What is wanted: {instruction}"))
    if brief.failure:
        failure = without_home(brief.failure)
        failed = f"Your last answer could not be used: {failure}\nAnswer anew, and mind that."
        parts.append(Part("the last failure", failed))
    return parts


def language_name(target: Target) -> str:
    """`Python`, `Go`, or `plain text`."""
    return LANGUAGES[target.language].name if target.language else "plain text"


def about(target: Target) -> str:
    """What the action is about: `method Parser.feed`, `the selected lines`, `the whole file`."""
    if target.symbol is not None:
        return f"{target.symbol.kind} {target.symbol.qualified_name}"
    return _SCOPES[target.scope]


def quoted(words: str) -> str:
    """Somebody's words in a menu: one line, in quotes, not too long."""
    line = " ".join(words.split())
    short = line if len(line) <= _MOST_WORDS else f"{line[: _MOST_WORDS - 1].rstrip()}…"
    return f"“{short}”"


def _listed(names: Sequence[str]) -> str:
    said = [f"a {name}" if name in _NOUNS else name for name in names]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


_NOUNS = frozenset({"symbol", "selection", "file", "folder", "diff"})
_SCOPES = {
    Scope.SYMBOL: "the definition",
    Scope.SELECTION: "the selected lines",
    Scope.FILE: "the whole file",
    Scope.FOLDER: "the folder, of which this is the outline",
    Scope.DIFF: "what is not committed yet",
}
