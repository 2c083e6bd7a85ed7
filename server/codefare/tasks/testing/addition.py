"""New cases put into an existing test file: only insertions, so that nothing that is there changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.faults import faults
from codefare.source.languages import LANGUAGES
from codefare.source.positions import line_break_of
from codefare.tasks.testing.fragment import (
    Fragment,
    Unfit,
    has_case,
    read,
    text_of,
    unwrapped,
    wrapper,
)
from codefare.tasks.testing.items import Item, items, statements
from codefare.tasks.testing.kinds import IN_CLASSES, Kind
from codefare.tasks.testing.layout import Insertion, inserted, moved, unit_of
from codefare.tasks.testing.merge import Clash, insertions, missing
from codefare.tasks.testing.scope import Place, at_end, find, namesake, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from codefare.source.syntax import Parsed

_MOST_CHARACTERS = 400_000
_SELF = re.compile(r"\(\s*(?:self|cls)\b")


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where the cases go: the wrappers around, and the node that holds what is there."""

    way: tuple[Item, ...]
    holder: Node

    def around(self, file: Parsed) -> tuple[tuple[str, str], ...]:
        return tuple((item.name, _head(file, item)) for item in self.way)


def _head(file: Parsed, item: Item) -> str:
    end = item.body.start_byte if item.body is not None else item.end
    return file.data[item.start : end].decode("utf-8", "replace")


def with_cases(language: str, text: str, place: Place, block: str) -> str:
    """`text` with the cases of the code block `block` added at `place`, and the imports that they need.

    Cases whose name is there already are left out.

    Raises:
        Unfit: they cannot be added safely; the message says why.
    """
    if len(block) > _MOST_CHARACTERS:
        raise Unfit(f"The answer has {len(block) / 1e6:.1f} MB, which are no test cases.")
    file = parsed(language, text)
    if faults(file.root, 0, len(file.data)):
        raise Unfit("The test file has syntax errors.")
    fragment = read(language, block, in_class=bool(place.way) or language in IN_CLASSES)
    spot, fragment = _settled(file, place, fragment)
    there = list(items(file, spot.holder))
    new = _new(fragment, file, there)
    code = "\n".join(
        fragment.code.data[item.start : item.end].decode("utf-8", "replace") for item in new
    )
    of = spot.holder if language == "rust" else file.root
    try:
        lacks = missing(file, of, fragment.imports, code)
    except Clash as clash:
        raise Unfit(f"`{clash}` means something else in the test file.") from None
    made = [*insertions(file, of, lacks), _cases(file, spot, fragment, new)]
    result = inserted(file.data, made, line_break_of(text))
    after = parsed(language, result)
    if faults(after.root, 0, len(after.data)):
        raise Unfit("The test file would not parse any more.")
    return result


def _settled(file: Parsed, place: Place, fragment: Fragment) -> tuple[_Spot, Fragment]:
    """The spot that fits the answer, and the answer without what is around that spot already."""
    outer = wrapper(fragment)
    if not place.way and outer is not None and (same := namesake(file, outer.name)):
        place = same
    spot = _spot(file, place)
    hooks = {text_of(file, item) for item in items(file, spot.holder) if item.kind is Kind.HOOK}
    bare = unwrapped(fragment, spot.around(file), hooks)
    if file.language == "python":
        spot = _by_self(file, spot, bare)
    if file.language in IN_CLASSES and not spot.way:
        raise Unfit("The test file has no class for the new cases.")
    return spot, bare


def _spot(file: Parsed, place: Place) -> _Spot:
    try:
        way = find(file, place)
    except LookupError:
        raise Unfit(f"The test file has changed: {place.words} is not where it was.") from None
    if way and way[-1].body is None:
        raise Unfit(f"Nothing can be added to {place.words}.")
    holder = way[-1].body if way and way[-1].body is not None else file.root
    if way and file.language == "python" and not file.begins_line(holder.start_byte):
        return _Spot((), file.root)  # a class on one line
    return _Spot(way, holder)


def _by_self(file: Parsed, spot: _Spot, fragment: Fragment) -> _Spot:
    """Python: methods belong in a class, functions do not."""
    cases = [item for item in fragment.members if item.kind is Kind.CASE]
    methods = [_is_method(fragment.code, item) for item in cases]
    if not cases or all(methods) is bool(spot.way):
        return spot
    if spot.way and not any(methods):
        return _spot(file, at_end(file))
    raise Unfit("The new cases are methods, and there is no class for them.")


def _is_method(code: Parsed, item: Item) -> bool:
    head = code.data[item.start : item.end].decode("utf-8", "replace")
    name = head.find(f"def {item.name}")
    return (
        "@staticmethod" in head[:name] or _SELF.match(head[name + len(item.name) + 4 :]) is not None
    )


