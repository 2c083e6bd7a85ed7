"""One action on one file on disk, as the command line asks for it."""

from __future__ import annotations

import asyncio
import difflib
import io
import os
import re
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codefare.errors import TargetError, WrongUse, unknown_word
from codefare.quoting import Wish, quote_json
from codefare.sending import Sending, sending
from codefare.source.diagnostic import Diagnostic
from codefare.source.file import (
    check_writable,
    create_text,
    digest_of,
    read_document,
    replace_text,
)
from codefare.source.target import Complexity, Span, Target
from codefare.tasks.brief import Brief
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from codefare.engine import Engine
    from codefare.purchase import Progress
    from codefare.quoting import Quote
    from codefare.result import Result
    from codefare.source.document import Document
    from codefare_catalog import Catalog

_REWRITES = frozenset({"edit", "comment", "insertion"})  # results that change the file itself
_PLACE = re.compile(r"(?P<file>.+?):(?P<first>\d+)(?:-(?P<last>\d+))?")


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


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `diff` for an edit or a new file, `data` for `--json`.

    `failure` is why the result could not be written, None if it was or need not be. `kept` tells that the same
    answer costs nothing when it is asked for again.
    """

    result: Result
    diff: str
    applied: bool
    kept: bool
    failure: TargetError | None
    data: dict[str, Any]

    @property
    def succeeded(self) -> bool:
        """Whether there is a result that can be used, and is written if that was asked."""
        return self.failure is None and not isinstance(self.result.outcome, Refused)


async def quote_errand(engine: Engine, errand: Errand) -> tuple[Target, list[Quote]]:
    """The target and the quotes of every action on it, or of the one that was named.

    Raises:
        WrongUse: The file, the lines, the action or the model.
    """
    action = None if errand.action is None else action_named(engine.catalog, errand.action)
    wish = wish_of(engine.catalog, errand)
    document, target = await asyncio.to_thread(_read, engine, errand.place)
    if action is None:
        return target, await engine.quotes(engine.quoter.asks(document, target), wish=wish)
    brief = await _brief(engine, errand, action, document, target)
    ask = engine.quoter.ask(action, document, target, brief=brief)
    return ask.subject.target, [await engine.quote(ask, wish=wish)]


async def preview_errand(engine: Engine, errand: Errand) -> Sending:
    """What the action would send; nothing is sent.

    Raises:
        WrongUse: The file, the lines, the action or the model.
        NoModel: Nothing would be sent.
    """
    _, (quote,) = await quote_errand(engine, errand)
    return sending(engine.quoter, quote)


async def run_errand(engine: Engine, errand: Errand, progress: Callable[[Progress], None]) -> Done:
    """Run the action, and write its result if that was asked.

    Raises:
        WrongUse: The file, the lines, the action or the model.
        CodefareError: Nothing serves it, the budget, the provider; the message says what to do.
    """
    action = action_named(engine.catalog, errand.action or "")
    wish = wish_of(engine.catalog, errand)
    document, target = await asyncio.to_thread(_read, engine, errand.place)
    brief = await _brief(engine, errand, action, document, target)
    ask = engine.quoter.ask(action, document, target, brief=brief)
    quote = await engine.quote(ask, wish=wish)
    if errand.write and document.path is not None and quote.action.result in _REWRITES:
        check_writable(document.path)  # before anything is paid
    result = await engine.run(quote, progress=progress)
    applied, failure = False, None
    if errand.write:
        try:
            applied = await asyncio.to_thread(_apply, document, result)
        except TargetError as error:
            failure = error  # the answer was paid for: it is shown all the same
    diff = _diff(document, result)
    kept = result.offline or (engine.settings.cache.enabled and engine.answers.health is None)
    data = _data(result, diff, failure, applied=applied)
    return Done(result, diff, applied, kept, failure, data)


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


async def _brief(
    engine: Engine, errand: Errand, action: str, document: Document, target: Target
) -> Brief:
    """What is wanted beyond the action. What is to be fixed, the user's own checker may say.

    Raises:
        CheckerFailed: It says nothing.
    """
    said = None
    if errand.diagnostic:
        said = Diagnostic(_spot(errand.place, document, target), errand.diagnostic)
    elif action == "fix" and not errand.instruction:
        said = await _complaint(engine, errand.place, document, target)
    return Brief(errand.instruction, said, errand.variant)


def _spot(place: str, document: Document, target: Target) -> Span:
    """The lines that were named; all of the target if none were."""
    _, lines = _parse(place)
    return target.span if lines is None else document.span_of_lines(*lines)


async def _complaint(
    engine: Engine, place: str, document: Document, target: Target
) -> Diagnostic | None:
    checker = engine.settings.checker(target.language)
    if checker is None or document.path is None:
        return None
    from codefare.checking import complaints

    spot = _spot(place, document, target)
    found = await complaints(checker, document.path, document.text)
    here = [one for one in found if one.span.start <= spot.end and spot.start <= one.span.end]
    return here[0] if here else None


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip()).casefold()


def _read(engine: Engine, place: str) -> tuple[Document, Target]:
    path, lines = _parse(place)
    engine.adopt(engine.settings.with_roots([_here()]))
    document = read_document(path)
    if lines is None:
        return document, document.target(Span(0, 0), whole_file=True)
    span = document.span_of_lines(*lines)
    # One line is a cursor on it: the symbol around it is meant.
    return document, document.target(span)


def _here() -> Path:
    """The current folder, to which the patterns of private files are relative.

    Raises:
        TargetError: It was deleted.
    """
    try:
        return Path.cwd()
    except OSError:
        raise TargetError(
            "The current folder does not exist any more.", remedy="Change to another one."
        ) from None


def _parse(place: str) -> tuple[Path, tuple[int, int] | None]:
    """A file's own name wins: it may end like a line number.

    Raises:
        TargetError: A file is named, and something behind it that is no line.
    """
    # Not `Path.exists`, which raises where a folder may not be read or a name is too long.
    found = None if os.path.exists(place) else _PLACE.fullmatch(place)  # noqa: PTH110
    file = found["file"] if found else place
    name, _, rest = place.partition(":")
    if rest and not os.path.exists(file) and os.path.isfile(name):  # noqa: PTH110, PTH113
        raise TargetError(
            f"{rest!r} is no line and no range of lines of {name}.",
            remedy=f"Write {name}:LINE or {name}:FIRST-LAST, such as {name}:3-8.",
        )
    if found is None:
        return Path(file), None
    first = int(found["first"])
    return Path(file), (first, int(found["last"] or first))


def _apply(document: Document, result: Result) -> bool:
    """Write the outcome to disk; a file that changed meanwhile, or exists already, is never overwritten."""
    match result.outcome:
        case Edit(span, _, new):
            if document.path is None:
                return False
            text = document.text[: span.start] + new + document.text[span.end :]
            replace_text(document.path, text, digest=document.digest)
            return True
        case NewFile(path, text):
            create_text(path, text)
            return True
        case Addition(path, old, new):
            replace_text(path, new, digest=digest_of(old))
            return True
        case _:
            return False


def _diff(document: Document, result: Result) -> str:
    """A unified diff; empty for reports and refusals."""
    match result.outcome:
        case Edit(span, _, new):
            name = str(document.path)
            text = document.text[: span.start] + new + document.text[span.end :]
            return _unified(document.text, text, name, name)
        case NewFile(path, text):
            return _unified("", text, "/dev/null", str(path))
        case Addition(path, old, new):
            return _unified(old, new, str(path), str(path))
        case _:
            return ""


def _unified(old: str, new: str, old_name: str, new_name: str) -> str:
    lines = difflib.unified_diff(_lines(old), _lines(new), old_name, new_name)
    marked = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    ]
    return "".join(marked)


def _lines(text: str) -> list[str]:
    """As `patch` counts them: a form feed ends no line."""
    return io.StringIO(text, newline="\n").readlines()


def _data(
    result: Result, diff: str, failure: TargetError | None, *, applied: bool
) -> dict[str, Any]:
    """The result for `--json`: money is decimal text in USD. `reason` is why nothing came of it."""
    outcome = result.outcome
    reason = outcome.reason if isinstance(outcome, Refused) else None
    return {
        "action": result.quote.action.id,
        "outcome": _NAMES[type(outcome)],
        "applied": applied,
        "diff": diff or None,
        "path": str(outcome.path) if isinstance(outcome, NewFile | Addition) else None,
        "markdown": outcome.markdown if isinstance(outcome, Report) else None,
        "reason": failure.text if failure else reason,
        "model": result.model,
        "provider": result.provider,
        "cached": result.cached,
        "usage": asdict(result.usage) if result.usage else None,
        "cost_usd": None if result.cost_usd is None else format(result.cost_usd.normalize(), "f"),
        "seconds": round(result.seconds, 3),
        "quote": quote_json(result.quote),
    }


_NAMES = {
    Edit: "edit",
    NewFile: "new_file",
    Addition: "addition",
    Findings: "findings",
    Report: "report",
    Refused: "refused",
}
