"""Prices that change between a quote and what is sent for it: with the hour, and with the day."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, engine, quoted
from tests.wire.server import Step, WireServer
from tests.wire.vendors import openai_stream

from codefare.consent import Unasked
from codefare.engine import Engine
from codefare.errors import OverBudget
from codefare.places import state_folder
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Transport
from codefare.quoting import Quote, Wish
from codefare.store.traffic import Traffic
from codefare.tasks.outcome import Edit

MONDAY = datetime(2026, 12, 7, tzinfo=UTC)
EARLY = MONDAY + timedelta(minutes=30)
PEAK = MONDAY + timedelta(hours=1, minutes=30)  # DeepSeek's begins at one
USAGE = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
OFF_PEAK = Decimal("0.00021")  # 1,000 at $0.15 a million and 100 at $0.60


@dataclass
class Late:
    """A user who takes his time: with each answer the clock is set to the next of these instants."""

    times: list[datetime]
    now: datetime = EARLY
    yes: bool = True
    asked: list[Decimal | None] = field(default_factory=list)

    def clock(self) -> datetime:
        """The time."""
        return self.now

    def answer(self, quote: Quote) -> bool:
        """What he says in the end."""
        self.asked.append(quote.promise.ceiling_usd)
        self.now = self.times.pop(0) if self.times else self.now
        return self.yes

    async def confirm(self, quote: Quote) -> bool:
        """Whether to run it."""
        self.answer(quote)
        return True

    async def instead(self, quote: Quote, failure: str) -> bool:
        """Whether to go on."""
        assert "risen" in failure
        return self.answer(quote)


@dataclass
class Shop:
    """An engine that sends to DeepSeek, which is the scripted server."""

    made: Engine
    server: WireServer
    user: Late

    async def quote(self, tmp_path) -> Quote:
        """The price of documenting a function."""
        flash = Wish(model=self.made.catalog.find("deepseek-flash"))
        return await quoted(self.made, document(tmp_path), "document", flash)


@asynccontextmanager
async def shop(configure, monkeypatch, user: Late, more: str = "") -> AsyncIterator[Shop]:
    """Its clock is the user's, and its retries do not wait: each of them takes what `user.times` says."""
    monkeypatch.setenv("DEEPSEEK_API_KEY", "k-0123456789-d")

    async def later(_seconds: float) -> None:
        user.now = user.times.pop(0) if user.times else user.now

    async with WireServer().running() as server:
        more = f'{more}\n[providers.deepseek]\nbase_url = "{server.url}"'
        async with engine(server, configure, monkeypatch, more) as made:
            await made.endpoints.aclose()
            traffic = Traffic(state_folder())
            made.endpoints = Endpoints(
                made.catalog,
                made.settings.providers,
                transport=Transport(sleep=later),
                traffic=traffic,
            )
            made.quoter = replace(made.quoter, endpoints=made.endpoints, clock=user.clock)
            made._supply._clock = user.clock
            made._supply._shared = traffic.flights
            yield Shop(made, server, user)


def rows() -> list[tuple[str, Decimal]]:
    """How each attempt ended, and what it cost."""
    with closing(sqlite3.connect(state_folder() / "ledger.db")) as ledger:
        found = ledger.execute("SELECT ending, cost_usd FROM attempt ORDER BY rowid")
        return [(ending, Decimal(cost)) for ending, cost in found]


FIRST = asyncio.FIRST_COMPLETED
ASK = '[budget]\nconfirm_above_usd = "0"'


async def test_who_answers_in_a_dearer_hour_is_asked_again(
    configure, monkeypatch, tmp_path
) -> None:
    """The question was open from half past midnight to half past one: the second one says what it costs by then."""
    user = Late([PEAK])
    async with shop(configure, monkeypatch, user, ASK) as there:
        there.server.sse(*openai_stream(DOCSTRING, usage=USAGE))
        quote = await there.quote(tmp_path)
        result = await there.made.run(quote, consent=user)
    assert isinstance(result.outcome, Edit)
    assert quote.cost is not None
    assert user.asked == [quote.cost.ceiling, 2 * quote.cost.ceiling]
    assert result.cost_usd == 2 * OFF_PEAK
    assert not result.above_ceiling
    assert len(there.server.requests) == 1


