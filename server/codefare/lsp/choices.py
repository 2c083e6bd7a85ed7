"""What would make a menu too long: the other models for an action, the user's own words, what would be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.lsp.dialogs import Unable
from codefare.lsp.picks import agreed, brief_of
from codefare.sending import sending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.engine import Engine
    from codefare.lsp.dialogs import Dialogs
    from codefare.lsp.menu import Menu
    from codefare.lsp.offers import Picked
    from codefare.lsp.opened import OpenedMenus
    from codefare.lsp.reports import Reports
    from codefare.lsp.runner import Runner
    from codefare.lsp.server import CodefareServer
    from codefare.quoting import Quote
    from codefare.tasks import Ask

_IN_THE_MENU = "Open the action menu again: it now lists every model for each action."
_WORDS = "In your own words …"
_PREVIEW = "Show what would be sent …"
_QUESTION = "Ask a question about it …"


@dataclass(frozen=True, slots=True)
class Choices:
    """Asks the user, and runs what he chose."""

    server: CodefareServer
    engine: Engine
    menus: OpenedMenus
    menu: Menu
    runner: Runner
    reports: Reports
    dialogs: Dialogs

    def start(self, picked: Picked) -> None:
        """Opens the list of what can be done where a menu was opened; returns at once."""
        self.server.follow_up(self._choose(picked))

    def preview(self, action: str, picked: Picked) -> None:
        """Shows what an action would send; returns at once."""
        self.server.follow_up(self._preview(action, picked))

    async def _choose(self, picked: Picked) -> None:
        asks = await self._asks(picked)
        try:
            ask = await self._pick_action(asks, picked)
            if ask is not None:
                await self._pick_model(ask, picked)
        except Unable:
            self.menu.expand(picked.uri)
            self.server.show(_IN_THE_MENU)

    async def _asks(self, picked: Picked) -> list[Ask]:
        """Everything that can be done there, but for diagnostics, which have their own lines in the menu."""
        document = self.server.documents.get_text_document(picked.uri)
        await document.parsed(self.server.in_thread)
        spot = await self.menus.spot(picked, document, self.server.in_thread)
        asks = self.engine.quoter.asks(spot.code, spot.target, cursor=spot.cursor)
        return [ask for ask in asks if picked.action in ("", ask.action)]

    async def _pick_action(self, asks: Sequence[Ask], picked: Picked) -> Ask | None:
        if len(asks) == 1:
            return asks[0]
        tasks = self.engine.quoter.tasks
        lines = [tasks[ask.action].phrase(ask.subject) for ask in asks]
        label = asks[0].subject.target.label if asks else "this place"
        question = [_QUESTION] if self.dialogs.can_ask_for_words else []
        index = await self.dialogs.pick(f"codefare: {label}", [*lines, *question])
        if index is None:
            return None
        if index >= len(asks):
            await self.runner.start("research", replace(picked, ask=True))
            return None
        return asks[index]

    async def _pick_model(self, ask: Ask, picked: Picked) -> None:
        quotes = await self.engine.siblings(ask)
        first = await self.engine.quote(ask)
        lines = presentation.siblings(quotes)
        words = [_WORDS] if self.dialogs.can_ask_for_words else []
        phrase = self.engine.quoter.tasks[ask.action].phrase(ask.subject)
        index = await self.dialogs.pick(phrase, [*lines, *words, _PREVIEW])
        if index is None:
            return
        if index < len(lines):
            quote = quotes[index]
            chosen = quote.choice.model.id if quote.choice else ""
            await self.runner.start(ask.action, agreed(picked, quote, choice=chosen))
        elif words and index == len(lines):
            await self.runner.start(ask.action, replace(agreed(picked, first), ask=True))
        else:
            await self._show(first)

    async def _preview(self, action: str, picked: Picked) -> None:
        document = self.server.documents.get_text_document(picked.uri)
        await document.parsed(self.server.in_thread)
        spot = await self.menus.spot(picked, document, self.server.in_thread)
        brief = brief_of(picked, spot.cursor, spot.shift)
        ask = self.engine.quoter.ask(
            action, spot.code, spot.target, cursor=spot.cursor, brief=brief
        )
        await self._show(await self.engine.quote(ask, wish=self.runner.wish(picked)))

    async def _show(self, quote: Quote) -> None:
        sent = sending(self.engine.quoter, quote)
        await self.reports.show(
            f"What would be sent: {quote.phrase}", presentation.what_is_sent(sent)
        )
