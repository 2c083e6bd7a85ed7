"""The code of an answer that replaces a target: found in the answer, without what a model repeats around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.source.document import Document
from codefare.source.faults import syntax_errors
from codefare.tasks.answer import code_block, is_bare
from codefare.tasks.outcome import Refused

if TYPE_CHECKING:
    from codefare.source.target import Target

_PHP_TAG = "<?php"


def replacement(answer: str, document: Document, target: Target) -> str | Refused:
    """The code that an answer puts in the place of `target`; still to be fitted into the document.

    It is the answer's one code block, or the whole answer if that is the target's definition and nothing else. Where
    the model wrote the file or the class around the target, too, just as it is, the target's part of it is taken.
    """
    block = answer if _is_definition(answer, target) else code_block(answer, target.language)
    if isinstance(block, Refused):
        return block
    return _without_tag(_own_part(block, document, target), target)


def _is_definition(answer: str, target: Target) -> bool:
    """Whether an answer without any fence is the target's definition, without a word beside it."""
    if target.symbol is None or target.language is None or not is_bare(answer):
        return False
    text = answer.strip()
    if target.language == "php" and not text.startswith(_PHP_TAG):
        text = f"{_PHP_TAG}\n{text}"
    code = Document("", None, target.language, f"{text}\n")
    if syntax_errors(target.language, code.data):
        return False
    symbols = code.symbols()
    if not any(symbol.name == target.symbol.name for symbol in symbols):
        return False
    at = len(_PHP_TAG) if target.language == "php" else 0
    for symbol in symbols:
        start = min(symbol.span.start, symbol.doc.start if symbol.doc else symbol.span.start)
        if text[at:start].strip():
            return False
        at = max(at, symbol.span.end)
    return not text[at:].strip()


def _own_part(block: str, document: Document, target: Target) -> str:
    """The part of a block that is the target's, where all around it is the document's text, letter for letter."""
    if target.language is None:
        return block
    said = _plain(block).strip("\n")
    around: list[tuple[int, int]] = [(0, len(document.text))]
    around += [symbol.span for symbol in document.symbols_around(target.span.start)]
    for start, end in around:
        if start > target.span.start or end < target.span.end:
            continue
        before = _plain(document.text[start : target.span.start]).lstrip("\n")
        after = _plain(document.text[target.span.end : end]).rstrip()
        if not (before.strip() or after.strip()) or len(said) <= len(before) + len(after):
            continue
        if said.startswith(before) and said.rstrip().endswith(after):
            # The first line comes without its indentation, as it stands in the target.
            indent = before[before.rfind("\n") + 1 :]
            inner = said.rstrip()[len(before) : len(said.rstrip()) - len(after)]
            return f"{indent}{inner}\n" if not indent.strip() else f"{inner}\n"
    return block


def _without_tag(block: str, target: Target) -> str:
    """PHP's opening tag is written before any piece of code; only the file has it."""
    text = block.lstrip()
    if target.language != "php" or not text.startswith(_PHP_TAG) or _PHP_TAG in target.text:
        return block
    return text.removeprefix(_PHP_TAG).lstrip("\r\n ")


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