async def test_who_answers_twice_in_dearer_hours_is_asked_each_time(
    configure, monkeypatch, tmp_path
) -> None:
    """An answer that comes after the peak, to a question from within it, needs no further one."""
    user = Late([PEAK, MONDAY + timedelta(hours=4, minutes=30)])
    async with shop(configure, monkeypatch, user, ASK) as there:
        there.server.sse(*openai_stream(DOCSTRING, usage=USAGE))
        result = await there.made.run(await there.quote(tmp_path), consent=user)
    assert len(user.asked) == 2
    assert result.cost_usd == OFF_PEAK


@pytest.mark.parametrize("consent", [Unasked, lambda: Late([], PEAK, yes=False)])
async def test_nothing_is_sent_at_a_price_that_nobody_agreed_to(
    configure, monkeypatch, tmp_path, consent: Callable[[], Unasked | Late]
) -> None:
    """A quote from before the peak, run within it by somebody who says no, or who cannot be asked."""
    user = Late([])
    async with shop(configure, monkeypatch, user) as there:
        quote = await there.quote(tmp_path)
        user.now = PEAK
        with pytest.raises(OverBudget, match="has risen") as raised:
            await there.made.run(quote, consent=consent())
        spent = await there.made.ledger.today()
    assert "Nothing was sent" in raised.value.remedy
    assert there.server.requests == []
    assert spent.attempts == 0


async def test_each_attempt_is_priced_at_its_own_hour(configure, monkeypatch, tmp_path) -> None:
    """The first began before the peak, the second in it: the ledger holds each with its cost."""
    soon = MONDAY + timedelta(minutes=55)
    user = Late([MONDAY + timedelta(hours=1, minutes=1)], soon)
    cut = openai_stream("", usage=USAGE)
    async with shop(configure, monkeypatch, user) as there:
        there.server.sse(*cut[:-1], Step.CUT)
        there.server.sse(*openai_stream(DOCSTRING, usage=USAGE))
        result = await there.made.run(await there.quote(tmp_path))
    assert len(there.server.requests) == 2
    failed, complete = rows()
    assert complete == ("complete", 2 * OFF_PEAK)
    assert result.cost_usd == 2 * OFF_PEAK
    assert failed == ("failed", result.lost_usd)
    assert 0 < failed[1] <= OFF_PEAK


async def test_a_retry_that_comes_too_late_for_its_price_is_not_sent(
    configure, monkeypatch, tmp_path
) -> None:
    """Its ceiling is from before the peak, and the provider made it wait into it."""
    user = Late([PEAK])
    async with shop(configure, monkeypatch, user) as there:
        there.server.refuse(529)
        with pytest.raises(OverBudget, match="has risen"):
            await there.made.run(await there.quote(tmp_path))
        spent = await there.made.ledger.today()
    assert len(there.server.requests) == 1
    assert (spent.attempts, spent.open_attempts) == (1, 0)


async def test_who_waited_for_another_pays_no_more_than_was_quoted(
    configure, monkeypatch, tmp_path
) -> None:
    """Another process was asking the same, and fails within the peak: the follower does not send at the old price."""
    user = Late([])
    async with shop(configure, monkeypatch, user) as there:
        quote = await there.quote(tmp_path)
        flights = Traffic(state_folder())
        lead = await flights.flights.lead(quote.key)
        assert lead is not None
        waits = asyncio.Event()
        running = asyncio.create_task(
            there.made.run(quote, progress=lambda made: waits.set() if made.waiting else None)
        )
        await asyncio.wait({running, asyncio.create_task(waits.wait())}, return_when=FIRST)
        user.now = PEAK
        lead.land()
        with pytest.raises(OverBudget, match="has risen"):
            await running
        await flights.close()
    assert there.server.requests == []
