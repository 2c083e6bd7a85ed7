"""The catalog and routes as data: what `codefare models` and `codefare route` print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from codefare.errors import unknown_word
from codefare.estimate import Output, Workload
from codefare.quotation import cost_json
from codefare.quoting import every_provider
from codefare.routing import Choice, Need, Route, Usable, Via, route
from codefare.source.target import Complexity

if TYPE_CHECKING:
    from datetime import datetime

    from codefare.quoter import Quoter
    from codefare_catalog import Action, Catalog, Listed, Model, Offering, Price, Rate

# Tokens: a route is asked for without an action, whose answer's length would be known.
_ORDINARY_ANSWER = Output(low=200, likely=500, high=900, max=2000)


def model_json(catalog: Catalog, model: Model, at: datetime) -> dict[str, Any]:
    """One model with every figure the catalog has.

    Prices are in USD per million tokens as decimal text, `{low, high}` for a range, null where there is none. `listed`
    is the comparison document's row; `current` is what the model's first provider bills at `at`; `offerings` has all.
    """
    first = model.offerings[0] if model.offerings else None
    limits = model.rate_limits
    return {
        "id": model.id,
        "name": model.name,
        "vendor": model.vendor,
        "listed": listed_json(model.listed),
        "current": price_json(first.price_at(at)) if first else None,
        "prices_differ": differs(model, at),
        "context_window": first.context_window if first else None,
        "listed_context_window": model.listed.context_window if model.listed else None,
        "max_output": first.max_output if first else None,
        "rate_limits": {
            "text": limits.text,
            "requests_per_minute": _range_json(limits.requests_per_minute),
            "tokens_per_minute": _range_json(limits.tokens_per_minute),
        }
        if limits
        else None,
        "benchmarks": {
            "humaneval": model.benchmarks.humaneval,
            "mbpp": model.benchmarks.mbpp,
            "swe_bench": model.benchmarks.swe_bench,
            "notes": list(model.benchmarks.notes),
        },
        "speed": model.speed,
        "cost_rank": model.cost_rank,
        "strengths": list(model.strengths),
        "best_for": list(model.best_for),
        "tier": model.tier,
        "status": model.status(at),
        "release": model.release,
        "retires_at": model.retires_at.isoformat() if model.retires_at else None,
        "successor": model.successor,
        "newer": model.newer,
        "open_weights": model.open_weights,
        "vocabulary": model.vocabulary,
        "notes": list(model.notes),
        "offerings": [_offering_json(catalog, offering, at) for offering in model.offerings],
    }


def listed_json(listed: Listed | None) -> dict[str, Any] | None:
    """The document's cost table row."""
    if listed is None:
        return None
    return {
        "input": rate_json(listed.input),
        "output": rate_json(listed.output),
        "cache_write": rate_json(listed.cache_write),
        "cache_read": rate_json(listed.cache_read),
    }


def price_json(price: Price | None) -> dict[str, Any] | None:
    """A price with its source, and where it has them its rates for long prompts and its peak hours."""
    if price is None:
        return None
    data: dict[str, Any] = {
        "input": rate_json(price.input),
        "output": rate_json(price.output),
        "cache_write": rate_json(price.cache_write),
        "cache_read": rate_json(price.cache_read),
        "source": price.source,
        "checked": price.checked.isoformat(),
    }
    if price.long_prompt:
        data["long_prompt"] = [
            {
                "above_tokens": tier.above_tokens,
                "input": rate_json(tier.input),
                "output": rate_json(tier.output),
                "cache_write": rate_json(tier.cache_write),
                "cache_read": rate_json(tier.cache_read),
            }
            for tier in price.long_prompt
        ]
    if price.peak:
        data["peak"] = {
            "factor": str(price.peak.factor),
            "hours_utc": [f"{a:%H:%M}-{b:%H:%M}" for a, b in price.peak.hours],
            "weekdays": sorted(price.peak.weekdays),
        }
    return data


def rate_json(rate: Rate | None) -> str | dict[str, str] | None:
    """A rate as its source writes it."""
    if rate is None:
        return None
    if rate.is_range:
        return {"low": str(rate.low), "high": str(rate.high)}
    return str(rate.low)


