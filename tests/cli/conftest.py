"""A shell in a project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.shell import CODE, Shell

from codefare.places import config_folder

if TYPE_CHECKING:
    from tests.wire.server import WireServer


@pytest.fixture
def shell(vendor: WireServer, tmp_path: Path) -> Shell:
    """A project of one file, a key, and a provider that answers what a test says."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(CODE, "utf-8")
    return Shell(folder, config_folder(), vendor)
