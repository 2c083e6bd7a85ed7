"""Where the outcome of an action goes: into the document, to a file, to a report; or it is kept."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare import pages, presentation
from codefare.errors import TargetError
from codefare.lsp.display import show_file
from codefare.lsp.edits import CHANGED, Applied, NotApplied
from codefare.lsp.newfile import create_file
from codefare.source.file import SIZE_LIMIT, digest_of, replace_text
from codefare.source.regular import read_regular
from codefare.source.target import Scope, Span
from codefare.tasks.outcome import Addition, Edit, Findings, NewFile, Refused, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codefare.lsp.edits import Place
    from codefare.lsp.findings import LiveFindings
    from codefare.lsp.reports import Reports
    from codefare.lsp.server import CodefareServer
    from codefare.result import Result


class Delivery:
    """Puts outcomes where they belong, and says what they took."""

    def __init__(self, server: CodefareServer, reports: Reports, findings: LiveFindings) -> None:
        self._server = server
        self._reports = reports
        self._findings = findings
        self._told_of_offline = False  # once a session: its reports and the menu say so each time

    async def deliver(
        self, result: Result, place: Place | None, *, confirm: bool = False
    ) -> NotApplied | None:
        """Put an outcome where it belongs; why that was not possible, None if it was.

        `place` is the one that it was made for; None for what is about a folder. `confirm` lets the editor ask first,
        if it can.
        """
        outcome, failure = result.outcome, None
        match outcome:
            case Report(title, markdown):
                await self._reports.show(title, pages.report(markdown, result))
            case Findings():
                await self._publish(outcome, result)
            case NewFile(path, text):
                beside = place.document.file_path if place else None
                made = await create_file(self._server, path, text, beside=beside)
                failure = made if isinstance(made, NotApplied) else None
            case Addition():
                failure = await self._add(outcome, result.title)
            case Edit() if place is not None:
                failure = await self.edit(outcome, place, result.title, confirm=confirm)
            case Edit():
                failure = NotApplied("there is no file to change")
            case Refused(reason, remedy):
                failure = NotApplied(f"{reason} {remedy}".strip())
        if isinstance(outcome, NewFile | Addition) and outcome.remark and failure is None:
            self._server.show(f"{result.title}: {outcome.remark}", lsp.MessageType.Warning)
        self.told(result, seen=isinstance(outcome, Report | Findings))
        return failure

    def told(self, result: Result, *, seen: bool = False) -> None:
        """Say what a result took, and what failed before it: once.

        `seen` tells that this stands beside the outcome already.
        """
        notice = presentation.notice(result)
        known = result.offline and not result.detour and self._told_of_offline
        if notice and not known and not (seen and result.detour):
            self._told_of_offline |= result.offline and not result.detour
            self._server.show(notice)
            if result.detour:
                return
        self._server.note(f"{result.title}: {presentation.receipt(result)}")

    async def _publish(self, found: Findings, result: Result) -> None:
        """Findings go to the editor's list of problems; how many they are is said."""
        subject, receipt = result.quote.subject, presentation.receipt(result)
        target = subject.target
        if target.scope is Scope.DIFF:
            texts = await self._server.in_thread(lambda: dict(self._changed(found)))
            shown = await self._findings.publish_diff(
                texts, found, origin=str(target.path), receipt=receipt
            )
        else:
            region = None if target.scope is Scope.FILE else target.region
            text = subject.document.text
            shown = await self._findings.publish(
                target.uri, text, found, region=region, receipt=receipt
            )
        count = presentation.findings(len(shown.findings), shown.dismissed)
        self._server.show(f"{result.title}: {count} · {presentation.whole_receipt(result)}")

    def _changed(self, found: Findings) -> Iterator[tuple[Path, str]]:
        for path in dict.fromkeys(item.path for item in found.items if item.path):
            with suppress(OSError, UnicodeDecodeError):
                yield path, read_regular(path, SIZE_LIMIT).decode("utf-8")

    async def edit(
        self, edit: Edit, place: Place, title: str, *, confirm: bool = False
    ) -> NotApplied | None:
        """Apply an edit at its place."""
        new = place.with_edit(edit)
        applied = await self._server.editor.apply(place, new, title, confirm=confirm)
        if not isinstance(applied, Applied):
            return applied
        if edit.remark:
            self._server.show(f"{title}: {edit.remark}", lsp.MessageType.Warning)
        return None

    async def _add(self, addition: Addition, title: str) -> NotApplied | None:
        """Into the editor's own text if the file is open there, else on disk."""
        server, path = self._server, addition.path
        opened = next(
            (d for d in server.documents.open_documents if _is_at(d.file_path, path)), None
        )
        if opened is None:
            reason = await server.in_thread(_replace, addition)
            if reason is not None:
                return NotApplied(reason)
            await show_file(server, path, f"{path} was added to.")
            return None
        if opened.source != addition.old:
            return NotApplied(CHANGED)
        place = server.editor.hold(opened, Span(0, len(opened.source)))
        applied = await server.editor.apply(place, addition.new, title)
        return None if isinstance(applied, Applied) else applied

    def tell(self, result: Result, reason: str) -> None:
        """Why an answer was not used, and what it took all the same."""
        self._server.show(presentation.not_used(result, reason), lsp.MessageType.Warning)


def _is_at(file: Path | None, path: Path) -> bool:
    return file is not None and (file == path or file.resolve() == path.resolve())


def _replace(addition: Addition) -> str | None:
    try:
        replace_text(addition.path, addition.new, digest=digest_of(addition.old))
    except TargetError as error:
        return error.text
    return None
