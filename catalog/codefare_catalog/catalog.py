"""The catalog: what a user edits to change models, prices and tasks, loaded and cross-checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from codefare_catalog.model import Model, Vocabulary
    from codefare_catalog.provider import Provider
    from codefare_catalog.task import Action, ContextClass, Strategy, TaskType, Tier


@dataclass(frozen=True)
class Catalog:
    """All rows, by id, in file order. Every reference between rows holds (the loader checks it)."""

    models: Mapping[str, Model]
    vocabularies: Mapping[str, Vocabulary]
    providers: Mapping[str, Provider]
    task_types: Mapping[str, TaskType]
    actions: Mapping[str, Action]
    tiers: Mapping[str, Tier]
    context_classes: Mapping[str, ContextClass]
    strategies: Mapping[str, Strategy]

    def find(self, name: str) -> Model | None:
        """The model with this id, display name, wire id or alias (case-insensitive), or None."""
        wanted = name.casefold()
        for model in self.models.values():
            names = {model.id, model.name}
            for offering in model.offerings:
                names |= {offering.wire_id, *offering.aliases}
            if wanted in {n.casefold() for n in names}:
                return model
        return None

    def serving(self, model: Model, at: datetime) -> Model | None:
        """The model, or the first of its successors not retired at `at`; None if all are."""
        seen: set[str] = set()
        current: Model | None = model
        while current is not None and current.is_retired(at) and current.id not in seen:
            seen.add(current.id)
            current = self.models.get(current.successor) if current.successor else None
        return None if current is None or current.id in seen else current
