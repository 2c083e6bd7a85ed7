"""Comments that ask for something: a reminder, a description of code to come, a question.

All work from the last tree and take less than a millisecond: menus ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.declaration import BLOCKS, CALLABLE
from codefare.source.placeholders import Placeholder, placeholder
from codefare.source.prose import asks, reminder
from codefare.source.remark import Remark
from codefare.source.stubs import is_stub
from codefare.source.target import Span

if TYPE_CHECKING:
    from codefare.source.document import Document

_MOST_STATEMENTS = 3  # that stand in for the code of one reminder
_ROOTS = frozenset({"module", "program", "source_file", "translation_unit", "compilation_unit"})
_CONTAINERS = BLOCKS | _ROOTS | {"then", "block_body", "do", "do_block", "ERROR"}
# Where statements or definitions follow one another. Python leaves comments at a block's begin outside of it.
_PLACES = _CONTAINERS | {
    *("function_definition", "class_definition", "if_statement", "elif_clause", "else_clause"),
    *("for_statement", "while_statement", "with_statement", "try_statement", "except_clause"),
    *("finally_clause", "case_clause", "method", "singleton_method", "class", "begin", "if"),
    *("else", "unless", "while", "until", "when", "switch_case", "switch_default"),
    *("case_statement", "switch_block_statement_group", "expression_case", "default_case"),
    *("switch_section",),
}
_STANDING_IN = frozenset({Placeholder.BLANK, Placeholder.REFUSAL, Placeholder.UNSUPPORTED})
_LINE = re.compile(r"(?:\r\n|\n|\r)([^\r\n]*)")  # the next one
_RULE = re.compile(r"[-=*#~_+/]{4,}")
_HEAD = re.compile(
    r"\s*(?:#!.*\n)?\s*(?:<\?php)?\s*", re.IGNORECASE
)  # what may stand above a file's comment
_LEGAL = re.compile(r"(?i)\bcopyright\b|\blicen[sc]e|\ball rights reserved\b|\(c\)|©")
_CODE = re.compile(
    r"[;{}]\s*\Z|\)\s*:\s*\Z|\A\s*[\w.]+\([^()]*\)\s*\Z|\A\s*[\w.\[\]]+\s*(?:[-+*/|&]|:|<<)?=(?!=)"
    r"|\A\s*(?:return|import|from|def|class|func|fn|let|const|var|if|for|while|elif|else)\b.*[:={(]\s*\Z"
)
_FEWEST_WORDS = 3
_FEWEST_WIDE = 4  # characters of a script that puts no spaces between words
_FIRST_WIDE = "\u2e80"


@dataclass(frozen=True, slots=True)
class Note:
    """A comment that stands alone on its lines.

    `text` is what it says, without markers. `span` is the comment. `place` are the whole lines that code for it would
    replace: those of the comment and of the stub below it. `awaits_code` tells whether it stands where code is to
    follow: among statements or definitions, with nothing but a stub directly below, and not to document what is there.
    """

    text: str
    span: Span
    place: Span
    awaits_code: bool


@dataclass(frozen=True, slots=True)
class Todo:
    """A comment that asks for something to be done.

    `word` is TODO, FIXME, XXX or HACK, `text` what follows it. `span` is the comment. `place` are the whole lines that
    an edit should replace: those of the comment, with the stub or the function directly below; for a comment behind
    code, those of the statement that it stands at.
    """

    word: str
    text: str
    span: Span
    place: Span


def todo_at(document: Document, offset: int) -> Todo | None:
    """The reminder in the comment on the line of `offset`; None if there is none.

    Of several in one run of comments it is the last that begins on that line or above.
    """
    remark = Remark.at(document, offset)
    if remark is None:
        return None
    lines = remark.lines
    starts = [index for index, line in enumerate(lines) if reminder(line)]
    here = document.buffer.line_at(offset) - remark.first
    if remark.is_block:  # the first of its lines may hold nothing but the marker
        here = max(here, *starts[:1], 0)
    start = max((index for index in starts if index <= here), default=None)
    if start is None or (found := reminder(lines[start])) is None:
        return None
    end = min((index for index in starts if index > start), default=len(lines))
    text = "\n".join((found.rest, *lines[start + 1 : end])).strip()
    if not remark.alone:
        return Todo(found.word, text, remark.span, _statement_of(remark))
    part = remark if remark.is_block else remark.part(start, end - 1)
    return Todo(found.word, text, part.span, _with_below(part, reminded=True))


def comment_at(document: Document, offset: int) -> Note | None:
    """The comment alone on its lines on the line of `offset`; None if there is none, or if it is for tools."""
    remark = Remark.at(document, offset)
    return _note(remark) if remark is not None and remark.alone and remark.text else None


def question_at(document: Document, offset: int) -> Note | None:
    """The comment on the line of `offset`, also behind code, if it asks a question; None if it does not."""
    remark = Remark.at(document, offset)
    if remark is None or not asks(remark.text):
        return None
    if remark.alone:
        return _note(remark)
    return Note(remark.text, remark.span, _statement_of(remark), awaits_code=False)


def _note(remark: Remark) -> Note:
    place = _with_below(remark, reminded=False)
    return Note(remark.text, remark.span, place, _awaits_code(remark, place))


def _with_below(remark: Remark, *, reminded: bool) -> Span:
    """The comment's lines with what stands directly below and waits for its code.

    That is a statement that stands in for it; under a reminder also a stub or any function, which it is then about.
    """
    document, place, line = remark.document, remark.whole_lines, remark.last + 1
    for _ in range(_MOST_STATEMENTS):
        if line >= document.buffer.line_count:
            break
        start, end = document.buffer.line_span(line)
        text = document.text[start:end].lstrip()
        if not text:
            break
        begin = end - len(text)
        below = _definition(document, begin) if reminded else None
        below = below or _standing_in(remark, begin, reminded=reminded)
        if below is None:
            break
        last = document.buffer.line_at(below)
        place = Span(place.start, document.buffer.line_span(last).end)
        line = last + 1
    return place


def _definition(document: Document, begin: int) -> int | None:
    """The end of the definition that begins at `begin`, if it is a function or a stub."""
    found = [each for each in document.symbols_around(begin) if each.span.start == begin]
    for symbol in reversed(found):
        if symbol.kind in CALLABLE or is_stub(document, symbol):
            return symbol.span.end
    return None


def _standing_in(remark: Remark, begin: int, *, reminded: bool) -> int | None:
    """The end of the statement at `begin` if it stands in for code; under a reminder an empty result does."""
    document, parsed = remark.document, remark.parsed
    byte = document.buffer.byte_offset(begin)
    found = (
        node
        for node in parsed.path_to(byte)
        if node.start_byte == byte and node.is_named and node.type not in _CONTAINERS
    )
    statement = next(found, None)
    kind = placeholder(parsed.text(statement)) if statement is not None else None
    if statement is None or kind is None or not (reminded or kind in _STANDING_IN):
        return None
    return document.buffer.offset_of_byte(statement.end_byte)


def _statement_of(remark: Remark) -> Span:
    """The lines of the statement that the code in front of a comment belongs to."""
    document, parsed, buffer = remark.document, remark.parsed, remark.document.buffer
    line = buffer.line_span(remark.first)
    code = document.text[line.start : remark.span.start].rstrip(" \t;,")
    start = buffer.byte_offset(line.start + len(code) - len(code.lstrip()))
    end = buffer.byte_offset(line.start + len(code))
    for node in reversed(parsed.path_to(start)):
        holds = node.end_byte >= end and parsed.begins_line(node.start_byte)
        if holds and node.is_named and node.type not in _CONTAINERS:
            first, last = (
                buffer.line_at(buffer.offset_of_byte(byte))
                for byte in (node.start_byte, node.end_byte)
            )
            whole = max(last, remark.last)
            return Span(buffer.line_span(first).start, buffer.line_span(whole).end)
    return remark.whole_lines


def _awaits_code(remark: Remark, place: Span) -> bool:
    """Whether a comment stands where code is to follow, and describes it."""
    if not _describes(remark.text) or remark.path[-2].type not in _PLACES:
        return False
    text = remark.document.text
    before, after = text[: remark.span.start], text[place.end :]
    if _HEAD.fullmatch(before) and after.strip():
        return False  # it describes the file
    if place != remark.whole_lines:
        return True
    following = _LINE.match(after)
    below = following[1].strip() if following else ""
    return below in ("", "end") or below.startswith("}")


def _describes(text: str) -> bool:
    """Whether a comment is a sentence about code: no heading, no licence, no code that was commented out."""
    if _RULE.search(text) or _LEGAL.search(text) or any(map(_CODE.search, text.splitlines())):
        return False
    wide = sum(character >= _FIRST_WIDE for character in text)
    return len(text.split()) >= _FEWEST_WORDS or wide >= _FEWEST_WIDE
