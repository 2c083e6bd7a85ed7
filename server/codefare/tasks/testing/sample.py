"""A test file as a sample of style: its imports and as many definitions as a prompt has room for."""

from __future__ import annotations

from codefare.tasks.testing.items import Item, items
from codefare.tasks.testing.kinds import Kind
from codefare.tasks.testing.scope import Place, find, parsed

MOST_LINES = 60
_LONGEST_LINE = 300


def sample(language: str, text: str, place: Place | None = None) -> str:
    """At most about 60 lines of `text`, cut between definitions.

    Of a file that is added to, the definitions around and before `place` are kept, as the new ones come after them.
    """
    text = text.replace("\r\n", "\n").lstrip("\ufeff")
    lines = [line[:_LONGEST_LINE] for line in text.split("\n")]
    if len(lines) <= MOST_LINES:
        return "\n".join(lines).strip("\n") + "\n"
    code = parsed(language, text)
    cuts = _cuts(list(items(code, code.root)), [])
    if place is not None and place.way:
        try:
            way = find(code, place)
        except LookupError:
            way = ()
        kept = _around(code.data, lines, way)
        if kept:
            return kept
    for item in items(code, code.root):
        if item.kind is Kind.WRAPPER and item.body is not None:
            cuts += _cuts(list(items(code, item.body)), [])
    ends = sorted({code.data.count(b"\n", 0, cut) + 1 for cut in cuts})
    last = max((end for end in ends if end <= MOST_LINES), default=MOST_LINES)
    return "\n".join(lines[:last]).strip("\n") + "\n"


def _cuts(found: list[Item], cuts: list[int]) -> list[int]:
    return [*cuts, *(item.end for item in found)]


def _around(data: bytes, lines: list[str], way: tuple[Item, ...]) -> str:
    """What comes before the first wrapper, as far as there is room, and the wrapper's last lines."""
    if not way:
        return ""
    first = data.count(b"\n", 0, way[0].start)
    start, end = (data.count(b"\n", 0, byte) for byte in (way[-1].start, way[-1].end))
    head = lines[: min(first, MOST_LINES // 3)]
    room = MOST_LINES - len(head)
    body = lines[start : end + 1]
    if len(body) > room:
        half = room // 2
        body = [*body[:half], "", *body[len(body) - half :]]
    return "\n".join([*head, *body]).strip("\n") + "\n"
