"""The new cases of an answer, taken out of what the model put around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.faults import faults
from codefare.tasks.answer import dedented
from codefare.tasks.testing.imports import Entry, entries
from codefare.tasks.testing.items import Item, items
from codefare.tasks.testing.kinds import IN_CLASSES, SCRIPTS, Kind
from codefare.tasks.testing.scope import parsed, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare.source.syntax import Parsed

# No part gives back what it took: an answer of many spaces would take for ever.
_LEADING = re.compile(
    r"(?:[ \t]*+(?:(?:import|using|use|package|namespace|declare)\b(?:[^;{}\n]|\{[^{};()]*+\})*+;[ \t]*+"
    r"|<\?php[ \t]*+|//[^\n]*+)?+\n)*+"
)
_SYNTHETIC = "AddedCases"
_ANNOTATION = re.compile(r"@\w+")


class Unfit(Exception):
    """Why an answer's cases cannot be used."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """An answer's code: what it imports, and what it adds."""

    code: Parsed
    imports: tuple[Entry, ...]
    members: tuple[Item, ...]


def read(language: str, block: str, *, in_class: bool) -> Fragment:
    """The fragment of a code block. `in_class` is true where bare methods are to be expected.

    Raises:
        Unfit: it does not parse.
    """
    text = dedented(block.lstrip("\n"))
    if language == "php" and not text.lstrip().startswith("<?php"):
        text = f"<?php\n{text}"
    code = parsed(language, text)
    bare = in_class and language in (*IN_CLASSES, "php")
    if bare and (_broken(code) or not any(_is_class(item) for item in items(code, code.root))):
        code = parsed(language, _with_class(text))
    if _broken(code):
        raise Unfit("The new cases do not parse.")
    return _sorted(code, items(code, code.root))


def _broken(code: Parsed) -> bool:
    return bool(faults(code.root, 0, len(code.data)))


def _is_class(item: Item) -> bool:
    return item.kind is Kind.WRAPPER


def _with_class(text: str) -> str:
    """Bare methods in a class, as the grammars want them, below the imports."""
    lead = _LEADING.match(text)
    end = lead.end() if lead else 0
    comments = re.search(r"(?:[ \t]*//[^\n]*\n)*\Z", text[:end])
    end = comments.start() if comments else end
    return f"{text[:end]}class {_SYNTHETIC} {{\n{text[end:].rstrip()}\n}}\n"


def _sorted(code: Parsed, found: Iterator[Item]) -> Fragment:
    imports: list[Entry] = []
    members: list[Item] = []
    for item in found:
        if item.kind is Kind.IMPORT:
            imports += entries(code, item)
        elif item.kind not in (Kind.HEAD, Kind.MAIN):
            members.append(item)
    return Fragment(code, tuple(imports), tuple(members))


def wrapper(fragment: Fragment) -> Item | None:
    """The one wrapper that holds all the cases of a fragment, if there is one."""
    held = [item for item in fragment.members if item.kind is Kind.WRAPPER]
    loose = any(item.kind is Kind.CASE for item in fragment.members)
    return held[0] if len(held) == 1 and not loose else None


def unwrapped(fragment: Fragment, around: tuple[tuple[str, str], ...], hooks: set[str]) -> Fragment:
    """The fragment without the wrappers that stand around the place already.

    `around` are the names and the head lines of the wrappers of the place, the outermost first. A block with hooks of
    its own is kept, nested: taken off, its hooks would work on the cases that are there.

    Raises:
        Unfit: the answer's class is not as the one that is there.
    """
    names = {plain(name) for name, _ in around}
    if fragment.code.language in IN_CLASSES and len(fragment.members) > 1:
        raise Unfit("The answer holds more than the cases and their class.")
    for _ in range(len(around) + 1):
        outer = wrapper(fragment)
        if outer is None or outer.body is None:
            return fragment
        alike = plain(outer.name) in names or outer.name == _SYNTHETIC
        language = fragment.code.language
        if not alike and not (
            around and language in (*IN_CLASSES, "php") and "class" in outer.node.type
        ):
            return fragment
        inner = _sorted(fragment.code, items(fragment.code, outer.body))
        texts = {text_of(fragment.code, i) for i in inner.members if i.kind is Kind.HOOK}
        if texts - hooks and language in (*SCRIPTS, "ruby") and "class" not in outer.node.type:
            return fragment
        if outer.name != _SYNTHETIC:
            _check_head(fragment.code, outer, around)
        beside = tuple(item for item in fragment.members if item is not outer)
        fragment = Fragment(
            fragment.code, (*fragment.imports, *inner.imports), (*beside, *inner.members)
        )
    return fragment


def _check_head(code: Parsed, outer: Item, around: tuple[tuple[str, str], ...]) -> None:
    """What annotates the answer's class has to annotate the one that is there."""
    if outer.body is None or code.language not in IN_CLASSES:
        return
    head = code.data[outer.start : outer.body.start_byte].decode("utf-8", "replace")
    there = " ".join(head for _, head in around)
    for annotation in _ANNOTATION.findall(head):
        if annotation not in there:
            raise Unfit(f"The new cases need {annotation} on their class, which is not there.")


def text_of(code: Parsed, item: Item) -> str:
    """An item's text without its white space, to tell whether two are the same."""
    return "".join(code.data[item.start : item.end].decode("utf-8", "replace").split())


def has_case(code: Parsed, item: Item) -> bool:
    """Whether an item is a case, or holds one."""
    if item.kind is Kind.CASE:
        return True
    if item.kind is not Kind.WRAPPER or item.body is None:
        return False
    return any(has_case(code, inner) for inner in items(code, item.body))
