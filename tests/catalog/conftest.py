from collections.abc import Callable
from pathlib import Path

import pytest

from codefare_catalog import Catalog, CatalogError, load_catalog

Complaint = Callable[[str], list[str]]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The packaged catalog; nothing can change it."""
    return load_catalog()


@pytest.fixture
def complaint(tmp_path: Path) -> Complaint:
    """What a user is told of a catalog.toml with the given text: the lines, the path cut off."""

    def lines(text: str) -> list[str]:
        file = tmp_path / "catalog.toml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogError) as caught:
            load_catalog(file)
        return [line.removeprefix(f"{file}: ") for line in str(caught.value).splitlines()]

    return lines
