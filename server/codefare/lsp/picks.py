"""Between what is asked of the engine and what a command's argument says of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from codefare.errors import WrongUse, unknown_word
from codefare.lsp.offers import COMMANDS, EXPLAIN_DIAGNOSTIC_KIND, RUN, Picked, Told
from codefare.quoting import Promise, Wish
from codefare.source.diagnostic import Diagnostic, Severity
from codefare.source.target import Span
from codefare.tasks.brief import Brief

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from codefare.lsp.document import OpenDocument
    from codefare.quoting import Quote
    from codefare.tasks import Ask
    from codefare_catalog import Action, Catalog


def command_of(action: str) -> str:
    """The command that runs an action."""
    own = f"codefare.{action}"
    return own if own in COMMANDS else RUN


def kind_of(action: Action, brief: Brief) -> str:
    """The kind of the line in the menu: what explains a diagnostic belongs to the fixes."""
    about_diagnostic = brief.diagnostic is not None and action.id == "explain"
    return EXPLAIN_DIAGNOSTIC_KIND if about_diagnostic else action.kind


def key_of(ask: Ask) -> tuple[str, str, str]:
    """What tells two lines of one menu apart."""
    brief = ask.subject.brief
    return ask.action, brief.variant, brief.diagnostic.message if brief.diagnostic else ""


def argument(picked: Picked, quote: Quote, *, choice: str = "") -> dict[str, Any]:
    """The argument of the command that runs a quote where a menu was opened; what says nothing is left out."""
    brief, promise = quote.subject.brief, quote.promise
    said: dict[str, Any] = {
        "model": promise.model,
        "ceiling_usd": ceiling_text(promise),
        "action": quote.action.id if command_of(quote.action.id) == RUN else "",
        "instruction": brief.instruction,
        "variant": brief.variant,
        "diagnostic": None if brief.diagnostic is None else asdict(_told(brief.diagnostic)),
        "failure": brief.failure,
        "choice": choice,
        "digest": quote.target.text_hash if picked.scope else "",
    }
    useful = {name: value for name, value in said.items() if value not in (None, "")}
    return place_argument(picked) | useful


def agreed(picked: Picked, quote: Quote, *, choice: str = "") -> Picked:
    """A command as a line with this quote's price would send it."""
    promise, brief = quote.promise, quote.subject.brief
    said = brief.diagnostic
    return replace(
        picked,
        model=promise.model,
        ceiling_usd=ceiling_text(promise),
        instruction=brief.instruction,
        variant=brief.variant,
        diagnostic=None if said is None else _told(said),
        failure=brief.failure,
        choice=choice,
        digest=quote.target.text_hash if picked.scope else "",
    )


def place_argument(picked: Picked, **more: str) -> dict[str, Any]:
    """The argument of a command that asks the user what to do where a menu was opened."""
    at = picked.range
    said: dict[str, Any] = {
        "uri": picked.uri,
        "range": None if at is None else _plain_range(at),
        "version": picked.version,
        "scope": picked.scope,
        **more,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def diagnostic_of(document: OpenDocument, told: lsp.Diagnostic) -> Diagnostic:
    """An editor's diagnostic, at its place in the document as it is now."""
    return Diagnostic(
        document.span_of(told.range),
        told.message,
        Severity(told.severity or Severity.ERROR),
        told.source or "",
        "" if told.code is None else str(told.code),
    )


def brief_of(picked: Picked, cursor: Span, shift: int) -> Brief:
    """What a command asks for. `shift` is how far the code has moved since the menu; `cursor` where it is meant."""
    told, said = picked.diagnostic, None
    if told is not None:
        start = cursor.start if told.start is None else told.start + shift
        end = cursor.end if told.end is None else told.end + shift
        severity = Severity(told.severity) if told.severity in list(Severity) else Severity.ERROR
        said = Diagnostic(
            Span(start, max(start, end)), told.message, severity, told.source, told.code
        )
    return Brief(picked.instruction, said, picked.variant, picked.failure)


def wish_of(picked: Picked, catalog: Catalog) -> Wish:
    """The model that the user chose in place of the router.

    Raises:
        WrongUse: There is no such model.
    """
    if not picked.choice:
        return Wish()
    model = catalog.find(picked.choice)
    if model is None:
        raise unknown_word("model", picked.choice, list(catalog.models))
    return Wish(model=model)


def ceiling_text(promise: Promise) -> str | None:
    """The ceiling of a promise as a command's argument says it."""
    return None if promise.ceiling_usd is None else format(promise.ceiling_usd, "f")


def promise_of(picked: Picked) -> Promise | None:
    """What the menu said; None if it is not known, as with a command that no menu sent.

    Raises:
        WrongUse: The ceiling is not an amount.
    """
    if picked.model is None and picked.ceiling_usd is None:
        return None
    try:
        ceiling = None if picked.ceiling_usd is None else Decimal(picked.ceiling_usd)
    except InvalidOperation:
        ceiling = Decimal("NaN")
    if ceiling is not None and not ceiling.is_finite():
        raise WrongUse(
            "This command's ceiling_usd is not an amount.",
            remedy="Pick the action from the code action menu.",
        )
    return Promise(picked.model, ceiling)


def _plain_range(at: lsp.Range) -> dict[str, Any]:
    return {
        "start": {"line": at.start.line, "character": at.start.character},
        "end": {"line": at.end.line, "character": at.end.character},
    }


def _told(diagnostic: Diagnostic) -> Told:
    return Told(
        diagnostic.message,
        int(diagnostic.severity),
        diagnostic.source,
        diagnostic.code,
        diagnostic.span.start,
        diagnostic.span.end,
    )
