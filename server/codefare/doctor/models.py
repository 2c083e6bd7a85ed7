"""What works now: how many models can serve an action, and where; and if none can, what is left and what to do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from codefare.settings import Settings
    from codefare_catalog import Catalog, Model, Offering

_OFFLINE = "The built-in offline engine explains, documents and writes tests, for nothing"
_WAYS = (
    "For a free one of your own: install Ollama, then `ollama pull qwen2.5-coder:7b`. Or set a key, such as"
    " ANTHROPIC_API_KEY, where your editor sees it too (`api_key_command` in config.toml, if it does not)."
)


def models(
    catalog: Catalog,
    settings: Settings,
    at: datetime,
    usable: Callable[[Offering], bool],
    failing: Sequence[str],
) -> Finding:
    """The models that can be used now.

    `usable` tells which offerings can, `failing` are the providers that were asked and cannot serve, by name.
    """
    there: Counter[str] = Counter()
    kept: set[str] = set()
    left_out: set[str] = set()
    for model in catalog.models.values():
        if model.is_retired(at):
            continue
        for offering in filter(usable, model.offerings):
            provider = catalog.providers[offering.provider]
            if _is_wanted(model, settings) and (
                provider.self_hosted or not settings.privacy.self_hosted_only
            ):
                kept.add(model.id)
                there[provider.name] += 1
            else:
                left_out.add(model.id)
    left_out -= kept
    if kept:
        places = ", ".join(f"{count} at {name}" for name, count in there.items())
        more = f"; your settings leave out {len(left_out)} more" if left_out else ""
        return _finding(State.OK, f"{len(kept)}: {places}{more}")
    if left_out:
        return _finding(
            State.WARNING,
            f"none: your settings leave out the {len(left_out)} that could",
            "Look at `use` and `avoid` under [models] and `self_hosted_only` under [privacy] in config.toml.",
        )
    if failing:
        return _finding(
            State.WARNING,
            f"none, since {' and '.join(failing)} cannot serve. {_OFFLINE}",
            "See what is told of each provider. `offline_fallback = true` in config.toml lets that engine stand in.",
        )
    return _finding(
        State.WARNING,
        f"none yet. {_OFFLINE}",
        _WAYS,
    )


def _is_wanted(model: Model, settings: Settings) -> bool:
    choice = settings.models
    return model.id not in choice.avoid and (not choice.use or model.id in choice.use)


def _finding(state: State, text: str, remedy: str = "") -> Finding:
    return Finding("models.usable", Group.MODELS, "Usable models", state, text, remedy)
