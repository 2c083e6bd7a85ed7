"""Finding the secrets of a text: each with its place and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.gate.addresses import in_addresses, in_headers
from codefare.gate.assigned import assigned
from codefare.gate.forms import known_forms, put_together, shapes
from codefare.gate.handed import handed
from codefare.gate.keyblocks import private_keys
from codefare.gate.toolfiles import in_tool_files
from codefare.recall import Recall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOOKS = (
    *(known_forms, shapes, put_together),
    *(assigned, in_addresses, in_headers, handed, in_tool_files),
)


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """A secret in a text, from `start` to `end` in code points."""

    start: int
    end: int
    kind: str


def secrets_in(text: str) -> tuple[Secret, ...]:
    """The secrets of `text`, in its order; none lies in another. The time is linear in the text's length."""
    return _known.of(text)


def _look_for_secrets(text: str) -> tuple[Secret, ...]:
    found = [Secret(start, end, "private key") for start, end in private_keys(text)]
    for look in _LOOKS:
        found += [Secret(*one) for one in look(text)]
    return tuple(_apart(found))


_known = Recall(_look_for_secrets, most=500)


def _apart(found: Iterable[Secret]) -> Iterator[Secret]:
    """Of those that overlap the one that begins first, and of these the longest."""
    end = 0
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            yield one
            end = one.end
