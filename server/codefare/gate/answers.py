"""What an answer does with the secrets that were taken out: they are back in it, and none is lost without a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codefare.tasks.outcome import Addition, Edit, NewFile, Outcome, Refused

if TYPE_CHECKING:
    from codefare.gate.cleared import Cleared

_AGAIN = "Nothing was changed. Run the action again, or pick another model."


def checked(outcome: Outcome, cleared: Cleared, answer: str) -> Outcome:
    """`outcome` if it treats the secrets well, else a refusal.

    An answer with a placeholder that stands for nothing is refused. One that leaves a secret out, or writes it once
    more, may be right: its `remark` says so. A comment tells no secret: it gets dots in its place.
    """
    match outcome:
        case Edit(old=old, new=new, comments_only=True) if gained := _gained(cleared, old, new):
            untold = replace(outcome, new=cleared.without(new, "..."))
            reason = _stray(cleared, old, untold.new)
            outcome = untold
            said = f"The comment would have told a secret of your code ({_listed(gained)}): it says “...” there."
        case Edit(old=old, new=new):
            reason, said = _stray(cleared, old, new), _said(cleared, old, new)
        case Addition(old=old, new=new):
            reason, said = _stray(cleared, old, new), _said(cleared, old, new)
        case NewFile(text=text):
            reason, said = _stray(cleared, "", text), _said(cleared, "", text)
        case _:
            return outcome
    if reason is not None:
        return Refused(reason, _AGAIN, answer)
    return (
        replace(outcome, remark=" ".join(filter(None, (outcome.remark, said)))) if said else outcome
    )


def _stray(cleared: Cleared, old: str, new: str) -> str | None:
    word = cleared.stray(new)
    if word is None or word in old:
        return None
    return f"The answer holds “{word}”, which stands for no secret of your code."


def _gained(cleared: Cleared, old: str, new: str) -> list[str]:
    """The kinds of the secrets that stand in `new` more often than in `old`."""
    before, after = cleared.counts(old), cleared.counts(new)
    return [one.kind for at, one in enumerate(cleared.removed) if after[at] > before[at]]


def _said(cleared: Cleared, old: str, new: str) -> str:
    gained, gone = _gained(cleared, old, new), _gone(cleared, old, new)
    parts = []
    if gone:
        parts.append(f"The change leaves out a secret ({_listed(gone)}): keep it if you need it.")
    if gained:
        parts.append(f"The change writes a secret of your code once more ({_listed(gained)}).")
    return " ".join(parts)


def _listed(kinds: list[str]) -> str:
    return ", ".join(dict.fromkeys(kinds))


def _gone(cleared: Cleared, old: str, new: str) -> list[str]:
    before, after = cleared.counts(old), cleared.counts(new)
    return [one.kind for at, one in enumerate(cleared.removed) if before[at] and not after[at]]
