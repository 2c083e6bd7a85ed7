"""What would make a menu too long: the other models for an action, the user's own words, what would be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from codefare import pages, presentation
from codefare.lsp.dialogs import Unable
from codefare.lsp.offers import Picked
from codefare.lsp.picks import agreed, wish_of
from codefare.sending import sending
from codefare.source.target import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.engine import Engine
    from codefare.lsp.dialogs import Dialogs
    from codefare.lsp.menu import Menu
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


class _Choice(NamedTuple):
    """An action, and the place that its command names."""

    ask: Ask
    picked: Picked


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
        choices = await self._choices(picked)
        try:
            choice = await self._pick_action(choices, picked)
            if choice is not None:
                await self._pick_model(*choice)
        except Unable:
            self.menu.expand(picked.uri)
            self.server.show(_IN_THE_MENU)

    async def _choices(self, picked: Picked) -> list[_Choice]:
        """Everything that can be done there, each with the place that its command names."""
        server, quoter = self.server, self.engine.quoter
        document = server.documents.get_text_document(picked.uri)
        await document.parsed(server.in_thread)
        spot = await self.menus.spot(picked, document, server.in_thread)
        told = self.menus.diagnostics(picked, document)
        asks = quoter.asks(spot.code, spot.target, cursor=spot.cursor, diagnostics=told)
        choices = [_Choice(ask, picked) for ask in asks]
        root = server.documents.folder_of(document)
        if root is not None and spot.target.scope is Scope.FILE:
            choices += [
                _Choice(ask, Picked(root.as_uri(), scope=whole.target.scope.value))
                for whole in self.engine.around.wholes(root)
                for ask in quoter.asks(whole.document, whole.target)
            ]
        return [one for one in choices if picked.action in ("", one.ask.action)]

    async def _pick_action(self, choices: Sequence[_Choice], picked: Picked) -> _Choice | None:
        if len(choices) == 1:
            return choices[0]
        tasks = self.engine.quoter.tasks
        lines = [tasks[one.ask.action].phrase(one.ask.subject) for one in choices]
        label = choices[0].ask.subject.target.label if choices else "this place"
        question = [_QUESTION] if self.dialogs.can_ask_for_words else []
        index = await self.dialogs.pick(f"codefare: {label}", [*lines, *question])
        if index is None:
            return None
        if index >= len(choices):
            await self.runner.start("research", replace(picked, ask=True))
            return None
        return choices[index]

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
        ask = await self.runner.asked(action, picked)
        await self._show(await self.engine.quote(ask, wish=wish_of(picked, self.engine.catalog)))

    async def _show(self, quote: Quote) -> None:
        sent = sending(self.engine.quoter, quote)
        await self.reports.show(f"What would be sent: {quote.phrase}", pages.what_is_sent(sent))
