"""What was found out about long texts, known again by their hashes: the texts themselves would take megabytes."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Recall(Generic[_T]):
    """What `find` says of a text, found once; forgotten all at once when it is of more than `most` texts."""

    def __init__(self, find: Callable[[str], _T], most: int) -> None:
        self._find = find
        self._most = most
        self._found: dict[bytes, _T] = {}

    def of(self, text: str) -> _T:
        """What was found, or is now. From any thread."""
        key = blake2b(text.encode("utf-8", "surrogatepass")).digest()
        if key in (found := self._found):
            return found[key]
        answer = self._find(text)
        if len(found) >= self._most:
            found = self._found = {}
        found[key] = answer
        return answer
