"""Buys answers as the engine does, from a scripted server and with a real ledger, and tells all that came of it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.built_in import TASKS
from tests.wire.hurry import HurryingServer, hurrying
from tests.wire.vendors import ANTHROPIC, OLLAMA, OPENAI, at, rate

from codefare.booking import Booking
from codefare.meter import Progress
from codefare.providers.access import ProviderSettings
from codefare.providers.base import Request
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Limits, Transport
from codefare.purchase import Allowance, Purchase, buy
from codefare.quoting import Quote, Terms, Wish, draft_quote
from codefare.source.document import Document
from codefare.source.target import Span
from codefare.store.ledger import Ledger
from codefare.tasks import Subject
from codefare_catalog import Catalog, Model, Offering, Price, load_catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.wire.server import Recorded

    from codefare.store.entry import Spent
    from codefare_catalog import Provider

KEY = "canaryKEYcanary0123456789"
CODE = "def canaryCODEcanary(a, b):\n    return a + b\n"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICE = Price(rate("3"), rate("15"), "test", date(2026, 11, 23), cache_read=rate("0.30"))
_WINDOW = 1_000_000


@dataclass(frozen=True)
class Ware:
    """A model at a provider at a price; the scripted server stands where the provider would."""

    provider: Provider
    price: Price = PRICE


WARES = {
    "anthropic": Ware(ANTHROPIC),
    "openai": Ware(OPENAI),
    "ollama": Ware(replace(OLLAMA, key_env="OLLAMA_API_KEY")),
}
_REAL_SECONDS = 20.0


@dataclass
class Bought:
    """What came of one purchase: the answer or the error, and what the server and the ledger saw of it."""

    purchase: Purchase | None
    error: BaseException | None
    requests: list[Recorded]
    spent: Spent
    told: list[Progress]
    waits: list[float]
    seconds: float
    forsaken: int


@dataclass
class Shop:
    """A server for each purchase, another host that must see nothing, and the path from a quote to its bill."""

    server: HurryingServer
    other: HurryingServer
    endpoints: Endpoints
    ledger: Ledger
    catalog: Catalog
    limits: Limits
    waits: list[float] = field(default_factory=list)
    _quotes: dict[str, Quote] = field(default_factory=dict)

    def quote(self, ware: str) -> Quote:
        """The price of documenting a small function; asked for once."""
        if ware not in self._quotes:
            self._quotes[ware] = self._quote(ware)
        return self._quotes[ware]

    def _quote(self, ware: str) -> Quote:
        document = Document("file:///sums.py", Path("/sums.py"), "python", CODE)
        return draft_quote(
            self.catalog,
            TASKS["document"],
            Subject(document, document.target(Span(0, 0))),
            wish=Wish(model=self.catalog.models[ware]),
            terms=Terms(NOON),
            usable=lambda _model, _offering: None,
        )

    @staticmethod
    def now() -> datetime:
        """Noon of some day, and the time that has passed in the loop since."""
        return NOON + timedelta(seconds=hurrying().time())

    async def buy(self, ware: str, *, cancel_at: int | None = None) -> Bought:
        """Buys one answer, to whatever end it comes; after 20 s of real time it is cancelled.

        It is cancelled, too, once `cancel_at` tokens of the answer have come.
        """
        quote = self.quote(ware)
        choice = quote.choice
        assert choice is not None
        await hurrying().pass_by(0)  # connections that a server closed are closed by now
        seen, waited, began = len(self.server.requests), len(self.waits), self.now()
        started, forsaken = hurrying().time(), self.server.forsaken
        told: list[Progress] = []
        purchase, error = None, None

        def progress(made: Progress) -> None:
            told.append(made)
            if cancel_at is not None and made.output_tokens >= cancel_at:
                buying.cancel()

        request = Request(
            choice.offering,
            quote.prompt.system,
            quote.prompt.user,
            max_tokens=choice.estimate.output.max,
            input_tokens=choice.estimate.input.likely,
        )
        buying = asyncio.ensure_future(
            buy(
                quote,
                choice,
                request,
                self.catalog.vocabularies[choice.model.vocabulary],
                self.endpoints,
                self.ledger,
                booking=Booking.of(),
                allowance=Allowance(),
                on_progress=progress,
            )
        )
        over = threading.Event()
        guard = hurrying().run_in_executor(None, over.wait, _REAL_SECONDS)
        guard.add_done_callback(lambda _: buying.cancel())
        try:
            purchase = await buying
        except (Exception, asyncio.CancelledError) as failure:  # noqa: BLE001 - it is judged by who asked
            error = failure
        finally:
            over.set()
        took = hurrying().time() - started
        return Bought(
            purchase,
            error,
            self.server.requests[seen:],
            await self.ledger.totals(began),
            told,
            self.waits[waited:],
            took,
            self.server.forsaken - forsaken,
        )


@asynccontextmanager
async def shop(folder: Path, wares: Mapping[str, Ware] = WARES) -> AsyncIterator[Shop]:
    """A shop whose waits take no time, with the limits and the retries that users have."""
    limits = Limits()
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await hurrying().pass_by(seconds)

    transport = Transport(limits, clock=hurrying().time, sleep=sleep, chance=lambda: 0.0)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(HurryingServer(limits).running())
        other = await stack.enter_async_context(HurryingServer(limits).running())
        catalog = _catalog(wares)
        endpoints = Endpoints(
            catalog,
            {name: ProviderSettings(base_url=server.url) for name in wares},
            environ=_keys(wares),
            transport=transport,
        )
        loop = hurrying()
        ledger = Ledger(folder, clock=lambda: NOON + timedelta(seconds=loop.time()))
        stack.push_async_callback(ledger.close)
        stack.push_async_callback(endpoints.aclose)
        yield Shop(server, other, endpoints, ledger, catalog, limits, waits)


def _keys(wares: Mapping[str, Ware]) -> dict[str, str]:
    names = (ware.provider.key_env for ware in wares.values())
    return {name: KEY for name in names if name}


def _catalog(wares: Mapping[str, Ware]) -> Catalog:
    """The packaged catalog with these models in place of its own, each at a provider of its own."""
    packaged = load_catalog()
    exact = next(row for row in packaged.vocabularies.values() if row.exact)
    models = {
        name: Model(
            name,
            name,
            "test",
            exact.id,
            (Offering(name, name, "wire-model", _WINDOW, 64_000, (ware.price,)),),
        )
        for name, ware in wares.items()
    }
    nowhere = "http://127.0.0.1:9"
    providers = {name: at(ware.provider, nowhere, id=name) for name, ware in wares.items()}
    return replace(packaged, models=models, providers=providers)
