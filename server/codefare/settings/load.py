"""Reading `config.toml`."""

from __future__ import annotations

import ipaddress
import os
import stat
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from codefare.errors import ConfigError
from codefare.places import config_folder
from codefare.providers.access import ProviderSettings, checked_base_url
from codefare.providers.network import Network
from codefare.providers.system_keyring import KeyringEntry
from codefare.settings.model import Budget, CacheLimits, Checker, ModelChoice, Privacy, Settings
from codefare.source.target import Complexity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codefare.settings.network import NetworkTable
    from codefare.settings.shape import ConfigFile

# Those whose keys are worth money: their addresses are never plain HTTP beyond this machine.
_VENDORS = ("anthropic", "openai", "deepseek", "dashscope", "zai", "moonshot", "openrouter")
_PROVIDERS = (*_VENDORS, "local")
_OWN_NETWORK = (".local", ".lan", ".home", ".internal", ".home.arpa", ".localhost")


def load_settings(file: Path | None = None, *, providers: Iterable[str] = ()) -> Settings:
    """The user's settings; the defaults where there is no file.

    Args:
        file: The file, `config.toml` in the user's configuration folder if it is not given.
        providers: Ids of providers that the user's catalog adds to the eight that are known.

    Raises:
        ConfigError: The file cannot be read, or says something that is not allowed: the message
            names the file, the key or the line, and what is allowed.
    """
    file = config_folder() / "config.toml" if file is None else file
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):  # HOME=/dev/null is a custom of services
        return Settings()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}.", remedy="Make it a file that you may read."
        ) from None
    from codefare.settings import shape  # pydantic, only if there is a file

    known = tuple(dict.fromkeys((*_PROVIDERS, *providers)))
    table, text = _parsed(content, file)
    found = shape.checked(table, str(file), known, text)
    network = _network(found.network, Network(), f"{file}: [network]")
    return Settings(
        prices=found.prices,
        complexity=None if found.complexity == "auto" else Complexity(found.complexity),
        budget_mode=found.budget_mode,
        offline_fallback=found.offline_fallback,
        hover=found.hover,
        preview=found.preview,
        log_level=found.log_level,
        privacy=Privacy(
            found.privacy.self_hosted_only,
            tuple(found.privacy.paths),
            tuple(found.privacy.never),
            tuple(found.privacy.allow),
        ),
        models=ModelChoice(tuple(found.models.use), tuple(found.models.avoid)),
        budget=Budget(
            found.budget.per_day_usd,
            found.budget.per_action_usd,
            found.budget.confirm_above_usd,
        ),
        cache=CacheLimits(found.cache.enabled, found.cache.size_limit_mb, found.cache.max_age_days),
        providers=_providers(found, file, network),
        network=network,
        checkers={
            language: Checker(tuple(table.command), table.timeout_seconds)
            for language, table in found.checkers.items()
        },
        file=file,
        warnings=tuple(doubts(file)),
    )


def _parsed(content: bytes, file: Path) -> tuple[dict[str, Any], str]:
    """The TOML of a file, fractions as Decimal, and its text.

    Raises:
        ConfigError: It is not TOML; the message names the line.
    """
    import tomllib  # only if there is a file

    try:
        text = content.decode("utf-8-sig")  # some editors begin UTF-8 with a mark
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8.", remedy="Save it in that encoding.") from None
    try:
        return tomllib.loads(text, parse_float=Decimal), text
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}.", remedy="Correct that line.") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ConfigError(
            f"{file} holds a number or a nesting that is too large to read.",
            remedy="Correct the file and save it.",
        ) from None


def _providers(found: ConfigFile, file: Path, network: Network) -> dict[str, ProviderSettings]:
    """The settings of each provider, its address checked, its network over the one for all."""
    settings: dict[str, ProviderSettings] = {}
    for name, table in found.providers.items():
        entry, own = table.api_key_keyring, table.network
        place = f"{file}: [providers.{name}.network]"
        settings[name] = ProviderSettings(
            _address(table.base_url, name, file),
            table.api_key_env,
            tuple(table.api_key_command),
            KeyringEntry(entry.service, entry.user or name) if entry else None,
            requests_per_minute=table.requests_per_minute,
            tokens_per_minute=table.tokens_per_minute,
            network=_network(own, network, place) if own.model_fields_set else None,
        )
    return settings


def _address(base_url: str | None, name: str, file: Path) -> str | None:
    """The user's address of a provider, checked."""
    if base_url is None:
        return None
    own = name not in _VENDORS
    try:
        base_url = checked_base_url(base_url, provider=name, self_hosted=own)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}", remedy=error.remedy) from None
    if base_url.startswith("http:") and own and not _is_own_network(base_url):
        raise ConfigError(
            f"{file}: [providers.{name}] base_url would send your code in clear text to a"
            " machine outside your network.",
            remedy="Use https:// for it.",
        )
    return base_url


def _network(table: NetworkTable, base: Network, place: str) -> Network:
    from codefare.settings.network import network_of  # pydantic

    try:
        return network_of(table, base)
    except ValueError as error:
        raise ConfigError(f"{place} {error}.", remedy="Correct the file and save it.") from None


def _is_own_network(url: str) -> bool:
    """Whether the host is not on the public internet, by its name or address alone."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_OWN_NETWORK)


def doubts(file: Path) -> list[str]:
    """How someone else could change the file, which says where keys and code go."""
    if os.name != "posix":
        return []
    found = []
    at = file.stat()
    folder = file.parent.stat()
    # Many systems give each user a group of their own, with the same number.
    by_group = at.st_mode & stat.S_IWGRP and not at.st_gid == at.st_uid == os.getuid()
    if at.st_mode & stat.S_IWOTH or by_group:
        found.append(f"{file} can be changed by other users. Run: chmod go-w '{file}'")
    if at.st_uid not in {os.getuid(), 0}:
        found.append(f"{file} belongs to another user, who can change it.")
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        found.append(
            f"{file.parent} can be changed by other users. Run: chmod go-w '{file.parent}'"
        )
    return found
