"""A shell in a project."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.cli.shell import CODE, Shell
from tests.wire.server import WireServer


@pytest.fixture
async def shell(
    configure: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shell]:
    """A project of one file, a key, and a provider that answers what a test says."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "sums.py").write_text(CODE, "utf-8")
    async with WireServer().running() as wire:
        file = configure(f'[providers.anthropic]\nbase_url = "{wire.url}"\n')
        yield Shell(folder, file.parent, wire)
