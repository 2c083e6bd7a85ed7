"""What an answer must satisfy before it may touch a file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.checks.characters import strange_character
from codefare.checks.definitions import lost_definition
from codefare.checks.losses import left_out
from codefare.checks.placeholders import is_placeholder, is_text, new_placeholder
from codefare.checks.rewrite import Rewrite, code_lines, full_name
from codefare.checks.signatures import signature_remark
from codefare.source.comments import only_comments_changed
from codefare.source.document import Document
from codefare.source.faults import faults, syntax_errors
from codefare.source.languages import language_of
from codefare.source.target import Span
from codefare.tasks.answer import LONGEST
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Outcome, Refused, Report

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.source.target import Target

_NOTHING_CHANGED = "Nothing was changed. Run the action again, or pick another model."
_MUCH_LESS = 0.8  # of the code that was there
_IMPORT = re.compile(r"(?:import|from|use|using|#\s*include|require|require_relative|const|})\b")
_FENCE = re.compile(r"^(?:```|~~~).*$", re.MULTILINE)
_PHP = re.compile(r"<\?(?:php|=)")
# Names and words of every framework there is: a file with none of them tests nothing, whatever its framework.
_A_TEST = re.compile(
    r"test|assert|expect|should|spec|describe|scenario|check|verify|ensure|\bit\b", re.IGNORECASE
)


def verify(outcome: Outcome, document: Document, target: Target, answer: str) -> Outcome:
    """`outcome` if it may be used, else a refusal that says what failed and keeps the answer.

    An edit must still meet the text it was made for. It must not add syntax errors, placeholders in place of code, or
    characters that are no text; it must define what it rewrites, the whole of it and nothing else of the file; and it
    must change nothing but comments where it promises so. Where callers may have to follow it, its `remark` says so. A
    new file must parse and hold a test, and one that is added to must keep what it defines. Findings and reports
    always pass. Runs in a worker thread: it parses.
    """
    match outcome:
        case Edit():
            return _edit(outcome, document, target, answer)
        case NewFile():
            reason = _new_file(outcome, document)
        case Addition():
            reason = _addition(outcome, document)
        case Findings() | Report() | Refused():
            return outcome
    return outcome if reason is None else Refused(reason, _NOTHING_CHANGED, answer)


def _edit(edit: Edit, document: Document, target: Target, answer: str) -> Outcome:
    text = document.text
    reason: str | None = None
    rewrite: Rewrite | None = None
    if text[edit.span.start : edit.span.end] != edit.old:
        reason = "The code changed while the model worked."
    elif (reason := _unusable(edit.new, text)) is None:
        rewrite = Rewrite.of(edit, document, target)
        reason = _comment(edit, rewrite) if edit.comments_only else _code(rewrite)
    if reason is not None or rewrite is None:
        return Refused(reason or "", _NOTHING_CHANGED, answer)
    if edit.comments_only or document.language is None:
        return edit
    return replace(edit, remark=signature_remark(rewrite))


def _unusable(new: str, known: str) -> str | None:
    """Why a text is none that a file could take, whatever it says."""
    if len(new) > LONGEST + len(known):
        return f"The answer has {len(new) / 1e6:.1f} million characters: no answer needs as many."
    strange = strange_character(new, known)
    return None if strange is None else f"The answer holds {strange}, which the file does not."


def _comment(edit: Edit, rewrite: Rewrite) -> str | None:
    """Why an edit that promised to change comments only may not be used."""
    if (held := _placeholder(rewrite)) is not None:
        return held
    if is_placeholder(edit.new) and not is_placeholder(edit.old):
        return _left_to_the_reader(edit.new.strip())
    if rewrite.old.language is None:
        return None
    if (broken := _broken(rewrite)) is not None:
        return broken
    before, after = rewrite.old.data, rewrite.new.data
    differs = only_comments_changed(rewrite.language, before, after)
    if differs is not None and rewrite.old.tree.root_node.has_error:
        # An error elsewhere may be read in another way once there are more lines: then the target alone is compared.
        differs = only_comments_changed(rewrite.language, *_piece(edit, rewrite))
    return None if differs is None else f"The answer changes more than comments: {differs}."


def _code(rewrite: Rewrite) -> str | None:
    """Why an edit of code may not be used."""
    if not rewrite.new.text[rewrite.now.start : rewrite.now.end].strip():
        return "The answer holds no code."
    if rewrite.old.language is None:
        return _placeholder(rewrite)
    checks = (_broken, _fenced, _placeholder, lost_definition, left_out)
    return next((reason for check in checks if (reason := check(rewrite)) is not None), None)


def _broken(rewrite: Rewrite) -> str | None:
    """Why the text parses less than it did."""
    before, after = rewrite.old.data, rewrite.new.data
    was = faults(rewrite.old.tree.root_node, 0, len(before))
    now = faults(rewrite.new.tree.root_node, 0, len(after))
    if len(now) > len(was):
        more = len(now) - len(was)
        return f"The answer does not parse: it adds {more} syntax error{'' if more == 1 else 's'}."
    return None


def _fenced(rewrite: Rewrite) -> str | None:
    """Why the fence of a code block is left in the code: where backticks make strings, it parses."""
    new, parsed = rewrite.new, rewrite.new.parsed()
    for fence in _FENCE.finditer(new.text, rewrite.now.start, rewrite.now.end):
        place = new.buffer.byte_offset(fence.start())
        if fence[0] not in rewrite.old.text and parsed and not is_text(parsed, place):
            return "The answer holds another code block inside its own."
    return None


def _placeholder(rewrite: Rewrite) -> str | None:
    """Why a part of the code was left to the reader."""
    old = rewrite.old.text[rewrite.was.start : rewrite.was.end]
    new = rewrite.new.text[rewrite.now.start : rewrite.now.end]
    shrunk = False
    if rewrite.old.language is not None:
        had, has = (code_lines(text, rewrite.language) for text in (old, new))
        lengths = (len(has), len(had)), (sum(map(len, has)), sum(map(len, had)))
        shrunk = any(now < was * _MUCH_LESS for now, was in lengths)
    found = new_placeholder(rewrite.old, rewrite.was, rewrite.new, rewrite.now, shrunk=shrunk)
    return None if found is None else _left_to_the_reader(found)


def _left_to_the_reader(placeholder: str) -> str:
    return f"The answer leaves code out: it says “{placeholder}” in its place."


def _piece(edit: Edit, rewrite: Rewrite) -> tuple[bytes, bytes]:
    """The lines of the target's region without the edit and with it."""
    text, region = rewrite.old.text, rewrite.target.region
    start = rewrite.old.buffer.line_start(region.start)
    piece = text[start : region.end]
    local = edit.span.start - start
    changed = piece[:local] + edit.new + piece[local + len(edit.old) :]
    return piece.encode("utf-8", "replace"), changed.encode("utf-8", "replace")


