"""What was picked, ready to run, and when two such do the same work or would undo each other's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from codefare.lsp.edits import Place
    from codefare.lsp.offers import Picked
    from codefare.tasks import Ask
    from codefare.tasks.brief import Brief


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """An action on a place: the same as another one's as long as both are where the other is, and unchanged."""

    action: str
    brief: Brief
    choice: str
    place: Place
    rewrites: bool

    def gives_way_to(self, other: object) -> bool:
        """Whether both rewrite the same code: the answer of the one would be of no use after the other's."""
        if not isinstance(other, Work) or not (self.rewrites and other.rewrites):
            return False
        mine, its = self.place.now, other.place.now
        if mine is None or its is None or self.place.document is not other.place.document:
            return False
        return mine.start < its.end and its.start < mine.end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Work):
            return False
        if (self.action, self.brief, self.choice) != (other.action, other.brief, other.choice):
            return False
        mine, its = self.place, other.place
        return mine.document is its.document and mine.now is not None and mine.now == its.now

    def __hash__(self) -> int:
        return hash(self.action)


@dataclass(frozen=True, slots=True)
class Order:
    """What was picked, ready to run: `ask` makes the subject of a brief, `place` is where the answer goes."""

    picked: Picked
    title: str
    brief: Brief
    ask: Callable[[Brief], Awaitable[Ask]]
    place: Place | None
    key: Hashable
