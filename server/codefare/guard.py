"""What an answer must satisfy before it may touch a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.source.comments import only_comments_changed, syntax_errors
from codefare.source.document import Document
from codefare.source.languages import language_of
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Outcome, Refused, Report

if TYPE_CHECKING:
    from codefare.source.target import Symbol, Target

_WORD = re.compile(r"[\w@$]")
_NOTHING_CHANGED = "Nothing was changed. Run the action again, or pick another model."


def verify(outcome: Outcome, document: Document, target: Target, answer: str) -> Outcome:
    """`outcome` if it may be used, else a refusal that says what failed and keeps the answer.

    An edit must still meet the text it was made for, must not add syntax errors, must define what it rewrites, and must
    change nothing but comments where it promises so. A new file must parse, and one that is added to still has to.
    Findings and reports always pass. Runs in a worker
    thread: it parses.
    """
    match outcome:
        case Edit():
            reason = _edit(outcome, document, target)
        case NewFile():
            reason = _new_file(outcome)
        case Addition():
            reason = _addition(outcome)
        case Findings() | Report() | Refused():
            return outcome
    return outcome if reason is None else Refused(reason, _NOTHING_CHANGED, answer)


def _edit(edit: Edit, document: Document, target: Target) -> str | None:
    text = document.text
    if text[edit.span.start : edit.span.end] != edit.old:
        return "The code changed while the model worked."
    new = text[: edit.span.start] + edit.new + text[edit.span.end :]
    if document.language is None:
        return None
    before, after = text.encode("utf-8", "replace"), new.encode("utf-8", "replace")
    had, has = syntax_errors(document.language, before), syntax_errors(document.language, after)
    if has > had:
        return f"The answer does not parse: it adds {has - had} syntax error(s)."
    if not edit.comments_only:
        return _undefined(edit, document, target, new)
    differs = only_comments_changed(document.language, before, after)
    if differs is not None and had:
        # An error elsewhere may be read in another way once there are more lines: then the target alone is compared.
        differs = only_comments_changed(document.language, *_piece(edit, document, target))
    return None if differs is None else f"The answer changes more than comments: {differs}."


def _undefined(edit: Edit, document: Document, target: Target, new: str) -> str | None:
    """Why a definition is none any more: a grammar may take its body alone for a text that parses."""
    symbol = target.symbol
    # Rust's tests stand in the source's own file, beyond the symbol that they are for.
    region = target.region
    if symbol is None or edit.span.start > region.end or edit.span.end < region.start:
        return None
    end = edit.span.start + len(edit.new)
    renewed = Document(document.uri, document.path, document.language, new)
    made = [s for s in renewed.symbols() if edit.span.start <= s.signature.start < end]
    if any(_is_still(symbol, one) for one in made) or _bound(symbol.name, _heads(edit, renewed)):
        return None
    return f"The answer does not define {symbol.name} any more."


def _is_still(old: Symbol, new: Symbol) -> bool:
    """Whether one stands for the other. An `impl` has no name but its header, which may be written in many ways."""
    if old.kind == new.kind == "impl":
        return True
    return "".join(old.name.split()) == "".join(new.name.split())  # `operator ==`


def _heads(edit: Edit, renewed: Document) -> list[str]:
    """The edit's lines that stand no deeper than its first, without those that only close something."""
    start = renewed.buffer.line_start(edit.span.start)
    lines = renewed.text[start : edit.span.start + len(edit.new)].splitlines()
    depth = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    heads = [line.strip() for line in lines if line[: depth + 1].strip()]
    return [head for head in heads if head != "end" and _WORD.match(head)]


def _bound(name: str, heads: list[str]) -> bool:
    """Whether a name is given to a value, or to an attribute of Ruby's: definitions that no grammar knows as such.

    Of values only the last statement counts: no body ends with giving a value to a variable of its function's name.
    """
    bare = re.escape(name.removesuffix("="))
    value = rf"(?:[\w.]+ +)*{bare}\s*(?::[^=]*)?=(?![=>~])"
    access = "writer" if name.endswith("=") else "reader"
    attribute = rf"(?:\w+ )?attr_(?:{access}|accessor)\b.*:{bare}\b(?![=?!])"
    given = bool(heads) and not name.endswith("=") and re.match(value, heads[-1]) is not None
    return given or any(re.match(attribute, head) for head in heads)


def _piece(edit: Edit, document: Document, target: Target) -> tuple[bytes, bytes]:
    """The lines of the target's region without the edit and with it."""
    text, region = document.text, target.region
    start = document.buffer.line_start(region.start)
    piece = text[start : region.end]
    local = edit.span.start - start
    changed = piece[:local] + edit.new + piece[local + len(edit.old) :]
    return piece.encode("utf-8", "replace"), changed.encode("utf-8", "replace")


def _addition(addition: Addition) -> str | None:
    language = language_of(addition.path, None)
    if language is None:
        return None
    old, new = (text.encode("utf-8", "replace") for text in (addition.old, addition.new))
    if syntax_errors(language, new) > syntax_errors(language, old):
        return f"{addition.path.name} would not parse any more."
    return None


def _new_file(new: NewFile) -> str | None:
    if new.path.exists() or new.path.is_symlink():
        return f"{new.path.name} exists already."
    language = language_of(new.path, None)
    if language is not None and syntax_errors(language, new.text.encode("utf-8", "replace")):
        return "The new file does not parse."
    return None