def _addition(addition: Addition, document: Document) -> str | None:
    if (reason := _unusable(addition.new, addition.old + document.text)) is not None:
        return reason
    old, new = (_opened(addition.path, text) for text in (addition.old, addition.new))
    if (held := _placeholder_in(old, new)) is not None or old.language is None:
        return held
    name = addition.path.name
    if syntax_errors(old.language, new.data) > syntax_errors(old.language, old.data):
        return f"{name} would not parse any more."
    if missing := _first_missing(addition, old.language):
        return f"{name} would lose “{missing}”."
    if again := _twice(old, new):
        return f"{name} defines {again} already."
    return None


def _twice(old: Document, new: Document) -> str | None:
    """A definition of `old` that stands once more in `new`, where the second one takes the place of the first."""
    if old.language in {"java", "cpp", "csharp", "rust"}:
        return None
    was, now = (Counter(full_name(symbol) for symbol in each.symbols()) for each in (old, new))
    return next((name for name in was if now[name] > was[name]), None)


def _first_missing(addition: Addition, language: str) -> str | None:
    """The first line of code of the old text that the new one has not, in its place. Imports may be joined."""
    after = iter(code_lines(addition.new, language))
    for line in code_lines(addition.old, language):
        if not _IMPORT.match(line) and all(line != other for other in after):
            return line
    return None


def _new_file(new: NewFile, document: Document) -> str | None:
    if new.path.exists() or new.path.is_symlink():
        return f"{new.path.name} exists already."
    if (reason := _unusable(new.text, document.text)) is not None:
        return reason
    made = _opened(new.path, new.text)
    if (held := _placeholder_in(_opened(new.path, ""), made)) is not None:
        return held
    return None if made.language is None else _no_program(made, made.language, document)


def _no_program(made: Document, language: str, document: Document) -> str | None:
    """Why a new file is of no use."""
    if syntax_errors(language, made.data):
        return "The new file does not parse."
    tagged = language != "php" or _PHP.search(made.text)
    code = code_lines(made.text, language)
    if not tagged or not code:
        return "The new file holds no code."
    names = {full_name(symbol) for symbol in made.symbols()}
    known = {full_name(symbol) for symbol in document.symbols()} if names else set()
    if made.text.strip() in document.text or (names and names <= known):
        return f"The new file only repeats {document.name}."
    if not any(map(_A_TEST.search, code)):
        return "The new file holds no test."
    return None


def _placeholder_in(old: Document, new: Document) -> str | None:
    was, now = Span(0, len(old.text)), Span(0, len(new.text))
    found = new_placeholder(old, was, new, now)
    return None if found is None else _left_to_the_reader(found)


def _opened(path: Path, text: str) -> Document:
    return Document(path.name, path, language_of(path, None), text)
