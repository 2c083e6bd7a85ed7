"""Whether a fix is one, tried on a shadow copy before anybody's file changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codefare.checking.complaints import complaints_in, lines_in
from codefare.checking.diagnostics import diagnostics_of
from codefare.checking.program import failed, run
from codefare.checking.sameness import complaint_of
from codefare.checking.shadow import shadow_of
from codefare.errors import CheckerFailed
from codefare.source.buffer import Buffer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codefare.checking.complaints import Complaint
    from codefare.checking.shadow import Shadow
    from codefare.settings.model import Checker
    from codefare.source.diagnostic import Diagnostic

_MOST_LISTED = 5


class VerdictKind(StrEnum):
    """What a checker says of a fix, in the words for a user."""

    GONE = "gone"
    STILL_THERE = "still there"
    NEW_COMPLAINTS = "new complaints"
    UNSEEN = "not seen"  # the checker did not complain of it before the fix either
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of a fix.

    `new` are complaints that were not there before, five at most of `new_count`; there may be some
    with any kind but GONE. `reason` tells why it could not run.
    """

    kind: VerdictKind
    checker: str
    new: tuple[str, ...] = ()
    new_count: int = 0
    reason: str = ""

    @property
    def text(self) -> str:
        """One or more lines for a user: `ruff: gone`."""
        head = f"{self.checker}: {self.kind}"
        if self.kind is VerdictKind.COULD_NOT_RUN:
            return f"{head}: {self.reason}"
        if self.new and self.kind is not VerdictKind.NEW_COMPLAINTS:
            head += ", and new complaints"
        more = self.new_count - len(self.new)
        rest = [f"and {more} more"] if more else []
        return "\n".join([head, *self.new, *rest])


async def check(
    checker: Checker, path: Path, old_text: str, new_text: str, diagnostic: Diagnostic
) -> Verdict:
    """What the user's checker says of `new_text` in place of `old_text` for the file `path`.

    The project itself is not written. `diagnostic` is what the new text is to fix; its span is of
    the old text. Cancelling ends the checker.
    """
    try:
        async with shadow_of(path) as shadow:
            old = await _complaints(checker, shadow, old_text)
            new = await _complaints(checker, shadow, new_text)
            file = shadow.file.relative_to(shadow.top).as_posix()
    except CheckerFailed as error:
        return Verdict(VerdictKind.COULD_NOT_RUN, checker.name, reason=error.text)
    return _judge(checker, old, new, diagnostic, file, old_text)


async def complaints(checker: Checker, path: Path, text: str) -> list[Diagnostic]:
    """What the user's checker says of `text` as the file `path`, in the order in which it does.

    Raises:
        CheckerFailed: It was not found, took too long, or failed.
    """
    async with shadow_of(path) as shadow:
        found = await _complaints(checker, shadow, text)
        file = shadow.file.relative_to(shadow.top).as_posix()
    return diagnostics_of([one for one in found if one.file == file], text, checker.name)


async def _complaints(checker: Checker, shadow: Shadow, text: str) -> list[Complaint]:
    shadow.write(text)
    printed = await run(checker, shadow)
    found = complaints_in(printed.text, shadow)
    if found or printed.code == 0:
        return found
    if printed.code > 1:  # 1 is what checkers return when they complain
        raise failed(checker, printed)
    return lines_in(printed.text)


def _judge(
    checker: Checker,
    old: Sequence[Complaint],
    new: Sequence[Complaint],
    diagnostic: Diagnostic,
    file: str,
    old_text: str,
) -> Verdict:
    before = Counter(one.key for one in old)
    after = Counter(one.key for one in new)
    added = _listed(new, after - before)
    buffer = Buffer(old_text)
    span = diagnostic.span
    lines = range(buffer.line_at(span.start) + 1, buffer.line_at(span.end) + 2)
    meant = complaint_of(diagnostic, lines, file, checker.name, old)
    if meant is None:
        kind = VerdictKind.NEW_COMPLAINTS if added else VerdictKind.UNSEEN
    elif after[meant.key] >= before[meant.key]:
        kind = VerdictKind.STILL_THERE
    else:
        kind = VerdictKind.NEW_COMPLAINTS if added else VerdictKind.GONE
    return Verdict(kind, checker.name, tuple(added[:_MOST_LISTED]), len(added))


def _listed(complaints: Sequence[Complaint], added: Counter[tuple[str, str]]) -> list[str]:
    """Those that are new, as a user reads them, in the order of the checker; of equal ones the last."""
    left = Counter(added)
    found: list[str] = []
    for one in reversed(complaints):
        if left[one.key] > 0:
            left[one.key] -= 1
            found.append(str(one))
    return found[::-1]
