"""How the parts are put together for one user: the one place that reads configuration files."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from codefare.engine import Engine
from codefare.environment import withhold
from codefare.errors import ConfigError
from codefare.places import cache_folder, config_folder, state_folder
from codefare.providers.endpoints import Endpoints
from codefare.settings import Settings, load_settings
from codefare.store.answers import AnswerStore
from codefare.store.ledger import Ledger
from codefare.store.traffic import Traffic
from codefare.tasks import tasks_of
from codefare.tasks.surroundings import Surroundings
from codefare.user import user_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codefare_catalog import Action, Catalog


def user_actions() -> list[Action]:
    """The actions as the catalog lists them, the user's own among them; each can be run.

    Raises:
        ConfigError: catalog.toml or a prompt file is wrong; the message names the place.
    """
    tasks = tasks_of(user_catalog(), config_folder(), Surroundings(Settings()))
    return [task.row for task in tasks.values()]


def assemble() -> Engine:
    """An engine over the user's settings, catalog, cache and ledger. Reads files; opens nothing yet.

    Raises:
        ConfigError: A configuration file is wrong; the message names the place and what is allowed.
    """
    catalog = user_catalog()
    settings = load_settings(providers=catalog.providers)
    check_models(settings, catalog)
    withhold(_key_variables(settings, catalog))
    traffic = Traffic(state_folder())
    endpoints = Endpoints(catalog, settings.providers, network=settings.network, traffic=traffic)
    around = Surroundings(settings)
    tasks = tasks_of(catalog, config_folder(), around)
    store = answer_store(settings)
    return Engine(catalog, tasks, around, settings, endpoints, store, Ledger(state_folder()))


def answer_store(settings: Settings) -> AnswerStore:
    """The answer cache in the user's cache folder."""
    limits = settings.cache
    return AnswerStore(cache_folder() / "answers", limits.size_limit_bytes, limits.max_age_seconds)


def _key_variables(settings: Settings, catalog: Catalog) -> Iterator[str]:
    """The variables that may hold a key, or the password of a proxy or a certificate."""
    own = [one.network for one in settings.providers.values() if one.network is not None]
    for network in (settings.network, *own):
        for source in (network.proxy_password, network.key_password):
            if source is not None and source.variable:
                yield source.variable
    yield from (provider.key_env for provider in catalog.providers.values() if provider.key_env)
    yield from (one.api_key_env for one in settings.providers.values() if one.api_key_env)


def check_models(settings: Settings, catalog: Catalog) -> None:
    """The settings name models by id, and a name with a slip in it would silently do nothing."""
    for key, ids in (("use", settings.models.use), ("avoid", settings.models.avoid)):
        for id_ in ids:
            if id_ not in catalog.models and not id_.startswith("local/"):
                near = get_close_matches(id_, catalog.models, 1)
                hint = f"Did you mean {near[0]!r}?" if near else "`codefare models` lists them."
                raise ConfigError(
                    f"{settings.file}: {key} under [models] names {id_!r}, which is no model.",
                    remedy=hint,
                )
