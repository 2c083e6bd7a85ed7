"""The words and figures a user reads, the same in editors and in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codefare.errors import sentence
from codefare.money import about, marked, money, price_tag
from codefare.quoting import Quote, Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.estimate import Estimate
    from codefare.meter import Progress
    from codefare.result import Result
    from codefare.source.target import Target

OFFLINE_NAME = "offline engine"

_MOST_SECRETS = 5  # that are listed


def title(quote: Quote) -> str:
    """The line of a menu: `Document Parser.feed · Claude Haiku 4.5 · ~0.2¢, ≤ 1.1¢`."""
    return f"{quote.phrase} · {offer(quote)}"


def _sibling(quote: Quote, *, best: bool, cheapest: bool) -> str:
    """A line among the models for one action: `Claude Opus 4.6 · ~3¢, ≤ 9¢ · best`."""
    marks = [word for word, holds in (("best", best), ("cheapest", cheapest)) if holds]
    return " · ".join([offer(quote), *marks])


def siblings(quotes: Sequence[Quote]) -> list[str]:
    """The lines for one action on several models, of which the first is the task's best."""
    priced = [quote.cost.likely for quote in quotes if quote.cost is not None]
    least = min(priced, default=None)
    return [
        _sibling(
            quote,
            best=at == 0,
            cheapest=quote.cost is not None and quote.cost.likely == least,
        )
        for at, quote in enumerate(quotes)
    ]


def findings(count: int, dismissed: int) -> str:
    """How many findings a review has: `3 findings (1 dismissed before)`."""
    said = f"{count} finding{'' if count == 1 else 's'}" if count else "nothing found"
    return f"{said} ({dismissed} dismissed before)" if dismissed else said


def offer(quote: Quote) -> str:
    """Who serves the action and for how much."""
    if quote.cached:
        return "cached · free"
    if quote.choice is not None:
        resting = f" · tried although {quote.resting_briefly}" if quote.resting else ""
        return f"{quote.choice.model.name} · {price_tag(quote.cost)}{resting}"
    if quote.limit is not None:
        # Why is said once, beside the menu: it would make each of its lines too long.
        return (
            f"{OFFLINE_NAME} · free ({quote.remedy})"
            if quote.server is Server.OFFLINE
            else quote.remedy
        )
    wanted = (
        f"{quote.recommended.model.name} · {_likely(quote)}" if quote.recommended else "a model"
    )
    if quote.server is Server.OFFLINE:
        return f"{OFFLINE_NAME} · free ({wanted}: {quote.remedy})"
    return f"{wanted} · {quote.remedy}"


def hover(target: Target, quotes: Sequence[Quote], *, more: int = 0) -> str:
    """The quotes of a target as a few lines of plain Markdown: no table, no HTML, which some editors show raw.

    `more` actions are in the menu.
    """
    lines = [f"**codefare** · `{target.label}` · {complexity(quotes, target)}", ""]
    lines += [f"- {quote.action.title} · {offer(quote)}{tokens(quote)}" for quote in quotes]
    rest = f"{more} more in the menu. " if more else ""
    if told := withheld(quotes):
        lines += ["", told]
    most = max(quotes, key=lambda quote: len(quote.prompt.removed), default=None)
    if most is not None and (told := removed(most)):
        lines += ["", f"{told[:1].upper()}{told[1:]}."]
    lines += ["", f"{rest}{_price_note(quotes)}Nothing was sent."]
    return "\n".join(lines)


def withheld(quotes: Sequence[Quote]) -> str:
    """Why not every model may see the file; "" if each may."""
    limit = next((quote.limit for quote in quotes if quote.limit), None)
    return sentence(limit.reason) if limit else ""


def removed(quote: Quote) -> str:
    """What is not sent: `2 secrets are not sent (AWS key, line 12; password, line 14)`; "" if nothing is kept back."""
    found = quote.prompt.lines(quote.subject.document.text)
    if not found or quote.choice is None:
        return ""
    shown = [
        f"{kind}, {_line_numbers(lines) or removal.parts[0]}"
        for removal, (kind, lines) in zip(quote.prompt.removed, found, strict=True)
    ][:_MOST_SECRETS]
    if more := len(found) - len(shown):
        shown.append(f"{more} more")
    are = "secret is" if len(found) == 1 else "secrets are"
    return f"{len(found)} {are} not sent ({'; '.join(shown)})"


