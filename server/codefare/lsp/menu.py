"""What the user sees before anything runs: the hover with its quotes, and the action menu with its prices.

Both answer from memory and one quick look into the answer cache. No network, no model, and no edit: an action is a
title, a kind and a command.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from codefare import presentation
from codefare.errors import CodefareError, TargetError
from codefare.lsp.errors import severity
from codefare.lsp.kept import AGAIN, APPLY, DISCARD, SHOW
from codefare.lsp.offers import (
    CANCEL,
    CANCEL_KIND,
    CHOOSE,
    CHOOSE_KIND,
    KEPT,
    KEPT_KIND,
    KINDS,
    PREVIEW,
    Picked,
)
from codefare.lsp.opened import Opened
from codefare.lsp.picks import argument, command_of, diagnostic_of, key_of, kind_of, place_argument
from codefare.quoting import Quote, Server
from codefare.source.target import Scope
from codefare.tasks.brief import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codefare.engine import Engine
    from codefare.lsp.documents import OpenDocument
    from codefare.lsp.kept import KeptAnswers
    from codefare.lsp.opened import OpenedMenus
    from codefare.lsp.server import CodefareServer
    from codefare.source.diagnostic import Diagnostic
    from codefare.source.document import Document
    from codefare.source.target import Span, Target
    from codefare.tasks import Ask

log = logging.getLogger(__name__)

_MOST_DIAGNOSTICS = 3
_MOST_KEPT = 2
_MOST_IN_HOVER = 4
_OWN_SOURCE = "codefare"


class Menu:
    """Hover and code actions."""

    def __init__(
        self, server: CodefareServer, engine: Engine, menus: OpenedMenus, kept: KeptAnswers
    ) -> None:
        self._server = server
        self._engine = engine
        self._menus = menus
        self._kept = kept
        self._expanded: set[str] = set()
        self._told: dict[str, str] = {}

    def expand(self, uri: str) -> None:
        """Lets the next menu of a document list every model, for editors that can show no other list."""
        self._expanded.add(uri)

    async def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        """The quotes of the symbol under the cursor; nothing outside of symbols."""
        if not self._engine.settings.hover:
            return None
        document = self._server.documents.get_text_document(params.text_document.uri)
        try:
            code = await document.glanced(self._server.in_thread)
            span = document.span_of(lsp.Range(params.position, params.position))
            _, scope = code.locate(span)
            if scope is Scope.FILE:
                return None
            code, target = await self._targeted(document, span)
            asks = self._engine.quoter.asks(code, target)
            plain = [ask for ask in asks if ask.subject.brief == NOTHING]
            quotes = await self._engine.quotes(plain[:_MOST_IN_HOVER])
        except TargetError as error:
            log.debug("no hover: %s", error)
            return None
        text = presentation.hover(target, quotes, more=max(0, len(plain) - _MOST_IN_HOVER))
        plain_text = lsp.MarkupKind.PlainText
        kind = lsp.MarkupKind.Markdown if self._server.client.markdown_hover else plain_text
        if kind is plain_text:
            text = text.replace("**", "").replace("`", "")
        contents = lsp.MarkupContent(kind, text)
        return lsp.Hover(contents, document.range_of(target.span))

    async def code_actions(self, params: lsp.CodeActionParams) -> list[Any]:
        """The actions for the selection or the symbol under the cursor, each with its price.

        Asked for by the editor itself, at a move of the cursor, only what fixes a diagnostic there.
        """
        only, uri = params.context.only, params.text_document.uri
        document = self._server.documents.get_text_document(uri)
        unasked = params.context.trigger_kind is lsp.CodeActionTriggerKind.Automatic
        picked = Picked(uri, params.range, version=document.version)
        # The range is one of the text as it is now: what is typed before there is a tree moves it along.
        place = document.anchor(document.span_of(params.range))
        asked_at = place.span
        told = self._diagnostics(document, asked_at, params.context.diagnostics)
        self._menus.keep(Opened(picked, asked_at))
        try:
            await document.glanced(self._server.in_thread)
            if place.broken:
                return self._cancellations(only)
            version = document.version
            code, target = await self._targeted(document, place.span)
            moved = target.scope is Scope.FILE or document.version != version
            anchor = None if moved else document.anchor(target.region)
            asks = self._engine.quoter.asks(code, target, cursor=place.span, diagnostics=list(told))
            wanted = [ask for ask in asks if self._is_wanted(ask, only, unasked=unasked)]
            quotes = await self._engine.quotes(wanted)
            said = {key_of(ask): quote.promise for ask, quote in zip(wanted, quotes, strict=True)}
            self._menus.keep(Opened(picked, asked_at, target, anchor, said))
        except CodefareError as error:
            log.info("no actions: %s", error)
            if not unasked and any(_wanted(kind, only) for kind in KINDS):
                self._tell(uri, error)
            return self._cancellations(only)
        # An editor preselects the first line: what cannot run yet comes last, what fixes comes first.
        quotes.sort(key=_rank)
        lines = [self._action(picked, quote, told) for quote in quotes]
        if not unasked:
            lines += await self._more(picked, wanted, only)
            lines += self._answers(uri, only)
        return lines + self._cancellations(only)

    async def _more(
        self, picked: Picked, asks: Sequence[Ask], only: Sequence[Any] | None
    ) -> list[Any]:
        """The models beside the router's: all of them where one action alone was asked for, else a way to them."""
        plain = [ask for ask in asks if ask.subject.brief.diagnostic is None]
        expanded = picked.uri in self._expanded
        self._expanded.discard(picked.uri)
        if not expanded and (only is None or len(plain) != 1):
            return [self._choice(picked)] if plain and _wanted(CHOOSE_KIND, only) else []
        return [line for ask in plain for line in await self._siblings(picked, ask)]

    async def _siblings(self, picked: Picked, ask: Ask) -> list[Any]:
        row = self._engine.catalog.actions[ask.action]
        quotes = await self._engine.siblings(ask)
        lines = []
        for quote, said in zip(quotes, presentation.siblings(quotes), strict=True):
            if quote.choice is None:
                continue
            told = argument(picked, quote, choice=quote.choice.model.id)
            title = f"{quote.phrase} · {said}"
            command = lsp.Command(title, command_of(ask.action), arguments=[told])
            lines.append(self._literal(title, row.kind, command, generated=True))
        if quotes:
            title = f"Show what would be sent: {quotes[0].phrase}"
            place = place_argument(picked, action=ask.action)
            command = lsp.Command(title, PREVIEW, arguments=[place])
            lines.append(self._literal(title, row.kind, command, generated=False))
        return lines

    def _answers(self, uri: str, only: Sequence[Any] | None) -> list[Any]:
        """What can be done with answers that were paid for and not used."""
        if not _wanted(KEPT_KIND, only):
            return []
        lines = []
        for kept in self._kept.of(uri)[:_MOST_KEPT]:
            shown = "Show the answer" if kept.refused else "Show the difference"
            acts = {SHOW: shown, DISCARD: "Discard the answer"}
            if kept.refused:
                acts[AGAIN] = "Ask again with the failure explained"
            else:
                acts = {APPLY: "Apply the answer", **acts}
            for what, words in acts.items():
                title = f"{words} · {kept.result.title}" + ("" if what == AGAIN else " · free")
                command = lsp.Command(title, KEPT, arguments=[kept.id, what])
                lines.append(self._literal(title, KEPT_KIND, command, generated=False))
        return lines

    def _diagnostics(
        self, document: OpenDocument, place: Span, told: Sequence[lsp.Diagnostic]
    ) -> dict[Diagnostic, lsp.Diagnostic | None]:
        """What other tools say of the place: as the request tells, and as the editor told before."""
        others = [each for each in told if each.source != _OWN_SOURCE]
        found: dict[Diagnostic, lsp.Diagnostic | None] = {
            diagnostic_of(document, each): each for each in others
        }
        for known in self._server.diagnostics.at(document, place):
            found.setdefault(known, None)
        return dict(list(found.items())[:_MOST_DIAGNOSTICS])

    def _is_wanted(self, ask: Ask, only: Sequence[Any] | None, *, unasked: bool) -> bool:
        row = self._engine.catalog.actions[ask.action]
        if unasked and ask.action != "fix":
            return False
        return _wanted(kind_of(row, ask.subject.brief), only)

    async def _targeted(self, document: OpenDocument, span: Span) -> tuple[Document, Target]:
        return await document.targeted(span, self._server.in_thread)

    def _tell(self, uri: str, error: CodefareError) -> None:
        """Why a menu is empty. Once for a document: some editors ask for the menu by themselves."""
        if self._told.get(uri) != error.text:
            self._told[uri] = error.text
            self._server.show(error.text, severity(error))

    def _action(
        self, picked: Picked, quote: Quote, told: Mapping[Diagnostic, lsp.Diagnostic | None]
    ) -> lsp.CodeAction | lsp.Command:
        title, brief = presentation.title(quote), quote.subject.brief
        command = lsp.Command(
            title, command_of(quote.action.id), arguments=[argument(picked, quote)]
        )
        fixed = told.get(brief.diagnostic) if brief.diagnostic else None
        kind = kind_of(quote.action, brief)
        return self._literal(title, kind, command, generated=True, diagnostic=fixed)

    def _choice(self, picked: Picked) -> lsp.CodeAction | lsp.Command:
        """The way to everything that would make a menu too long."""
        title = "codefare: other models, your own words, what would be sent …"
        command = lsp.Command(title, CHOOSE, arguments=[place_argument(picked)])
        return self._literal(title, CHOOSE_KIND, command, generated=False)

    def _cancellations(self, only: Sequence[Any] | None) -> list[Any]:
        """One action for each running job: some editors have no button to cancel."""
        if not _wanted(CANCEL_KIND, only):
            return []
        return [
            self._literal(
                f"Cancel: {job.title}",
                CANCEL_KIND,
                lsp.Command(f"Cancel: {job.title}", CANCEL, arguments=[job.id]),
                generated=False,
            )
            for job in self._server.jobs.running()
        ]

    def _literal(
        self,
        title: str,
        kind: str,
        command: lsp.Command,
        *,
        generated: bool,
        diagnostic: lsp.Diagnostic | None = None,
    ) -> lsp.CodeAction | lsp.Command:
        if not self._server.client.code_action_literals:
            return command
        tagged = generated and self._server.client.llm_tag
        tags = [lsp.CodeActionTag.LlmGenerated] if tagged else None
        about = [diagnostic] if diagnostic else None
        return lsp.CodeAction(title, kind=kind, command=command, tags=tags, diagnostics=about)


def _rank(quote: Quote) -> tuple[bool, bool]:
    return quote.server is Server.NOBODY, quote.subject.brief.diagnostic is None


def _wanted(kind: str, only: Sequence[Any] | None) -> bool:
    """Whether a filter lets a kind pass: kinds are prefixes, ended by a dot."""
    if only is None:
        return True
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(not one or kind == one or kind.startswith(f"{one}.") for one in asked)
