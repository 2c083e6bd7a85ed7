"""This machine's clock, compared with the providers'."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codefare.providers.inspection import Inspection

_SKEW = 60  # seconds


def clock(inspections: Iterable[Inspection]) -> Finding | None:
    """How far this machine's clock is from those of the providers; None if none told the time.

    Of several the nearest counts: a server's clock may be wrong, too.
    """
    told = [(skew, one.provider.name) for one in inspections if (skew := _skew(one)) is not None]
    if not told:
        return None
    skew, name = min(told, key=lambda pair: abs(pair[0]))
    if abs(skew) <= _SKEW:
        text = f"agrees with that of {name}"
        return Finding("machine.clock", Group.MACHINE, "Clock", State.OK, text)
    return Finding(
        "machine.clock",
        Group.MACHINE,
        "Clock",
        State.WARNING,
        f"is {_duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} that of {name}",
        "Set this machine's clock: certificates, hours with higher prices and the day of your budget depend on it.",
    )


def _skew(inspection: Inspection) -> float | None:
    """Seconds by which this machine's clock is ahead of the server's, which tells whole ones."""
    answer = inspection.fetched
    if answer is None or "age" in answer.headers:  # a cache's answer is as old as that
        return None
    try:
        there = parsedate_to_datetime(answer.headers["date"])
        return (inspection.at - there).total_seconds()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
