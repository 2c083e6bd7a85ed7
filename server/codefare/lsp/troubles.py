"""What the ledger and the answer cache warn of while the user works: a full disk, a file that another program holds."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from codefare.lsp.base import Server

_STORES = ("codefare.store.answers", "codefare.store.ledger")


class Troubles(logging.Handler):
    """Shows each warning of the stores once, as it comes from their threads. To be opened on the loop."""

    def __init__(self, server: Server) -> None:
        super().__init__(logging.WARNING)
        self._server = server
        self._loop = asyncio.get_running_loop()
        for name in _STORES:
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Show it, unless the session is over."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(
                self._server.show, record.getMessage(), lsp.MessageType.Warning
            )

    def close(self) -> None:
        """Show no more."""
        for name in _STORES:
            logging.getLogger(name).removeHandler(self)
        super().close()