def differs(model: Model, at: datetime) -> bool | None:
    """Whether the document's figures and today's are not the same; None where one of them is missing."""
    price = model.offerings[0].price_at(at) if model.offerings else None
    if price is None or model.listed is None:
        return None
    return (price.input, price.output) != (model.listed.input, model.listed.output)


def _offering_json(catalog: Catalog, offering: Offering, at: datetime) -> dict[str, Any]:
    return {
        "provider": offering.provider,
        "self_hosted": catalog.providers[offering.provider].self_hosted,
        "wire_id": offering.wire_id,
        "context_window": offering.context_window,
        "max_output": offering.max_output,
        "price": price_json(offering.price_at(at)),
    }


def _range_json(bounds: tuple[int, int] | None) -> dict[str, int] | None:
    return None if bounds is None else {"low": bounds[0], "high": bounds[1]}


def route_json(found: Route, complexity: str, *, budget: bool, at: datetime) -> dict[str, Any]:
    """A route: `chosen` (a model id or null), the ranked choices and the drops, each with its reason."""
    return {
        "task_type": found.task_type.id,
        "complexity": complexity,
        "budget": budget,
        "at": at.isoformat(),
        "chosen": found.chosen.model.id if found.chosen else None,
        "provider": found.chosen.offering.provider if found.chosen else None,
        "reason": found.reason,
        "ranked": [_choice_json(found, choice) for choice in found.ranked],
        "dropped": [
            {"model": drop.model, "provider": drop.provider, "reason": drop.reason}
            for drop in found.dropped
        ],
    }


def _choice_json(found: Route, choice: Choice) -> dict[str, Any]:
    return {
        "model": choice.model.id,
        "provider": choice.offering.provider,
        "position": choice.position,
        "replaces": choice.replaces.id if choice.replaces else None,
        "cost_usd": cost_json(choice.estimate.cost),
        "reason": choice_reason(found, choice),
    }


def choice_reason(found: Route, choice: Choice) -> str:
    """Why a model stands in the ranking: the document's word for it, or how it came in."""
    named = choice.replaces or choice.model
    other = f"{named.tier} tier" if choice.via is Via.TIER else choice.via.value
    role = next((c.role for c in found.task_type.candidates if c.model == named.id), other)
    if choice.replaces is None:
        return role
    day = named.retires_at.isoformat() if named.retires_at else "an unknown day"
    return f"{role}; takes the place of {named.name}, retired on {day}"


@dataclass(frozen=True, slots=True)
class Question:
    """What `codefare route` is asked; `everything` treats every provider as usable."""

    task_type: str
    complexity: str
    budget: bool
    tokens: int
    private: bool
    everything: bool
    at: datetime


def answer(quoter: Quoter, question: Question) -> Route:
    """Where a prompt of so many tokens would go, with an answer of ordinary length.

    Raises:
        WrongUse: There is no such task type.
    """
    catalog = quoter.catalog
    task_type = catalog.task_types.get(question.task_type)
    if task_type is None:
        raise unknown_word("task type", question.task_type, list(catalog.task_types))
    usable: Usable = partial(quoter.usable, at=question.at)
    if question.everything:
        usable = every_provider(catalog, private=question.private)
    need = Need(
        task_type=task_type,
        workload=Workload.of_tokens(question.tokens, _ORDINARY_ANSWER),
        complexity=Complexity(question.complexity),
        at=question.at,
        budget=question.budget,
        private=question.private or quoter.settings.privacy.self_hosted_only,
        prices=quoter.settings.prices,
    )
    return route(catalog, need, usable)


def action_json(action: Action) -> dict[str, Any]:
    """One action as its row says it."""
    return {
        "id": action.id,
        "title": action.title,
        "kind": action.kind,
        "task_type": action.task_type,
        "file_task_type": action.file_task_type,
        "result": action.result,
        "scopes": list(action.scopes),
        "languages": list(action.languages),
        "variants": [variant.id for variant in action.variants],
        "own": bool(action.prompt),
    }
