"""What a stream has brought so far, and what it is worth."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.providers.base import Billed, End, Event, Stop, Text, Thinking
from codefare.store.entry import Basis
from codefare.tokens import YARDSTICK, count, scaled
from codefare_catalog import Usage, Vocabulary

if TYPE_CHECKING:
    from datetime import datetime

    from codefare.routing import Choice

# The window in the catalog may be a little short of the real one.
_WINDOWS = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request is: tokens and USD are our own count until the provider's bill has come.

    `settled` marks the last one of an offering: what was taken in all, with the attempts that failed before, however it
    ended; `estimated`, that some of it is our own count. `waiting` is what it waits for, in a user's words; `instead`
    the name of the model that is asked, if it is not the one that was quoted.
    """

    seconds: float
    output_tokens: int
    cost_usd: Decimal | None
    settled: bool = False
    estimated: bool = True
    waiting: str = ""
    instead: str = ""


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


NOTHING = Bill(Usage(), Decimal(0), estimated=False)


class Meter:
    """Counts what a stream has brought so far.

    Each attempt `begin`s before it is sent: it is priced at that instant. `sent` tells that it is on its way.
    """

    def __init__(self, choice: Choice, vocabulary: Vocabulary, at: datetime) -> None:
        self._size = choice.estimate
        # A report of more is a server's mistake, and must not use up a day's budget.
        self._most = _WINDOWS * choice.offering.context_window
        self._vocabulary = vocabulary
        self._started = time.monotonic()
        self._counted = 0
        self._at = at
        self.sent = False
        self.pieces: list[str] = []
        self.billed: Billed | None = None
        self.end: End | None = None
        self.heard = False

    @property
    def seconds(self) -> float:
        """Since the request began, all its attempts together."""
        return time.monotonic() - self._started

    @property
    def answer(self) -> str:
        """The text, if it came to its end whole; else nothing."""
        whole = self.end is not None and self.end.stop is Stop.COMPLETE
        return "".join(self.pieces) if whole else ""

    @property
    def ending(self) -> str:
        """How the answer ended, in a word; "" if it has not."""
        return self.end.stop.value if self.end is not None else ""

    def begin(self, at: datetime) -> None:
        """Another attempt is about to be sent, at the instant `at` (with a zone)."""
        self._at = at
        self.sent = False

    def on_its_way(self) -> None:
        """Its connection stands: from now on it may be billed."""
        self.sent = True

    def add(self, event: Event) -> None:
        """Count an event."""
        self.heard = self.sent = True
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
        """How far it is, by our own count."""
        usage = Usage(input=self._input(), output=self._output())
        return Progress(self.seconds, usage.output, self._cost(usage))

    def take(self, *, timed_out: bool) -> Bill:
        """The bill of an attempt that is over; the next one is counted from nothing.

        A provider may have reported, and will bill, the prompt of a stream that was cut before its first text. One that
        said nothing took nothing, unless it was given up before its first text: it may have worked all the while, and
        its ceiling is owed. What was never sent took nothing.
        """
        given_up = timed_out and self.sent and not self.pieces
        bill = self._worst() if given_up else self.bill() if self.heard else NOTHING
        self.pieces, self.billed, self.end = [], None, None
        self._counted, self.heard = 0, False
        return bill

    def bill(self) -> Bill:
        """What the provider reported; our own count where it did not, or reported none of what there was.

        Nothing, if it was never sent.
        """
        if not self.sent:
            return NOTHING
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
        return self._size.tariff.cost(usage, self._at)
