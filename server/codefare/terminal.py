"""What the command line prints for people. Colour only on a terminal; nothing here computes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from codefare import pages, presentation
from codefare.doctor import text
from codefare.doctor.finding import State
from codefare.listing import choice_reason, differs
from codefare.money import price_tag
from codefare.screen import WIDE, err, harmless, out, say
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from codefare.doctor.finding import Diagnosis
    from codefare.done import Done
    from codefare.quoting import Quote
    from codefare.routing import Route
    from codefare.sending import Sending
    from codefare.source.target import Target
    from codefare.store.answers import CacheInfo
    from codefare_catalog import Catalog, Model, Rate

_MEBIBYTE = 2**20
_NONE = "–"

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
    say(f"{target.label} · {presentation.complexity(quotes, target)}", later="  ", style="bold")
    for quote in quotes:
        line = f"{presentation.title(quote)}{presentation.tokens(quote)}"
        say(line, first="  ", later="      ")
        # Where no model serves, the line itself says what to do.
        if quote.choice is not None:
            say(quote.route.reason, first="    ", later="      ", style="dim")
        if told := presentation.removed(quote):
            say(told, first="    ", later="      ", style="dim")
    if told := presentation.withheld(quotes):
        say(told, style="dim")
    say("Nothing was sent.", style="dim")


def print_sending(sent: Sending) -> None:
    """What would be sent, part by part, then its body."""
    out.print(Text(harmless(pages.what_is_sent(sent)).rstrip()))


def print_actions(rows: Sequence[Mapping[str, Any]]) -> None:
    """One line for each action: its id, what comes of it, and the task type behind it."""
    for row in rows:
        mark = " · your own" if row["own"] else ""
        say(f"{row['id']}{mark}", style="bold")
        works_on = ", ".join(row["scopes"])
        line = f"{row['title']} · {row['task_type']} · {row['result']} · on {works_on}"
        say(line, first="  ", later="    ")
        if row["variants"]:
            said = f"variants: {', '.join(row['variants'])}"
            say(said, first="  ", later="    ", style="dim")


def print_route(route: Route, catalog: Catalog) -> None:
    """The ranking with costs and reasons, then what was dropped and why."""
    if route.chosen is None:
        say(route.reason, later="  ", style="bold yellow")
    else:
        name = _offered(catalog, route.chosen.model.id, route.chosen.offering.provider)
        say(f"{route.task_type.name}: {name}", later="  ", style="bold")
        say(route.reason, style="dim")
    for choice in route.ranked:
        mark = "→" if choice is route.chosen else " "
        name = _offered(catalog, choice.model.id, choice.offering.provider)
        line = f"{name} · {price_tag(choice.estimate.cost)} · {choice_reason(route, choice)}"
        say(line, first=f"{mark} ", later="    ")
    own = {c.model for c in route.task_type.candidates} | {c.model.id for c in route.ranked}
    shown = [d for d in route.dropped if route.chosen or d.model in own or d.replaces in own]
    for drop in shown:
        line = f"not {_offered(catalog, drop.model, drop.provider)}: {drop.reason}"
        say(line, first="  ", later="    ", style="dim")
    if more := len({d.model for d in route.dropped} - {d.model for d in shown}):
        line = f"and none of {more} other models; --json has each reason"
        say(line, first="  ", later="    ", style="dim")


def _offered(catalog: Catalog, model: str, provider: str | None) -> str:
    """Who serves a model, by their names: `Claude Opus 4.6 at Anthropic`."""
    name = catalog.models[model].name
    return f"{name} at {catalog.providers[provider].name}" if provider else name


def print_models(catalog: Catalog, at: datetime) -> None:
    """Both prices of each model; `*` marks where they differ. A table, or two lines for each where it is too wide."""
    rows = [_model_row(model, at) for model in catalog.models.values()]
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("model", "tier", "listed in/out", "current in/out", "window", "status"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    table.width = out.measure(table, options=out.options.update_width(WIDE)).maximum
    if not out.is_terminal or table.width <= out.width:
        out.print(table)
    else:
        for model, tier, listed, current, window, status in rows:
            head = " · ".join(word for word in (model, tier, status) if word != _NONE)
            say(head, later="    ", style="bold")
            known = f"listed {listed} · " if listed != _NONE else ""
            prices = f"{known}current {current} · window {window}"
            say(prices, first="  ", later="    ")
    say(
        "USD per million tokens in/out. * differs from the comparison document of 2026-02-07.",
        style="dim",
    )


def _model_row(model: Model, at: datetime) -> tuple[str, ...]:
    """Its id, tier, both prices, window and how long it is served, as texts."""
    first = model.offerings[0] if model.offerings else None
    price = first.price_at(at) if first else None
    listed, status = model.listed, [str(model.status(at))]
    if model.retires_at:
        status.append(model.retires_at.isoformat())
        status += ["→", model.successor] if model.successor else []
    mark = " *" if differs(model, at) else ""
    return (
        model.id,
        model.tier or _NONE,
        f"{_rate(listed.input)}/{_rate(listed.output)}" if listed else _NONE,
        (f"{_rate(price.input)}/{_rate(price.output)}" if price else "unknown") + mark,
        f"{first.context_window:,}" if first else _NONE,
        " ".join(status),
    )


def _rate(rate: Rate) -> str:
    return f"{rate.low}–{rate.high}" if rate.is_range else str(rate.low)


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
