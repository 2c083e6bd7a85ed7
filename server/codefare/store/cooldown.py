"""How long an offering is left alone after a failure, and what a user is told of it: no clock and no file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from codefare.errors import (
    KeyMissing,
    KeyRefused,
    OutOfCredit,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRefused,
    Unreachable,
)


class Kind(StrEnum):
    """What went wrong last."""

    LIMIT = "limit"
    CREDIT = "credit"
    REFUSED_KEY = "refused key"
    NO_KEY = "no key"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    REFUSED = "refused"


_KINDS = (
    (RateLimited, Kind.LIMIT),
    (OutOfCredit, Kind.CREDIT),
    (KeyRefused, Kind.REFUSED_KEY),
    (KeyMissing, Kind.NO_KEY),
    (Overloaded, Kind.OVERLOADED),
    (Unreachable, Kind.UNREACHABLE),
    (RequestRefused, Kind.REFUSED),
)
_WORDS = {
    Kind.LIMIT: "rate limited until {until}",
    Kind.CREDIT: "out of credit: tried again from {until} on",
    Kind.REFUSED_KEY: "its key was refused: tried again from {until} on, or with another key",
    Kind.NO_KEY: "its key could not be had: tried again from {until} on",
    Kind.OVERLOADED: "overloaded: tried again from {until} on",
    Kind.UNREACHABLE: "not reachable: tried again from {until} on",
    Kind.BROKEN: "its answers break off: tried again from {until} on",
    Kind.REFUSED: "it refused a request: tried again from {until} on",
}
_IN_TRIAL = "it failed lately, and is being tried again right now"

# Seconds after the first failure, and at most, as it doubles with each trial that fails.
_TIMES = {
    Kind.LIMIT: (15.0, 600.0),
    Kind.CREDIT: (600.0, 600.0),
    Kind.REFUSED_KEY: (600.0, 600.0),
    Kind.NO_KEY: (30.0, 600.0),
    Kind.OVERLOADED: (15.0, 600.0),
    Kind.UNREACHABLE: (15.0, 120.0),  # more often than not it is this machine's network
    Kind.BROKEN: (15.0, 600.0),
    Kind.REFUSED: (30.0, 600.0),
}
_OWN_SERVER = (5.0, 30.0)  # somebody may be starting it, or loading a model
_LONGEST_ASKED = 3600.0
# Money or another key may have come meanwhile, and nothing here would show it.
_ON_SUSPICION = 60.0

FORGOTTEN = 3600.0
"""Seconds after a rest, from which on the next failure is the first again."""

LONGEST_WAIT = 20.0
"""Seconds that a request waits for its turn at most."""
_TOLD_LATELY = 60.0


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Why and how long an offering, or all of a provider's, is left alone. Times are seconds since the epoch.

    `failures` counts those in a row; 0 is a pause that no failure led to. When `until` has come, one request is let
    through and the others wait for what becomes of it, till `trial` at most.
    """

    kind: Kind
    since: float
    until: float
    failures: int
    trial: float = 0.0

    def reason(self, now: float) -> str | None:
        """Why nothing is sent there, in a user's words; None if something may be."""
        if now < self.until:
            return _WORDS[self.kind].format(until=_o_clock(self.until, now))
        return _IN_TRIAL if self.failures and now < self.trial else None

    def refusal(self, now: float) -> str | None:
        """The same where nothing else can serve, and to fail once more would harm nobody.

        Left are limits that have long to go, of which the provider told a minute ago. A short wait is waited for.
        """
        told = self.kind is Kind.LIMIT and self.until - now > LONGEST_WAIT
        return self.reason(now) if told and now - self.since < _TOLD_LATELY else None

    def holds_on_suspicion(self, now: float) -> bool:
        """Whether it holds where nobody knows yet whether the key is still the same."""
        of_key = self.kind in {Kind.CREDIT, Kind.REFUSED_KEY, Kind.NO_KEY}
        return not of_key or now - self.since < _ON_SUSPICION


def kind_of(error: ProviderError) -> Kind:
    """What an error is, as cooldowns go."""
    return next((kind for type_, kind in _KINDS if isinstance(error, type_)), Kind.BROKEN)


def is_of_provider(kind: Kind) -> bool:
    """Whether all of a provider's offerings have failed with the one that did."""
    return kind in {Kind.CREDIT, Kind.REFUSED_KEY, Kind.NO_KEY, Kind.UNREACHABLE}


def after_failure(
    before: Cooldown | None, error: ProviderError, now: float, *, self_hosted: bool
) -> Cooldown:
    """The cooldown after a failure, all retries spent.

    Failures while it lasts, of requests that were under way or that somebody insisted on, are no
    trials: the time does not double for them.
    """
    kind = kind_of(error)
    if before is not None and now > before.until + FORGOTTEN:
        before = None
    failures = before.failures if before else 0
    if before is None or now >= before.until or not failures:
        failures += 1
    first, most = _OWN_SERVER if self_hosted else _TIMES[kind]
    seconds = min(first * 2.0 ** min(failures - 1, 16), most)
    if isinstance(error, RateLimited) and error.retry_after is not None:
        longest = _OWN_SERVER[1] if self_hosted else _LONGEST_ASKED
        seconds = min(max(error.retry_after, 1.0), longest)
    elif error.partial and failures == 1:
        seconds = 0.0  # a connection breaks now and then, and its user may want to go on
    until = now + seconds
    if before is not None and before.kind is kind:
        until = max(until, before.until)
    return Cooldown(kind, now, until, failures)


def paused(before: Cooldown | None, seconds: float, now: float) -> Cooldown:
    """The cooldown after an answer that came with the news that nothing is left for the moment."""
    pause = Cooldown(Kind.LIMIT, now, now + min(seconds, _LONGEST_ASKED), 0)
    if before is None or pause.until > before.until:
        return pause if before is None else replace(pause, failures=before.failures)
    return before


def _o_clock(at: float, now: float) -> str:
    """An instant on the user's clock, rounded up; with the day if it is not today's."""
    near = at - now < 60  # noqa: PLR2004 - seconds of a minute
    step = timedelta(seconds=1 if near else 60)
    local = (datetime.fromtimestamp(at, UTC) + step - timedelta(microseconds=1)).astimezone()
    today = datetime.fromtimestamp(now, UTC).astimezone().date()
    clock = f"{local:%H:%M:%S}" if near else f"{local:%H:%M}"
    return clock if local.date() == today else f"{clock} on {local:%Y-%m-%d}"
