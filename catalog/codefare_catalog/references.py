"""What the rows of a catalog say of each other, and whether it holds."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codefare_catalog.catalog import Catalog
    from codefare_catalog.model import Model
    from codefare_catalog.task import Action


class Problem(NamedTuple):
    """What is wrong, and where: a table, a row, and the path of a field, as far as it goes."""

    place: tuple[str | int, ...]
    text: str


class _Reference(NamedTuple):
    """A field of a row that must name a row of another table."""

    table: str
    row: str
    field: str
    to: str
    name: str


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Every reference that names nothing, and every line of successors that comes round."""
    rows: Mapping[str, Mapping[str, object]] = {
        "models": catalog.models,
        "vocabularies": catalog.vocabularies,
        "providers": catalog.providers,
        "task_types": catalog.task_types,
    }
    for ref in _references(catalog):
        if ref.name not in rows[ref.to]:
            text = f"names {ref.name!r}, which is not in {ref.to}"
            near = _nearest(ref.name, rows[ref.to])
            yield Problem((ref.table, ref.row, ref.field), text + near)
    for model in catalog.models.values():
        line = _line_of_successors(catalog, model)
        if line[-1] == model.id and len(line) > 1:
            text = f"leads back to where it began: {' -> '.join(line)}"
            yield Problem(("models", model.id, "successor"), text)


def _references(catalog: Catalog) -> Iterator[_Reference]:
    for model in catalog.models.values():
        named = [("vocabulary", "vocabularies", model.vocabulary)]
        named += [("offerings", "providers", offering.provider) for offering in model.offerings]
        named += [("successor", "models", model.successor)] if model.successor else []
        named += [("newer", "models", model.newer)] if model.newer else []
        for field, to, name in named:
            yield _Reference("models", model.id, field, to, name)
    for task_type in catalog.task_types.values():
        for candidate in task_type.candidates:
            yield _Reference("task_types", task_type.id, "candidates", "models", candidate.model)
    for action in catalog.actions.values():
        yield from _of_action(action)
    for tier in catalog.tiers.values():
        for member in tier.models:
            yield _Reference("tiers", tier.id, "models", "models", member.model)
    for context in catalog.context_classes.values():
        for name in context.models:
            yield _Reference("context_classes", context.id, "models", "models", name)


def _of_action(action: Action) -> Iterator[_Reference]:
    fields = {action.file_task_type: "file_task_type", action.task_type: "task_type"}
    for name, field in fields.items():
        yield _Reference("actions", action.id, field, "task_types", name)


def _line_of_successors(catalog: Catalog, model: Model) -> list[str]:
    """The ids from the model on, up to the last, or up to the first that comes again."""
    line = [model.id]
    following = model.successor
    while following is not None and following in catalog.models:
        again = following in line
        line.append(following)
        if again:
            break
        following = catalog.models[following].successor
    return line


def _nearest(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), n=1)
    return f": did you mean {near[0]!r}?" if near else f"; allowed are {', '.join(names)}"
