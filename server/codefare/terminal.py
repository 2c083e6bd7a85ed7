"""What the command line prints for people. Colour only on a terminal; nothing here computes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from codefare import accounts, pages, presentation
from codefare.doctor import text
from codefare.doctor.finding import State
from codefare.listing import choice_reason, differs
from codefare.money import price_tag
from codefare.screen import WIDE, err, harmless, out
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from codefare.accounts import Statement
    from codefare.doctor.finding import Diagnosis
    from codefare.done import Done
    from codefare.quoting import Quote
    from codefare.routing import Route
    from codefare.sending import Sending
    from codefare.source.target import Target
    from codefare.store.answers import CacheInfo
    from codefare_catalog import Catalog, Rate

_MEBIBYTE = 2**20

_NOT_WRITTEN = "Not written. Run again with --apply: the same answer costs nothing more."
_NOT_KEPT = "Not written. Answers are not being kept: to run again with --apply is to pay again."
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}  # the user's own shades of them
_STATE_STYLES = {
    State.OK: "green",
    State.NOTE: "cyan",
    State.WARNING: "bold yellow",
    State.PROBLEM: "bold red",
}


def print_diagnosis(diagnosis: Diagnosis) -> None:
    """What the doctor found, worst first; folded between words on a terminal, which is easier to read."""
    for line in text.lines(diagnosis, out.width if out.is_terminal else None):
        shown = Text(harmless(line.text), style="bold" if line.heading else "")
        if line.state is not None:
            mark = line.text.index(text.MARKS[line.state])
            shown.stylize(_STATE_STYLES[line.state], mark, mark + 1)
        out.print(shown)


def print_errand(done: Done) -> None:
    """A diff, a report or a refusal on stdout; what it took on stderr."""
    result = done.result
    match result.outcome:
        case Report(markdown=markdown):
            if out.is_terminal:
                # An address is to be read, not hidden behind other words.
                out.print(Markdown(harmless(markdown), hyperlinks=False), soft_wrap=False)
            else:
                out.print(Text(markdown.rstrip()))
        case Findings():
            _print_findings(result.outcome, done)
        case Refused(reason, _, _, stands=True):
            out.print(Text(reason))
        case Refused(reason, remedy):
            err.print(f"{result.title}: {reason} {remedy}", style="yellow", markup=False)
            if result.answer.strip():
                answer = harmless(result.answer) if out.is_terminal else result.answer
                out.print(Text(answer.rstrip()))
        case _:
            _print_change(done)
    receipt = f"{result.title} · {presentation.receipt(result)}"
    # From the cache, too, it is said that no model was asked, and how one would be.
    told = presentation.notice(result) if result.offline or result.detour else None
    err.print(told or receipt, style="dim", markup=False)


def _print_change(done: Done) -> None:
    """The diff; on stderr what is to be known of it, and whether it is written."""
    result, outcome = done.result, done.result.outcome
    _print_diff(done.diff)
    if isinstance(outcome, Edit | NewFile | Addition) and outcome.remark:
        err.print(outcome.remark, style="yellow", markup=False)
    if result.proof:
        err.print(f"Tried on a copy · {result.proof}", style="dim", markup=False)
    if done.failure:
        err.print(done.failure.text, style="yellow", markup=False)
    elif done.applied:
        err.print(f"Written: {done.file}", style="dim", markup=False)
    else:
        err.print(_NOT_WRITTEN if done.kept else _NOT_KEPT, style="dim")


def _print_findings(found: Findings, done: Done) -> None:
    """As compilers print them: file, line, how grave, what; the advice below."""
    if not found.items:
        out.print(Text("Nothing found."))
    for place, item in zip(done.places, found.items, strict=True):
        grave = item.severity.name.lower()
        out.print(Text(harmless(f"{place}: {grave}: {item.message}")))
        if item.advice:
            out.print(Text(harmless(f"    {item.advice}"), style="dim"))


def _print_diff(diff: str) -> None:
    if not out.is_terminal:
        sys.stdout.write(diff)
        return
    for line in harmless(diff).removesuffix("\n").split("\n"):
        out.print(Text(line, style=_DIFF_STYLES.get(line[:1], "")))


def print_quotes(target: Target, quotes: Sequence[Quote]) -> None:
    """The same lines as in an editor's menu."""
    out.print(Text(f"{target.label} · {presentation.complexity(quotes, target)}", style="bold"))
    for quote in quotes:
        out.print(Text(f"  {presentation.title(quote)}{presentation.tokens(quote)}"))
        out.print(Text(f"    {quote.reason}", style="dim"))
        if told := presentation.removed(quote):
            out.print(Text(f"    {told}", style="dim"))
    out.print(Text("Nothing was sent.", style="dim"))


