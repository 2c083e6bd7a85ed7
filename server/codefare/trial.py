"""A fix is tried on a shadow copy with the user's own checker, if there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.tasks.outcome import Edit, Outcome, Refused

if TYPE_CHECKING:
    from codefare.settings import Settings
    from codefare.tasks import Subject


async def tried(
    settings: Settings, subject: Subject, outcome: Outcome, answer: str
) -> tuple[Outcome, str]:
    """The outcome with what the checker said of it, "" if there is none.

    One that leaves the diagnostic there, or brings new ones, is refused.
    """
    path, said = subject.target.path, subject.brief.diagnostic
    checker = settings.checker(subject.target.language)
    if checker is None or path is None or said is None or not isinstance(outcome, Edit):
        return outcome, ""
    from codefare.checking import VerdictKind, check  # only for those who configured one

    old = subject.document.text
    new = old[: outcome.span.start] + outcome.new + old[outcome.span.end :]
    verdict = await check(checker, path, old, new, said)
    if verdict.kind in {VerdictKind.STILL_THERE, VerdictKind.NEW_COMPLAINTS}:
        reason = f"A trial on a copy speaks against it ({verdict.text})."
        return Refused(reason, "Nothing was changed.", answer), verdict.text
    return outcome, verdict.text
