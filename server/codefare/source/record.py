"""What a walk writes down: a step for each node that does something, with its words, in the order of the source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from codefare.source.condition import read_condition
from codefare.source.expressions import is_plain
from codefare.source.flow import Flow, Step, shorten
from codefare.source.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node

REMINDER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b.*")
_COMMENT_END = re.compile(r"\s*(?:\*/|-->|=end)\s*\Z")


class Place(NamedTuple):
    """Where the walk is: the step around it, and how what is found there is to be read."""

    parent: int = -1
    inner: bool = False  # in a callback
    quiet: bool = False  # in a nested definition: only the use of names counts
    note: str = ""  # what the next step is called, or which kind of `else` it is
    of: int = -1  # the `if` of an `else`

    def inside(self, parent: int) -> Place:
        """The place in the step `parent`, without what was only meant for that step."""
        return Place(parent, self.inner, self.quiet)


class Record:
    """What was found so far, in `flow`, and the source that it is read from.

    `leading` are the ids of the nodes before which nothing ran that could change what happens at them.
    """

    def __init__(self, data: bytes, roles: Mapping[str, Role]) -> None:
        self.flow = Flow()
        self.leading: frozenset[int] = frozenset()
        self._data = data
        self._roles = roles

    def slice(self, start: int, end: int) -> str:
        """The source between two offsets in bytes, on one line and not too long."""
        return shorten(self._data[start:end].decode("utf-8", "replace"))

    def text(self, *nodes: Node | None) -> str:
        """The source from the first node to the last; "" for none."""
        first, last = (nodes[0], nodes[-1]) if nodes else (None, None)
        return self.slice(first.start_byte, last.end_byte) if first and last else ""

    def add(
        self,
        node: Node,
        kind: Role,
        text: str,
        place: Place,
        *,
        test: Node | None = None,
        error: str = "",
        made_of: list[Node] | None = None,
    ) -> int:
        """The index of a new step; `test` is its condition, `made_of` what its message or result is made of."""
        condition = read_condition(test, self._data) if test else None
        if condition is not None and kind is Role.UNLESS:
            condition = condition.negated()
        self.flow.steps.append(
            Step(
                kind=kind,
                text=text,
                line=node.start_point.row + 1,
                parent=place.parent,
                inner=place.inner,
                condition=condition,
                error=error,
                of=place.of if kind is Role.ELSE else -1,
                plain=made_of is not None and is_plain(made_of, self._roles),
                leading=node.id in self.leading,
            )
        )
        return len(self.flow.steps) - 1

    def remind(self, comment: Node) -> None:
        """Write down the reminders in a comment, each with its line."""
        lines = self._data[comment.start_byte : comment.end_byte].split(b"\n")
        for number, line in enumerate(lines, comment.start_point.row + 1):
            if found := REMINDER.search(line.decode("utf-8", "replace")):
                text = shorten(_COMMENT_END.sub("", found[0]))
                self.flow.reminders.append((number, text))
