"""What can still be done with an answer that was not used: look at it, apply it anyway, ask again, let it go."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import pages, presentation
from codefare.errors import TargetError, unknown_word
from codefare.lsp.dialogs import Unable
from codefare.lsp.kept import AGAIN, APPLY, DISCARD, SHOW
from codefare.lsp.picks import agreed, wish_of
from codefare.lsp.whereabouts import document_of, is_of_now, point_in, subject_now
from codefare.tasks.outcome import Addition, Edit, Refused

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.agreement import Agreement
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
    agreement: Agreement

    def offer(self, kept: Kept, runner: Runner) -> None:
        """Says why an answer was not used, and asks what to do with it; returns at once."""
        self.server.follow_up(self._offer(kept, runner))

    def preview(self, kept: Kept, runner: Runner) -> None:
        """Shows the change that an answer would make, and asks whether to make it; returns at once."""
        self.server.follow_up(self._preview(kept, runner))

    async def _preview(self, kept: Kept, runner: Runner) -> None:
        text = pages.previewed(kept.result, _difference(kept))
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
        """Does what the user picked. `promise` is the price that was said for asking again.

        Raises:
            OverBudget: To ask again costs more than was said.
            TargetError: The answer is gone, or its place is.
            WrongUse: That cannot be done with an answer.
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
            await self._ask_again(kept, runner, promise)
        elif what == DISCARD:
            self.kept.discard(kept.id)
        else:
            raise unknown_word("choice", what, [SHOW, APPLY, AGAIN, DISCARD])

    async def again(self, kept: Kept, promise: Promise | None = None) -> Quote:
        """What it costs to ask anew; a refusal is explained to the model.

        Raises:
            OverBudget: It costs more than the `promise`.
            TargetError: The code that it was for is gone.
        """
        subject = await subject_now(kept, self.server, self.engine.quoter)
        brief = replace(subject.brief, failure=kept.failure)
        ask = self.engine.quoter.ask(
            kept.result.quote.action.id,
            subject.document,
            subject.target,
            cursor=point_in(subject.target),
            brief=brief,
        )
        wish = wish_of(kept.picked, self.engine.catalog)
        return await self.agreement.quote(ask, promise, wish)

    async def _ask_again(self, kept: Kept, runner: Runner, promise: Promise | None) -> None:
        quote = await self.again(kept, promise)
        document = document_of(kept, self.server)
        if not is_of_now(quote.subject, document):
            raise TargetError(
                f"{kept.result.title}: the text has changed.", remedy="Pick this again."
            )
        at = document.range_of(point_in(quote.target))
        now = replace(kept.picked, version=document.version, range=at)
        command = agreed(now, quote, choice=kept.picked.choice)
        await runner.start(quote.action.id, command)
        self.kept.discard(kept.id)

    async def show(self, kept: Kept) -> None:
        """The answer as a report, with the difference that it would make."""
        result = kept.result
        text = pages.unused(result, kept.reason, _difference(kept))
        await self.reports.show(f"Not applied: {result.title}", text)

    async def show_unused(self, result: Result, reason: str) -> None:
        """Why an answer that belongs to no document was not used, and the answer."""
        self.delivery.tell(result, reason)
        if result.answer.strip():
            text = pages.unused(result, reason)
            await self.reports.show(f"Not applied: {result.title}", text)

    async def _offer(self, kept: Kept, runner: Runner) -> None:
        if not self.dialogs.can_pick:
            self.delivery.tell(kept.result, kept.reason)
            await self.show(kept)
            return
        promise = None
        choices = {SHOW: "Show the answer" if kept.refused else "Show the difference"}
        if not kept.refused:
            choices[APPLY] = "Apply anyway"
        try:
            quote = await self.again(kept)
        except TargetError:
            pass  # its place is gone
        else:
            promise = quote.promise
            why = "with the failure explained" if kept.refused else "on the text as it is"
            choices[AGAIN] = f"Run again {why} · {presentation.offer(quote)}"
        choices[DISCARD] = "Discard"
        title = presentation.not_used(kept.result, kept.reason)
        try:
            index = await self.dialogs.pick(title, list(choices.values()), unasked=True)
        except Unable:
            self.delivery.tell(kept.result, kept.reason)
            await self.show(kept)
            return
        if index is not None:
            await self.act(kept.id, list(choices)[index], runner, promise)

    async def _apply(self, kept: Kept) -> None:
        """Into the place if its text is still what it was; else on what its definition is now."""
        result, place = kept.result, kept.place
        outcome = result.outcome
        if not isinstance(outcome, Edit):
            failure = await self.delivery.deliver(await self._read_again(kept), place)
        elif place.now is not None and not place.document.closed:
            failure = await self.delivery.edit(outcome, place, result.title)
        else:
            subject = await subject_now(kept, self.server, self.engine.quoter)
            document = document_of(kept, self.server)
            place = self.server.editor.hold(document, subject.target.region)
            again = await self.engine.read_again(result, subject)
            if not isinstance(again, Edit):
                raise TargetError(
                    f"{result.title}: the answer does not fit the text as it is now.",
                    remedy="Run the action again.",
                )
            failure = await self.delivery.edit(again, place, result.title)
        if failure is not None:
            raise TargetError(f"{result.title}: {failure.reason}.")
        self.kept.discard(kept.id)

    async def _read_again(self, kept: Kept) -> Result:
        """Tests, for the test file as it is now: it may be there by now, be gone, or hold other cases."""
        result = kept.result
        try:
            subject = await subject_now(kept, self.server, self.engine.quoter)
        except TargetError:
            subject = result.quote.subject  # the tests are good though the code is not to be found
        outcome = await self.engine.read_again(result, subject)
        if isinstance(outcome, Refused):
            raise TargetError(f"{result.title}: {outcome.reason}", remedy=outcome.remedy)
        return replace(result, outcome=outcome)


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
