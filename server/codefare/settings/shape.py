"""The shape of `config.toml`, and what is said to a user whose file has another one.

Imported only when there is a file: pydantic takes some 90 ms.
"""

from __future__ import annotations

import difflib
import re
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from codefare.errors import ConfigError
from codefare.settings import patterns
from codefare.settings.lines import line_of
from codefare.settings.network import NetworkTable
from codefare.settings.table import SecretCommand, Table, Text, Variable
from codefare.source.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

FILE = "{file}"
_KEY_PLACES = "set the provider's variable, api_key_command or api_key_keyring"
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")
_CHANGES_FILES = frozenset({"--fix", "--fix-only", "--write", "--in-place"})
_COMPILER = re.compile(r"(?:vue-)?tsc(?:\.cmd|\.js)?")
_ALLOWED = {
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "missing": "is missing",
    "list_type": 'must be a list of texts, such as ["one", "two"]',
    "int_type": "must be a whole number",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "value_error": "{error}",
}


def _usd(value: object) -> Decimal:
    try:
        if isinstance(value, str) or (
            isinstance(value, (int, Decimal)) and not isinstance(value, bool)
        ):
            amount = Decimal(value)
            if amount.is_finite() and amount >= 0:
                return amount
    except InvalidOperation:
        pass
    raise ValueError("must be an amount in US dollars, such as 2.50")


def _pattern(pattern: str) -> str:
    problem = patterns.problem_with(pattern)
    if problem:
        raise ValueError(problem)
    return pattern


def _command(words: list[str]) -> list[str]:
    """A checker's command line: it only looks, and holds no placeholder that nobody fills in."""
    unknown = _PLACEHOLDER.search(" ".join(words).replace(FILE, ""))
    if unknown:
        raise ValueError(f"holds {unknown[0]}, which stands for nothing: only {FILE} does")
    if changing := _CHANGES_FILES.intersection(words):
        raise ValueError(f"must only look at files, but {min(changing)} changes them: leave it out")
    compiles = any(_COMPILER.fullmatch(PurePath(word).name) for word in words)
    if compiles and "--noEmit" not in words:
        raise ValueError('would write what it compiles into your project: add "--noEmit"')
    return words


_Usd = Annotated[Decimal, BeforeValidator(_usd)]
_Pattern = Annotated[str, AfterValidator(_pattern)]


class _Privacy(Table):
    self_hosted_only: bool = False
    paths: list[_Pattern] = []
    never: list[_Pattern] = []
    allow: list[_Pattern] = []


class _Models(Table):
    use: list[Text] = []
    avoid: list[Text] = []


class _Budget(Table):
    per_day_usd: _Usd | None = None
    per_action_usd: _Usd | None = None
    confirm_above_usd: _Usd | None = None


class _Cache(Table):
    enabled: bool = True
    size_limit_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 256
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] = 30


class _KeyringEntry(Table):
    service: Text
    user: Text | None = None


def _entry(value: object) -> object:
    """An entry of the keyring, also by its service's name alone."""
    if isinstance(value, str) and value:
        return _KeyringEntry(service=value)
    if isinstance(value, (dict, _KeyringEntry)):
        return value
    raise ValueError('must be a service\'s name, or { service = "…", user = "…" }')


class _Provider(Table):
    base_url: Text | None = None
    api_key_env: Variable | None = None
    api_key_command: SecretCommand = []
    api_key_keyring: Annotated[_KeyringEntry, BeforeValidator(_entry)] | None = None
    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    tokens_per_minute: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    network: NetworkTable = NetworkTable()

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.api_key_command and self.api_key_keyring:
            raise ValueError("has api_key_command and api_key_keyring: leave one of them out")
        return self


class _Checker(Table):
    command: Annotated[list[Text], Field(min_length=1), AfterValidator(_command)]
    timeout_seconds: Annotated[int, Field(ge=1, le=600)] = 20


class ConfigFile(Table):
    """`config.toml`, key by key."""

    prices: Literal["current", "listed"] = "current"
    complexity: Literal["auto", "low", "medium", "high"] = "auto"
    budget_mode: bool = False
    offline_fallback: bool = False
    hover: bool = True
    preview: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    privacy: _Privacy = _Privacy()
    models: _Models = _Models()
    budget: _Budget = _Budget()
    cache: _Cache = _Cache()
    providers: dict[str, _Provider] = {}
    checkers: dict[str, _Checker] = {}
    network: NetworkTable = NetworkTable()


