"""One paid request, from the reservation of its ceiling to the settlement of its bill."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.errors import OverBudget, ProviderError, StreamBroken
from codefare.providers.base import Billed, End, Event, Request, Stop, Text, Thinking
from codefare.store.amount import added, dollars
from codefare.store.entry import Basis
from codefare.store.ledger import UNRECORDED
from codefare.tokens import YARDSTICK, count, scaled
from codefare_catalog import Usage, Vocabulary, cost

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.booking import Booking
    from codefare.providers.endpoints import Endpoints
    from codefare.quoting import Quote
    from codefare.routing import Choice
    from codefare.store.entry import Entry
    from codefare.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request is: tokens and USD are our own count until the provider's bill has come.

    `settled` marks the last one: what the request took in all, with the attempts that failed before, however it ended;
    `estimated`, that some of it is our own count. `waiting` is what it waits for, in a user's words.
    """

    seconds: float
    output_tokens: int
    cost_usd: Decimal | None
    settled: bool = False
    estimated: bool = True
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a request took. `estimated` marks our own count, where the provider reported no usage.

    `stated` marks an amount that the provider named itself.
    """

    usage: Usage
    cost_usd: Decimal | None
    estimated: bool
    stated: bool = False

    @property
    def basis(self) -> Basis:
        """What the cost rests on."""
        if self.estimated:
            return Basis.ESTIMATE
        return Basis.PROVIDER if self.stated else Basis.USAGE


@dataclass(frozen=True, slots=True)
class Purchase:
    """An answer, complete or not, and its bill.

    `reason` is the provider's word for how it ended; of a broken one what went wrong, and `remedy` what to do.
    `lost_usd` is what attempts that failed before it took; None if the price is not known.
    """

    text: str
    stop: Stop
    reason: str
    model: str
    bill: Bill
    seconds: float
    remedy: str = ""
    lost_usd: Decimal | None = Decimal(0)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent, in USD; None: no limit.

    `spent_usd` is what the same action took on other offerings already; None if their price is not known.
    """

    per_day_usd: Decimal | None = None
    per_action_usd: Decimal | None = None
    spent_usd: Decimal | None = Decimal(0)

    def hold(self, ceiling_usd: Decimal | None, lost_usd: Decimal | None = Decimal(0)) -> None:
        """Nothing, if a request with this ceiling fits in what is left of the action's limit.

        `lost_usd` is what attempts on the same offering took before.

        Raises:
            OverBudget: It does not fit, or nobody knows.
        """
        limit, spent = self.per_action_usd, added([self.spent_usd, lost_usd])
        if limit is None:
            return
        if ceiling_usd is None or spent is None:
            raise OverBudget(
                f"The price is not known, and your limit for one action is {dollars(limit)}.",
                remedy="Give its price in catalog.toml, or take another model.",
            )
        if spent + ceiling_usd > limit:
            before = f", after {dollars(spent)} for attempts that failed" if spent else ""
            raise OverBudget(
                f"The price may reach {dollars(ceiling_usd)}{before},"
                f" and your limit for one action is {dollars(limit)}.",
                remedy="Choose budget mode, a smaller selection, or raise per_action_usd in config.toml.",
            )


async def buy(
    quote: Quote,
    choice: Choice,
    request: Request,
    vocabulary: Vocabulary,
    endpoints: Endpoints,
    ledger: Ledger,
    *,
    booking: Booking,
    allowance: Allowance,
    on_progress: Callable[[Progress], None],
) -> Purchase:
    """Send `request` and bring its answer home, as far as it came; each HTTP attempt is a row in the ledger.

    Raises:
        OverBudget: The ceiling of the attempt, or of another after it failed, does not fit in what
            is left of the day's budget or of the action's: it was not sent.
        ProviderError: No answer, not even the beginning of one. What was used is settled, and told.
    """
    meter = _Meter(choice, vocabulary)
    rows = _Rows(ledger, booking.entry(quote, choice), allowance)

    async def before(_number: int) -> None:
        await rows.open()

    async def after(_number: int, error: ProviderError) -> None:
        await rows.close(meter.take(timed_out=error.timed_out), "failed")

    def waits(seconds: float) -> None:
        turn = f"waiting {math.ceil(seconds)} s for its turn"
        on_progress(replace(meter.progress(), waiting=turn))

    ending, timed_out = "failed", False
    failed: ProviderError | None = None
    try:
        stream = endpoints.stream(request, on_attempt=before, on_retry=after, on_wait=waits)
        async with aclosing(stream) as events:
            async for event in events:
                meter.add(event)
                on_progress(meter.progress())
        end = meter.end
        if end is None:
            raise StreamBroken("The answer has no end.", partial=bool(meter.pieces))
        ending = end.stop.value
        return Purchase(
            "".join(meter.pieces),
            end.stop,
            end.reason,
            end.model or choice.model.id,
            meter.bill(),
            meter.seconds,
            lost_usd=rows.lost_usd,
        )
    except ProviderError as error:
        timed_out = error.timed_out
        if not error.partial:
            failed = error
            raise
        ending = Stop.BROKEN.value
        return Purchase(
            "".join(meter.pieces),
            Stop.BROKEN,
            str(error),
            choice.model.id,
            meter.bill(),
            meter.seconds,
            error.remedy,
            rows.lost_usd,
        )
    except asyncio.CancelledError:
        ending = "cancelled"
        raise
    finally:
        # Whatever happened, what was used is owed, and said before anything can interrupt it again.
        bill = meter.bill() if ending == "cancelled" else meter.take(timed_out=timed_out)
        taken = rows.taken_with(bill, meter.seconds)
        if failed is not None:
            failed.spent_usd = taken.cost_usd
        on_progress(taken)
        await asyncio.shield(rows.close(bill, ending))


