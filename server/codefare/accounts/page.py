"""A statement as lines of text: the same in a terminal and in an editor."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from codefare.accounts.account import GroupBy
from codefare.accounts.statement import percent
from codefare.accounts.tiers import ENOUGH
from codefare.store.amount import dollars
from codefare.store.attempts import CRASHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from codefare.accounts.account import Account
    from codefare.accounts.statement import Statement
    from codefare.accounts.tiers import TierShare

_LONGEST_KEY = 40  # columns
_GAP = "  "
_WIDEST = 80  # columns: a terminal's
_COMPLETE = "complete"
_HEADS = {
    GroupBy.TASK: "task type",
}
_NOT_RECORDED = "(not recorded)"
_NONE = {GroupBy.PROJECT: "(no project)", GroupBy.TIER: "(no tier)"}


def page(statement: Statement) -> list[str]:
    """What was spent: a table that adds up, today's budget, the cache, and the tiers beside their targets."""
    if not statement.there:
        return [f"Nothing has been spent: there is no ledger yet ({statement.file})."]
    lines = [_headline(statement), ""]
    if statement.lines:
        lines += [*_table(statement), ""]
    lines.append(_today(statement))
    lines += _asides(statement)
    if statement.total.attempts:
        lines += ["", *_tiers(statement)]
    return lines


def markdown(statement: Statement) -> str:
    """The same as a report; what has to stand in columns does so in every editor."""
    from codefare.tasks.templates import (
        fenced,
    )  # with all of the grammars, which a terminal need not wait for

    text = fenced("\n".join(page(statement)), "text")
    return f"# What was spent\n\n{text}\n"


def _headline(statement: Statement) -> str:
    whole = statement.total
    when = f"Since {statement.since.isoformat()}" if statement.since else "In all"
    if not whole.attempts:
        return f"{when}: nothing was spent."
    actions = _counted(whole.actions, "action", "actions")
    attempts = _counted(whole.attempts, "attempt", "attempts")
    return f"{when}: {_money(whole.cost_usd)} for {actions} ({attempts})."


def _table(statement: Statement) -> list[str]:
    whole = statement.total
    cached = whole.usage.cache_write or whole.usage.cache_read
    head = [_HEADS.get(statement.by, statement.by.value), "USD", "share", "actions", "attempts"]
    head += ["input", *(["cache write", "cache read"] if cached else []), "output"]
    accounts = [*statement.lines, whole]
    keys = [*(_key(line.key, statement.by) for line in statement.lines), "in all"]
    columns: list[list[str]] = [keys, _amounts(one.cost_usd for one in accounts)]
    columns.append([_percent(percent(one.cost_usd, whole.cost_usd)) for one in accounts])
    columns.append([f"{one.actions:,}" for one in accounts])
    columns.append([f"{one.attempts:,}" for one in accounts])
    columns.append([f"{one.usage.input:,}" for one in accounts])
    if cached:
        columns.append([f"{one.usage.cache_write:,}" for one in accounts])
        columns.append([f"{one.usage.cache_read:,}" for one in accounts])
    columns.append([f"{one.usage.output:,}" for one in accounts])
    rows = _aligned(head, columns)
    remarks = ["", *(_remarks(one) for one in accounts)]
    rule = "─" * max(map(_width, rows))
    *lines, last = _remarked(rows, remarks)
    return [*chain.from_iterable(lines), rule, *last]


def _remarks(one: Account) -> str:
    """How attempts ended that did not end well, and what is to be known of their cost."""
    ended = sorted(one.endings.items(), key=lambda item: (-item[1], item[0]))
    said = [f"{count:,} {_ending(word)}" for word, count in ended if word != _COMPLETE]
    marks = (
        (one.estimated, "estimated"),
        (
            one.above_ceiling,
            "above their ceiling" if one.above_ceiling > 1 else "above its ceiling",
        ),
        (one.unpriced, "of unknown price"),
    )
    return ", ".join([*said, *(f"{count:,} {words}" for count, words in marks if count)])


def _ending(word: str) -> str:
    return {"length": "cut at its length", CRASHED: "crashed (at its ceiling)"}.get(word, word)


