"""What happens when the user picks an action: a job that runs it and hands the result on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.errors import OverBudget, TargetError, WrongUse, unknown_word
from codefare.lsp.edits import LOST
from codefare.lsp.newfile import why_not
from codefare.lsp.picks import brief_of, promise_of
from codefare.lsp.protocol import work_done_token
from codefare.quoting import Wish
from codefare.tasks.outcome import Refused

if TYPE_CHECKING:
    from codefare.engine import Engine
    from codefare.lsp.delivery import Delivery
    from codefare.lsp.documents import OpenDocument
    from codefare.lsp.edits import Place
    from codefare.lsp.fixes import Fixes
    from codefare.lsp.follow_ups import FollowUps
    from codefare.lsp.jobs import Job
    from codefare.lsp.offers import Picked
    from codefare.lsp.opened import OpenedMenus
    from codefare.lsp.server import CodefareServer
    from codefare.quoting import Promise, Quote
    from codefare.tasks import Ask
    from codefare.tasks.brief import Brief


@dataclass(frozen=True, eq=False, slots=True)
class _Work:
    """An action on a place: the same as another one's as long as both are where the other is, and unchanged."""

    action: str
    brief: Brief
    place: Place

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Work):
            return False
        if (self.action, self.brief) != (other.action, other.brief):
            return False
        mine, its = self.place, other.place
        return mine.document is its.document and mine.now is not None and mine.now == its.now

    def __hash__(self) -> int:
        return hash(self.action)


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
        self._dialogs = follow_ups.dialogs

    async def start(self, action: str, picked: Picked | None) -> dict[str, str]:
        """Starts an action where it was picked, or where the last menu was opened; gives the job's id at once."""
        picked = self.placed(action, picked)
        action = self._known(action or picked.action)
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
        promise, wish = promise_of(picked), self.wish(picked)

        def ask(brief: Brief) -> Ask:
            return engine.quoter.ask(action, frozen, spot.target, cursor=spot.cursor, brief=brief)

        # With words that are not there yet, the place is the one that it has without them.
        first = None if picked.ask else ask(brief)
        target = spot.target if first is None else first.subject.target
        # The place is held from this very moment: what is typed from here on moves it or breaks it.
        place = server.editor.hold(document, target.region)

        async def work(job: Job) -> None:
            wanted = first
            if wanted is None:
                words = await self._dialogs.words(
                    f"{engine.catalog.actions[action].title}: what do you want?"
                )
                if words is None:
                    return
                wanted = ask(replace(brief, instruction=words))
            quote = await engine.quote(wanted, wish=wish)
            if not await self._agreed(quote, promise, asked=first is None):
                return
            await self._check_destination(quote, document)
            result = await engine.run(
                quote, progress=lambda made: job.report(presentation.progress(made, quote))
            )
            fixing = self._fixes.begin(result, place)
            failure = await self._delivery.deliver(result, place)
            if fixing is not None and failure is None:
                self._fixes.tell(fixing, picked, self)
            if failure is not None:
                refused = isinstance(result.outcome, Refused)
                kept = self._follow_ups.kept.keep(
                    result, place, picked, failure.reason, refused=refused
                )
                self._follow_ups.offer(kept, self)

        task = engine.quoter.tasks[action]
        title = task.row.title if first is None else task.phrase(first.subject)
        job = server.jobs.start(
            title, work, token=work_done_token.get(), key=_Work(action, brief, place)
        )
        return {"job": job.id}

    async def _agreed(self, quote: Quote, promise: Promise | None, *, asked: bool) -> bool:
        """Whether the price is what the menu said; if the user's own words made it dearer, whether he agrees.

        Raises:
            OverBudget: It is not, and nobody was asked.
        """
        if promise is None:
            return True
        try:
            quote.hold_to(promise)
        except OverBudget:
            if not asked:
                raise
            question = f"With your words: {presentation.title(quote)}"
            return await self._dialogs.pick(question, ["Run", "Cancel"]) == 0
        return True

    def wish(self, picked: Picked) -> Wish:
        """The model that the user chose in place of the router.

        Raises:
            WrongUse: There is no such model.
        """
        if not picked.choice:
            return Wish()
        model = self._engine.catalog.find(picked.choice)
        if model is None:
            raise unknown_word("model", picked.choice, list(self._engine.catalog.models))
        return Wish(model=model)

    def _known(self, action: str) -> str:
        """An action that there is.

        Raises:
            WrongUse: There is none of that name.
        """
        if action not in self._engine.quoter.tasks:
            raise unknown_word("action", action, list(self._engine.quoter.tasks))
        return action

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
