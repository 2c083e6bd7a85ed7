"""One progress display in the client, safe against clients that refuse it or never answer.

pygls raises in the handler if the client refuses a token, waits for ever if it does not answer, and
keeps every token. Here the display is optional: work never waits for it or fails with it.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from codefare import legible
from codefare.lsp.conversation import NoAnswer

if TYPE_CHECKING:
    from codefare.lsp.base import Server

_CREATE = 2.0  # seconds that the client has to accept a token
_PAUSE = 0.1  # seconds between two reports


class Progress:
    """The display of one job: `open`, any number of `report`, `close`.

    Our own token is used if the client lets servers make one, for the client's `token` is, says the
    specification, only good until its request is answered, and that is at once. A client without
    that ability but with a token gets the reports on its token; one with neither gets one message.
    """

    def __init__(self, server: Server, title: str, token: lsp.ProgressToken | None) -> None:
        self._server = server
        self._title = legible.message(title)
        self._client_token = token
        self._own_token: str | None = None
        self._shown: lsp.ProgressToken | None = None
        self._latest: lsp.WorkDoneProgressReport | None = None
        self._creating: asyncio.Task[None] | None = None
        self._pause: asyncio.TimerHandle | None = None

    def has_token(self, token: lsp.ProgressToken) -> bool:
        """Whether the client knows this display by `token`."""
        return token in (self._own_token, self._client_token)

    def open(self) -> None:
        """Asks for the display; returns at once."""
        if self._server.client.work_done_progress:
            self._own_token = f"codefare-{uuid.uuid4()}"
            self._creating = asyncio.create_task(self._create(self._own_token))
        elif self._client_token is not None:
            self._begin(self._client_token)
        else:
            self._server.show(self._title)

    def report(self, text: str, percentage: int | None = None) -> None:
        """Shows `text`, at once or when the pause after the last report is over."""
        self._latest = lsp.WorkDoneProgressReport(
            cancellable=True, message=legible.message(text), percentage=percentage
        )
        if self._shown is not None and self._pause is None:
            self._send_latest()

    def close(self, text: str) -> None:
        """Takes the display away, with a last word."""
        if self._creating is not None:
            self._creating.cancel()
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        token, self._shown = self._shown, None
        if token is not None:
            self._notify(token, lsp.WorkDoneProgressEnd(message=legible.message(text)))

    async def _create(self, token: str) -> None:
        params = lsp.WorkDoneProgressCreateParams(token=token)
        try:
            await self._server.protocol.ask(
                lsp.WINDOW_WORK_DONE_PROGRESS_CREATE, params, limit=_CREATE
            )
        except (NoAnswer, JsonRpcException):
            self._server.note(self._title)
        else:
            self._begin(token)

    def _begin(self, token: lsp.ProgressToken) -> None:
        self._shown = token
        self._notify(
            token,
            lsp.WorkDoneProgressBegin(
                title=self._title,
                cancellable=True,
                message=self._latest.message if self._latest else None,
                percentage=self._latest.percentage if self._latest else None,
            ),
        )
        self._latest = None

    def _send_latest(self) -> None:
        """Sends what was reported last, then nothing for a pause."""
        self._pause = None
        if self._latest is None or self._shown is None:
            return
        if not self._server.congested:  # a client that does not keep up needs no more of these
            self._notify(self._shown, self._latest)
            self._latest = None
        self._pause = asyncio.get_running_loop().call_later(_PAUSE, self._send_latest)

    def _notify(self, token: lsp.ProgressToken, value: object) -> None:
        self._server.protocol.notify(lsp.PROGRESS, lsp.ProgressParams(token=token, value=value))
