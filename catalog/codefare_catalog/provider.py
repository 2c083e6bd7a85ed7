"""Providers: who serves a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Dialect = Literal["anthropic", "openai", "ollama"]
Ending = Literal["complete", "length", "refused", "filtered", "context", "failed"]


@dataclass(frozen=True, slots=True)
class UsageFields:
    """Where a provider of OpenAI's dialect reports usage; all are dotted paths, numbers index lists.

    `report` are the places in a message where the report may stand; all else is within it. `cached`
    are the counters of prompt tokens that came from a cache: they count the same tokens, the first
    that is there stands. `uncached` counts the other prompt tokens, for a report without their sum.
    `cost_usd` is the real charge, unless what stands at `no_cost` is true.
    """

    report: tuple[str, ...] = ("usage",)
    cached: tuple[str, ...] = ("prompt_tokens_details.cached_tokens",)
    uncached: str | None = None
    cost_usd: str | None = None
    no_cost: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """How a provider says what its status does not; the dialects' own words are known without.

    An entry is a type or a code of its errors or, with a space in it, a part of their message.
    Case does not matter. `no_credit`: it will not serve until the user pays. `too_long`: the prompt
    does not fit the model's window. `no_model`: it does not have the model.
    """

    no_credit: tuple[str, ...] = ()
    too_long: tuple[str, ...] = ()
    no_model: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """A base URL, a dialect, a key variable, and quirks as data.

    `key_env` is None where no key is needed. `self_hosted` providers keep code on machines of the
    user's own. `headers` go with each request; `extra_body` is merged into each body, and the
    fields that `omit` names are left out of it.
    `finish_reasons` says what a reason means that is not the dialect's own, or not in its sense; a
    reason that nobody knows is never a complete answer. `ends_without_marker` is true where a
    stream may end with the finish reason and the usage, without `[DONE]`.
    `key_check` is the path of a free request that needs the key, where the list of models does not.
    """

    id: str
    name: str
    base_url: str
    dialect: Dialect
    key_env: str | None = None
    self_hosted: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    omit: tuple[str, ...] = ()
    finish_reasons: Mapping[str, Ending] = field(default_factory=dict)
    ends_without_marker: bool = False
    usage: UsageFields = field(default_factory=UsageFields)
    errors: ErrorWords = field(default_factory=ErrorWords)
    key_check: str | None = None
    rate_limits: str | None = None
    notes: tuple[str, ...] = ()
