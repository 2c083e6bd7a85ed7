"""The features of one session, with what they share: the engine and the settings."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare import accounts
from codefare.assembly import assemble
from codefare.errors import unknown_word
from codefare.journal import open_log
from codefare.lsp.agreement import Agreement
from codefare.lsp.choices import Choices
from codefare.lsp.configuration import Configuration
from codefare.lsp.delivery import Delivery
from codefare.lsp.dialogs import Dialogs
from codefare.lsp.findings import LiveFindings
from codefare.lsp.fixes import Fixes
from codefare.lsp.follow_ups import FollowUps
from codefare.lsp.kept import KeptAnswers
from codefare.lsp.menu import Menu
from codefare.lsp.offers import Picked
from codefare.lsp.opened import OpenedMenus
from codefare.lsp.picks import promise_of
from codefare.lsp.reports import Reports
from codefare.lsp.runner import Runner
from codefare.lsp.troubles import Troubles
from codefare.places import cache_folder, state_folder
from codefare.settings.editor import own_section, says_something
from codefare.store.dismissals import Dismissals
from codefare.user import user_statement

if TYPE_CHECKING:
    from codefare.lsp.server import CodefareServer
    from codefare.settings import Settings

_SETTLED = 2.0  # seconds after the start


class Features:
    """Menu and runner over one engine. Made in a thread: it reads files; opened on the loop."""

    def __init__(self, server: CodefareServer) -> None:
        self._server = server
        self._configuration = Configuration()
        self._options: object = None
        self._engine = assemble()
        self._troubles: Troubles | None = None
        self._user_settings = self._engine.settings
        self._engine.around.opened = server.documents.text_at
        open_log(self._user_settings.log_level)
        self._reports = reports = Reports(server, cache_folder() / "reports")
        menus, kept, dialogs = OpenedMenus(), KeptAnswers(), Dialogs(server)
        self.findings = LiveFindings(server, Dismissals(state_folder()))
        delivery = Delivery(server, reports, self.findings)
        engine = self._engine
        agreement = Agreement(engine, dialogs)
        self.follow_ups = FollowUps(server, engine, kept, delivery, reports, dialogs, agreement)
        self.menu = Menu(server, engine, menus, self.follow_ups, self.findings)
        self.runner = Runner(
            server, engine, menus, delivery, self.follow_ups, Fixes(server, engine, dialogs)
        )
        self.choices = Choices(server, engine, menus, self.menu, self.runner, reports, dialogs)

    @property
    def user_settings(self) -> Settings:
        """What holds of config.toml in this session, without what the editor adds."""
        return self._user_settings

    @property
    def providers(self) -> list[str]:
        """The ids of the catalog's providers, which config.toml may name."""
        return list(self._engine.catalog.providers)

    async def open(self, options: object) -> None:
        """Open the stores, look for local servers, and take the editor's settings over."""
        engine = self._engine
        warm = self._server.in_thread(engine.quoter.warm_up)
        await asyncio.gather(engine.open(), engine.ledger.open(), warm)
        doubts = (
            *self._user_settings.warnings,
            self._engine.answers.health,
            self._engine.ledger.health,
        )
        for doubt in filter(None, doubts):
            self._server.show(doubt, lsp.MessageType.Warning)
        self._troubles = Troubles(self._server)
        await self.findings.open()
        self.adopt(options)
        self._server.follow_up(self._look_around())

    def look_at_settings(self) -> None:
        """Let what config.toml says now hold, if it has changed."""
        known = self._user_settings
        found = self._configuration.again(self._server, known, self._engine.catalog)
        if found is not None:
            self._user_settings = found
            self.adopt(self._options)
            self._server.note("config.toml was read again", lsp.MessageType.Info)

    async def _look_around(self) -> None:
        """In the background, once the editor has started: menus are answered from what is known then."""
        await asyncio.sleep(_SETTLED)
        if self._engine.around.is_stale:
            await self._server.in_thread(self._engine.around.look)

    async def close(self) -> None:
        """Close the stores and the HTTP client."""
        await self.findings.close()
        await self._engine.close()
        if self._troubles is not None:
            self._troubles.close()

    def adopt(self, options: object) -> None:
        """Lay the editor's settings over the user's. What an editor may not set is refused, and said."""
        self._options = options
        settings, refusals = self._user_settings.with_editor(own_section(options))
        # Patterns of private files are relative to the workspace.
        self._engine.adopt(settings.with_roots(self._server.documents.folder_paths))
        for refusal in refusals:
            self._server.note(refusal, lsp.MessageType.Warning)

    async def keep_to(self, answer: str, what: str, model: str, ceiling: str) -> None:
        """Do what was picked for a kept answer, for no more than its line said."""
        picked = Picked("", model=model or None, ceiling_usd=ceiling or None)
        await self.follow_ups.act(answer, what, self.runner, promise_of(picked))

    async def show_usage(self, by: str, since: str) -> None:
        """Show what was spent, as `codefare usage` does.

        Raises:
            WrongUse: There is no such way to put it together, or no such day.
            StoreError: The ledger cannot be read.
        """
        ways = [way.value for way in accounts.GroupBy]
        if by not in ways:
            raise unknown_word("way to sum up", by, ways)
        when = accounts.since_when(since or None, datetime.now(UTC))
        question = accounts.Question(accounts.GroupBy(by), when)
        statement = await self._server.in_thread(user_statement, question)
        await self._reports.show("What was spent", accounts.markdown(statement))

    def move_roots(self) -> None:
        """The workspace has other folders by now."""
        settings = self._engine.settings
        self._engine.adopt(settings.with_roots(self._server.documents.folder_paths))

    def change(self, settings: object) -> None:
        """Adopt settings that come later; those in force stay where the editor says nothing about codefare.

        eglot, Zed and others send null, an empty table or what is for other servers right after the
        start: what the user gave with `initialize`, such as private paths, must outlive that.
        """
        if says_something(settings):
            self.adopt(settings)
