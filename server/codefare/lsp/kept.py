"""Answers that were paid for and not used: kept for the session, and offered again for nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.tasks.outcome import Refused

if TYPE_CHECKING:
    from codefare.lsp.edits import Place
    from codefare.lsp.offers import Picked
    from codefare.result import Result

APPLY, SHOW, DISCARD, AGAIN = "apply", "show", "discard", "again"
"""What can be done with one."""

_MOST = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """One of them. `place` is where it belongs, `picked` the command that asks anew, and `reason` why it was not used.

    `refused` tells that it was for what it says: it is never applied, but may be asked for anew with the reason.
    """

    id: str
    result: Result
    place: Place
    picked: Picked
    reason: str
    refused: bool

    @property
    def failure(self) -> str:
        """What to tell the model when it is asked anew; "" if nothing was wrong with what it said."""
        outcome = self.result.outcome
        return outcome.reason if self.refused and isinstance(outcome, Refused) else ""

    @property
    def uri(self) -> str:
        """The document it is for."""
        return self.place.document.uri


class KeptAnswers:
    """The latest of them."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._answers: dict[str, Kept] = {}

    def keep(
        self, result: Result, place: Place, picked: Picked, reason: str, *, refused: bool
    ) -> Kept:
        """Keep an answer; one to the same question on the same document gives way to it."""
        phrase = result.quote.phrase
        for old in list(self._answers.values()):
            if old.uri == place.document.uri and old.result.quote.phrase == phrase:
                self.discard(old.id)
        kept = Kept(str(next(self._numbers)), result, place, picked, reason, refused)
        self._answers[kept.id] = kept
        while len(self._answers) > _MOST:
            self.discard(next(iter(self._answers)))
        return kept

    def find(self, id_: str) -> Kept | None:
        """The answer with that id, if it is still here."""
        return self._answers.get(id_)

    def of(self, uri: str) -> list[Kept]:
        """Those for a document, the latest first."""
        return [kept for kept in reversed(self._answers.values()) if kept.uri == uri]

    def discard(self, id_: str) -> None:
        """Let one go; it may be gone already."""
        answer = self._answers.pop(id_, None)
        if answer is not None:
            answer.place.document.buffer.release(answer.place.anchor)
