"""An engine with two providers to choose from, and a user who is asked before more is spent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from tests.engine import BEST, quoted
from tests.wire.server import WireServer

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.places import state_folder
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Transport
from codefare.providers.network import Networks
from codefare.quoting import Quote, Wish
from codefare.result import Result
from codefare.store.traffic import Traffic

CHEAPEST = Wish(budget=True)


@dataclass
class Asked:
    """A user who answers `yes`, and remembers what he was asked."""

    yes: bool = True
    questions: list[tuple[str | None, str]] = field(default_factory=list)

    async def confirm(self, quote: Quote) -> bool:
        """Answers."""
        self.questions.append((quote.promise.model, ""))
        return self.yes

    async def instead(self, quote: Quote, failure: str) -> bool:
        """Answers."""
        self.questions.append((quote.promise.model, failure))
        return self.yes


@dataclass
class Two:
    """An engine with two providers, each a server of its own: Haiku 4.5 at the first, GPT-6 Luna at the other."""

    made: Engine
    anthropic: WireServer
    openai: WireServer

    async def run(self, doc, wish: Wish = BEST, consent: Asked | None = None) -> Result:
        """Documents the first symbol."""
        return await self.made.run(await quoted(self.made, doc, "document", wish), consent=consent)

    async def joined_by(self, count: int) -> None:
        """Waits until so many wait for the one request that is under way."""
        flights = self.made._supply._flights._under_way
        while [len(flight.listeners) for flight in flights.values()] != [count]:  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0)


@asynccontextmanager
async def two(
    configure, monkeypatch, more: str = "", server: Callable[[], WireServer] = WireServer
) -> AsyncIterator[Two]:
    """The engine, whose retries do not wait."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-0123456789-a")
    monkeypatch.setenv("OPENAI_API_KEY", "k-0123456789-o")

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    async with server().running() as first, server().running() as second:
        configure(
            f"""{more}
[providers.anthropic]
base_url = "{first.url}"
[providers.openai]
base_url = "{second.url}/v1"
"""
        )
        made = assemble()
        await made.endpoints.aclose()
        networks = Networks(made.settings.network, {})
        made.endpoints = Endpoints(
            made.catalog,
            made.settings.providers,
            transport=Transport(
                clock=asyncio.get_running_loop().time, sleep=at_once, networks=networks
            ),
            traffic=Traffic(state_folder()),
        )
        made.quoter = replace(made.quoter, endpoints=made.endpoints)
        await made.open()
        try:
            yield Two(made, first, second)
        finally:
            await made.close()
