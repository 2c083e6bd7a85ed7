"""One paid request, from the reservation of its ceiling to the settlement of its bill."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.booking import Booking, price_row
from codefare.errors import OverBudget, ProviderError, StreamBroken
from codefare.meter import Bill, Meter, Progress
from codefare.providers.base import End, Request, Stop
from codefare.store.amount import added, dollars
from codefare.store.ledger import UNRECORDED

if TYPE_CHECKING:
    from codefare.estimate import Estimate
    from codefare.providers.endpoints import Endpoints
    from codefare.quoting import Quote
    from codefare.routing import Choice
    from codefare.store.entry import Entry
    from codefare.store.ledger import Ledger
    from codefare_catalog import Vocabulary


@dataclass(frozen=True, slots=True)
class Purchase:
    """An answer, complete or not, and its bill.

    `reason` is the provider's word for how it ended; of a broken one what went wrong, and `remedy` what to do.
    `lost_usd` is what attempts that failed before it took; None if the price is not known.
    """

    text: str
    stop: Stop
    reason: str
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


RISEN = "The price has risen above what was quoted: another hour or day has begun."

Keep = Callable[[str, Bill], Awaitable[None]]


async def _nowhere(_text: str, _bill: Bill) -> None:
    """For those who keep nothing."""


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
    within: float | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    on_progress: Callable[[Progress], None],
    keep: Keep = _nowhere,
) -> Purchase:
    """Send `request` and bring its answer home, as far as it came; each HTTP attempt is a row in the ledger.

    `within` are the seconds that are left for it, if that is less than its provider's limits say. Each attempt is
    priced at the instant of `clock` (with a zone) at which it begins. `keep` is given a whole answer, also if whoever
    asked gives up in the moment in which it ends.

    Raises:
        OverBudget: The ceiling of the attempt, or of another after it failed, does not fit in what
            is left of the day's budget or of the action's, or the price has risen above what was quoted: it was not
            sent.
        ProviderError: No answer, not even the beginning of one. What was used is settled, and told.
    """
    meter = Meter(choice, vocabulary, clock())
    rows = _Rows(ledger, booking.entry(quote, choice), allowance)

    async def before(_number: int) -> None:
        now = clock()
        await rows.open(choice.estimate, now)
        meter.begin(now)

    async def after(_number: int, error: ProviderError) -> None:
        await rows.close(meter.take(timed_out=error.timed_out), "failed")

    def waits(seconds: float) -> None:
        turn = f"waiting {math.ceil(seconds)} s for its turn"
        on_progress(replace(meter.progress(), waiting=turn))

    ending, timed_out = "failed", False
    failed: ProviderError | OverBudget | None = None
    try:
        stream = endpoints.stream(
            request,
            on_attempt=before,
            on_retry=after,
            on_sent=meter.on_its_way,
            on_wait=waits,
            within=within,
        )
        async with aclosing(stream) as events:
            async for event in events:
                meter.add(event)
                on_progress(meter.progress())
        end = _end_of(meter)
        ending = end.stop.value
        return Purchase(
            "".join(meter.pieces),
            end.stop,
            end.reason,
            meter.bill(),
            meter.seconds,
            lost_usd=rows.lost_usd,
        )
    except ProviderError as error:
        timed_out = error.timed_out
        failed = error
        if not error.partial:
            raise
        ending = Stop.BROKEN.value
        return Purchase(
            "".join(meter.pieces),
            Stop.BROKEN,
            str(error),
            meter.bill(),
            meter.seconds,
            error.remedy,
            rows.lost_usd,
        )
    except OverBudget as error:
        failed = error
        raise
    except asyncio.CancelledError:
        ending = meter.ending or "cancelled"
        raise
    finally:
        # Whatever happened, what was used is owed, and said before anything can interrupt it again.
        text = meter.answer
        bill = meter.bill() if ending == "cancelled" else meter.take(timed_out=timed_out)
        taken = rows.taken_with(bill, meter.seconds)
        if failed is not None:
            failed.spent_usd = taken.cost_usd
        try:
            on_progress(taken)
        finally:
            await _undisturbed(rows.finish(bill, ending, text, keep))


async def _undisturbed(work: Coroutine[None, None, None]) -> None:
    """Returns when it is done, even if whoever waits is cancelled meanwhile; then that is told."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _end_of(meter: Meter) -> End:
    if meter.end is None:
        raise StreamBroken("The answer has no end.", partial=bool(meter.pieces))
    return meter.end


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

    async def open(self, size: Estimate, now: datetime) -> None:
        """Sets the ceiling aside for an attempt that begins now, if it still holds."""
        if not size.holds(now):
            raise OverBudget(RISEN, remedy="Run it again to see its price now.")
        self._allowance.hold(self._entry.ceiling_usd, self.lost_usd)
        per_day_usd = self._allowance.per_day_usd
        entry = replace(self._entry, price=price_row(size.tariff.at(now)))
        self._open = await self._ledger.reserve(entry, per_day_usd=per_day_usd)
        self._under_way = True

    async def finish(self, bill: Bill, ending: str, text: str, keep: Keep) -> None:
        """Keeps the answer, if it is whole, before anything else: it is paid. Then settles the last attempt."""
        if ending == Stop.COMPLETE.value and text.strip():
            await keep(text, bill)
        await self.close(bill, ending)

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
