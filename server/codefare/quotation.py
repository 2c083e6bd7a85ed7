"""A quote as data: for `--json`, and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codefare.quoting import OFFLINE, Quote, Server

if TYPE_CHECKING:
    from codefare.estimate import CostEstimate

OFFLINE_PRICE = "the offline engine is free"


def quote_json(quote: Quote) -> dict[str, Any]:
    """A quote as data: tokens are numbers, money is decimal text in USD, null where unknown."""
    shown = quote.estimate
    choice = quote.choice
    offline = quote.server is Server.OFFLINE
    return {
        "action": quote.action.id,
        "task_type": quote.task_type.id,
        "target": quote.target.label,
        "complexity": quote.measure.complexity.value,
        "model": choice.model.id if choice else (OFFLINE if offline else None),
        "provider": choice.offering.provider if choice else (OFFLINE if offline else None),
        "cached": quote.cached,
        "input_tokens": shown.input.likely if shown else None,
        "input_tokens_exact": shown.input.exact if shown else None,
        "input_tokens_bound": shown.input.bound if shown else None,
        "output_tokens": (
            {
                "low": shown.output.low,
                "likely": shown.output.likely,
                "high": shown.output.high,
                "max": shown.output.max,
            }
            if shown
            else None
        ),
        "cost_usd": cost_json(quote.cost),
        "price_source": OFFLINE_PRICE if offline else shown.price_source if shown else None,
        "reason": quote.reason,
        "resting": quote.resting or None,
        "removed": removed_json(quote),
        "recommended": _recommended_json(quote),
    }


def removed_json(quote: Quote) -> list[dict[str, Any]]:
    """The secrets that were taken out of the prompt: what each is, and where it stood. Never the secret."""
    lines = quote.prompt.lines(quote.subject.document.text)
    return [
        {"kind": kind, "lines": list(at), "parts": list(removal.parts)}
        for removal, (kind, at) in zip(quote.prompt.removed, lines, strict=True)
    ]


def _recommended_json(quote: Quote) -> dict[str, Any] | None:
    wanted = quote.recommended
    if wanted is None:
        return None
    return {
        "model": wanted.model.id,
        "provider": wanted.offering.provider,
        "cost_usd": cost_json(wanted.estimate.cost),
        "price_source": wanted.estimate.price_source,
        "missing": quote.missing,
    }


def cost_json(cost: CostEstimate | None) -> dict[str, str] | None:
    """A cost as decimal text in USD."""
    if cost is None:
        return None
    amounts = {"low": cost.low, "likely": cost.likely, "high": cost.high, "ceiling": cost.ceiling}
    return {name: format(amount.normalize(), "f") for name, amount in amounts.items()}
