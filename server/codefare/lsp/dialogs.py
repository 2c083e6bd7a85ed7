"""Questions to the user, asked as the client can: a list to pick from, or words to type.

codefare's own clients show lists and input lines (`codefare/pick`, `codefare/words`). Others have a message with
buttons (`window/showMessageRequest`), some have nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from codefare import legible
from codefare.lsp.conversation import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codefare.lsp.base import Server

PICK = "codefare/pick"
WORDS = "codefare/words"

_PATIENCE = 600.0  # seconds; the user may be away
_MOST_BUTTONS = 12


class Unable(Exception):
    """The client has no way to ask this."""


class Dialogs:
    """Asks the user."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def can_ask_for_words(self) -> bool:
        """Whether the user can be asked to type something."""
        return self._server.client.dialogs

    @property
    def can_pick(self) -> bool:
        """Whether a list or a message with buttons is known to be shown."""
        return self._server.client.dialogs or self._server.client.message_buttons

    async def pick(self, title: str, items: Sequence[str], *, unasked: bool = False) -> int | None:
        """The place in `items` that the user picked; None if he picked nothing.

        `unasked`, it comes while he may be typing: as a message, which takes no keys, wherever there are such.

        Raises:
            Unable: the client shows neither lists nor messages with buttons.
        """
        client = self._server.client
        # Neovim shows a message with buttons as a list, too, and our client there waits while the user types.
        quiet = client.message_buttons and not client.is_neovim
        if client.dialogs and not (unasked and quiet):
            result = await self._ask(PICK, {"title": title, "items": list(items)})
            index = result.get("index") if isinstance(result, Mapping) else None
            if isinstance(index, bool) or not isinstance(index, int):
                return None
            return index if 0 <= index < len(items) else None
        actions = [lsp.MessageActionItem(title=item) for item in items[:_MOST_BUTTONS]]
        params = lsp.ShowMessageRequestParams(
            type=lsp.MessageType.Info, message=legible.message(title), actions=actions
        )
        result = await self._ask(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params)
        picked = getattr(result, "title", None)
        return items.index(picked) if isinstance(picked, str) and picked in items else None

    async def words(self, title: str) -> str | None:
        """What the user typed; None if he gave it up.

        Raises:
            Unable: the client has no input line.
        """
        if not self.can_ask_for_words:
            raise Unable(title)
        result = await self._ask(WORDS, {"title": title})
        text = result.get("text") if isinstance(result, Mapping) else None
        return text.strip() or None if isinstance(text, str) else None

    async def _ask(self, method: str, params: object) -> object:
        try:
            return await self._server.protocol.ask(method, params, limit=_PATIENCE)
        except NoAnswer:
            return None
        except JsonRpcException as error:
            raise Unable(method) from error
