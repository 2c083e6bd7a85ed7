"""Every fault at every point of a stream: no hang, no crash, no second bill, no wrong end, and no key anywhere."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.wire.cases import DIALECTS, Case
from tests.wire.faults import stream_cases
from tests.wire.forms import framing_cases
from tests.wire.hurry import HurryingLoop
from tests.wire.refusals import (
    end_cases,
    packed_cases,
    redirect_cases,
    status_cases,
    type_cases,
    wait_cases,
)
from tests.wire.server import Answer
from tests.wire.shop import KEY, Bought, Shop, shop
from tests.wire.wholes import whole_cases

from codefare.errors import ProviderError
from codefare.providers.base import Stop

OTHER = "http://127.0.0.1:1"  # in a case, the other host's address
TABLES = (stream_cases, framing_cases, type_cases, packed_cases, end_cases, whole_cases)
CASES = [
    *(case for table in TABLES for dialect in DIALECTS for case in table(dialect)),
    *status_cases(),
    *wait_cases(),
    *redirect_cases(OTHER),
]
# 25 tokens at $3 and 12 at $15 a million: 0.000075 + 0.00018.
WHOLE_USD = Decimal("0.000255")


@pytest.fixture(scope="module")
def stand(tmp_path_factory) -> Iterator[tuple[asyncio.Runner, Shop]]:
    """One shop for all cases: what a broken stream leaves behind must not hurt the next."""
    with asyncio.Runner(loop_factory=HurryingLoop) as runner:
        stack = AsyncExitStack()
        folder = tmp_path_factory.mktemp("ledger")
        yield runner, runner.run(stack.enter_async_context(shop(folder)))
        runner.run(stack.aclose())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_chaos(stand, caplog, record_property, case: Case) -> None:
    """It ends in time as the policy says, is billed for what was used, and tells nobody the key."""
    caplog.set_level(logging.DEBUG)
    runner, made = stand
    made.server.answer(*(_pointing_to(made.other.url, answer) for answer in case.answers))
    try:
        bought: Bought = runner.run(made.buy(case.dialect))
    finally:
        made.server.forget()
    _check_end(case, made, bought)
    _check_bill(case, made, bought)
    _check_secrets(caplog, made, bought)
    record_property("counted", ["chaos cases", {case.dialect: 1}])


def _pointing_to(other: str, answer: Answer) -> Answer:
    """The answer with the address that the other host has in this run."""
    host = OTHER.partition("//")[2], other.partition("//")[2]
    return replace(answer, headers={k: v.replace(*host) for k, v in answer.headers.items()})


def _check_end(case: Case, made: Shop, bought: Bought) -> None:
    assert len(bought.requests) == case.requests
    assert bought.seconds < made.limits.total + 60  # the longest leap of the clock
    assert bought.forsaken == 0
    assert len(bought.waits) == case.requests - 1
    if case.waits is not None:
        assert tuple(bought.waits) == case.waits
    if case.error is not None:
        assert type(bought.error) is case.error
        assert isinstance(bought.error, ProviderError)
        assert bought.error.remedy
        return
    assert bought.error is None
    assert bought.purchase is not None
    assert bought.purchase.text == case.text
    assert bought.purchase.stop is (Stop.COMPLETE if case.whole else Stop.BROKEN)


def _check_bill(case: Case, made: Shop, bought: Bought) -> None:
    """A row for each request, all settled, each at its ceiling at most, and what is told is what is owed."""
    costs = made.quote(case.dialect).cost
    assert costs is not None
    spent = bought.spent
    assert (spent.attempts, spent.open_attempts) == (case.requests, 0)
    assert (spent.above_ceiling, spent.unpriced) == (0, 0)
    assert spent.cost_usd <= case.requests * costs.ceiling
    assert [each.settled for each in bought.told] == [False] * (len(bought.told) - 1) + [True]
    assert bought.told[-1].cost_usd == spent.cost_usd
    if bought.purchase is not None:
        owed = bought.purchase.bill.cost_usd
        assert owed is not None
        assert 0 < owed <= min(costs.ceiling, spent.cost_usd)
        assert not case.whole or owed == WHOLE_USD
        assert case.requests > 1 or owed == spent.cost_usd


def _check_secrets(caplog: pytest.LogCaptureFixture, made: Shop, bought: Bought) -> None:
    """The key went to the right host and nowhere else; neither it nor code is in a log or an error."""
    assert made.other.requests == []
    for request in bought.requests:
        assert KEY in str(request.headers)
        assert b"canaryCODE" in request.body
        assert KEY not in request.path + str(request.body)
    told = caplog.text + " ".join(repr(record.args) for record in caplog.records)
    told += "".join(repr(r.exc_info) for r in caplog.records if r.exc_info)
    if bought.error is not None:
        told += "".join(traceback.format_exception(bought.error)) + str(vars(bought.error))
    if bought.purchase is not None and bought.purchase.stop is Stop.BROKEN:
        told += bought.purchase.reason + bought.purchase.remedy
    assert "canary" not in told.casefold()
    assert "Grüße" not in told