def _line_numbers(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    shown = ", ".join(map(str, lines[:_MOST_SECRETS]))
    more = " and more" if len(lines) > _MOST_SECRETS else ""
    return f"line{'' if len(lines) == 1 else 's'} {shown}{more}"


def _price_note(quotes: Sequence[Quote]) -> str:
    """`Prices as of 2026-11-23. `: the day on which the oldest of the shown prices was checked."""
    prices = [
        q.estimate.price
        for q in quotes
        if q.estimate and q.estimate.cost and q.estimate.cost.ceiling and not q.cached
    ]
    days = sorted(price.checked for price in prices if price is not None)
    return f"Prices as of {days[0].isoformat()}. " if days else ""


def complexity(quotes: Sequence[Quote], target: Target) -> str:
    """`medium: 64 lines, 9 branches`."""
    measure = quotes[0].measure if quotes else target.measure
    return f"{measure.complexity.value} complexity: {measure.reason}"


def tokens(quote: Quote) -> str:
    """` · 412 tokens in, ~150 out`; "≈" marks an input count that is an estimate."""
    size = quote.estimate
    if size is None or quote.cached or quote.choice is None:
        return ""
    return f" · {token_counts(size)}"


def token_counts(size: Estimate) -> str:
    """`412 tokens in, ~150 out`; an input count that is an estimate carries "≈" and its band."""
    if size.input.exact:
        fresh = f"{size.input.likely:,}"
    else:
        fresh = f"≈{size.input.likely:,} ({size.input.low:,} to {size.input.high:,})"
    return f"{fresh} tokens in, ~{size.output.likely:,} out"


def receipt(result: Result) -> str:
    """What it took, in one line: `Claude Haiku 4.5 · 0.2¢ · 412 in, 150 out · 2.1 s`; "≈" before what we counted."""
    lost = _lost(result)
    if result.cached:
        return f"answered from the cache · free{lost}"
    if result.offline:
        asked = "" if result.detour else " · no model was asked"
        return f"{OFFLINE_NAME} · free{asked}{lost}"
    if result.joined:
        return f"{result.model_name} · free · the same request was under way{lost}"
    about = "≈" if result.estimated else ""
    cost = "price unknown" if result.cost_usd is None else marked(result.cost_usd, about)
    parts = [result.model_name, cost]
    if result.usage is not None:
        parts.append(f"{about}{result.usage.prompt:,} in, {about}{result.usage.output:,} out")
    parts.append(f"{result.seconds:.1f} s{lost}")
    if told := removed(result.quote):
        parts.append(
            told.replace(" are not sent", " not sent").replace(" is not sent", " not sent")
        )
    if result.above_ceiling:
        parts.append("above the ceiling of the quote: please report it")
    return " · ".join(parts)


def _likely(quote: Quote) -> str:
    wanted = quote.recommended.estimate.cost if quote.recommended else None
    if wanted is None:
        return "price unknown"
    return about(wanted.likely)


def progress(made: Progress, quote: Quote) -> str:
    """`Claude Haiku 4.5 · 3.2 s · 120 tokens · 0.1¢`."""
    quoted = quote.choice.model.name if quote.choice else OFFLINE_NAME
    return f"{made.instead or quoted} · {reached(made)}"


def reached(made: Progress) -> str:
    """How far a request is: `3.2 s · 120 tokens · 0.1¢`, or what it waits for."""
    if made.waiting:
        return made.waiting
    if not made.output_tokens:
        return f"{made.seconds:.1f} s · no answer yet"  # what it will cost is not known: nothing is free by then
    spent = "price unknown" if made.cost_usd is None else money(made.cost_usd)
    return f"{made.seconds:.1f} s · {made.output_tokens:,} tokens · {spent}"


def spent(made: Progress) -> str:
    """What a request took that came to no result: `≈0.3¢ spent`; "≈" before what we counted."""
    if made.cost_usd is None:
        return "price unknown"
    if made.cost_usd == 0:
        return "nothing spent"
    return f"{marked(made.cost_usd, '≈' if made.estimated else '')} spent"


def _lost(result: Result) -> str:
    """The end of a receipt, if attempts failed that cost something."""
    if result.lost_usd is None:
        return " · attempts that failed at a price that is not known"
    if not result.lost_usd:
        return ""
    return f" · {marked(result.lost_usd, '≈')} more for attempts that failed"


def not_used(result: Result, reason: str) -> str:
    """Why an answer came to nothing, and what it took: `Refactor add: The answer is empty. It took 0.2¢.`."""
    return f"{result.title}: {sentence(reason)} {_took(result)}"


def _took(result: Result) -> str:
    lost = f" {_lost(result)[3:].capitalize()}." if _lost(result) else ""
    return f"{_took_itself(result)}{lost}"


def _took_itself(result: Result) -> str:
    if result.cached or result.offline or result.joined:
        return "It cost nothing."
    if result.cost_usd is None:
        return "Its price is not known."
    if result.cost_usd == 0:
        return "It cost nothing."
    return f"It took {marked(result.cost_usd, '≈' if result.estimated else '')}."


def notice(result: Result) -> str | None:
    """What the user must be told even if all went well: that no model was asked, or that it cost too much."""
    if result.offline and not result.detour:
        hint = f" For a model: {result.quote.remedy}." if result.quote.missing else ""
        hint = f" {withheld([result.quote])}" if result.quote.limit else hint
        return f"{result.title}: made by the offline engine, no model was asked.{hint}"
    if result.detour:
        return f"{result.title}: {whole_receipt(result)}"
    if result.above_ceiling:
        return f"{result.title}: {receipt(result)}"
    return None


def whole_receipt(result: Result) -> str:
    """The receipt, after a detour with what failed before it: `… Served instead by GPT-6 Luna · 0.2¢ · ….`."""
    if not result.detour:
        return receipt(result)
    return f"{' '.join(result.detour)} Served instead by {receipt(result)}."


def price_question(quote: Quote) -> str:
    """Whether to run what may cost more than the user's own mark."""
    return f"{title(quote)}. Run it?"


def instead_question(quote: Quote, failure: str) -> str:
    """Whether to go on with a dearer model after a failure."""
    return f"{failure} Go on with {title(quote)}?"


def cheaper(quotes: Sequence[Quote]) -> list[str]:
    """The lines for what fits in a budget."""
    return [offer(quote) for quote in quotes]
