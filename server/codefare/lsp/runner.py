"""What happens when the user picks an action: a job that runs it and puts the result where it belongs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare import presentation
from codefare.errors import TargetError, WrongUse
from codefare.lsp.edits import LOST, NotApplied
from codefare.lsp.newfile import create_file, why_not
from codefare.lsp.protocol import work_done_token
from codefare.quoting import Promise
from codefare.tasks.outcome import Edit, NewFile, Refused, Report

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.documents import OpenDocument
    from codefare.lsp.edits import Place
    from codefare.lsp.jobs import Job
    from codefare.lsp.menu import Menu
    from codefare.lsp.offers import Picked
    from codefare.lsp.reports import Reports
    from codefare.lsp.server import CodefareServer
    from codefare.quoting import Quote
    from codefare.result import Result

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class _Work:
    """An action on a place: the same as another one's as long as both are where the other is, and unchanged."""

    action: str
    place: Place

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Work) or self.action != other.action:
            return False
        mine, its = self.place, other.place
        return mine.document is its.document and mine.now is not None and mine.now == its.now

    def __hash__(self) -> int:
        return hash(self.action)


class Runner:
    """Runs what was picked."""

    def __init__(
        self, server: CodefareServer, engine: Engine, menu: Menu, reports: Reports
    ) -> None:
        self._server = server
        self._engine = engine
        self._menu = menu
        self._reports = reports
        self._told_of_offline = False  # once a session: its reports and the menu say so each time

    async def start(self, action: str, picked: Picked | None) -> dict[str, str]:
        """Starts an action where it was picked, or where the last menu was opened; gives the job's id at once."""
        if picked is None:
            picked = self._last_menu(action)
        server, engine = self._server, self._engine
        document = server.documents.get_text_document(picked.uri)
        if document.lost:
            raise TargetError(f"{LOST[:1].upper()}{LOST[1:]}.")
        version = document.version
        await document.parsed(server.in_thread)
        # Without a version, a range is one of the text as it was when the command came.
        unsure = picked.version is None and document.version != version
        code, target = await self._menu.target(picked, document)
        if unsure or code.text != document.source:  # typed while a large target was measured
            raise TargetError(
                "The text has changed since the action was picked.", remedy="Pick it again."
            )
        # The place is held from this very moment: what is typed from here on moves it or breaks it.
        place = server.editor.hold(document, target.region)
        frozen = code.copy()
        promise = _promise(picked)

        async def work(job: Job) -> None:
            quote = await engine.quote(frozen, target, action)
            if promise is not None:
                quote.hold_to(promise)
            await self._check_destination(quote, document)
            result = await engine.run(
                frozen, quote, progress=lambda made: job.report(presentation.progress(made, quote))
            )
            await self._deliver(result, place, document)

        job = server.jobs.start(
            f"{engine.catalog.actions[action].title} {target.label}",
            work,
            token=work_done_token.get(),
            key=_Work(action, place),
        )
        return {"job": job.id}

    async def _check_destination(self, quote: Quote, document: OpenDocument) -> None:
        """Nothing, if the answer can be written where it belongs: better known before it is paid for.

        Raises:
            TargetError: It cannot.
        """
        path = await self._engine.destination(quote)
        if path is None:
            return
        if reason := await why_not(self._server, path, beside=document.file_path):
            raise TargetError(f"{quote.action.title} has no place to write to: {reason}.")

    def _last_menu(self, action: str) -> Picked:
        if (last := self._menu.last(action)) is None:
            raise WrongUse(
                "This command needs a place to work on.",
                remedy="Pick it from the code action menu.",
            )
        return last

    async def _deliver(self, result: Result, place: Place, document: OpenDocument) -> None:
        """Puts an outcome where it belongs, and says what it took."""
        server = self._server
        receipt = f"{result.title}: {presentation.receipt(result)}"
        match result.outcome:
            case Report(title, markdown):
                await self._reports.show(title, presentation.report(markdown, result))
            case NewFile(path, text):
                made = await create_file(server, path, text, beside=document.file_path)
                if isinstance(made, NotApplied):
                    await self._keep(result, made.reason)
            case Edit() as edit:
                applied = await server.editor.apply(place, place.with_edit(edit), result.title)
                if isinstance(applied, NotApplied):
                    await self._keep(result, applied.reason)
            case Refused(reason, remedy):
                await self._keep(result, f"{reason} {remedy}")
        server.note(receipt)
        notice = presentation.notice(result)
        if notice and not (result.offline and self._told_of_offline):
            self._told_of_offline = self._told_of_offline or result.offline
            server.show(notice)

    async def _keep(self, result: Result, reason: str) -> None:
        """An answer that could not be used is shown: it may have cost money."""
        self._server.show(f"{result.title}: {reason}", lsp.MessageType.Warning)
        if result.answer.strip():
            text = presentation.unused(result, reason)
            await self._reports.show(f"Not applied: {result.title}", text)


def _promise(picked: Picked) -> Promise | None:
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