# The window in the catalog may be a little short of the real one.
_WINDOWS = 2
_NOTHING = Bill(Usage(), Decimal(0), estimated=False)


class _Rows:
    """The ledger's rows of one request: one for each attempt, open from before it is sent until it is over."""

    def __init__(self, ledger: Ledger, entry: Entry, allowance: Allowance) -> None:
        self._ledger = ledger
        self._entry = entry
        self._allowance = allowance
        self._open = UNRECORDED
        self._under_way = False
        self._bills: list[Bill] = []

    @property
    def lost_usd(self) -> Decimal | None:
        """What the attempts that are over took; None if the price is not known."""
        return added([bill.cost_usd for bill in self._bills])

    async def open(self) -> None:
        self._allowance.hold(self._entry.ceiling_usd, self.lost_usd)
        per_day_usd = self._allowance.per_day_usd
        self._open = await self._ledger.reserve(self._entry, per_day_usd=per_day_usd)
        self._under_way = True

    async def close(self, bill: Bill, ending: str) -> None:
        """Settles the attempt that is under way; nothing is owed between two of them."""
        attempt, self._open = self._open, UNRECORDED
        if self._under_way:
            self._bills.append(bill)
        self._under_way = False
        await self._ledger.settle(attempt, bill.usage, bill.cost_usd, ending, basis=bill.basis)

    def taken_with(self, bill: Bill, seconds: float) -> Progress:
        """What all attempts took, if the one that is under way takes `bill`."""
        bills = [*self._bills, bill] if self._under_way else self._bills
        return Progress(
            seconds,
            sum(each.usage.output for each in bills),
            added([each.cost_usd for each in bills]),
            settled=True,
            estimated=any(each.estimated for each in bills),
        )


class _Meter:
    """Counts what a stream has brought so far."""

    def __init__(self, choice: Choice, vocabulary: Vocabulary) -> None:
        self._size = choice.estimate
        # A report of more is a server's mistake, and must not use up a day's budget.
        self._most = _WINDOWS * choice.offering.context_window
        self._vocabulary = vocabulary
        self._started = time.monotonic()
        self._counted = 0
        self._at = datetime.now(UTC)
        self.pieces: list[str] = []
        self.billed: Billed | None = None
        self.end: End | None = None
        self.heard = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def add(self, event: Event) -> None:
        self.heard = True
        match event:
            case Text():
                self.pieces.append(event.text)
                self._counted += count(YARDSTICK, event.text)
            case Thinking():
                self._counted += event.tokens
            case Billed() if max(event.usage.prompt, event.usage.output) <= self._most:
                self.billed = event
            case End():
                self.end = event

    def progress(self) -> Progress:
        usage = Usage(input=self._input(), output=self._output())
        return Progress(self.seconds, usage.output, self._cost(usage))

    def take(self, *, timed_out: bool) -> Bill:
        """The bill of an attempt that is over; the next one is counted from nothing.

        A provider may have reported, and will bill, the prompt of a stream that was cut before its first text. One that
        said nothing took nothing, unless it was given up before its first text: it may have worked all the while, and
        its ceiling is owed.
        """
        given_up = timed_out and not self.pieces
        bill = self._worst() if given_up else self.bill() if self.heard else _NOTHING
        self.pieces, self.billed, self.end = [], None, None
        self._counted, self.heard = 0, False
        return bill

    def bill(self) -> Bill:
        """What the provider reported; our own count where it did not, or reported none of what there was."""
        reported = self.billed.usage if self.billed else Usage()
        usage = reported if reported.prompt else replace(reported, input=self._input())
        if self.end is None or not usage.output:
            # A cut stream reports its output late or never: what has come was produced, and will be billed.
            usage = replace(usage, output=max(usage.output, self._output()))
        if self.billed is not None and self.billed.usd is not None and self.end is not None:
            return Bill(usage, Decimal(self.billed.usd), estimated=False, stated=True)
        return Bill(usage, self._cost(usage), estimated=self.end is None or usage != reported)

    def _worst(self) -> Bill:
        if self.billed is not None and self.billed.usage.prompt:
            usage = replace(self.billed.usage, output=self._size.output.max)
            return Bill(usage, self._cost(usage), estimated=True)
        usage = Usage(input=self._size.input.bound, output=self._size.output.max)
        costs = self._size.cost
        return Bill(usage, costs.ceiling if costs else None, estimated=True)

    def _input(self) -> int:
        return self._size.input.likely

    def _output(self) -> int:
        """Our own count; nobody bills more than the request allowed, whatever a server sends."""
        return min(scaled(self._counted, self._vocabulary.likely), self._size.output.max)

    def _cost(self, usage: Usage) -> Decimal | None:
        price = self._size.price
        return cost(price, usage, self._at).high if price else None
