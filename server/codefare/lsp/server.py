"""The language server: which request goes to which feature. The features are imported once `initialize` is answered."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from codefare.errors import ConfigError
from codefare.lsp import halted
from codefare.lsp.base import Server
from codefare.lsp.diagnostics import DIAGNOSTICS, EditorDiagnostics
from codefare.lsp.jobs import ALL
from codefare.lsp.offers import (
    CANCEL,
    CHOOSE,
    COMMANDS,
    DOCTOR,
    FINDING,
    KEPT,
    KINDS,
    PREVIEW,
    RUN,
    USAGE,
    Picked,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from codefare.lsp.features import Features

log = logging.getLogger(__name__)


class CodefareServer(Server):
    """codefare for one editor."""

    def __init__(self) -> None:
        super().__init__()
        self._features: Features | None = None
        self._options: object = None
        self.diagnostics = EditorDiagnostics(lambda: self.documents)
        _wire(self)

    @property
    def features(self) -> Features:
        """The features; there once `ready` has returned."""
        if self._features is None:
            raise RuntimeError("the features are asked for before the server is ready")
        return self._features

    async def start(self) -> None:
        """Imports and opens what costs time: half a second that `initialize` did not wait for."""
        self._features = await self.in_thread(_features, self)
        await self._features.open(self._options)

    async def ready(self) -> None:
        """As the base has it; and what the user has changed in config.toml holds."""
        await super().ready()
        self.features.look_at_settings()

    async def stop(self) -> None:
        """Closes the stores and the HTTP client."""
        if self._features is not None:
            await self._features.close()

    def keep_options(self, options: object) -> None:
        """The editor's settings, which come with `initialize` and are read once there is something to set."""
        self._options = options


def _wire(server: CodefareServer) -> None:
    """Registers the features and the commands."""
    server.feature(lsp.INITIALIZE)(_initialize)
    server.feature(lsp.TEXT_DOCUMENT_HOVER)(_hover)
    # No resolveProvider: one editor freezes in it, two resolve what is complete and show an error.
    kinds = lsp.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=False)
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, kinds)(_code_actions)
    server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)(_change_settings)
    server.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_change_folders)
    server.feature(DIAGNOSTICS)(_diagnostics)
    for command, action in COMMANDS.items():
        server.command(command)(_runner(action))
    server.command(RUN)(_runner(""))
    server.command(CHOOSE)(_choose)
    server.command(PREVIEW)(_preview)
    server.command(KEPT)(_kept)
    server.command(FINDING)(_dismiss)
    server.command(CANCEL)(_cancel)
    server.command(USAGE)(_usage)
    server.command(DOCTOR)(_doctor)


async def _initialize(ls: CodefareServer, params: lsp.InitializeParams) -> None:
    ls.keep_options(params.initialization_options)


async def _hover(ls: CodefareServer, params: lsp.HoverParams) -> lsp.Hover | None:
    try:
        await ls.ready()
    except ConfigError as error:
        return halted.hover(error)
    return await ls.features.menu.hover(params)


async def _code_actions(ls: CodefareServer, params: lsp.CodeActionParams) -> list[Any]:
    # Asked at every move of the cursor, and nothing but fixes is offered unasked: no need to wait for the start.
    unasked = params.context.trigger_kind is lsp.CodeActionTriggerKind.Automatic
    if unasked and not params.context.diagnostics and not ls.diagnostics.heard:
        return []
    try:
        await ls.ready()
    except ConfigError as error:
        return [] if unasked else [*halted.menu(error, ls.client)]
    return await ls.features.menu.code_actions(params)


async def _change_settings(ls: CodefareServer, params: lsp.DidChangeConfigurationParams) -> None:
    await ls.ready()
    ls.features.change(params.settings)


async def _change_folders(ls: CodefareServer, _params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    await ls.ready()
    ls.features.move_roots()


def _diagnostics(ls: CodefareServer, params: Any) -> None:
    """Not a coroutine: later changes of the text must not overtake it."""
    ls.diagnostics.receive(params)


def _runner(action: str) -> Callable[..., Awaitable[dict[str, str]]]:
    async def run(ls: CodefareServer, picked: Picked | None = None) -> dict[str, str]:
        await ls.ready()
        return await ls.features.runner.start(action, picked)

    return run


async def _choose(ls: CodefareServer, picked: Picked | None = None) -> None:
    await ls.ready()
    ls.features.choices.start(ls.features.runner.placed("", picked))


async def _preview(ls: CodefareServer, picked: Picked | None = None) -> None:
    await ls.ready()
    placed = ls.features.runner.placed("", picked)
    ls.features.choices.preview(placed.action or "explain", placed)


async def _kept(
    ls: CodefareServer, answer: str, what: str, model: str = "", ceiling: str = ""
) -> None:
    await ls.ready()
    await ls.features.keep_to(answer, what, model, ceiling)


async def _dismiss(ls: CodefareServer, finding: str) -> bool:
    await ls.ready()
    return await ls.features.findings.dismiss(finding)


async def _cancel(ls: CodefareServer, job: str = ALL) -> int:
    return ls.jobs.cancel(job)


async def _usage(ls: CodefareServer, by: str = "model", since: str = "") -> None:
    await ls.ready()
    await ls.features.show_usage(by, since)


async def _doctor(ls: CodefareServer) -> dict[str, str]:
    # Not after `ready`: it tells what to do where a wrong file keeps codefare from starting.
    return (await ls.in_thread(_checkup))(ls)


def _checkup() -> Callable[[CodefareServer], dict[str, str]]:
    """In a thread, for the same reason as the features."""
    from codefare.lsp.checkup import start

    return start


def _features(server: CodefareServer) -> Features:
    """In a thread: the import is what takes the time, and then the reading of files."""
    from codefare.lsp.features import Features

    return Features(server)
