"""The stores: is the cache of answers whole, is the ledger, and what is left of today's budget?"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

from codefare.doctor.finding import Finding, Group, State
from codefare.errors import CodefareError
from codefare.money import money
from codefare.store.answers import AnswerStore
from codefare.store.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    from codefare.settings import Settings
    from codefare.store.answers import CacheInfo

_MEBIBYTE = 2**20
_DAY = 24 * 60 * 60
_NEARLY = Decimal("0.9")


async def answers(folder: Path, settings: Settings) -> list[Finding]:
    """The answer cache. One that is not there is not made."""
    limits = settings.cache
    if not limits.enabled:
        return [_cache(State.NOTE, "turned off: `enabled` under [cache] is false")]
    if not await asyncio.to_thread(folder.is_dir):
        return [_cache(State.OK, f"empty: {folder} is made with the first answer")]
    store = AnswerStore(folder, limits.size_limit_bytes, limits.max_age_seconds)
    try:
        info = await store.info()
    finally:
        await store.close()
    if info.health:
        return [_cache(State.PROBLEM, info.health)]
    findings = [_cache(State.OK, _told(info))]
    for broken in await asyncio.to_thread(lambda: sorted(folder.glob("cache.db.broken-*"))):
        text = f"a damaged one was set aside, and a new one begun: {broken}"
        remedy = "Look at the disk if that happens again. `codefare cache clear` deletes it."
        findings.append(_cache(State.WARNING, text, remedy, ".broken"))
    return findings


def _told(info: CacheInfo) -> str:
    size, limit = info.size_bytes / _MEBIBYTE, info.size_limit_bytes / _MEBIBYTE
    days = round(info.max_age_seconds / _DAY)
    count = f"{info.entries} answer{'' if info.entries == 1 else 's'}"
    return f"{count}, {size:.1f} of {limit:.0f} MiB, kept for {days} days in {info.folder}"


def _cache(state: State, text: str, remedy: str = "", part: str = "") -> Finding:
    return Finding(f"files.answers{part}", Group.FILES, "Answers", state, text, remedy)


async def ledger(folder: Path, settings: Settings) -> list[Finding]:
    """The ledger, and the budget that is kept with it. One that is not there is not made."""
    limit = settings.budget.per_day_usd
    of = f" of {money(limit)}" if limit is not None else ", without a limit for the day"
    if not await asyncio.to_thread(folder.is_dir):
        return [_ledger(State.OK, f"nothing spent today{of}")]
    kept = Ledger(folder)
    try:
        spent = await kept.today()
    except CodefareError as error:
        return [_ledger(State.PROBLEM, kept.health or str(error), error.remedy)]
    finally:
        await kept.close()
    cost = "nothing" if spent.cost_usd == 0 else money(spent.cost_usd)
    findings = [_ledger(State.OK, f"{cost} spent today{of}, in {_requests(spent.attempts)}")]
    gone = spent.cost_usd + spent.reserved_usd
    if limit is not None and gone >= limit * _NEARLY:
        full = gone >= limit
        findings = [
            _ledger(
                State.WARNING,
                f"today's budget of {money(limit)} is {'spent' if full else 'nearly spent'}: {money(gone)}, with what"
                " is set aside",
                "Raise per_day_usd under [budget] in config.toml, wait for midnight, or use a free model.",
            )
        ]
    if spent.open_attempts:
        text = f"{_requests(spent.open_attempts)} under way, {money(spent.reserved_usd)} set aside"
        remedy = (
            "Those of a process that has ended are settled at their ceiling within half an hour."
        )
        findings.append(_ledger(State.NOTE, text, remedy, ".open"))
    if spent.above_ceiling:
        text = f"of today's bills {spent.above_ceiling} went above the ceiling of the quote"
        remedy = (
            "Please report it, with the model: `codefare models` shows the price that was used."
        )
        findings.append(_ledger(State.WARNING, text, remedy, ".ceiling"))
    return findings


def _requests(count: int) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _ledger(state: State, text: str, remedy: str = "", part: str = "") -> Finding:
    return Finding(f"files.ledger{part}", Group.FILES, "Ledger", state, text, remedy)
