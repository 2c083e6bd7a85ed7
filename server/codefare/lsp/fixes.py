"""After a fix: whether the editor's diagnostics show that it was one, and what another try costs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.lsp.dialogs import Unable
from codefare.lsp.finding import SOURCE
from codefare.lsp.picks import agreed, wish_of
from codefare.lsp.proof import Proof
from codefare.source.target import Span
from codefare.tasks.outcome import Edit

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.dialogs import Dialogs
    from codefare.lsp.edits import Place
    from codefare.lsp.offers import Picked
    from codefare.lsp.proof import Watch
    from codefare.lsp.runner import Runner
    from codefare.lsp.server import CodefareServer
    from codefare.result import Result
    from codefare.source.buffer import Anchor

_FAILURE = "The tool says the same of the code after your last change."


@dataclass(frozen=True, slots=True)
class Fixing:
    """A fix that is about to be applied: what is watched, where it begins, and how long it will be."""

    watch: Watch
    result: Result
    place: Place
    start: Anchor
    length: int

    @property
    def span(self) -> Span:
        """Where the fix stands now."""
        at = self.start.span.start
        return Span(at, at + self.length)


@dataclass(frozen=True, slots=True)
class Fixes:
    """Watches what fixes are about."""

    server: CodefareServer
    engine: Engine
    dialogs: Dialogs

    def begin(self, result: Result, place: Place) -> Fixing | None:
        """To be called before an outcome is applied; None if it fixes no diagnostic."""
        quote, outcome, now = result.quote, result.outcome, place.now
        said = quote.subject.brief.diagnostic
        if said is None or quote.action.id != "fix" or now is None or not isinstance(outcome, Edit):
            return None
        if said.source == SOURCE:  # of a review of ours: nobody tells whether it is gone
            return None
        watch = self.server.diagnostics.watch(place.document, said)
        start = place.document.anchor(Span(now.start, now.start))
        return Fixing(watch, result, place, start, len(place.with_edit(outcome)))

    def tell(self, fixing: Fixing, picked: Picked, runner: Runner) -> None:
        """Says what became of the diagnostic, once the editor shows it; returns at once."""
        self.server.follow_up(self._tell(fixing, picked, runner))

    async def _tell(self, fixing: Fixing, picked: Picked, runner: Runner) -> None:
        title, tried = fixing.result.title, fixing.result.proof
        proof = await fixing.watch.proof(fixing.span)
        if proof is Proof.GONE:
            self.server.show(f"{title}: gone.")
        elif proof is Proof.STILL_THERE:
            await self._try_again(fixing, picked, runner)
        elif tried:
            self.server.show(f"{title}: {tried}")
        else:
            self.server.show(f"{title}: applied. Your editor does not say whether it is gone.")

    async def _try_again(self, fixing: Fixing, picked: Picked, runner: Runner) -> None:
        document, result = fixing.place.document, fixing.result
        brief = result.quote.subject.brief
        if brief.diagnostic is None:
            return
        again = replace(
            brief, diagnostic=replace(brief.diagnostic, span=fixing.span), failure=_FAILURE
        )
        code = await document.parsed(self.server.in_thread)
        ask = self.engine.quoter.ask("fix", code, code.target(fixing.span), brief=again)
        quote = await self.engine.quote(ask, wish=wish_of(picked, self.engine.catalog))
        said = f"{result.title}: still there, says your editor."
        offer = f"Try again · {presentation.offer(quote)}"
        if not self.dialogs.can_pick:
            self.server.show(f"{said} {offer}: it is in the menu.")
            return
        try:
            index = await self.dialogs.pick(said, [offer, "Leave it"], unasked=True)
        except Unable:
            self.server.show(f"{said} {offer}: it is in the menu.")
            return
        if index == 0:
            place = document.range_of(fixing.span)
            now = replace(picked, range=place, version=document.version)
            await runner.start("fix", agreed(now, quote, choice=picked.choice))