def _new(fragment: Fragment, file: Parsed, there: Sequence[Item]) -> list[Item]:
    """What is to be added: cases with new names, and what they need."""
    code = fragment.code
    texts = {text_of(file, item) for item in there}
    names = {(item.kind is Kind.CASE, name) for item in there for name in _names(item)}
    every = {name for item in there for name in _names(item)}
    new: list[Item] = []
    seen: set[str] = set()
    twice = 0
    for item in fragment.members:
        if text_of(code, item) in texts:
            twice += item.kind is Kind.CASE
            continue
        if item.kind in (Kind.HOOK, Kind.OTHER):
            raise Unfit(f"The answer would change how other cases run: {_first_line(code, item)}")
        if item.kind is Kind.CASE and any(
            name in seen or (True, name) in names for name in _names(item)
        ):
            twice += 1
            continue
        clash = next((name for name in _names(item) if name in every), None)
        if clash is not None and not (item.kind is Kind.WRAPPER and "call" in item.node.type):
            raise Unfit(f"`{clash}` is something else in the test file.")
        seen.update(_names(item) if item.kind is Kind.CASE else ())
        new.append(item)
    if not any(has_case(code, item) for item in new):
        raise Unfit(
            "The test file has all these cases already."
            if twice
            else "The answer holds no test case."
        )
    return new


def _names(item: Item) -> list[str]:
    return [
        name for name in (item.name.split(",") if item.kind is Kind.HELPER else [item.name]) if name
    ]


def _first_line(code: Parsed, item: Item) -> str:
    return code.text(item.node).strip().partition("\n")[0][:60]


def _cases(file: Parsed, spot: _Spot, fragment: Fragment, new: Sequence[Item]) -> Insertion:
    """The new cases at the spot's end, in its indentation."""
    unit = unit_of(file)
    there = list(items(file, spot.holder))
    margin = ""
    if spot.way:
        last = there[-1].node if there else None
        outside = file.indent_at(spot.way[-1].node.start_byte)
        own = unit or unit_of(fragment.code) or "    "
        margin = file.indent_at(last.start_byte) if last is not None else outside + own
    gap = "\n\n\n" if file.language == "python" and not spot.way else "\n\n"
    pieces = ""
    for index, item in enumerate(new):
        if index:
            pieces += _between(fragment.code, new[index - 1], item, gap)
        pieces += moved(fragment.code, item.start, _end(fragment.code, item), margin, unit)
    if not spot.way:
        return _at_end(file, pieces, gap)
    return _in_wrapper(file, spot, pieces, gap)


def _end(code: Parsed, item: Item) -> int:
    """With the semicolon, or the comment, that ends the line."""
    line = code.data.find(b"\n", item.end)
    line = len(code.data) if line < 0 else line
    rest = code.data[item.end : line].strip().decode("utf-8", "replace")
    marks = (LANGUAGES[code.language].line_comment, "#")
    return line if rest == ";" or rest.startswith(marks) else item.end


def _between(code: Parsed, before: Item, item: Item, gap: str) -> str:
    apart = code.data[before.end : item.start]
    lines = [code.data.count(b"\n", each.start, each.end) for each in (before, item)]
    return "\n" if apart.count(b"\n") == 1 and not any(lines) else gap


def _at_end(file: Parsed, pieces: str, gap: str) -> Insertion:
    """Below all that stands in the file, but above what runs it or ends its code."""
    last = next((item for item in items(file, file.root) if item.kind is Kind.MAIN), None)
    tag = next(
        (kid for kid in file.root.children if kid.type in ("text_interpolation", "?>")), None
    )
    before = last.start if last is not None else tag.start_byte if tag is not None else None
    if before is not None:
        at = file.line_start(before)
        return Insertion(at, f"{pieces}{gap}")
    at = len(file.data.rstrip())
    return Insertion(at, f"{gap if at else ''}{pieces}")


def _in_wrapper(file: Parsed, spot: _Spot, pieces: str, gap: str) -> Insertion:
    closing = _closing(spot.way[-1].node, spot.holder)
    inside = statements(file.language, spot.holder)
    lead = gap if inside else "\n"
    if closing is None:
        at = inside[-1].end_byte
        while at < len(file.data) and file.data[at : at + 1] not in (b"\n", b"\r"):
            at += 1
        return Insertion(at, f"{lead}{pieces}")
    if file.begins_line(closing):
        at = len(file.data[:closing].rstrip())
        return Insertion(at, f"{lead}{pieces}")
    at = len(file.data[:closing].rstrip(b" \t"))
    indent = file.indent_at(spot.way[-1].node.start_byte)
    return Insertion(at, f"{lead}{pieces}\n{indent}")


def _closing(node: Node, holder: Node) -> int | None:
    """Where the word or the brace begins that closes a wrapper; None for Python."""
    for each in (holder, node):
        last = each.children[-1] if each.children else None
        if last is not None and last.type in ("}", "end"):
            return last.start_byte
    return None