def print_sending(sent: Sending) -> None:
    """What would be sent, part by part, then its body."""
    out.print(Text(harmless(pages.what_is_sent(sent)).rstrip()))


def print_actions(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line for each action: its id, what comes of it, and the task type behind it."""
    for row in rows:
        mark = " · your own" if row["own"] else ""
        out.print(Text(f"{row['id']}{mark}", style="bold"))
        works_on = ", ".join(row["scopes"])
        out.print(Text(f"  {row['title']} · {row['task_type']} · {row['result']} · on {works_on}"))
        if row["variants"]:
            out.print(Text(f"  variants: {', '.join(row['variants'])}", style="dim"))


def print_route(route: Route) -> None:
    """The ranking with costs and reasons, then what was dropped and why."""
    if route.chosen is None:
        out.print(Text(route.reason, style="bold yellow"))
    else:
        chosen = route.chosen
        name = f"{chosen.model.name} at {chosen.offering.provider}"
        out.print(Text(f"{route.task_type.name}: {name}", style="bold"))
        out.print(Text(route.reason, style="dim"))
    for choice in route.ranked:
        mark = "→" if choice is route.chosen else " "
        tag = price_tag(choice.estimate.cost)
        line = f"{mark} {choice.model.name} · {choice.offering.provider} · {tag}"
        out.print(Text(f"{line} · {choice_reason(route, choice)}"))
    own = {c.model for c in route.task_type.candidates} | {c.model.id for c in route.ranked}
    shown = [d for d in route.dropped if route.chosen or d.model in own or d.replaces in own]
    for drop in shown:
        where = f" at {drop.provider}" if drop.provider else ""
        out.print(Text(f"  not {drop.model}{where}: {drop.reason}", style="dim"))
    if more := len({d.model for d in route.dropped} - {d.model for d in shown}):
        out.print(Text(f"  and none of {more} other models; --json has each reason", style="dim"))


def print_models(catalog: Catalog, at: datetime) -> None:
    """Both prices of each model; `*` marks where they differ."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("model", "tier", "listed in/out", "current in/out", "window", "status"):
        table.add_column(name, overflow="fold")
    for model in catalog.models.values():
        first = model.offerings[0] if model.offerings else None
        price = first.price_at(at) if first else None
        status = model.status(at)
        if model.retires_at:
            status = f"{status} {model.retires_at}"  # type: ignore[assignment]  # from here on it is a text to print
            if model.successor:
                status = f"{status} → {model.successor}"  # type: ignore[assignment]  # same
        table.add_row(
            model.id,
            model.tier or "–",
            f"{_rate(model.listed.input)}/{_rate(model.listed.output)}" if model.listed else "–",
            (f"{_rate(price.input)}/{_rate(price.output)}" if price else "unknown")
            + (" *" if differs(model, at) else ""),
            f"{first.context_window:,}" if first else "–",
            status,
        )
    # As wide as it is, whatever the terminal: an id that is cut in two is no use.
    table.width = out.measure(table, options=out.options.update_width(WIDE)).maximum
    out.print(table)
    out.print(
        Text(
            "USD per million tokens. * differs from the comparison document of 2026-02-07.",
            style="dim",
        )
    )


def _rate(rate: Rate) -> str:
    return f"{rate.low}–{rate.high}" if rate.is_range else str(rate.low)


def print_statement(statement: Statement) -> None:
    """What was spent, as a table with what stands beside it."""
    for line in accounts.page(statement):
        out.print(Text(line))


def print_cache(info: CacheInfo) -> None:
    """The cache's state in a few lines."""
    size, limit = info.size_bytes / _MEBIBYTE, info.size_limit_bytes / _MEBIBYTE
    days = round(info.max_age_seconds / (24 * 60 * 60))
    answers = f"{info.entries} answer{'' if info.entries == 1 else 's'}, {size:.1f}"
    if info.size_limit_bytes:
        out.print(Text(f"{answers} of {limit:.0f} MiB, kept for {days} days"))
    else:
        out.print(Text(f"{answers} MiB; no more are kept: `enabled` under [cache] is false"))
    out.print(Text(str(info.folder), style="dim"))
