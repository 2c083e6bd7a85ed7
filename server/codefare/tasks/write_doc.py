"""Document: a docstring or documentation comment, put where the language wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.document import Document
from codefare.source.languages import LANGUAGES, DocStyle
from codefare.source.placement import place_comment
from codefare.source.target import Scope, Span
from codefare.tasks.answer import code_block, dedented, indented, is_bare
from codefare.tasks.outcome import Edit, Outcome, Refused
from codefare.tasks.plain import line_comment
from codefare.tasks.prompt import Part
from codefare.tasks.task import Task

if TYPE_CHECKING:
    from codefare.source.target import Symbol, Target
    from codefare.tasks.prompt import Prompt
    from codefare.tasks.subject import Subject

_NOT_DOCUMENTED = frozenset({"module", "namespace", "impl"})
_QUOTES = ('"""', "'''")


class WriteDoc(Task):
    """One definition at a time; the answer is the comment alone: it costs little and cannot touch code."""

    wants_context = False
    placeholders = Task.placeholders | {"convention"}

    def objection(self, subject: Subject) -> str | None:
        """It needs a definition, or selected lines of a language whose line comment is known."""
        target = subject.target
        if target.language is None:
            selected = target.scope is Scope.SELECTION and line_comment(target) is not None
            return None if selected else "it works on a definition"
        if target.symbol is None or target.symbol.kind in _NOT_DOCUMENTED:
            return "it works on a definition"
        return super().objection(subject)

    def prompt(self, subject: Subject) -> Prompt:
        """Ask for the comment alone, with the existing one to start from."""
        document, target = subject.document, subject.target
        if target.language is None or target.symbol is None:
            convention = f"lines that start with `{line_comment(target)}`"
            return self.build(subject, {"convention": convention})
        before = []
        doc = target.symbol.doc
        if doc is not None and not target.span.start <= doc.start < target.span.end:
            existing = document.text[doc.start : doc.end]
            before.append(Part("the comment so far", f"Its comment so far:\n{existing}"))
        return self.build(subject, {"convention": LANGUAGES[target.language].doc_note}, before)

    def read(self, answer: str, subject: Subject) -> Outcome:
        """An edit that inserts the comment or replaces the one that is there. It promises to change comments only."""
        document, target = subject.document, subject.target
        block = answer.strip() if _is_comment(answer, target) else code_block(answer)
        if isinstance(block, Refused):
            return block
        if target.symbol is None or target.language is None:
            comment = _line_comments(block, line_comment(target) or "")
        else:
            comment = _comment(block, target.language, target.symbol)
        if comment is None:
            return self.refused("The answer is not a documentation comment.", answer)
        if target.symbol is None:
            place, indent = _above(document, target.span)
            new = indented(f"{comment}\n", indent).replace("\n", document.line_break)
        else:
            place, new = place_comment(document, target.symbol, comment)
        old = document.text[place.start : place.end]
        if new == old:
            return Refused(
                "The comment would stay as it is.",
                "Nothing was changed.",
                answer,
                stands=True,
            )
        return Edit(place, old, new, comments_only=True)


def _is_comment(answer: str, target: Target) -> bool:
    """Whether an answer without any fence begins as a comment does; whether it is one to its end is seen later."""
    if not is_bare(answer) or target.language is None:
        return False
    known = LANGUAGES[target.language]
    if known.doc_style is DocStyle.DOCSTRING:
        return answer.strip().startswith(_QUOTES)
    return answer.strip().startswith(("/*", known.line_comment))


def _above(document: Document, span: Span) -> tuple[Span, str]:
    """The empty range before the selection's first line, and that line's indentation."""
    start = document.buffer.line_start(span.start)
    line = document.text[start : span.end].lstrip("\r\n")
    return Span(start, start), line[: len(line) - len(line.lstrip(" \t"))]


def _comment(block: str, language: str, symbol: Symbol) -> str | None:
    """The comment in an answer, which may have come with the code around it; None if there is none."""
    text = dedented(block).strip("\n").rstrip()
    around = Document(uri="", path=None, language=language, text=f"{text}\n")
    commented = [s for s in around.symbols() if s.name == symbol.name]
    if commented:
        doc = commented[0].doc
        if doc is None:
            return None
        start = around.buffer.line_start(doc.start)
        text = dedented(around.text[start : doc.end]).rstrip()
    known = LANGUAGES[language]
    if known.doc_style is DocStyle.DOCSTRING:
        return _docstring(text)
    if text.startswith("/*"):
        return text if text.endswith("*/") and text.count("*/") == 1 else None
    return _line_comments(text, known.line_comment)


def _docstring(text: str) -> str | None:
    """`text` as a docstring; raw if it holds a backslash. Without its quotes it could be anything, an apology, say."""
    bare = text.lstrip("rRuU")
    for quotes in _QUOTES:
        if bare.startswith(quotes):
            inside = bare[len(quotes) :]
            if not inside.endswith(quotes) or quotes in inside[: -len(quotes)]:
                return None
            return f"r{bare}" if "\\" in bare else bare
    return None


def _line_comments(text: str, marker: str) -> str | None:
    """`text` if each of its lines is a line comment."""
    lines = text.strip("\n").split("\n")
    commented = all(line.lstrip().startswith(marker) for line in lines)
    return "\n".join(line.strip() for line in lines) if marker and commented else None
