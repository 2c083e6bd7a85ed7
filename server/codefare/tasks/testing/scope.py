"""Where new cases belong in a test file: in the class, block or module that tests the same thing, else at its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.source.faults import faults
from codefare.source.syntax import Parsed, parse
from codefare.tasks.testing.items import Item, items, wrappers
from codefare.tasks.testing.kinds import IN_CLASSES, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.source.target import Target

_WORDS = re.compile(r"[A-Za-z_]\w*")
_AFFIX = re.compile(r"^Tests?(?=[A-Z_])|(?<=\w)(?:Tests?|Specs?|TestCase|Should)$")
_FOR_TESTS = re.compile(r"#\[cfg\((?:all\()?test\b")
_CLASSES = frozenset({"class_definition", "class_declaration", "class", "record_declaration"})
_MOST_NAMES = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where cases are added.

    `way` names the wrappers around it, the outermost first; none is the end of the file. `start` is the byte at which
    the innermost begins. `kind` is what it is called in a prompt. `names` are the cases that stand there.
    """

    way: tuple[str, ...]
    start: int | None
    kind: str
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """`the class `TestParser``, or `the end of the file`."""
        return f"the {self.kind} `{self.way[-1]}`" if self.way else "the end of the file"


def parsed(language: str, text: str) -> Parsed:
    """A text with its tree."""
    data = text.encode("utf-8", "surrogatepass")
    return Parsed(language, data, parse(language, data))


def place_in(text: Parsed, target: Target, stem: str, *, in_source: bool = False) -> Place | None:
    """Where cases for `target` go in the test file `text`, which is called after `stem`.

    None if they cannot be added there: it has syntax errors, or no class where the language wants one. `in_source`
    looks for the test module of a Rust source.
    """
    if faults(text.root, 0, len(text.data)) or text.language == "c":
        return None
    ways = list(wrappers(text, text.root))
    if in_source:
        ways = [way for way in ways if _for_tests(text, way[0])]
        way = _best(ways, target, stem) or next(iter(ways), None)
        return _place(text, way) if way else None
    if text.language == "cpp":
        return None
    way = _best(ways, target, stem) or _only(text, ways, stem)
    if way is None and text.language in IN_CLASSES:
        return None
    return _place(text, way)


def find(text: Parsed, place: Place) -> tuple[Item, ...]:
    """The wrappers of a place, the outermost first.

    Raises:
        LookupError: the text is another one.
    """
    if place.start is None:
        return ()
    for way in wrappers(text, text.root):
        if way[-1].start == place.start and tuple(each.name for each in way) == place.way:
            return way
    raise LookupError(place.words)


def namesake(text: Parsed, name: str) -> Place | None:
    """The outermost wrapper of that name, as a place."""
    way = next((way for way in wrappers(text, text.root) if way[-1].name == name), None)
    return _place(text, way) if way else None


def at_end(text: Parsed) -> Place:
    """The end of the file, as a place."""
    return _place(text, None)


def _place(text: Parsed, way: tuple[Item, ...] | None) -> Place:
    holder = way[-1].body if way else text.root
    inside = list(items(text, holder)) if holder is not None else []
    names = [each.name for each in inside if each.kind in (Kind.CASE, Kind.WRAPPER) and each.name]
    if not way:
        return Place((), None, "file", tuple(names[-_MOST_NAMES:]))
    last = way[-1]
    kind = "block"
    if last.node.type == "mod_item":
        kind = "module"
    elif last.node.type in _CLASSES:
        kind = "class"
    elif text.language != "ruby" or "describe" in text.text(last.node)[:40]:
        kind = "describe block"
    return Place(tuple(each.name for each in way), last.start, kind, tuple(names[-_MOST_NAMES:]))


def _for_tests(text: Parsed, item: Item) -> bool:
    body = item.body.start_byte if item.body is not None else item.end
    head = text.data[item.start : body].decode("utf-8", "replace")
    return item.node.type == "mod_item" and _FOR_TESTS.search(head) is not None


def plain(title: str) -> str:
    """What a wrapper's name speaks of: `TestParser`, `Parser#feed` and `feed()` in one spelling."""
    return "".join(_WORDS.findall(_AFFIX.sub("", title))).replace("_", "").lower()


def _best(ways: Sequence[tuple[Item, ...]], target: Target, stem: str) -> tuple[Item, ...] | None:
    """The way that speaks of the target most exactly; of several such the deepest, then the first."""
    wanted: dict[str, int] = {plain(stem): 2}
    if target.symbol is not None:
        container = target.symbol.container.rpartition(".")[2]
        name = target.symbol.name
        if container:
            wanted[plain(container)] = 3
        wanted[plain(name)] = 4
        wanted[plain(f"{container}{name}")] = 5
    wanted.pop("", None)
    found = [(wanted.get(plain(way[-1].name), 0), way) for way in ways]
    score, best = max(found, key=lambda one: (one[0], len(one[1])), default=(0, None))
    return best if score else None


def _only(text: Parsed, ways: Sequence[tuple[Item, ...]], stem: str) -> tuple[Item, ...] | None:
    """The class that cases have to stand in, in languages and frameworks where they do."""
    outer = [way for way in ways if len(way) == 1 and way[0].node.type in _CLASSES]
    holding = [way for way in outer if _holds_cases(text, way[0])]
    if text.language in IN_CLASSES or text.language == "php":
        return next((way for way in outer if plain(way[0].name) == plain(stem)), None) or next(
            iter(holding or outer), None
        )
    loose = any(each.kind is Kind.CASE for each in items(text, text.root))
    if loose or len(outer) != 1 or len(holding) != 1:
        return None
    head = text.text(outer[0][0].node).partition("\n")[0]
    return outer[0] if text.language == "ruby" or "TestCase" in head else None


def _holds_cases(text: Parsed, item: Item) -> bool:
    return item.body is not None and any(e.kind is Kind.CASE for e in items(text, item.body))
