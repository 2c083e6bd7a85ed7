"""What happens when the user picks an action: a job that runs it and hands the result on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.errors import Declined, OverBudget, TargetError, WrongUse, unknown_word
from codefare.lsp.edits import LOST
from codefare.lsp.newfile import why_not
from codefare.lsp.order import Order, Work
from codefare.lsp.picks import brief_of, promise_of, wish_of
from codefare.lsp.protocol import work_done_token
from codefare.source.target import Span
from codefare.tasks.outcome import Addition, Edit, Refused

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.delivery import Delivery
    from codefare.lsp.edits import Place
    from codefare.lsp.fixes import Fixes
    from codefare.lsp.follow_ups import FollowUps
    from codefare.lsp.jobs import Job
    from codefare.lsp.offers import Picked
    from codefare.lsp.opened import OpenedMenus
    from codefare.lsp.server import CodefareServer
    from codefare.meter import Progress
    from codefare.quoting import Promise, Quote, Wish
    from codefare.result import Result
    from codefare.tasks import Ask
    from codefare.tasks.brief import Brief


class Runner:
    """Runs what was picked."""

    def __init__(
        self,
        server: CodefareServer,
        engine: Engine,
        menus: OpenedMenus,
        delivery: Delivery,
        follow_ups: FollowUps,
        fixes: Fixes,
    ) -> None:
        self._server = server
        self._engine = engine
        self._menus = menus
        self._delivery = delivery
        self._follow_ups = follow_ups
        self._fixes = fixes
        self._agreement = follow_ups.agreement

    async def start(self, action: str, picked: Picked | None) -> dict[str, str]:
        """Starts an action where it was picked, or where the last menu was opened; gives the job's id at once."""
        picked = self.placed(action, picked)
        action = self._known(action or picked.action)
        promise, wish = promise_of(picked), wish_of(picked, self._engine.catalog)
        order = await (self._whole if picked.scope else self._order)(action, picked)
        job = self._server.jobs.start(
            order.title,
            lambda job: self._work(order, promise, wish, job),
            token=work_done_token.get(),
            key=order.key,
            replaces=lambda other: (
                isinstance(other.key, Work) and other.key.gives_way_to(order.key)
            ),
        )
        return {"job": job.id}

    async def asked(self, action: str, picked: Picked) -> Ask:
        """What a command asks for, without running it.

        Raises:
            TargetError: There is nothing to work on.
        """
        order = await (self._whole if picked.scope else self._order)(self._known(action), picked)
        return await order.ask(order.brief)

    async def _order(self, action: str, picked: Picked) -> Order:
        """What was picked in a document.

        Raises:
            TargetError: The text is not what it was, or there is nothing to work on.
        """
        server, engine = self._server, self._engine
        document = server.documents.get_text_document(picked.uri)
        if document.lost:
            raise TargetError(f"{LOST[:1].upper()}{LOST[1:]}.")
        version = document.version
        await document.parsed(server.in_thread)
        # Without a version, a range is one of the text as it was when the command came.
        unsure = picked.version is None and document.version != version
        spot = await self._menus.spot(picked, document, server.in_thread)
        if unsure or spot.code.text != document.source:  # typed while a large target was measured
            raise TargetError(
                "The text has changed since the action was picked.", remedy="Pick it again."
            )
        brief = brief_of(picked, spot.cursor, spot.shift)
        frozen = spot.code.copy()

        async def ask(brief: Brief) -> Ask:
            return engine.quoter.ask(action, frozen, spot.target, cursor=spot.cursor, brief=brief)

        task = engine.quoter.tasks[action]
        title, target = task.row.title, spot.target
        if not picked.ask:  # with words that are not there yet, the place is the one without them
            subject = (await ask(brief)).subject
            title, target = task.phrase(subject), subject.target
        # The place is held from this very moment: what is typed from here on moves it or breaks it.
        place = server.editor.hold(document, target.region)
        return Order(
            picked,
            title,
            brief,
            ask,
            place,
            Work(action, brief, picked.choice, place, task.rewrites),
        )

    async def _whole(self, action: str, picked: Picked) -> Order:
        """What was picked for a folder, or for what is not committed in it; looked at when it runs."""
        server, engine = self._server, self._engine
        looks = {"folder": engine.around.look_at_folder, "diff": engine.around.look_for_changes}
        look = looks.get(picked.scope)
        if look is None:
            raise unknown_word("scope", picked.scope, list(looks))
        folder = server.documents.folder_at(picked.uri)
        if folder is None:
            raise TargetError(
                "That is not a folder of the workspace.", remedy="Pick the action from the menu."
            )
        brief = brief_of(picked, Span(0, 0), 0)

        async def ask(brief: Brief) -> Ask:
            # What the menu quoted, if it is still known: its price is what was agreed to.
            whole = engine.around.known(picked.digest)
            if whole is None:
                whole = await server.in_thread(look, folder)
            return engine.quoter.ask(action, whole.document, whole.target, brief=brief)

        title = f"{engine.catalog.actions[action].title} · {folder.name}"
        return Order(
            picked, title, brief, ask, None, (action, brief, picked.choice, picked.scope, folder)
        )

    async def _work(self, order: Order, promise: Promise | None, wish: Wish, job: Job) -> None:
        picked, brief = order.picked, order.brief
        if picked.ask:
            words = await self._agreement.words(order.title)
            if words is None:
                return
            brief = replace(brief, instruction=words)
        agreement = self._agreement
        quoted = agreement.quote_of_words if picked.ask else agreement.quote
        quote = await quoted(await order.ask(brief), promise, wish)
        if quote is None:
            return
        await self._check_destination(quote, order.place)
        try:
            result = await self._run(quote, job)
        except Declined as declined:
            self._server.note(declined.text)
            return
        if result is not None:
            await self._deliver(result, order)

    async def _run(self, quote: Quote, job: Job) -> Result | None:
        """The result; None if the budget is too small for it, and the user wants nothing else."""
        run, agreement = self._engine.run, self._agreement
        try:
            return await run(quote, progress=partial(_tell, job, quote), consent=agreement)
        except OverBudget as over:
            if quote.cached:
                raise
            spent_usd = over.spent_usd
            fitting = await agreement.within_budget(quote, over)
        if fitting is None:
            return None
        return await run(
            fitting,
            progress=partial(_tell, job, fitting),
            consent=agreement,
            spent_usd=spent_usd,
        )

    async def _deliver(self, result: Result, order: Order) -> None:
        place, picked = order.place, order.picked
        if place is not None and self._wants_a_look(result):
            kept = self._follow_ups.kept.keep(result, place, picked, "", refused=False)
            self._delivery.told(result)
            self._follow_ups.preview(kept, self)
            return
        fixing = self._fixes.begin(result, place) if place else None
        failure = await self._delivery.deliver(result, place, confirm=self._engine.settings.preview)
        if failure is None:
            if fixing is not None:
                self._fixes.tell(fixing, picked, self)
        elif place is None:
            await self._follow_ups.show_unused(result, failure.reason)
        else:
            refused = isinstance(result.outcome, Refused)
            kept = self._follow_ups.kept.keep(
                result, place, picked, failure.reason, refused=refused
            )
            self._follow_ups.offer(kept, self)

    def _wants_a_look(self, result: Result) -> bool:
        """Whether the user wants to see a change first, and the editor has no way of its own to show it."""
        changes = isinstance(result.outcome, Edit | Addition)
        own_way = isinstance(result.outcome, Edit) and self._server.client.confirmed_edits
        return self._engine.settings.preview and changes and not own_way

    def _known(self, action: str) -> str:
        """An action that there is.

        Raises:
            WrongUse: There is none of that name.
        """
        if action not in self._engine.quoter.tasks:
            raise unknown_word("action", action, list(self._engine.quoter.tasks))
        return action

    async def _check_destination(self, quote: Quote, place: Place | None) -> None:
        """Nothing, if the answer can be written where it belongs: better known before it is paid for.

        Raises:
            TargetError: It cannot.
        """
        path = await self._engine.destination(quote)
        if path is None or place is None:
            return
        if reason := await why_not(self._server, path, beside=place.document.file_path):
            raise TargetError(f"{quote.action.title} has no place to write to: {reason}.")

    def placed(self, action: str, picked: Picked | None) -> Picked:
        """Where a command is meant: what it says, or where the last menu was opened.

        Raises:
            WrongUse: No menu was opened.
        """
        placed = self._menus.last(action) if picked is None else picked
        if placed is None:
            raise WrongUse(
                "This command needs a place to work on.",
                remedy="Pick it from the code action menu.",
            )
        return placed


def _tell(job: Job, quote: Quote, made: Progress) -> None:
    """How far it is; in the end what it took, which is said if the job is cancelled."""
    if made.settled:
        job.receipt = presentation.spent(made)
    else:
        job.report(presentation.progress(made, quote))
