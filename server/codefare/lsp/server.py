"""The language server: which request goes to which feature. The features are imported once `initialize` is answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from codefare.lsp.base import Server
from codefare.lsp.jobs import ALL
from codefare.lsp.offers import CANCEL, COMMANDS, KINDS, Picked

if TYPE_CHECKING:
    from codefare.lsp.features import Features

log = logging.getLogger(__name__)


class CodefareServer(Server):
    """codefare for one editor."""

    def __init__(self) -> None:
        super().__init__()
        self._features: Features | None = None
        self._options: Mapping[str, Any] = {}
        self.feature(lsp.INITIALIZE)(self._keep_options)
        self.feature(lsp.TEXT_DOCUMENT_HOVER)(self._hover)
        # No resolveProvider: one editor freezes in it, two resolve what is complete and show an error.
        kinds = lsp.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=False)
        self.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)(self._code_actions)
        self.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(self._change_settings)
        for command, action in COMMANDS.items():
            self.command(command)(partial(self._run, action))
        self.command(CANCEL)(self._cancel)

    @property
    def features(self) -> Features:
        """The features; there once `ready` has returned."""
        if self._features is None:
            raise RuntimeError("the features are asked for before the server is ready")
        return self._features

    async def start(self) -> None:
        """Imports and opens what costs time: half a second that `initialize` did not wait for."""
        self._features = (await self.in_thread(_features))(self)
        await self._features.open(self._options)

    async def stop(self) -> None:
        """Closes the stores and the HTTP client."""
        if self._features is not None:
            await self._features.close()

    # pygls calls a feature with its params alone: the methods are bound.

    async def _keep_options(self, params: lsp.InitializeParams) -> None:
        options = params.initialization_options
        self._options = options if isinstance(options, Mapping) else {}

    async def _hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        await self.ready()
        return await self.features.menu.hover(params)

    async def _code_actions(self, params: lsp.CodeActionParams) -> list[Any]:
        # Asked at every move of the cursor, and nothing is offered unasked: no need to wait for the start.
        if params.context.trigger_kind is lsp.CodeActionTriggerKind.Automatic:
            return []
        await self.ready()
        return await self.features.menu.code_actions(params)

    async def _change_settings(self, params: lsp.DidChangeConfigurationParams) -> None:
        await self.ready()
        self.features.adopt(params.settings)

    async def _run(self, action: str, picked: Picked | None = None) -> dict[str, str]:
        await self.ready()
        return self.features.runner.start(action, picked)

    async def _cancel(self, job: str = ALL) -> int:
        return self.jobs.cancel(job)


def _features() -> type[Features]:
    """In a thread: this import is what takes the time."""
    from codefare.lsp.features import Features

    return Features
