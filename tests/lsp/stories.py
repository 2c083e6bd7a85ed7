"""What may happen while an edit is on its way: texts, answers, typing, and editors with manners of all kinds."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from tests.lsp.typist import Typist

LINES = st.sampled_from(
    ["", "a", "a = 1", "    a = 1", "\ta = 1", "é😋 = 'e\u0301'", "}", "a\fb\u2028"]
)
ENDINGS = st.sampled_from([("\n",), ("\r\n",), ("\r",), ("\n", "\r\n"), ("\r\n", "\n", "\r")])
TYPED = st.sampled_from(
    ["", "b", "😋", "e\u0301", "\n", "\r\n", "a", "a = 1\n", "    a = 1\r\n", "\r"]
)
WHERE = ("before", "after", "before", "after", "start", "inside", "end", "across", "undo")


@dataclass(frozen=True)
class Typing:
    """What the user does once: where (of the place), how far from there, how much is deleted, what is typed."""

    where: str
    offset: int
    deleted: int
    typed: str

    def do(self, typist: Typist) -> None:
        """Does it."""
        if self.where == "undo":
            typist.undo()
            return
        start, end = typist.span()
        size = len(typist.text)
        at, to = {
            "before": (start - 1 - self.offset, start - 1 - self.offset + self.deleted),
            "start": (start, start),
            "inside": (start + self.offset, start + self.offset + self.deleted),
            "end": (end, end),
            "after": (end + 1 + self.offset, end + 1 + self.offset + self.deleted),
            "across": (start - 1 - self.offset, start + self.deleted),
        }[self.where]
        at = max(0, min(at, size))
        to = max(at, min(to, size))
        if self.where == "before":
            to = max(at, min(to, start))
        typist.type(at, to, self.typed)


typings = st.builds(Typing, st.sampled_from(WHERE), st.integers(0, 6), st.integers(0, 3), TYPED)


@dataclass(frozen=True)
class Manners:
    """How the editor behaves with an edit that it may apply.

    `applies`, and what it answers then or when the edit is stale; `tells_late` and `answers_late` in seconds; `first`:
    the didChange comes before the answer; `whole`: it sends whole texts; `at_once`: all changes in one message.
    """

    applies: bool
    answer: str
    stale: str
    tells_late: float
    answers_late: float
    first: bool
    whole: bool
    at_once: bool


ANSWERS = ("yes", "no", "null", "error", "never")
DELAYS = st.sampled_from([0.0, 0.1, 0.4, 2.0])
manners = st.builds(
    Manners,
    applies=st.sampled_from([True, True, True, False]),
    answer=st.sampled_from(("yes", "yes", *ANSWERS)),
    stale=st.sampled_from(ANSWERS),
    tells_late=DELAYS,
    answers_late=DELAYS,
    first=st.booleans(),
    whole=st.booleans(),
    at_once=st.booleans(),
)


@dataclass(frozen=True)
class Story:
    """One run: the text, its place, the answer, the editor, and what the user types when."""

    text: str
    start: int
    end: int
    new: str
    manners: Manners
    waiting: list[Typing]  # while the model works
    steps: int  # of the loop, after which the user types again while the edit is being made
    making: list[Typing]
    crossing: list[list[Typing]]  # each time that an edit is on its way
    along: list[Typing]  # after the edit was applied, and told with it
    afterwards: list[Typing]  # before the answer


@st.composite
def stories(draw: Any) -> Story:
    """Any story."""
    endings = itertools.cycle(draw(ENDINGS))
    lines = draw(st.lists(LINES, min_size=1, max_size=7))
    text = "".join(line + next(endings) for line in lines)
    text += draw(st.sampled_from(["", "}", "a = 1"])) or ("" if text.strip("\r\n") else "a")
    borders = [0, *itertools.accumulate(len(line) for line in text.splitlines(keepends=True))]
    chosen = st.sampled_from(borders) if draw(st.integers(0, 3)) else st.integers(0, len(text))
    one, two = draw(chosen), draw(chosen)
    start, end = min(one, two), max(one, two)
    start -= bool(start and text[start - 1 : start + 1] == "\r\n")
    end -= bool(end and text[end - 1 : end + 1] == "\r\n")
    if start == end:
        start, end = 0, len(text)
    kept = text[start:end].splitlines(keepends=True)
    if draw(st.integers(0, 4)):
        at = draw(st.integers(0, len(kept)))
        gone = draw(st.integers(0, 2))
        kept[at : at + gone] = [f"{line}\n" for line in draw(st.lists(LINES, max_size=2))]
        new = "".join(kept)
    else:
        new = draw(st.sampled_from(["\n", "\r\n"])).join(draw(st.lists(LINES, max_size=4)))
    few = st.lists(typings, max_size=2)
    return Story(
        text,
        start,
        end,
        new,
        draw(manners),
        draw(few) if draw(st.booleans()) else [],
        draw(st.integers(0, 6)),
        draw(few) if draw(st.booleans()) else [],
        draw(st.lists(few, max_size=4)) if draw(st.integers(0, 3)) else [],
        draw(few) if draw(st.booleans()) else [],
        draw(few) if draw(st.booleans()) else [],
    )
