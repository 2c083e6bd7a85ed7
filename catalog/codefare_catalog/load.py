"""The way into the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from codefare_catalog.catalog import Catalog


class CatalogError(ValueError):
    """A catalog file is wrong: the message names file, row and field, and what is allowed there."""


def load_catalog(user_file: Path | None = None) -> Catalog:
    """The packaged catalog, with the user's own file laid over it.

    The user's file has the same tables. The fields of a row that exists are overridden one by one
    (lists are replaced whole); a row that does not exist is added. A file that is not there
    overrides nothing. Takes about 0.2 s of CPU the first time: call it from a thread.

    Raises:
        CatalogError: The user's file cannot be read, is no TOML, or a row or a reference is wrong.
    """
    # pydantic, tomllib and importlib.resources take 0.2 s to import, and whoever only needs the
    # catalog's types must not pay for them.
    from codefare_catalog.tables import read_catalog

    return read_catalog(user_file)