def _today(statement: Statement) -> str:
    today = statement.today
    parts = [f"Today: {_money(today.cost_usd)}"]
    if today.budget_usd is not None:
        parts[0] += f" of {_money(today.budget_usd)}"
    if today.open_attempts:
        under_way = _counted(today.open_attempts, "attempt", "attempts")
        parts.append(f"{_money(today.reserved_usd)} set aside for {under_way} under way")
    left = today.left_usd
    parts.append("no budget is set" if left is None else f"{_money(left)} left")
    return " · ".join(parts)


def _asides(statement: Statement) -> list[str]:
    lines = []
    saved = statement.saved
    if saved is not None and saved.answers:
        answers = _counted(saved.answers, "answer", "answers")
        lines.append(
            f"From the cache: {answers} for nothing; they had cost {_money(saved.cost_usd)}."
        )
    if statement.total.estimated:
        lines.append("Estimated: our own count, where a provider reported none.")
    if statement.total.endings[CRASHED]:
        lines.append("Crashed: nobody knows the bill, so the ceiling counts.")
    if statement.ahead:
        attempts = _counted(statement.ahead, "attempt is", "attempts are")
        lines.append(
            f"{attempts} dated after now: the clock was wrong then. They count in each day's budget until that time"
            " has come."
        )
    return lines


def _tiers(statement: Statement) -> list[str]:
    few = statement.total.actions < ENOUGH
    head = f"Tiers, by their share of the actions{' (too few to judge by)' if few else ''}:"
    shares = statement.tiers
    columns = [
        [tier.name for tier in shares],
        [_percent(tier.percent) for tier in shares],
        [_target(tier) for tier in shares],
        _amounts(tier.cost_usd for tier in shares),
    ]
    rows = _aligned(["tier", "share", "target", "USD"], columns)
    remarks = ["", *(tier.remark for tier in shares)]
    return [head, *chain.from_iterable(_remarked(rows, remarks))]


def _target(tier: TierShare) -> str:
    if tier.target is None:
        return "as needed" if tier.id else "–"
    return f"{tier.target[0]}–{tier.target[1]} %"


def _key(key: str | None, by: GroupBy) -> str:
    """A key as it can be shown: a folder's name may hold anything."""
    if key is None:
        return _NOT_RECORDED
    if not key:
        return _NONE.get(by, "(none)")
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in key)
    return shown if len(shown) <= _LONGEST_KEY else f"{shown[: _LONGEST_KEY - 1]}…"


def _money(usd: Decimal) -> str:
    """Exact, with two decimals at least: `$1.50`, `$0.000345`."""
    whole, _, cents = dollars(usd).partition(".")
    return f"${int(whole[1:]):,}.{cents.ljust(2, '0')}"


def _amounts(amounts: Iterable[Decimal]) -> list[str]:
    """Exact, one below the other: the points stand in one column."""
    said = [_money(usd) for usd in amounts]
    decimals = max((len(text.partition(".")[2]) for text in said), default=0)
    return [text + " " * (decimals - len(text.partition(".")[2])) for text in said]


def _percent(share: Decimal | None) -> str:
    return "–" if share is None else f"{share:.1f} %"


def _aligned(head: Sequence[str], columns: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table: the first column to the left, all others to the right."""
    filled = []
    for number, (name, cells) in enumerate(zip(head, columns, strict=True)):
        texts = [name, *cells]
        width = max(map(_width, texts))
        spaces = [" " * (width - _width(text)) for text in texts]
        pairs = zip(texts, spaces, strict=True)
        filled.append([space + text if number else text + space for text, space in pairs])
    return [_GAP.join(cells) for cells in zip(*filled, strict=True)]


def _remarked(rows: Sequence[str], remarks: Sequence[str]) -> list[list[str]]:
    """Each row with its remark: behind it, or below it if that were too wide for some row's."""
    lines = [[f"{row}{_GAP}{said}".rstrip()] for row, said in zip(rows, remarks, strict=True)]
    if max(_width(line) for (line,) in lines) <= _WIDEST:
        return lines
    return [
        [row.rstrip(), *([f"{_GAP}{_GAP}{said}"] if said else [])]
        for row, said in zip(rows, remarks, strict=True)
    ]


def _width(text: str) -> int:
    """The columns that a text takes in a terminal: some letters take two."""
    from rich.cells import cell_len

    return cell_len(text)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
