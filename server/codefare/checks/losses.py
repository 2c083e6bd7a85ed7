"""Whether an answer is a part of what was asked for that happens to parse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.checks.rewrite import CALLABLE, code_lines, full_name, squeezed
from codefare.source.outline import outline

if TYPE_CHECKING:
    from codefare.checks.rewrite import Rewrite
    from codefare.source.facts import Outline

_LEAVES = re.compile(
    r"(?:return|raise|throw|yield|break|continue|goto|exit|die|panic!?|unreachable!?|sys\.exit|os\.Exit|process\.exit)\b"
)
_IDLE = re.compile(r"(?:return(?: None| nil| null)?|pass|continue|break);?\Z")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SELF = frozenset({"self", "this", "cls"})
_FEWEST_LOST = 2
_SHARE_LOST = 1 / 3


def left_out(rewrite: Rewrite) -> str | None:
    """Why the answer is only a part of the code; None if it is not."""
    new = rewrite.new.text[rewrite.now.start : rewrite.now.end]
    old = rewrite.old.text[rewrite.was.start : rewrite.was.end]
    had, has = (code_lines(text, rewrite.language) for text in (old, new))
    if had and not has:
        return "The answer holds no code."
    if len(has) < len(had) and had[: len(has)] == has and _is_cut(rewrite, had[len(has) :], has):
        return f"The answer is cut off: it ends after {len(has)} of {len(had)} lines of code."
    return _does_less(rewrite)


def _is_cut(rewrite: Rewrite, lost: list[str], has: list[str]) -> bool:
    """Whether the lines that are gone from the end were of use there."""
    if _ends_by_leaving(rewrite, has[-1]) or all(_IDLE.match(line) for line in lost):
        return False
    # Definitions that went as a whole are judged by who used them.
    whole = [
        line
        for symbol in rewrite.replaced
        if full_name(symbol) not in {full_name(s) for s in rewrite.made}
        for line in code_lines(
            rewrite.old.text[symbol.span.start : symbol.span.end], rewrite.language
        )
    ]
    return not set(lost) <= set(whole)


def _ends_by_leaving(rewrite: Rewrite, last: str) -> bool:
    """Whether the last line of code leaves the function, on whichever way it was come to."""
    lines = rewrite.new.text[rewrite.now.start : rewrite.now.end].splitlines()[1:]
    depths = [len(line) - len(line.lstrip()) for line in lines if _NAME.search(line)]
    own = [len(line) - len(line.lstrip()) for line in lines if line.strip() == last]
    return _LEAVES.match(last) is not None and own[-1:] == [min(depths, default=0)]


def _does_less(rewrite: Rewrite) -> str | None:
    """Why a function no longer does what it did: its result is gone, or the calls of its second half are."""
    symbol = rewrite.symbol
    if symbol is None or symbol.kind not in CALLABLE:
        return None
    made = [s for s in rewrite.made if full_name(s) == full_name(symbol)]
    if not made:
        return None
    try:
        was = outline(rewrite.old, symbol)
        now = [outline(rewrite.new, each) for each in rewrite.made]
    except LookupError:
        return None
    own = full_name(symbol)
    became = [each for each in now if squeezed(each.qualified_name) == own]
    if was.has_body and not any(each.has_body for each in became):
        return f"The answer declares {symbol.name} only: its body is gone."
    gave = _gives(was)
    if gave and not any(_gives(each) for each in became):
        return f"The answer's {symbol.name} gives nothing back any more."
    return _calls_less(was, now, rewrite)


def _gives(outline: Outline) -> bool:
    return any(step.text not in ("", "None", "null", "nil") for step in outline.results) or bool(
        outline.yields
    )


def _calls_less(was: Outline, now: list[Outline], rewrite: Rewrite) -> str | None:
    """Why the calls of the code's end are gone, with none in their place."""
    code = "\n".join(
        code_lines(rewrite.new.text[rewrite.now.start : rewrite.now.end], rewrite.language)
    )
    lost = [call for call in was.calls if not _is_done(call, code)]
    if not lost or lost != list(was.calls[len(was.calls) - len(lost) :]):
        return None
    for one in now:
        kept = [at for at, call in enumerate(one.calls) if call in was.calls]
        if not kept or kept[-1] < len(one.calls) - 1:
            return None  # something else is called where they were
    if max(_FEWEST_LOST, len(was.calls) * _SHARE_LOST) <= len(lost) < len(was.calls):
        return f"The answer leaves out the end of {was.name}: {', '.join(lost[:4])}."
    return None


def _is_done(call: str, code: str) -> bool:
    """Whether a call is still there, or what it was made on: an operator may do the same."""
    names = [name for name in _NAME.findall(call) if name not in _SELF]
    return any(re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", code) for name in names)
