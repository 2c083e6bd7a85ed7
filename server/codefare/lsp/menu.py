"""What the user sees before anything runs: the hover with its quotes, and the action menu with its prices.

Both answer from memory and one quick look into the answer cache. No network, no model, and no edit: an action is a
title, a kind and a command.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from codefare import presentation
from codefare.errors import CodefareError, TargetError
from codefare.lsp.errors import severity
from codefare.lsp.offers import CANCEL, CANCEL_KIND, KINDS, Picked
from codefare.quoting import Promise, Quote, Server
from codefare.source.target import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from codefare.engine import Engine
    from codefare.lsp.documents import OpenDocument
    from codefare.lsp.server import CodefareServer
    from codefare.source.buffer import Anchor
    from codefare.source.document import Document
    from codefare.source.target import Span, Target

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A menu that was opened: where, on what, and what follows that through edits.

    No target where there was nothing to work on, no anchor for a whole file or for what was typed in meanwhile. `said`
    is what each action's line promised.
    """

    picked: Picked
    target: Target | None = None
    anchor: Anchor | None = None
    said: Mapping[str, Promise] = field(default_factory=dict)


class Menu:
    """Hover and code actions."""

    def __init__(self, server: CodefareServer, engine: Engine) -> None:
        self._server = server
        self._engine = engine
        self._opened: dict[str, _Opened] = {}  # the last of each document, the latest at the end
        self._told: dict[str, str] = {}

    def last(self, action: str) -> Picked | None:
        """An action as it was picked in the last menu, of whichever document; None if none was opened."""
        opened = next(reversed(self._opened.values()), None)
        if opened is None:
            return None
        promise = opened.said.get(action)
        return opened.picked if promise is None else _with(opened.picked, promise)

    async def target(self, picked: Picked, document: OpenDocument) -> tuple[Document, Target]:
        """What was picked, as it stands in the document now, and the document's code as it is now.

        Lines may be other ones than when the menu was opened, after another job's edit above them, say: then its own
        code is followed to where it went, if it is still what it was.

        Raises:
            TargetError: It changed, or there is nothing to work on.
        """
        if picked.version in (None, document.version):
            return await self._targeted(document, document.span_of(picked.range))
        opened = self._opened.get(picked.uri)
        if (
            opened is not None
            and (opened.picked.version, opened.picked.range) == (picked.version, picked.range)
            and opened.target is not None
            and opened.anchor is not None
            and not opened.anchor.broken
        ):
            code, now = await self._targeted(document, opened.anchor.span)
            if (now.scope, now.text) == (opened.target.scope, opened.target.text):
                return code, now
        raise TargetError(
            "The text has changed since the menu was opened.", remedy="Open the menu again."
        )

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
            quotes = await self._engine.quotes(code, target)
        except TargetError as error:
            log.debug("no hover: %s", error)
            return None
        text = presentation.hover(target, quotes)
        plain = lsp.MarkupKind.PlainText
        kind = lsp.MarkupKind.Markdown if self._server.client.markdown_hover else plain
        if kind is plain:
            text = text.replace("**", "").replace("`", "")
        contents = lsp.MarkupContent(kind, text)
        return lsp.Hover(contents, document.range_of(target.span))

    async def code_actions(self, params: lsp.CodeActionParams) -> list[Any]:
        """The actions for the selection or the symbol under the cursor, each with its price."""
        only = params.context.only
        uri = params.text_document.uri
        document = self._server.documents.get_text_document(uri)
        picked = Picked(uri, params.range, version=document.version)
        self._opened.pop(uri, None)
        self._opened[uri] = _Opened(picked)
        # The range is one of the text as it is now: what is typed before there is a tree moves it along.
        place = document.anchor(document.span_of(params.range))
        try:
            await document.glanced(self._server.in_thread)
            if place.broken:
                return self._cancellations(only)
            version = document.version
            code, target = await self._targeted(document, place.span)
            moved = target.scope is Scope.FILE or document.version != version
            anchor = None if moved else document.anchor(target.region)
            quotes = await self._engine.quotes(code, target)
            said = {quote.action.id: quote.promise for quote in quotes}
            self._opened[uri] = _Opened(picked, target, anchor, said)
        except CodefareError as error:
            log.info("no actions: %s", error)
            if any(_wanted(kind, only) for kind in KINDS):
                self._tell(uri, error)
            return self._cancellations(only)
        offered = [quote for quote in quotes if _wanted(quote.action.kind, only)]
        # An editor preselects the first line: what cannot run yet comes last.
        offered.sort(key=lambda quote: quote.server is Server.NOBODY)
        return [self._action(picked, q) for q in offered] + self._cancellations(only)

    async def _targeted(self, document: OpenDocument, span: Span) -> tuple[Document, Target]:
        return await document.targeted(span, self._server.in_thread)

    def _tell(self, uri: str, error: CodefareError) -> None:
        """Why a menu is empty. Once for a document: some editors ask for the menu by themselves."""
        if self._told.get(uri) != error.text:
            self._told[uri] = error.text
            self._server.show(error.text, severity(error))

    def _action(self, picked: Picked, quote: Quote) -> lsp.CodeAction | lsp.Command:
        title, at, told = presentation.title(quote), picked.range, _with(picked, quote.promise)
        said = {"version": told.version, "model": told.model, "ceiling_usd": told.ceiling_usd}
        argument = {
            "uri": picked.uri,
            "range": {
                "start": {"line": at.start.line, "character": at.start.character},
                "end": {"line": at.end.line, "character": at.end.character},
            },
            **{name: value for name, value in said.items() if value is not None},
        }
        command = lsp.Command(title, f"codefare.{quote.action.id}", arguments=[argument])
        return self._literal(title, quote.action.kind, command, generated=True)

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
        self, title: str, kind: str, command: lsp.Command, *, generated: bool
    ) -> lsp.CodeAction | lsp.Command:
        if not self._server.client.code_action_literals:
            return command
        tagged = generated and self._server.client.llm_tag
        tags = [lsp.CodeActionTag.LlmGenerated] if tagged else None
        return lsp.CodeAction(title=title, kind=kind, command=command, tags=tags)


def _with(picked: Picked, promise: Promise) -> Picked:
    """The argument of a command with what its line promised."""
    ceiling = None if promise.ceiling_usd is None else format(promise.ceiling_usd, "f")
    return replace(picked, model=promise.model, ceiling_usd=ceiling)


def _wanted(kind: str, only: Sequence[Any] | None) -> bool:
    """Whether a filter lets a kind pass: kinds are prefixes, ended by a dot."""
    if only is None:
        return True
    asked = [str(getattr(one, "value", one)) for one in only]
    return any(not one or kind == one or kind.startswith(f"{one}.") for one in asked)
