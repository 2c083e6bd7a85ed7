"""The catalog's TOML files: read, merged, checked, and built into a catalog."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import ValidationError

from codefare_catalog.catalog import Catalog
from codefare_catalog.load import CatalogError
from codefare_catalog.model_rows import ModelRow, VocabularyRow
from codefare_catalog.provider_rows import ProviderRow
from codefare_catalog.references import Problem, problems
from codefare_catalog.rows import Row
from codefare_catalog.task_rows import (
    ActionRow,
    ContextClassRow,
    StrategyRow,
    TaskTypeRow,
    TierRow,
)

_FILES = ("models.toml", "providers.toml", "tasks.toml")
_PACKAGED = "codefare's own catalog"
_MOST_SHOWN = 5
# What a TOML file may hold there, where pydantic has a word of Python's for it.
_ALLOWED = {
    "missing": "is missing",
    "dict_type": "should be a table",
    "list_type": "should be a list in brackets",
    "tuple_type": "should be a list in brackets",
    "string_type": "should be text in quotes",
    "int_type": "should be a whole number",
    "bool_type": "should be true or false",
    "date_type": "should be a date without quotes, such as 2026-11-30",
    "time_type": "should be a time without quotes, such as 06:00:00",
}
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

Tables = dict[str, Any]
Built_co = TypeVar("Built_co", covariant=True)


class _Buildable(Protocol[Built_co]):
    def build(self, id_: str) -> Built_co: ...


class CatalogTables(Row):
    """All tables of a catalog, by the ids of their rows."""

    part: ClassVar[str] = "table"

    models: dict[str, ModelRow]
    vocabularies: dict[str, VocabularyRow]
    providers: dict[str, ProviderRow]
    task_types: dict[str, TaskTypeRow]
    actions: dict[str, ActionRow]
    tiers: dict[str, TierRow]
    context_classes: dict[str, ContextClassRow]
    strategies: dict[str, StrategyRow]

    def build(self) -> Catalog:
        """The catalog's own type; `references.problems` says whether its references hold."""
        tiers = _built(self.tiers)
        tier_of = {member.model: tier.id for tier in tiers.values() for member in tier.models}
        models = {id_: row.build(id_, tier_of.get(id_)) for id_, row in self.models.items()}
        return Catalog(
            models=MappingProxyType(models),
            vocabularies=_built(self.vocabularies),
            providers=_built(self.providers),
            task_types=_built(self.task_types),
            actions=_built(self.actions),
            tiers=tiers,
            context_classes=_built(self.context_classes),
            strategies=_built(self.strategies),
        )


def _built(rows: Mapping[str, _Buildable[Built_co]]) -> Mapping[str, Built_co]:
    return MappingProxyType({id_: row.build(id_) for id_, row in rows.items()})


def read_catalog(user_file: Path | None) -> Catalog:
    """See `load_catalog`."""
    own = {} if user_file is None else _read(user_file)
    try:
        catalog = CatalogTables.model_validate(_merged(_packaged(), own)).build()
    except ValidationError as error:
        raise CatalogError(_report(_row_problems(error), own, str(user_file))) from None
    if found := list(problems(catalog)):
        raise CatalogError(_report(found, own, str(user_file)))
    return catalog


def _packaged() -> Tables:
    tables: Tables = {}
    folder = resources.files("codefare_catalog")
    for name in _FILES:
        text = folder.joinpath(name).read_text(encoding="utf-8")
        tables |= tomllib.loads(text, parse_float=Decimal)
    return tables


def _read(file: Path) -> Tables:
    try:
        # An editor on Windows may have put a byte order mark in front.
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CatalogError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogError(f"{file}: is not UTF-8; save it in that encoding") from error
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{file}: is not TOML: {error}") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise CatalogError(
            f"{file}: holds a number or a nesting that is too large to read"
        ) from error


def _merged(base: Tables, over: Tables) -> Tables:
    """Tables are merged key by key; anything else in `over` replaces what `base` has."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def _row_problems(error: ValidationError) -> list[Problem]:
    found = []
    for detail in error.errors(include_url=False):
        kind, said = detail["type"], detail["msg"]
        text = _ALLOWED.get(
            kind, re.sub(r"^(Input|String|List|Tuple) (?=should)| after validation", "", said)
        )
        # A header may hold a key, so that its value is never shown.
        if (
            kind != "missing"
            and isinstance(detail["input"], str | int | Decimal | date | time)
            and "headers" not in detail["loc"]
        ):
            text += f"; it is {str(detail['input'])!r}"
        found.append(Problem(detail["loc"], text))
    return found


def _report(found: Iterable[Problem], own: Tables, user_file: str) -> str:
    """One line per problem, those of rows that the user's file touches first."""
    lines = []
    for problem in sorted(found, key=lambda p: not _is_touched(own, p)):
        file = user_file if _is_touched(own, problem) else _PACKAGED
        lines.append(f"{file}: {_path(problem.place)} {problem.text}")
    if len(lines) > _MOST_SHOWN:
        lines[_MOST_SHOWN:] = [f"and {len(lines) - _MOST_SHOWN} more"]
    return "\n".join(lines)


def _is_touched(own: Tables, problem: Problem) -> bool:
    row: Any = own
    for key in problem.place[:2]:
        row = row.get(key) if isinstance(row, dict) else None
    return row is not None


def _path(place: tuple[str | int, ...]) -> str:
    """The place as TOML writes it: `models."gpt-4o".offerings.openai.prices[0].input`."""
    path = ""
    for key in place:
        if isinstance(key, int):
            path += f"[{key}]"
        else:
            path += f".{key}" if _BARE_KEY.fullmatch(key) else f'."{key}"'
    return path.removeprefix(".") or "the file"
