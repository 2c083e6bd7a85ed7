"""What can still be done with an answer that was not used: look at it, apply it anyway, ask again, let it go."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.errors import TargetError
from codefare.lsp.dialogs import Unable
from codefare.lsp.kept import AGAIN, APPLY, DISCARD, SHOW
from codefare.lsp.picks import agreed, wish_of
from codefare.source.target import Span
from codefare.tasks import Subject
from codefare.tasks.outcome import Addition, Edit

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.delivery import Delivery
    from codefare.lsp.dialogs import Dialogs
    from codefare.lsp.kept import Kept, KeptAnswers
    from codefare.lsp.reports import Reports
    from codefare.lsp.runner import Runner
    from codefare.lsp.server import CodefareServer
    from codefare.quoting import Promise, Quote
    from codefare.result import Result


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Acts on kept answers, from a message's buttons or from the menu."""

    server: CodefareServer
    engine: Engine
    kept: KeptAnswers
    delivery: Delivery
    reports: Reports
    dialogs: Dialogs

    def offer(self, kept: Kept, runner: Runner) -> None:
        """Says why an answer was not used, and asks what to do with it; returns at once."""
        self.server.follow_up(self._offer(kept, runner))

    def preview(self, kept: Kept, runner: Runner) -> None:
        """Shows the change that an answer would make, and asks whether to make it; returns at once."""
        self.server.follow_up(self._preview(kept, runner))

    async def _preview(self, kept: Kept, runner: Runner) -> None:
        text = presentation.previewed(kept.result, _difference(kept))
        await self.reports.show(f"Preview: {kept.result.title}", text)
        in_the_menu = f"{kept.result.title}: to apply or discard it, open the action menu."
        if not self.dialogs.can_pick:
            self.server.show(in_the_menu)
            return
        title = f"{kept.result.title}: apply it?"
        try:
            index = await self.dialogs.pick(title, ["Apply", "Discard"], unasked=True)
        except Unable:
            self.server.show(in_the_menu)
            return
        if index is not None:
            await self.act(kept.id, (APPLY, DISCARD)[index], runner)

    async def act(
        self, id_: str, what: str, runner: Runner, promise: Promise | None = None
    ) -> None:
        """Does what the user picked; asking anew costs no more than `promise`, what its line said.

        Raises:
            TargetError: The answer is gone, or its place is.
            OverBudget: It would cost more.
        """
        kept = self.kept.find(id_)
        if kept is None:
            raise TargetError(
                "That answer was used or let go already.", remedy="Run the action again."
            )
        if what == SHOW:
            await self.show(kept)
        elif what == APPLY:
            await self._apply(kept)
        elif what == AGAIN:
            quote = await self.again(kept)
            if promise is not None:
                quote.hold_to(promise)
            self.kept.discard(kept.id)
            document, target = kept.place.document, quote.target
            at = Span(target.span.start, target.span.start) if target.symbol else target.span
            now = replace(kept.picked, version=document.version, range=document.range_of(at))
            await runner.start(quote.action.id, agreed(now, quote, choice=kept.picked.choice))
        else:
            self.kept.discard(kept.id)

    async def again(self, kept: Kept) -> Quote:
        """What it costs to ask anew; a refusal is explained to the model."""
        subject = await self._subject(kept)
        brief = replace(subject.brief, failure=kept.failure)
        ask = self.engine.quoter.ask(
            kept.result.quote.action.id, subject.document, subject.target, brief=brief
        )
        return await self.engine.quote(ask, wish=wish_of(kept.picked, self.engine.catalog))

    async def show(self, kept: Kept) -> None:
        """The answer as a report, with the difference that it would make."""
        result = kept.result
        text = presentation.unused(result, kept.reason, _difference(kept))
        await self.reports.show(f"Not applied: {result.title}", text)

    async def show_unused(self, result: Result, reason: str) -> None:
        """Why an answer that belongs to no document was not used, and the answer."""
        self.delivery.tell(result, reason)
        if result.answer.strip():
            text = presentation.unused(result, reason)
            await self.reports.show(f"Not applied: {result.title}", text)

    async def _offer(self, kept: Kept, runner: Runner) -> None:
        if not self.dialogs.can_pick:
            self.delivery.tell(kept.result, kept.reason)
            await self.show(kept)
            return
        choices = {SHOW: "Show the answer" if kept.refused else "Show the difference"}
        if not kept.refused:
            choices[APPLY] = "Apply anyway"
        try:
            quote = await self.again(kept)
        except TargetError:
            pass  # its place is gone
        else:
            why = "with the failure explained" if kept.refused else "on the text as it is"
            choices[AGAIN] = f"Run again {why} · {presentation.offer(quote)}"
        choices[DISCARD] = "Discard"
        title = f"{kept.result.title}: {kept.reason}"
        try:
            index = await self.dialogs.pick(title, list(choices.values()), unasked=True)
        except Unable:
            self.delivery.tell(kept.result, kept.reason)
            await self.show(kept)
            return
        if index is not None:
            await self.act(kept.id, list(choices)[index], runner)

    async def _apply(self, kept: Kept) -> None:
        """Into the place if its text is still what it was; else on what its definition is now."""
        result, place = kept.result, kept.place
        outcome = result.outcome
        if not isinstance(outcome, Edit):
            failure = await self.delivery.deliver(result, place)
        elif place.now is not None:
            failure = await self.delivery.edit(outcome, place, result.title)
        else:
            subject = await self._subject(kept)
            place = self.server.editor.hold(place.document, subject.target.region)
            frozen = replace(subject, document=subject.document.copy())
            again = await self.engine.read_again(result, frozen)
            if not isinstance(again, Edit):
                raise TargetError(
                    f"{result.title}: the answer does not fit the text as it is now.",
                    remedy="Run the action again.",
                )
            failure = await self.delivery.edit(again, place, result.title)
        if failure is not None:
            raise TargetError(f"{result.title}: {failure.reason}.")
        self.kept.discard(kept.id)

    async def _subject(self, kept: Kept) -> Subject:
        """What the answer was for, as it is now.

        Raises:
            TargetError: It cannot be found any more.
        """
        document, old = kept.place.document, kept.result.quote.subject
        if document.closed:
            raise TargetError("The file was closed.", remedy="Open it and run the action again.")
        code = await document.parsed(self.server.in_thread)
        if old.target.symbol is None:
            span = kept.place.now
            if span is None:
                raise _gone(kept)
            return Subject(code, code.target(span), old.brief)
        name, kind = old.target.symbol.qualified_name, old.target.symbol.kind
        same = [s for s in code.symbols() if (s.qualified_name, s.kind) == (name, kind)]
        if len(same) != 1:
            raise _gone(kept)
        at = same[0].signature.start
        return Subject(code, code.target(Span(at, at)), old.brief)


def _gone(kept: Kept) -> TargetError:
    return TargetError(
        f"{kept.result.title}: its code cannot be found any more.",
        remedy="Show the answer and take from it what you need, or run the action again.",
    )


def _difference(kept: Kept) -> str:
    """A unified diff from the text that was sent to what the answer makes of it."""
    match kept.result.outcome:
        case Edit() as edit:
            old, new = kept.place.text, kept.place.with_edit(edit)
        case Addition(_, old, new):
            pass
        case _:
            return ""
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "as it was", "the answer", lineterm=""
    )
    return "\n".join(lines)
