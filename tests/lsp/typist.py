"""A text whose every character is known: which were there, which the user typed, which came with an edit.

It is what an editor holds, so that it can tell of a server's edit whether it lands where it should, whatever the
server believes.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from tests.lsp.editor import lines_of, offset_of, position_of

_BREAK = re.compile(r"\r\n|\r")


def plain(text: str) -> str:
    """The text with LF for every line break."""
    return _BREAK.sub("\n", text)


def wanted(old: str, new: str) -> str:
    """What `new` means in the place of `old`, in LF: it ends with a line break if `old` does."""
    old, new = plain(old), plain(new)
    if not old or not new or old.endswith("\n") == new.endswith("\n"):
        return new
    return f"{new}\n" if old.endswith("\n") else new.rstrip("\n")


class Typist:
    """A document in a strict editor, with a place in it that an edit is wanted for.

    `text[i]` is the character with the number `numbers[i]`, so that of two equal ones it is known which is which; as
    far as an editor tells it: where it tells whole texts, what stands at both ends as before is what stood there.
    """

    def __init__(self, text: str, start: int, end: int, new: str, encoding: str) -> None:
        self.text = text
        self.encoding = encoding
        self.version = 1
        self.untold: list[dict[str, Any]] = []
        self.applied = False
        self._fresh = itertools.count()
        self.numbers = [next(self._fresh) for _ in text]
        self._told = text, self.numbers[:]
        self.place = self.numbers[start:end]
        self.old, self.wanted = text[start:end], wanted(text[start:end], new)
        self._history: list[tuple[str, list[int], bool]] = []
        self._hoped: set[str] = set()
        self.typed_the_same = False
        self._look()

    # -- the user ------------------------------------------------------------------------------

    def span(self) -> tuple[int, int]:
        """Where the place is now, or what is left of it; the whole text if nothing is."""
        place = set(self.place)
        left = [index for index, number in enumerate(self.numbers) if number in place]
        return (left[0], left[-1] + 1) if left else (0, len(self.text))

    def type(self, start: int, end: int, new: str) -> None:
        """The user replaces a part of the text; nobody can stand between CR and LF."""
        start, end = self._outside_of_breaks(start), self._outside_of_breaks(end)
        self._history.append((self.text, self.numbers[:], self.applied))
        self._replace(start, end, new)
        # In a whole text nobody can tell it from the edit with something beside it.
        self.typed_the_same |= bool(self.wanted) and self.wanted in plain(new)
        self._look()

    def undo(self) -> None:
        """The user takes the last step back, be it an edit or his own."""
        if not self._history:
            return
        start, end = (position_of(self.text, at, self.encoding) for at in (0, len(self.text)))
        self.text, self.numbers, self.applied = self._history.pop()
        self.untold.append({"range": {"start": start, "end": end}, "text": self.text})
        self._look()

    def _look(self) -> None:
        """Notes whether the user made the text what the edit would have made it."""
        self.typed_the_same |= plain(self.text) in self._hoped
        start, end = self.span()
        if self.numbers[start:end] == self.place:
            self._hoped.add(self._with_edit(self.text[:start], self.text[end:]))

    def _with_edit(self, before: str, after: str) -> str:
        # With nothing in between, CR and LF are one.
        return plain(before) + self.wanted + plain(after) if self.wanted else plain(before + after)

    def _outside_of_breaks(self, offset: int) -> int:
        inside = offset and self.text[offset - 1 : offset + 1] == "\r\n"
        return offset - 1 if inside else offset

    # -- the server ----------------------------------------------------------------------------

    def apply(self, edits: list[dict[str, Any]]) -> None:
        """Applies an edit of the server's in one step. Anything but the wanted text in its place is a failure."""
        spans = sorted(
            (
                offset_of(self.text, each["range"]["start"], self.encoding),
                offset_of(self.text, each["range"]["end"], self.encoding),
                each["newText"],
            )
            for each in edits
        )
        start, end = self.span()
        before, after = self.text[:start], self.text[end:]
        assert not self.applied, "the edit is there already"
        assert self.numbers[start:end] == self.place, (
            "something was typed in the place, and would be lost"
        )
        assert spans[0][0] >= start, "an edit before its place"
        assert spans[-1][1] <= end, "an edit after its place"
        assert spans[0][0] >= start + self._kept() - 2, "a line is touched that stays"
        assert all(one[1] < two[0] for one, two in itertools.pairwise(spans)), "edits that meet"
        self._history.append((self.text, self.numbers[:], False))
        for first, last, new in reversed(spans):
            self._replace(first, last, new)
        assert plain(self.text) == self._with_edit(before, after), "not what was wanted"
        self.applied = True

    def _kept(self) -> int:
        """The characters of the place's first lines that stay."""
        same = itertools.takewhile(
            lambda pair: plain(pair[0]) == pair[1],
            zip(lines_of(self.old), lines_of(self.wanted), strict=False),
        )
        return sum(len(old) for old, _ in same)

    # -- both ----------------------------------------------------------------------------------

    def _replace(self, start: int, end: int, new: str) -> None:
        at = [position_of(self.text, offset, self.encoding) for offset in (start, end)]
        self.untold.append({"range": {"start": at[0], "end": at[1]}, "text": new})
        text = self.text[:start] + new + self.text[end:]
        head, tail = common_ends(self.text[start:end], new)
        fresh = [next(self._fresh) for _ in range(len(new) - head - tail)]
        self.numbers[start + head : end - tail] = fresh
        self.text = text

    def tell(self, *, whole: bool) -> tuple[int, list[dict[str, Any]]]:
        """The version and the changes since the last time, as a `didChange` has them."""
        changes, self.untold = self.untold, []
        if whole:
            changes = [{"text": self.text}]
            text, numbers = self._told
            head, tail = common_ends(text, self.text)
            fresh = [next(self._fresh) for _ in range(len(self.text) - head - tail)]
            self.numbers = numbers[:head] + fresh + numbers[len(numbers) - tail :]
        self._told = self.text, self.numbers[:]
        self.version += 1
        return self.version, changes


def common_ends(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts have in common at their starts, and how many of the rest at their ends."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - head
    return head, next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
