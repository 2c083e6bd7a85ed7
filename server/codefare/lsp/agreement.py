"""What the user agreed to: the price in a menu's title, or the one of his own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codefare import presentation
from codefare.errors import OverBudget, WrongUse
from codefare.lsp.dialogs import Unable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.engine import Engine
    from codefare.lsp.dialogs import Dialogs
    from codefare.quoting import Promise, Quote, Wish
    from codefare.tasks import Ask


@dataclass(frozen=True, slots=True)
class Agreement:
    """Makes the quotes of what was picked, and holds them to what was said before."""

    engine: Engine
    dialogs: Dialogs

    async def words(self, title: str) -> str | None:
        """The user's own words; None if he gave it up.

        Raises:
            WrongUse: This editor cannot ask for them.
        """
        try:
            return await self.dialogs.words(f"{title}: what do you want?")
        except Unable:
            raise WrongUse(
                "This editor has no input line for your own words.",
                remedy="Give them as `instruction` in the command's argument, or run `codefare run --instruction`.",
            ) from None

    async def quote(self, ask: Ask, promise: Promise | None, wish: Wish) -> Quote:
        """The quote to run, which keeps the promise if there was one.

        What is known of the project grows while a menu is open, and a longer prompt costs more. Where the price is not
        what was said, the prompt is made of what was known when it was.

        Raises:
            OverBudget: The price is not what was said.
        """
        quote = await self.engine.quote(ask, wish=wish)
        if promise is None or quote.keeps(promise):
            return quote
        for known in self.engine.around.known_before(ask.subject):
            before = replace(ask, subject=replace(ask.subject, known=known))
            quoted = await self.engine.quote(before, wish=wish)
            if quoted.keeps(promise):
                return quoted
        quote.hold_to(promise)
        return quote

    async def quote_of_words(self, ask: Ask, promise: Promise | None, wish: Wish) -> Quote | None:
        """The same with the user's own words, which may make it dearer; None if he does not want that.

        Raises:
            OverBudget: They do, and this editor cannot ask him.
        """
        try:
            return await self.quote(ask, promise, wish)
        except OverBudget:
            quote = await self.engine.quote(ask, wish=wish)
        return quote if await self._is_wanted(quote) else None

    async def confirm(self, quote: Quote) -> bool:
        """Whether to run what may cost more than the user's own mark; where he cannot be asked, the title told him."""
        try:
            return await self._yes(presentation.price_question(quote))
        except Unable:
            return True

    async def instead(self, quote: Quote, failure: str) -> bool:
        """Whether to go on with a dearer model after a failure; not where he cannot be asked."""
        try:
            return await self._yes(presentation.instead_question(quote, failure), unasked=True)
        except Unable:
            return False

    async def within_budget(self, quote: Quote, over: OverBudget) -> Quote | None:
        """What the user takes of that which fits in the budget, where `quote` does not.

        Raises:
            OverBudget: Nothing fits, or he cannot be asked: `over`, with what fits in its remedy.
        """
        fitting = await self.engine.affordable(quote, over.spent_usd)
        lines = presentation.cheaper(fitting)
        if not fitting:
            raise over
        try:
            index = await self._picked(over.text, [*lines, "Cancel"])
        except Unable:
            over.remedy += f" What fits: {'; '.join(lines)}."
            raise over from None
        return None if index is None or index >= len(fitting) else fitting[index]

    async def _yes(self, question: str, *, unasked: bool = False) -> bool:
        """Whether the user wants it.

        Raises:
            Unable: It is not known that this editor can ask him.
        """
        return await self._picked(question, ["Run", "Cancel"], unasked=unasked) == 0

    async def _picked(
        self, question: str, items: Sequence[str], *, unasked: bool = False
    ) -> int | None:
        if not self.dialogs.can_pick:
            raise Unable(question)
        return await self.dialogs.pick(question, items, unasked=unasked)

    async def _is_wanted(self, quote: Quote) -> bool:
        question = f"With your words: {presentation.title(quote)}"
        try:
            return await self._yes(question)
        except Unable:
            raise OverBudget(
                "Your words make it dearer than the menu said.",
                remedy="Nothing was sent. Use fewer words, or a command without a price.",
            ) from None
