"""The pages that a user reads: what would be sent, a report, an answer that was not used, a change that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.legible import visible
from codefare.money import money, price_tag
from codefare.presentation import receipt, removed, whole_receipt
from codefare.tasks.answer import LONGEST
from codefare.tasks.templates import fenced

if TYPE_CHECKING:
    from codefare.result import Result
    from codefare.sending import Sending, SentPart


def what_is_sent(sent: Sending) -> str:
    """The report on what would be sent, part by part and byte by byte."""
    lines = [
        f"# What would be sent: {sent.quote.phrase}",
        "",
        f"To {sent.model} at {sent.provider.name}: `POST {sent.url}`. Nothing was sent yet.",
        "",
    ]
    lines += [f"- {part.name}: {_size(part)}" for part in sent.parts]
    lines.append(f"- the answer: at most {sent.max_tokens:,} tokens")
    cached = sent.quote.cached
    lines += [
        "",
        "In all: free, its answer is in the cache."
        if cached
        else f"In all: {price_tag(sent.quote.cost)}.",
    ]
    if told := removed(sent.quote):
        lines += ["", f"{told[:1].upper()}{told[1:]}."]
    for part in sent.parts:
        lines += ["", f"## {part.name[:1].upper()}{part.name[1:]}", "", fenced(part.text, "text")]
    count = len(sent.body)
    lines += ["", f"## The body of the request: {count:,} bytes", ""]
    lines.append(fenced(sent.body.decode(), "json"))
    return "\n".join(lines) + "\n"


def _size(part: SentPart) -> str:
    cost = "price unknown" if part.cost_usd is None else money(part.cost_usd)
    about = "" if part.exact else "≈"
    return f"{about}{part.tokens:,} tokens, {cost}"


def report(markdown: str, result: Result) -> str:
    """A report with what it took at its end, and what failed before it."""
    return f"{markdown.rstrip()}\n\n---\n\n{whole_receipt(result)}\n"


def unused(result: Result, reason: str, difference: str = "") -> str:
    """An answer that was not applied, kept for the user, with the difference that it would have made.

    Of one that is longer than any model writes, the beginning.
    """
    whole = result.answer.rstrip()
    answer = visible(whole[:LONGEST])
    if len(whole) > LONGEST:
        answer += f"\n\n… and {len(whole) - LONGEST:,} more characters"
    changes = f"## The difference\n\n{fenced(difference, 'diff')}\n\n" if difference else ""
    head = f"# Not applied: {result.title}\n\n{reason}\n\n{receipt(result)}\n\n"
    return f"{head}{changes}## The answer\n\n{answer}\n"


def previewed(result: Result, difference: str) -> str:
    """A change that waits for the user's word."""
    head = f"# Preview: {result.title}\n\nNot applied yet. {receipt(result)}\n\n"
    return f"{head}{fenced(difference, 'diff')}\n"
