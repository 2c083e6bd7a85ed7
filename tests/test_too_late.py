"""What there is no time left for, and what is under way when all is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, engine, quoted
from tests.two import two
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream

from codefare.assembly import assemble
from codefare.booking import Booking
from codefare.detour import Detour
from codefare.engine import Engine
from codefare.errors import ProviderError, Unreachable
from codefare.flight import Flights, Seat
from codefare.meter import Progress
from codefare.purchase import Allowance
from codefare.store.entry import Entry
from codefare.supply import Answer


async def test_what_there_is_no_time_for_is_not_sent_and_costs_nothing(
    configure, monkeypatch, tmp_path
) -> None:
    """It is not counted at its ceiling as a request that timed out is; and the provider does not rest for it."""
    async with two(configure, monkeypatch) as there:
        quote = await quoted(there.made, document(tmp_path), "document")
        way = Detour.of(quote, Booking.of(), seconds=0)
        with pytest.raises(Unreachable, match="no time left") as raised:
            await there.made._supply.buy(way, there.made.quoter, Allowance(), lambda _: None)
        spent = await there.made.ledger.today()
        assert not there.made.endpoints.any_rests
        assert there.anthropic.requests == []
    assert raised.value.spent_usd == 0
    assert spent.cost_usd == spent.open_attempts == 0


async def test_a_retry_whose_turn_came_too_late_costs_nothing(
    configure, monkeypatch, tmp_path
) -> None:
    """The first attempt was refused, and the wait before the second outlasts all the time there is."""
    late = asyncio.Event()

    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(529)
        transport = there.made.endpoints._transport
        clock = transport._clock
        monkeypatch.setattr(
            transport, "_clock", lambda: clock() + (100_000 if late.is_set() else 0)
        )
        quote = await quoted(there.made, document(tmp_path), "document")
        reserve = there.made.ledger.reserve

        async def slowly(entry: Entry, *, per_day_usd: Decimal | None) -> str:
            if there.anthropic.requests:
                late.set()
            return await reserve(entry, per_day_usd=per_day_usd)

        monkeypatch.setattr(there.made.ledger, "reserve", slowly)
        way = Detour.of(quote, Booking.of(), seconds=50)
        with pytest.raises(ProviderError) as raised:
            await there.made._supply.buy(way, there.made.quoter, Allowance(), lambda _: None)
        spent = await there.made.ledger.today()
    assert raised.value.spent_usd == 0
    assert spent.cost_usd == 0
    assert (spent.attempts, len(there.anthropic.requests)) == (2, 1)


async def test_who_joined_one_without_time_goes_on_by_himself(
    configure, monkeypatch, tmp_path
) -> None:
    """The first had no time left to send it; the second has, and sends it once."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        quote = await quoted(there.made, document(tmp_path), "document")
        ways = [Detour.of(quote, Booking.of(), seconds) for seconds in (0, 1000, 1000)]
        supply, quoter = there.made._supply, there.made.quoter
        late, *others = await asyncio.gather(
            *(supply.buy(way, quoter, Allowance(), lambda _: None) for way in ways),
            return_exceptions=True,
        )
        spent = await there.made.ledger.today()
    assert isinstance(late, Unreachable)
    assert sorted(isinstance(one, Answer) and one.joined for one in others) == [False, True]
    assert (len(there.anthropic.requests), spent.attempts) == (1, 1)


@asynccontextmanager
async def mute() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A server that takes connections and never says a word: no TLS comes about. With what tells that one came."""
    came = asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", came
    finally:
        server.close()


@asynccontextmanager
async def out_of_reach(configure, monkeypatch) -> AsyncIterator[tuple[Engine, asyncio.Event]]:
    """An engine whose one provider is mute."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-0123456789-a")
    async with mute() as (address, came):
        configure(f'[providers.anthropic]\nbase_url = "{address}"')
        made = assemble()
        await made.open()
        try:
            yield made, came
        finally:
            await made.close()


async def test_a_connection_that_a_short_deadline_cuts_costs_nothing(
    configure, monkeypatch, tmp_path
) -> None:
    """The time for the whole way ends before TLS stands: nothing was sent, so nothing can be billed."""
    async with out_of_reach(configure, monkeypatch) as (made, _came):
        quote = await quoted(made, document(tmp_path), "document")
        way = Detour.of(quote, Booking.of(), seconds=2)
        with pytest.raises(Unreachable, match=r"reached in time|no time left") as raised:
            await made._supply.buy(way, made.quoter, Allowance(), lambda _: None)
        spent = await made.ledger.today()
    assert not raised.value.timed_out
    assert raised.value.spent_usd == 0
    assert spent.cost_usd == spent.open_attempts == 0


async def test_who_gives_up_before_the_connection_stands_owes_nothing(
    configure, monkeypatch, tmp_path
) -> None:
    """Cancelled while TLS is set up: the prompt was never sent, and is not counted."""
    async with out_of_reach(configure, monkeypatch) as (made, came):
        quote = await quoted(made, document(tmp_path), "document")
        told: list[Progress] = []
        running = asyncio.create_task(made.run(quote, progress=told.append))
        await came.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        spent = await made.ledger.today()
    assert spent.cost_usd == spent.open_attempts == 0
    assert [one.settled for one in told] == [True]
    assert told[0].cost_usd == 0


async def test_who_gives_up_once_it_is_sent_owes_the_prompt(
    configure, monkeypatch, tmp_path
) -> None:
    """The server has it, and has said nothing yet: what a provider bills from then on is counted."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(Step.HANG)
        running = asyncio.create_task(there.run(document(tmp_path)))
        await there.anthropic.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        spent = await there.made.ledger.today()
    assert spent.cost_usd > 0


async def test_anothers_request_is_not_waited_for_without_end(
    configure, monkeypatch, tmp_path
) -> None:
    """Who has no time left gives up, though the other process goes on; and its request is not disturbed."""
    go = asyncio.Event()
    stream = anthropic_stream(DOCSTRING)
    async with WireServer().running() as wire:
        wire.sse(stream[0], go, *stream[1:])
        async with (
            engine(wire, configure, monkeypatch) as first,
            engine(wire, configure, monkeypatch) as second,
        ):
            quotes = [
                await quoted(made, document(tmp_path), "document") for made in (first, second)
            ]
            leading = asyncio.create_task(first.run(quotes[0]))
            await wire.asked.wait()
            way = Detour.of(quotes[1], Booking.of(), seconds=0.1)
            buying = second._supply.buy(way, second.quoter, Allowance(), lambda _: None)
            with pytest.raises(Unreachable, match="in time"):
                await asyncio.wait_for(buying, 60)
            go.set()
            assert not (await leading).cached
    assert len(wire.requests) == 1


async def test_what_was_just_given_up_is_waited_for_at_the_end() -> None:
    """Work that is still settling what it owes when all is closed has done so afterwards."""
    settled, may_settle, begun = [], asyncio.Event(), asyncio.Event()

    async def work(_tell: object) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            await may_settle.wait()
            settled.append("bill")

    flights: Flights[None, str] = Flights()
    waiting = asyncio.create_task(flights.join("key", work, Seat(lambda _: None)))
    await begun.wait()
    waiting.cancel()
    await asyncio.sleep(0)
    closing = asyncio.create_task(flights.aclose())
    for _ in range(3):
        await asyncio.sleep(0)
    assert not closing.done()
    may_settle.set()
    await closing
    assert settled == ["bill"]
    await asyncio.gather(waiting, return_exceptions=True)