# Tables of tables: the shape of what stands under a name that the user gives.
_NAMED: dict[str, type[Table]] = {"providers": _Provider, "checkers": _Checker}


def is_key(name: str) -> bool:
    """Whether config.toml may hold the dotted key `name`, or a table of this name."""
    table, _, rest = name.partition(".")
    field = ConfigFile.model_fields.get(table)
    if field is None or not rest or table in _NAMED:
        return field is not None
    inner = getattr(field.annotation, "model_fields", {})
    return rest.partition(".")[0] in inner


def checked(
    table: Mapping[str, Any], place: str, providers: Sequence[str], text: str = ""
) -> ConfigFile:
    """The file's content in its shape.

    Args:
        table: What the TOML says, fractions as Decimal.
        text: The TOML itself, for the line of what is wrong.
        place: The file's name, for messages.
        providers: The ids that `[providers.ID]` may have.

    Raises:
        ConfigError: It has another shape; the message names the file, the key, its line and what is allowed.
    """
    try:
        file = ConfigFile.model_validate(dict(table))
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems = list(dict.fromkeys(_problem(detail, text) for detail in details))
        raise ConfigError(
            f"{place}: {'; '.join(problems)}", remedy="Correct the file and save it."
        ) from None
    for name in file.providers:
        if name not in providers:
            nearest = _nearest(name, providers)
            raise ConfigError(
                f"{place}: {_at(text, ('providers', name))}[providers.{name}] is not a provider{nearest}",
                remedy=f"Known are {', '.join(providers)}; others are added in catalog.toml.",
            )
    for name in file.checkers:
        if name not in LANGUAGES:
            nearest = _nearest(name, list(LANGUAGES))
            raise ConfigError(
                f"{place}: {_at(text, ('checkers', name))}[checkers.{name}] is not a language{nearest}",
                remedy=f"Known are {', '.join(LANGUAGES)}.",
            )
    return file


def _at(text: str, path: Sequence[str | int]) -> str:
    """`line 7: `, or nothing where the line is not known."""
    number = line_of(text, [step for step in path if isinstance(step, str)])
    return f"line {number}: " if number else ""


def _problem(detail: ErrorDetails, text: str) -> str:
    """One thing that is wrong, by its line and key. Never the value, which may be a secret."""
    where = ""
    for step in detail["loc"]:
        where += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if where else step
    where = f"{_at(text, detail['loc'])}`{where}`"
    if detail["type"] == "extra_forbidden":
        *table, key = (str(step) for step in detail["loc"])
        if key == "api_key":
            return f"{where} is not a setting: a key does not stand in this file; {_KEY_PLACES}"
        return f"{where} is not a setting{_suggestion(table, key)}"
    words = _ALLOWED.get(detail["type"])
    if words is None:
        return f"{where}: {detail['msg']}"
    return f"{where} {words.format(**detail.get('ctx', {}))}"


def _suggestion(table: Sequence[str], key: str) -> str:
    """The right name for an unknown key: in its table, else in another, else all of its table's."""
    every = list(_keys(ConfigFile, ()))
    shape = tuple(table)
    if table and table[0] in _NAMED:
        shape = (table[0], "NAME", *table[2:])
    here = {path[-1]: ".".join((*table, path[-1])) for path in every if path[:-1] == shape}
    elsewhere = {path[-1]: ".".join(path) for path in every}
    for names in (here, elsewhere):
        close = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
        if close:
            return f": did you mean `{names[close[0]]}`?"
    return f": allowed are {', '.join(f'`{name}`' for name in here.values())}"


def _nearest(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f": did you mean `{close[0]}`?" if close else ""


def _keys(table: type[Table], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The path of every key and table in `config.toml`; `NAME` stands for any name."""
    for name, field in table.model_fields.items():
        yield (*path, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Table):
            yield from _keys(field.annotation, (*path, name))
        elif name in _NAMED:
            yield from _keys(_NAMED[name], (*path, name, "NAME"))
