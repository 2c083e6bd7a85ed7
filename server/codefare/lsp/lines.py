"""The lines of the action menu: each a title, a kind and a command, never an edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from codefare import presentation
from codefare.lsp.kept import AGAIN, APPLY, DISCARD, SHOW
from codefare.lsp.offers import (
    CANCEL,
    CANCEL_KIND,
    CHOOSE,
    CHOOSE_KIND,
    FINDING,
    KEPT,
    KEPT_KIND,
    PREVIEW,
)
from codefare.lsp.picks import argument, ceiling_text, command_of, kind_of, place_argument
from codefare.tasks.task import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codefare.lsp.finding import LiveFinding
    from codefare.lsp.jobs import Job
    from codefare.lsp.kept import Kept
    from codefare.lsp.offers import Picked
    from codefare.lsp.server import CodefareServer
    from codefare.quoting import Quote

Line = lsp.CodeAction | lsp.Command


@dataclass(frozen=True, slots=True)
class Lines:
    """Makes them as the client wants them."""

    server: CodefareServer

    def action(
        self,
        picked: Picked,
        quote: Quote,
        diagnostic: lsp.Diagnostic | None = None,
    ) -> Line:
        """What runs a quote; `diagnostic` is what it is about, as the client told it."""
        kind = kind_of(quote.action, quote.subject.brief)
        command = command_of(quote.action.id)
        return self._line(
            presentation.title(quote),
            kind,
            command,
            argument(picked, quote),
            generated=True,
            diagnostic=diagnostic,
        )

    def choice(self, picked: Picked) -> Line:
        """The way to everything that would make a menu too long."""
        title = "codefare: other models, your own words, what would be sent …"
        return self._line(title, CHOOSE_KIND, CHOOSE, place_argument(picked))

    def siblings(self, picked: Picked, quotes: Sequence[Quote]) -> list[Line]:
        """One action on several models, and what it would send."""
        lines = []
        for quote, said in zip(quotes, presentation.siblings(quotes), strict=True):
            if quote.choice is None:
                continue
            told = argument(picked, quote, choice=quote.choice.model.id)
            command = command_of(quote.action.id)
            title = f"{quote.phrase} · {said}"
            kind = kind_of(quote.action, quote.subject.brief)
            lines.append(self._line(title, kind, command, told, generated=True))
        if quotes:
            first = quotes[0]
            told = argument(picked, first) | {"action": first.action.id}
            title = f"Show what would be sent: {first.phrase}"
            kind = kind_of(first.action, first.subject.brief)
            lines.append(self._line(title, kind, PREVIEW, told))
        return lines

    def answers(self, kept: Kept, again: Quote | None) -> list[Line]:
        """What can be done with an answer that was paid for and not used; `again` is what asking anew costs."""
        what, lines = kept.result.title, []
        if not kept.refused:
            lines.append(self._kept(f"Apply the answer · {what} · free", kept, APPLY))
        shown = "Show the answer" if kept.refused else "Show the difference"
        lines.append(self._kept(f"{shown} · {what} · free", kept, SHOW))
        if again is not None:
            how = "with the failure explained" if kept.refused else "on the text as it is"
            title = f"Ask again {how} · {what} · {presentation.offer(again)}"
            promise = again.promise
            said = (promise.model or "", ceiling_text(promise) or "")
            lines.append(self._kept(title, kept, AGAIN, *said))
        lines.append(self._kept(f"Discard the answer · {what} · free", kept, DISCARD))
        return lines

    def _kept(self, title: str, kept: Kept, *arguments: str) -> Line:
        return self._line(title, KEPT_KIND, KEPT, kept.id, *arguments)

    def dismissals(self, findings: Iterable[tuple[LiveFinding, lsp.Diagnostic]]) -> list[Line]:
        """What takes findings of a review away for good."""
        return [
            self._line(
                f"Dismiss {quoted(finding.finding.message)}",
                "quickfix.codefare",
                FINDING,
                finding.id,
                diagnostic=told,
            )
            for finding, told in findings
        ]

    def cancellations(self, jobs: Iterable[Job]) -> list[Line]:
        """One for each running job: some editors have no button to cancel."""
        return [self._line(f"Cancel: {job.title}", CANCEL_KIND, CANCEL, job.id) for job in jobs]

    def _line(
        self,
        title: str,
        kind: str,
        command: str,
        *arguments: Any,
        generated: bool = False,
        diagnostic: lsp.Diagnostic | None = None,
    ) -> Line:
        run = lsp.Command(title, command, arguments=list(arguments))
        if not self.server.client.code_action_literals:
            return run
        tagged = generated and self.server.client.llm_tag
        tags = [lsp.CodeActionTag.LlmGenerated] if tagged else None
        about = [diagnostic] if diagnostic else None
        return lsp.CodeAction(title, kind=kind, command=run, tags=tags, diagnostics=about)
