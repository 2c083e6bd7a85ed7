"""What is the user's own and needs no engine: his catalog, and what he spent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from codefare.accounts import make_statement
from codefare.errors import ConfigError
from codefare.places import config_folder, state_folder
from codefare.settings import load_settings
from codefare.store.ledger import FILE_NAME
from codefare_catalog import CatalogError, load_catalog

if TYPE_CHECKING:
    from codefare.accounts import Question, Statement
    from codefare_catalog import Catalog


def user_catalog() -> Catalog:
    """The catalog with the user's own rows.

    Raises:
        ConfigError: catalog.toml is wrong; the message names the place.
    """
    file = config_folder() / "catalog.toml"
    try:
        return load_catalog(file if file.exists() else None)
    except CatalogError as error:
        raise ConfigError(str(error)) from error


def user_statement(question: Question) -> Statement:
    """What the user spent; reads files, writes none.

    Raises:
        ConfigError: A configuration file is wrong.
        StoreError: The ledger cannot be read.
    """
    budget = load_settings().budget
    file = state_folder() / FILE_NAME
    return make_statement(file, user_catalog(), question, budget.per_day_usd, datetime.now(UTC))
