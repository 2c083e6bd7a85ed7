"""Reads the catalog's own files and the user's, checks every row and every reference, and builds the catalog."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from codefare_catalog.catalog import Catalog
from codefare_catalog.references import Problem, problems

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import ValidationError

_FILES = ("models.toml", "providers.toml", "tasks.toml")
_PACKAGED = "codefare's own catalog"
_MOST_SHOWN = 5
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")

Tables = dict[str, Any]


class CatalogError(ValueError):
    """A catalog file is wrong: the message names the file, the row, the field and what is allowed there."""


def load_catalog(user_file: Path | None = None) -> Catalog:
    """The packaged catalog, with the user's own file laid over it.

    The user's file has the same tables. The fields of a row that exists are overridden one by one (lists are replaced
    whole); a row that does not exist is added. A file that is not there overrides nothing.

    Raises:
        CatalogError: The user's file cannot be read, is no TOML, or a row or a reference in it is wrong.
    """
    packaged: Tables = {}
    for name in _FILES:
        text = resources.files("codefare_catalog").joinpath(name).read_text(encoding="utf-8")
        packaged |= tomllib.loads(text, parse_float=Decimal)
    own = {} if user_file is None else _read(user_file)
    try:
        return _build(_merged(packaged, own))
    except _WrongRowsError as error:
        raise CatalogError(_report(error.problems, own, str(user_file))) from None


class _WrongRowsError(Exception):
    def __init__(self, found: Iterable[Problem]) -> None:
        super().__init__()
        self.problems = list(found)


def _read(file: Path) -> Tables:
    try:
        # An editor on Windows may have put a byte order mark in front.
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{file}: cannot be read: {error}") from error
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{file}: is not TOML: {error}") from error


def _merged(base: Tables, over: Tables) -> Tables:
    """Tables are merged key by key; anything else in `over` replaces what `base` has."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(value, dict) and isinstance(below, dict)
        merged[key] = _merged(below, value) if both else value
    return merged


def _build(tables: Tables) -> Catalog:
    """Builds every row of every table.

    Raises:
        _WrongRowsError: With all problems of all rows, or else with all references that do not hold.
    """
    rows = _checked(tables)
    tiers = _built(rows["tiers"])
    tier_of = {member.model: tier.id for tier in tiers.values() for member in tier.models}
    catalog = Catalog(
        models=MappingProxyType(
            {id_: row.build(id_, tier_of.get(id_)) for id_, row in rows["models"].items()}
        ),
        vocabularies=_built(rows["vocabularies"]),
        providers=_built(rows["providers"]),
        task_types=_built(rows["task_types"]),
        actions=_built(rows["actions"]),
        tiers=tiers,
        context_classes=_built(rows["context_classes"]),
        strategies=_built(rows["strategies"]),
    )
    dangling = list(problems(catalog))
    if dangling:
        raise _WrongRowsError(dangling)
    return catalog


def _built(rows: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType({id_: row.build(id_) for id_, row in rows.items()})


def _checked(tables: Tables) -> dict[str, dict[str, Any]]:
    # pydantic takes 0.1 s to import: nothing may need it before a catalog is asked for.
    from pydantic import ValidationError  # noqa: PLC0415

    from codefare_catalog.model_rows import ModelRow, VocabularyRow  # noqa: PLC0415
    from codefare_catalog.provider_rows import ProviderRow  # noqa: PLC0415
    from codefare_catalog.rows import did_you_mean  # noqa: PLC0415
    from codefare_catalog.task_rows import (  # noqa: PLC0415
        ActionRow,
        ContextClassRow,
        StrategyRow,
        TaskTypeRow,
        TierRow,
    )

    kinds = {
        "models": ModelRow,
        "vocabularies": VocabularyRow,
        "providers": ProviderRow,
        "task_types": TaskTypeRow,
        "actions": ActionRow,
        "tiers": TierRow,
        "context_classes": ContextClassRow,
        "strategies": StrategyRow,
    }
    rows: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
    found: list[Problem] = []
    for table, content in tables.items():
        if table not in kinds:
            found.append(
                Problem(table, "", (), f"is no table of a catalog{did_you_mean(table, kinds)}")
            )
        elif not isinstance(content, dict):
            found.append(Problem(table, "", (), "must be a table of rows"))
        else:
            for id_, data in content.items():
                try:
                    rows[table][id_] = kinds[table].model_validate(data)
                except ValidationError as error:
                    found += _row_problems(table, id_, error)
    if found:
        raise _WrongRowsError(found)
    return rows


def _row_problems(table: str, row: str, error: ValidationError) -> list[Problem]:
    found = []
    for detail in error.errors(include_url=False):
        text = (
            detail["msg"].replace("Input should", "should").replace("Field required", "is missing")
        )
        value = detail["input"]
        # A header may hold a key: its value is never shown.
        if isinstance(value, str | int | Decimal) and "headers" not in detail["loc"]:
            text += f"; it is {str(value)!r}"
        found.append(Problem(table, row, detail["loc"], text))
    return found


def _report(found: list[Problem], own: Tables, user_file: str) -> str:
    """One line per problem, those of the user's own rows first."""
    lines = []
    for problem in sorted(found, key=lambda p: not _is_in(own, p)):
        file = user_file if _is_in(own, problem) else _PACKAGED
        lines.append(f"{file}: {_place(problem)} {problem.text}")
    more = len(lines) - _MOST_SHOWN
    return "\n".join([*lines[:_MOST_SHOWN], *([f"... and {more} more"] if more > 0 else [])])


def _is_in(own: Tables, problem: Problem) -> bool:
    table = own.get(problem.table)
    return problem.row in table if isinstance(table, dict) and problem.row else table is not None


def _place(problem: Problem) -> str:
    """The path as TOML writes it: `models."gpt-4o".offerings.openai.prices[0].input`."""
    keys = [problem.table, *([problem.row] if problem.row else []), *problem.field]
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{_key(key)}" for key in keys)
    return path.removeprefix(".")


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else f'"{key}"'
