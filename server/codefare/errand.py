"""One action on one file on disk, as the command line asks for it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from codefare.done import Done, data_of, diff_of, places_of
from codefare.errors import OverBudget, TargetError, WrongUse, unknown_word
from codefare.money import price_tag
from codefare.place import read_place, spot_of
from codefare.quoting import Wish
from codefare.sending import Sending, sending
from codefare.source.diagnostic import Diagnostic
from codefare.source.file import (
    check_writable,
    create_text,
    digest_of,
    replace_text,
)
from codefare.source.target import Complexity, Target
from codefare.tasks import Ask
from codefare.tasks.brief import NOTHING, Brief
from codefare.tasks.outcome import Addition, Edit, NewFile
from codefare.tasks.testing.tree import bounds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from codefare.consent import Consent
    from codefare.engine import Engine
    from codefare.meter import Progress
    from codefare.quoting import Quote
    from codefare.result import Result
    from codefare.source.document import Document
    from codefare_catalog import Catalog


_MOST_FITTING = 3  # models that a message names


@dataclass(frozen=True, slots=True)
class Errand:
    """What was asked. `place` is FILE, FILE:LINE or FILE:FIRST-LAST; lines count from 1.

    None leaves it to the settings. `diagnostic` are a tool's words for what is wrong at the place.
    """

    action: str | None
    place: str
    complexity: str | None = None
    model: str | None = None
    budget: bool = False
    write: bool = False
    instruction: str = ""
    diagnostic: str = ""
    variant: str = ""


async def quote_errand(engine: Engine, errand: Errand) -> tuple[Target, list[Quote]]:
    """The target and the quotes of every action on it, or of the one that was named.

    Raises:
        WrongUse: The file, the lines, the action or the model.
    """
    action = None if errand.action is None else action_named(engine.catalog, errand.action)
    wish = wish_of(engine.catalog, errand)
    document, target = await asyncio.to_thread(read_place, engine, errand.place, action)
    if action is None:
        cursor = spot_of(errand.place, document, target)
        asks = engine.quoter.asks(document, target, cursor=cursor)
        return target, await engine.quotes(asks, wish=wish)
    brief = await _brief(engine, errand, action, document, target)
    asks = _asks(engine, errand, action, document, target, brief)
    return asks[0].subject.target, await engine.quotes(asks, wish=wish)


async def preview_errand(engine: Engine, errand: Errand) -> Sending:
    """What the action would send; nothing is sent.

    Raises:
        WrongUse: The file, the lines, the action or the model.
        NoModel: Nothing would be sent.
    """
    _, quotes = await quote_errand(engine, errand)
    _only(engine, [Ask(quote.action.id, quote.subject) for quote in quotes])
    return sending(engine.quoter, quotes[0])


async def run_errand(
    engine: Engine,
    errand: Errand,
    progress: Callable[[Progress], None],
    consent: Consent | None = None,
) -> Done:
    """Run the action, and write its result if that was asked. `consent` is whom to ask about prices.

    Raises:
        WrongUse: The file, the lines, the action or the model.
        CodefareError: Nothing serves it, the budget, the provider; the message says what to do.
    """
    action = action_named(engine.catalog, errand.action or "")
    wish = wish_of(engine.catalog, errand)
    document, target = await asyncio.to_thread(read_place, engine, errand.place, action)
    brief = await _brief(engine, errand, action, document, target)
    ask = _only(engine, _asks(engine, errand, action, document, target, brief))
    quote = await engine.quote(ask, wish=wish)
    rewrites = engine.quoter.tasks[action].rewrites
    if errand.write and document.path is not None and rewrites:
        check_writable(document.path)  # before anything is paid
    try:
        result = await engine.run(quote, progress=progress, consent=consent)
    except OverBudget as over:
        over.remedy = f"{over.remedy}{await _what_fits(engine, quote, over)}"
        raise
    applied, failure = False, None
    if errand.write:
        try:
            applied = await asyncio.to_thread(_apply, document, result, engine.settings.roots)
        except TargetError as error:
            failure = error  # the answer was paid for: it is shown all the same
    diff = diff_of(document, result)
    kept = result.offline or (engine.settings.cache.enabled and engine.answers.health is None)
    places = await asyncio.to_thread(places_of, result)
    data = data_of(result, diff, failure, places, applied=applied)
    return Done(result, diff, applied, kept, failure, data, places)


async def _what_fits(engine: Engine, quote: Quote, over: OverBudget) -> str:
    """What could be run within the budgets, as the end of a remedy."""
    fitting = [] if quote.cached else await engine.affordable(quote, over.spent_usd)
    lines = [
        f"--model {one.choice.model.id} ({price_tag(one.cost)})"
        for one in fitting
        if one.choice is not None
    ]
    return f" What fits: {', '.join(lines[:_MOST_FITTING])}." if lines else ""


def action_named(catalog: Catalog, name: str) -> str:
    """The id of an action, which may be named by its title too: `tests`, `write-tests`, `Write tests`.

    Raises:
        WrongUse: There is none; the message names those that there are.
    """
    known = {id_: action.title for id_, action in catalog.actions.items()}
    wanted = _plain(name)
    for id_, title in known.items():
        if wanted in {_plain(id_), _plain(title)}:
            return id_
    raise unknown_word("action", name, list(known))


def wish_of(catalog: Catalog, errand: Errand) -> Wish:
    """What an errand asks for beyond its action.

    Raises:
        WrongUse: There is no such model.
    """
    model = None
    if errand.model is not None:
        model = catalog.find(errand.model)
        if model is None:
            near = get_close_matches(errand.model, catalog.models, 1)
            hint = f"Did you mean {near[0]}?" if near else "`codefare models` lists them."
            raise WrongUse(f"There is no model {errand.model!r}.", remedy=hint)
    complexity = Complexity(errand.complexity) if errand.complexity else None
    return Wish(complexity, errand.budget or None, model)


def _asks(
    engine: Engine, errand: Errand, action: str, document: Document, target: Target, brief: Brief
) -> list[Ask]:
    """What was asked for: what the action offers there, if nothing more was said than where."""
    cursor = spot_of(errand.place, document, target)
    if brief == NOTHING:
        offers = engine.quoter.tasks[action].offers(document, cursor, target, ())
        if offers:
            return [Ask(action, offer) for offer in offers]
    return [engine.quoter.ask(action, document, target, cursor=cursor, brief=brief)]


def _only(engine: Engine, asks: Sequence[Ask]) -> Ask:
    """The one thing that was asked for.

    Raises:
        WrongUse: It could be several: which of them is paid for is the user's choice.
    """
    if len(asks) > 1:
        task = engine.quoter.tasks[asks[0].action]
        subjects = [ask.subject for ask in asks]
        could = "; ".join(f"{task.phrase(one)} ({one.brief.variant})" for one in subjects)
        raise WrongUse(
            f"{task.row.title} could do several things there: {could}.",
            remedy="Choose one with --variant, or say what you want with --instruction.",
        )
    return asks[0]


async def _brief(
    engine: Engine, errand: Errand, action: str, document: Document, target: Target
) -> Brief:
    """What is wanted beyond the action. What is to be fixed, the user's own checker may say.

    Raises:
        CheckerFailed: It says nothing.
    """
    said = None
    if errand.diagnostic:
        said = Diagnostic(spot_of(errand.place, document, target), errand.diagnostic)
    elif action == "fix" and not errand.instruction:
        said = await _complaint(engine, errand.place, document, target)
    return Brief(errand.instruction, said, errand.variant)


async def _complaint(
    engine: Engine, place: str, document: Document, target: Target
) -> Diagnostic | None:
    checker = engine.settings.checker(target.language)
    if checker is None or document.path is None:
        return None
    from codefare.checking import complaints

    spot = spot_of(place, document, target)
    found = await complaints(checker, document.path, document.text)
    here = [one for one in found if one.span.start <= spot.end and spot.start <= one.span.end]
    return here[0] if here else None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip()).casefold()


def _apply(document: Document, result: Result, roots: Sequence[Path]) -> bool:
    """Write the outcome to disk; a file that changed meanwhile, or exists already, is never overwritten."""
    match result.outcome:
        case Edit(span, _, new):
            if document.path is None:
                return False
            text = document.text[: span.start] + new + document.text[span.end :]
            replace_text(document.path, text, digest=document.digest)
            return True
        case NewFile(path, text):
            source = document.path or path
            create_text(path, text, within=bounds(source, roots)[1:])
            return True
        case Addition(path, old, new):
            replace_text(path, new, digest=digest_of(old))
            return True
        case _:
            return False
