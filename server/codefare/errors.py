"""Every error that codefare raises on purpose. Each says what the user can do.

CodefareError
├── WrongUse              the call itself is off (exit code 2)
│   ├── ConfigError       config.toml or catalog.toml: file, place, what is allowed
│   └── TargetError       the file, line or selection cannot be worked on
├── NoModel               nothing can serve the action: how to set a model up
├── OverBudget            the ceiling does not fit in what is left of the budget
├── Declined              the user did not agree to the price
├── ProviderError         a request failed; knows whether another offering should be tried
│   ├── KeyMissing        no key, or the command for it failed
│   ├── KeyRefused        401, or a 403 that is about the key or its account
│   ├── OutOfCredit       402 and its like: unusable until the user acts
│   ├── RateLimited       429; carries how long to wait
│   ├── RequestRefused    400, 403, 404, 413, 422: the same request would fail again
│   ├── Overloaded        5xx and 529
│   ├── Unreachable       no connection, TLS, time-outs
│   └── StreamBroken      the answer was cut, or was not the protocol's
├── CheckerFailed         the user's own checker says nothing: not found, too slow, crashed
└── StoreError            the cache folder or the ledger cannot be used
"""

from __future__ import annotations

from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST_WORD = 80  # characters of a wrong word that are said
_ENDS = (".", "!", "?", "…", "。")


class CodefareError(Exception):
    """What went wrong in one sentence (`str(error)`), and what to do about it (`remedy`)."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy

    @property
    def text(self) -> str:
        """Both, as a user reads them. A provider's words, which may end a message, often lack a full stop."""
        return f"{sentence(str(self))} {self.remedy}".strip() if self.remedy else str(self).strip()


def sentence(words: str) -> str:
    """The words with a full stop, if they end without any mark: another sentence may follow."""
    return words if not words or words.endswith(_ENDS) else f"{words}."


class WrongUse(CodefareError):
    """The call itself is off: an unknown action, model or option."""


class ConfigError(WrongUse):
    """A configuration or catalog file is wrong; the message names file, place and what is allowed."""


class TargetError(WrongUse):
    """The file, line or selection cannot be worked on: missing, binary, too large, out of range."""


class NoModel(CodefareError):
    """Nothing can serve the action; `remedy` names the key or server that would."""


class OverBudget(CodefareError):
    """The ceiling does not fit in what is left of the budget.

    `spent_usd` is what the same action took before, in attempts that failed; None if the price is not known.
    """

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.spent_usd: Decimal | None = Decimal(0)


class Declined(CodefareError):
    """The user was asked and did not agree to the price, or could not be asked: nothing was sent."""


class ProviderError(CodefareError):
    """A request to a provider failed.

    `partial` is true when some of the answer had arrived (it may be billed and is never applied),
    `timed_out` when the request was given up because nothing more came, or nothing of use (it may be billed, too).
    `unsent` when there was no time left to send it: that says nothing of the provider. `elsewhere` tells whether
    another offering may serve what this one did not. `spent_usd` is what its attempts took all the same; None if the
    price is not known.
    """

    elsewhere = True

    def __init__(self, message: str, *, remedy: str = "", partial: bool = False) -> None:
        super().__init__(message, remedy=remedy)
        self.partial = partial
        self.timed_out = False
        self.unsent = False
        self.spent_usd: Decimal | None = Decimal(0)


class KeyMissing(ProviderError):
    """No key is set, or the command that should print it failed."""


class KeyRefused(ProviderError):
    """The provider takes the key for none of its models (401, some 403)."""


class OutOfCredit(ProviderError):
    """The account has no credit or reached its spending limit: unusable until the user acts."""


class RateLimited(ProviderError):
    """Too many requests; `retry_after` is the wait in seconds that the provider asked for, if it did."""

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        partial: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy, partial=partial)
        self.retry_after = retry_after


class RequestRefused(ProviderError):
    """The provider will not serve this request (400, 403, 404, 413, 422); sending it again would not help.

    Nor would sending it to others, unless it is the model that is not there, that the key may not use (`forbidden`), or
    whose window is too small (`too_long`).
    """

    elsewhere = False
    forbidden = False
    too_long = False


class Overloaded(ProviderError):
    """The provider cannot serve now (5xx, 529)."""


class Unreachable(ProviderError):
    """No connection: refused, unknown host, TLS, time-out."""


class StreamBroken(ProviderError):
    """The answer was cut off, or what came was not the protocol's."""


class CheckerFailed(CodefareError):
    """The checker of `[checkers.LANGUAGE]` says nothing of the code: not found, too slow, crashed."""


class StoreError(CodefareError):
    """The cache folder or the ledger cannot be used."""


def unknown_word(what: str, word: str, known: Sequence[str]) -> WrongUse:
    """The error for a word that is none of the known ones: it names the nearest, and all that there are."""
    word = word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"
    near = get_close_matches(word.lower(), known, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return WrongUse(f"There is no {what} {word!r}.", remedy=f"{hint}Known are: {', '.join(known)}.")
