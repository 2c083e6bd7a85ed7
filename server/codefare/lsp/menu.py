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
from codefare.lsp.lines import Lines
from codefare.lsp.offers import CANCEL_KIND, CHOOSE_KIND, KEPT_KIND, KINDS, Picked
from codefare.lsp.opened import Opened
from codefare.lsp.picks import agreed, diagnostic_of, key_of, kind_of
from codefare.quoting import Quote, Server
from codefare.source.target import Scope
from codefare.tasks.brief import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codefare.engine import Engine
    from codefare.lsp.document import OpenDocument
    from codefare.lsp.finding import LiveFinding
    from codefare.lsp.findings import LiveFindings
    from codefare.lsp.follow_ups import FollowUps
    from codefare.lsp.kept import Kept
    from codefare.lsp.lines import Line
    from codefare.lsp.opened import Key, OpenedMenus
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
        self,
        server: CodefareServer,
        engine: Engine,
        menus: OpenedMenus,
        follow_ups: FollowUps,
        findings: LiveFindings,
    ) -> None:
        self._server = server
        self._engine = engine
        self._menus = menus
        self._follow_ups = follow_ups
        self._findings = findings
        self._lines = Lines(server)
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
        cancellations = self._cancellations(only)
        try:
            await document.glanced(self._server.in_thread)
            if place.broken:
                return cancellations
            version = document.version
            code, target = await self._targeted(document, place.span)
            moved = target.scope is Scope.FILE or document.version != version
            anchor = None if moved else document.anchor(target.region)
            asks = self._engine.quoter.asks(code, target, cursor=place.span, diagnostics=list(told))
            wanted = [ask for ask in asks if self._is_wanted(ask, only, unasked=unasked)]
            quotes = await self._engine.quotes(wanted)
            said = {key_of(ask): agreed(picked, q) for ask, q in zip(wanted, quotes, strict=True)}
            self._menus.keep(Opened(picked, asked_at, target, anchor, said, tuple(told)))
            # An editor preselects the first line: what cannot run yet comes last, what fixes comes first.
            quotes.sort(key=_rank)
            lines = [self._lines.action(picked, q, _about(q, told)) for q in quotes]
            if not unasked:
                lines += await self._wholes(document, target, only, said)
                lines += await self._more(picked, wanted, only)
        except CodefareError as error:
            log.info("no actions: %s", error)
            if not unasked and any(_wanted(kind, only) for kind in KINDS):
                self._tell(uri, error)
            return cancellations
        if _wanted("quickfix.codefare", only):
            lines += self._lines.dismissals(self._own_findings(document, asked_at))
        if not unasked and _wanted(KEPT_KIND, only):
            for kept in self._follow_ups.kept.of(uri)[:_MOST_KEPT]:
                lines += self._lines.answers(kept, await self._again(kept))
        return [*lines, *cancellations]

    async def _again(self, kept: Kept) -> Quote | None:
        """What it costs to ask anew; None if its code is gone."""
        try:
            return await self._follow_ups.again(kept)
        except CodefareError:
            return None

    async def _wholes(
        self,
        document: OpenDocument,
        target: Target,
        only: Sequence[Any] | None,
        said: dict[Key, Picked],
    ) -> list[Line]:
        """What works on the folder, and on what is not committed in it: beside a whole file, or where asked for."""
        around, lines = self._engine.around, []
        self._look_around()
        root = self._server.documents.folder_of(document)
        if root is None or (only is None and target.scope is not Scope.FILE):
            return []
        for whole in around.wholes(root):
            picked = Picked(root.as_uri(), scope=whole.target.scope.value)
            asks = self._engine.quoter.asks(whole.document, whole.target)
            wanted = [ask for ask in asks if self._is_wanted(ask, only, unasked=False)]
            quotes = await self._engine.quotes(wanted)
            lines += [self._lines.action(picked, quote) for quote in quotes]
            for ask, quote in zip(wanted, quotes, strict=True):
                said.setdefault(key_of(ask), agreed(picked, quote))
            if only is not None and len(wanted) == 1:
                lines += self._lines.siblings(picked, await self._engine.siblings(wanted[0]))
        return lines

    async def _more(
        self, picked: Picked, asks: Sequence[Ask], only: Sequence[Any] | None
    ) -> list[Line]:
        """The models beside the router's: all of them where one action alone was asked for, else a way to them."""
        expanded = picked.uri in self._expanded
        self._expanded.discard(picked.uri)
        if not expanded and (only is None or len(asks) != 1):
            return [self._lines.choice(picked)] if asks and _wanted(CHOOSE_KIND, only) else []
        return [
            line
            for ask in asks
            for line in self._lines.siblings(picked, await self._engine.siblings(ask))
        ]

    def _diagnostics(
        self, document: OpenDocument, place: Span, told: Sequence[lsp.Diagnostic]
    ) -> dict[Diagnostic, lsp.Diagnostic | None]:
        """What is said of the place: by the request, by the editor before, and by reviews of ours."""
        others = [each for each in told if each.source != _OWN_SOURCE]
        found: dict[Diagnostic, lsp.Diagnostic | None] = {
            diagnostic_of(document, each): each for each in others
        }
        for known in self._server.diagnostics.at(document, place):
            found.setdefault(known, None)
        for finding, said in self._own_findings(document, place):
            found.setdefault(finding.diagnostic, said)
        return dict(list(found.items())[:_MOST_DIAGNOSTICS])

    def _own_findings(
        self, document: OpenDocument, place: Span
    ) -> list[tuple[LiveFinding, lsp.Diagnostic]]:
        encoding, data = self._server.encoding, self._server.client.diagnostic_data
        return [
            (finding, finding.published(document.buffer, encoding, data=data))
            for finding in self._findings.at(document.uri, place)
        ]

    def _look_around(self) -> None:
        """At the folders, for the next menu: this one is answered from memory."""
        if self._engine.around.is_stale:
            self._server.follow_up(self._server.in_thread(self._engine.around.look))

    def _is_wanted(self, ask: Ask, only: Sequence[Any] | None, *, unasked: bool) -> bool:
        row = self._engine.catalog.actions[ask.action]
        if unasked and ask.action != "fix":
            return False
        return _wanted(kind_of(row, ask.subject.brief), only)

    async def _targeted(self, document: OpenDocument, span: Span) -> tuple[Document, Target]:
        return await document.targeted(span, self._server.in_thread)

    def _cancellations(self, only: Sequence[Any] | None) -> list[Line]:
        running = self._server.jobs.running() if _wanted(CANCEL_KIND, only) else []
        return self._lines.cancellations(job for job in running if not job.cancelling)

    def _tell(self, uri: str, error: CodefareError) -> None:
        """Why a menu is empty. Once for a document: some editors ask for the menu by themselves."""
        if self._told.get(uri) != error.text:
            self._told[uri] = error.text
            self._server.show(error.text, severity(error))


def _about(quote: Quote, told: Mapping[Diagnostic, lsp.Diagnostic | None]) -> lsp.Diagnostic | None:
    said = quote.subject.brief.diagnostic
    return told.get(said) if said else None


def _rank(quote: Quote) -> tuple[bool, bool, bool]:
    about_diagnostic = quote.subject.brief.diagnostic is not None
    return quote.server is Server.NOBODY, not about_diagnostic, quote.action.id != "fix"


def _wanted(kind: str, only: Sequence[Any] | None) -> bool:
    """Whether a filter lets a kind pass: kinds are prefixes, ended by a dot."""
    if only is None:
        return True
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(not one or kind == one or kind.startswith(f"{one}.") for one in asked)
