"""A user whose providers are servers on loopback, and a diagnosis at a fixed time."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from tests.wire.server import Answer, WireServer

from codefare.doctor.examine import examine
from codefare_catalog import load_catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from codefare.doctor.finding import Diagnosis, Finding

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "test-key-Zx81-never-shown"
CATALOG = load_catalog()


def page(payload: Any, **headers: str) -> Answer:
    """A JSON document."""
    body = json.dumps(payload).encode()
    return Answer((body,), 200, {"content-type": "application/json"} | headers, "length")


def offered(provider: str) -> list[str]:
    """The names of what the catalog offers at a provider now."""
    return [
        offering.wire_id
        for model in CATALOG.models.values()
        if not model.is_retired(NOW)
        for offering in model.offerings
        if offering.provider == provider
    ]


def listed(*names: str, **headers: str) -> Answer:
    """A list of these models."""
    return page({"data": [{"id": name} for name in names]}, **headers)


async def diagnose(**how: Any) -> Diagnosis:
    """What the doctor finds, at a fixed time unless another one is given."""
    return await examine(**{"now": lambda: NOW} | how)


def by_id(diagnosis: Diagnosis) -> dict[str, Finding]:
    """The findings, by their ids, of which there is one each."""
    found = {one.id: one for one in diagnosis.findings}
    assert len(found) == len(diagnosis.findings)
    return found


class Providers:
    """Servers that stand in for providers, each with a key in the environment."""

    def __init__(self, configure: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
        self._configure = configure
        self._monkeypatch = monkeypatch
        self._stack = AsyncExitStack()
        self._tables: dict[str, str] = {}
        self.more = ""
        self.file = configure("")

    async def serve(self, name: str, **paths: Answer) -> WireServer:
        """A server for a provider; `paths` are answers by path, their dashes and slashes as given."""
        server = await self._stack.enter_async_context(WireServer().running())
        server.paths |= paths
        variable = CATALOG.providers[name].key_env
        if variable:
            self._monkeypatch.setenv(variable, KEY)
        self.set(name, f'base_url = "{server.url}"')
        return server

    def set(self, name: str, *lines: str) -> None:
        """What config.toml says of a provider."""
        self._tables[name] = "\n".join((f"[providers.{name}]", *lines))
        self.write()

    def write(self, more: str | None = None) -> None:
        """Writes config.toml, with `more` at its top."""
        self.more = self.more if more is None else more
        self.file = self._configure("\n".join((self.more, *self._tables.values(), "")))

    async def aclose(self) -> None:
        """Ends the servers."""
        await self._stack.aclose()


@pytest_asyncio.fixture
async def providers(
    configure: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Providers]:
    """Providers of a user's own."""
    made = Providers(configure, monkeypatch)
    yield made
    await made.aclose()
