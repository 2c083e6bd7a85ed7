"""What the ledger is told of an action before it is sent: which purchase, for which project, at which price."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.checking.project import REPOSITORIES
from codefare.listing import price_json
from codefare.store.entry import Entry, Reuse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from codefare.quoting import Quote
    from codefare.routing import Choice
    from codefare.store.answer import StoredAnswer
    from codefare_catalog import Catalog, Price


@dataclass(frozen=True, slots=True)
class Booking:
    """What all attempts of one action have in common, whichever offering they go to.

    `purchase` is an id of its own; `project` a name, "" where nobody knows one.
    """

    purchase: str
    project: str

    @classmethod
    def of(cls, project: str = "") -> Booking:
        """The booking of another action."""
        return cls(secrets.token_hex(8), project)

    def entry(self, quote: Quote, choice: Choice) -> Entry:
        """What is known of an attempt before it is sent."""
        size = choice.estimate
        return Entry(
            action=quote.action.id,
            task_type=quote.task_type.id,
            model=choice.model.id,
            provider=choice.offering.provider,
            likely_usd=size.cost.likely if size.cost else None,
            ceiling_usd=size.cost.ceiling if size.cost else None,
            price_source=size.price_source,
            purchase=self.purchase,
            tier=(choice.replaces or choice.model).tier or choice.model.tier or "",
            project=self.project,
            scope=quote.target.scope.value,
            wire_id=choice.offering.wire_id,
            price=price_row(size.price),
        )


def reuse(quote: Quote, answer: StoredAnswer, project: str, catalog: Catalog) -> Reuse:
    """What the ledger is told of an answer that was paid for before."""
    model = catalog.models.get(answer.model)
    return Reuse(
        action=quote.action.id,
        task_type=quote.task_type.id,
        model=answer.model,
        provider=answer.provider,
        tier=(model.tier if model else None) or "",
        project=project,
        cost_usd=answer.cost_usd,
    )


def project_name(path: Path | None, roots: Sequence[Path]) -> str:
    """The name of the project that a file is in, "" if it is in none; looks at the disk.

    That of the innermost repository, the same in an editor and on the command line; else that of
    the innermost of the workspace's folders `roots`. Never a path.
    """
    if path is None:
        return ""
    for folder in (path, *path.parents):
        if any((folder / name).exists() for name in REPOSITORIES):
            return folder.name
    holding = [root for root in roots if path.is_relative_to(root)]
    return max(holding, key=lambda root: len(root.parts)).name if holding else ""


def price_row(price: Price | None) -> str:
    """A price as compact JSON, "" if it is not known: with it a bill can be checked when the catalog has changed."""
    known = {name: value for name, value in (price_json(price) or {}).items() if value is not None}
    return json.dumps(known, separators=(",", ":")) if known else ""
