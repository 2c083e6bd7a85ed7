"""Providers: who serves a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Dialect = Literal["anthropic", "openai", "ollama"]


@dataclass(frozen=True, slots=True)
class Provider:
    """A base URL, a dialect, a key variable, and quirks as data.

    `key_env` is None where no key is needed. `self_hosted` providers keep code on machines of the
    user's own. `headers` go with each request; `extra_body` is merged into each body. `usage_path`
    is where the usage of a chunk stands if not at `usage` (a dotted path). `complete_reasons` are
    the finish reasons that mean a complete answer.
    """

    id: str
    name: str
    base_url: str
    dialect: Dialect
    key_env: str | None = None
    self_hosted: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    usage_path: str | None = None
    complete_reasons: tuple[str, ...] = ()
    rate_limits: str | None = None
    notes: tuple[str, ...] = ()
