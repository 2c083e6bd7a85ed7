"""All that `codefare usage` tells, and the same as data."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from codefare.accounts.account import Account, GroupBy, lines, merged, summed
from codefare.accounts.tiers import Tiers, TierShare
from codefare.errors import StoreError, WrongUse
from codefare.store.amount import EXACT, total
from codefare.store.attempts import begin_of, day_start
from codefare.store.database import Trouble
from codefare.store.history import Key, Span, read

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.store.history import History
    from codefare_catalog import Catalog

_KEYS = {
    GroupBy.DAY: Key.DAY,
    GroupBy.MODEL: Key.MODEL,
    GroupBy.TASK: Key.TASK_TYPE,
    GroupBy.TIER: Key.TIER,
    GroupBy.PROJECT: Key.PROJECT,
    GroupBy.PROVIDER: Key.PROVIDER,
    GroupBy.ACTION: Key.ACTION,
}
_DAYS = re.compile(r"([1-9][0-9]{0,4})d")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Today:
    """What the day's budget counts (in USD): what was settled since the user's midnight, and what is set aside.

    `budget_usd` is None where there is no limit.
    """

    cost_usd: Decimal
    reserved_usd: Decimal
    open_attempts: int
    budget_usd: Decimal | None

    @property
    def left_usd(self) -> Decimal | None:
        """What can still be spent today; None without a budget."""
        if self.budget_usd is None:
            return None
        with localcontext(EXACT):
            return max(self.budget_usd - self.cost_usd - self.reserved_usd, Decimal(0))


@dataclass(frozen=True, slots=True)
class Saved:
    """Answers that came from the cache, and what was paid for them before (in USD), where it is known."""

    answers: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """What was spent since a day, put together in one way, and what stands beside it.

    `lines` add up to `total`. `saved` is None where nobody wrote it down. `ahead` attempts are dated after now. `there`
    tells whether there is a ledger in `file`.
    """

    file: Path
    there: bool
    by: GroupBy
    since: date | None
    lines: list[Account]
    total: Account
    today: Today
    tiers: list[TierShare]
    saved: Saved | None
    ahead: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the ledger: how to put its attempts together, and from which midnight on (None: all)."""

    by: GroupBy = GroupBy.MODEL
    since: datetime | None = None


def since_when(words: str | None, now: datetime) -> datetime | None:
    """The user's midnight at which `2026-11-20` begins, or the last so many days (`7d`: today and the six before).

    Raises:
        WrongUse: It is neither, or yet to come.
    """
    if words is None:
        return None
    today = now.astimezone().date()
    days = _DAYS.fullmatch(words)
    try:
        day = today - timedelta(int(days[1]) - 1) if days else date.fromisoformat(words)
        midnight = begin_of(day)
    except (ValueError, OverflowError):
        raise WrongUse(
            f"--since takes a day such as {today.isoformat()}, or a number of days such as 7d,"
            f" not {words!r}."
        ) from None
    if day > today:
        raise WrongUse(f"--since takes a day that has begun: {words} is yet to come.")
    return midnight


def make_statement(
    file: Path, catalog: Catalog, question: Question, per_day_usd: Decimal | None, now: datetime
) -> Statement:
    """What the ledger in `file` tells. Blocks; writes nothing.

    Raises:
        StoreError: There is a ledger, and it cannot be read.
    """
    history = read(file, _KEYS[question.by], Span(question.since, day_start(now), now))
    try:
        return _statement(file, history, catalog, question, per_day_usd)
    except sqlite3.DatabaseError as error:
        trouble = Trouble.DAMAGED
        raise StoreError(
            f"The ledger {file} {trouble}: it holds {error}.", remedy=trouble.remedy
        ) from error


def _statement(
    file: Path,
    history: History,
    catalog: Catalog,
    question: Question,
    per_day_usd: Decimal | None,
) -> Statement:
    tiers = Tiers(catalog)
    pairs = summed(history.groups, question.by, tiers.of)
    saved = None
    if history.reused is not None:
        saved = Saved(len(history.reused), total(history.reused))
    return Statement(
        file=file,
        there=history.there,
        by=question.by,
        since=question.since.date() if question.since else None,
        lines=lines(pairs, question.by),
        total=merged(None, pairs.values()),
        today=Today(
            total(history.today_usd),
            total(history.reserved_usd),
            len(history.reserved_usd),
            per_day_usd,
        ),
        tiers=tiers.shares(pairs),
        saved=saved,
        ahead=history.ahead,
    )


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    """The share in per cent, to a tenth; None of nothing."""
    return (_HUNDRED * part / whole).quantize(_TENTH) if whole else None


def statement_json(statement: Statement) -> dict[str, Any]:
    """A statement as data: money is decimal text in USD, shares are in per cent as decimal text, null where unknown.

    The `key` of a line is null for what an earlier codefare did not write down, "" for what is in no project or tier.
    """
    today, saved = statement.today, statement.saved
    whole = statement.total
    return {
        "ledger": str(statement.file) if statement.there else None,
        "by": statement.by.value,
        "since": statement.since.isoformat() if statement.since else None,
        "lines": [_account_json(line, whole) for line in statement.lines],
        "total": _account_json(whole, whole),
        "today": {
            "cost_usd": _usd(today.cost_usd),
            "reserved_usd": _usd(today.reserved_usd),
            "open_attempts": today.open_attempts,
            "budget_usd": _usd(today.budget_usd),
            "left_usd": _usd(today.left_usd),
        },
        "tiers": [
            {
                "tier": tier.id,
                "actions": tier.actions,
                "percent": None if tier.percent is None else str(tier.percent.quantize(_TENTH)),
                "target_percent": list(tier.target) if tier.target else None,
                "cost_usd": _usd(tier.cost_usd),
                "remark": tier.remark,
            }
            for tier in statement.tiers
        ],
        "cache": {"answers": saved.answers, "saved_usd": _usd(saved.cost_usd)} if saved else None,
        "dated_ahead": statement.ahead,
    }


def _account_json(one: Account, whole: Account) -> dict[str, Any]:
    share = percent(one.cost_usd, whole.cost_usd)
    return {
        "key": one.key,
        "cost_usd": _usd(one.cost_usd),
        "percent": None if share is None else str(share),
        "actions": one.actions,
        "attempts": one.attempts,
        "usage": {
            "input": one.usage.input,
            "cache_write": one.usage.cache_write,
            "cache_read": one.usage.cache_read,
            "output": one.usage.output,
        },
        "endings": dict(sorted(one.endings.items())),
        "estimated": one.estimated,
        "above_ceiling": one.above_ceiling,
        "unpriced": one.unpriced,
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount.normalize(EXACT), "f")
