"""The messages of LSP that the server itself handles: its life, documents, commands, cancelling.

They replace pygls' own of the same names, which leave a cancelled command running, raise at the end
of a session with open requests, and drop the command's `workDoneToken`.
"""

from __future__ import annotations

import contextvars
import inspect
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import lsp_method

from codefare.lsp.client import ClientFeatures
from codefare.lsp.commands import command_arguments
from codefare.lsp.conversation import Conversation
from codefare.lsp.diagnostics import DIAGNOSTICS, leave_out_unreadable
from codefare.lsp.documents import Documents

if TYPE_CHECKING:
    from collections.abc import Generator

work_done_token: contextvars.ContextVar[lsp.ProgressToken | None] = contextvars.ContextVar(
    "work_done_token", default=None
)
"""The token that came with the command that runs in this context."""


class Protocol(Conversation):
    """LSP as the server speaks it."""

    RAW = frozenset({DIAGNOSTICS})

    def _params(self, message: dict[str, Any], fallback: type) -> Any:
        if message["method"] == lsp.TEXT_DOCUMENT_CODE_ACTION:
            leave_out_unreadable(message.get("params"), self._converter)
        return super()._params(message, fallback)

    @lsp_method(lsp.INITIALIZE)
    def lsp_initialize(
        self, params: lsp.InitializeParams
    ) -> Generator[Any, Any, lsp.InitializeResult]:
        """Learns what the client can do and says what the server can."""
        client = ClientFeatures.of(params)
        self._server.client = client
        self._server.initialization_options = params.initialization_options
        result = yield from self._with_documents(super().lsp_initialize(params))
        content = self.fm.feature_options.get(lsp.WORKSPACE_TEXT_DOCUMENT_CONTENT)
        if client.text_documents and content and result.capabilities.workspace:
            result.capabilities.workspace.text_document_content = content
        return result

    def _with_documents(
        self, steps: Generator[Any, Any, lsp.InitializeResult]
    ) -> Generator[Any, Any, lsp.InitializeResult]:
        """Goes through pygls' steps; our documents replace its own before anything else can run."""
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                self._set_documents()
                result: lsp.InitializeResult = end.value
                return result
            self._set_documents()
            answer = yield step

    def _set_documents(self) -> None:
        old = self.workspace
        if not isinstance(old, Documents):
            folders = list(old.folders.values())
            encoding = self._server.encoding
            self._workspace = Documents(self._server, old.root_uri, folders, encoding)

    @lsp_method(lsp.INITIALIZED)
    def lsp_initialized(self, _params: Any) -> None:
        """The client is ready for requests: what `initialize` need not wait for starts now."""
        self._server.begin()

    @lsp_method(lsp.SHUTDOWN)
    async def lsp_shutdown(self, *_params: Any) -> None:  # type: ignore[override]  # pygls takes any kind of handler
        """Ends all work. From here on only `exit` is heard."""
        self._shutdown = True
        current = self.msg_id
        for msg_id, future in list(self._request_futures.items()):
            if msg_id != current:
                future.cancel()
        await self._server.finish()

    @lsp_method(lsp.EXIT)
    def lsp_exit(self, *_params: Any) -> None:  # type: ignore[override]  # as above
        """Ends the process, with 1 if `shutdown` did not come before."""
        self._server.leave(0 if self._shutdown else 1)

    @lsp_method(lsp.CANCEL_REQUEST)
    def lsp_cancel_request(self, params: lsp.CancelParams) -> None:
        """Cancels a request of the client's, and the job that it started."""
        if (future := self._request_futures.get(params.id)) is not None:
            future.cancel()
        # A command is answered at once; the job that it started runs on.
        self._server.jobs.cancel_request(params.id)

    @lsp_method(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: lsp.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Changes an open document, then calls the feature of that name if there is one."""
        self._server.documents.change(params)
        if handler := self.fm.features.get(lsp.TEXT_DOCUMENT_DID_CHANGE):
            yield handler, (params,), None

    def malformed(self, method: str, params: Any) -> None:
        """Remembers which document's text is not the editor's any more."""
        if method == lsp.TEXT_DOCUMENT_DID_CHANGE:
            self._server.documents.lose(params)

    @lsp_method(lsp.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: lsp.WorkDoneProgressCancelParams) -> None:
        """Cancels the job behind a progress display."""
        self._server.jobs.cancel_token(params.token)

    @lsp_method(lsp.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(  # type: ignore[override]  # as above
        self, params: lsp.ExecuteCommandParams
    ) -> Any:
        """Runs a command in this coroutine, so that `$/cancelRequest` reaches its body."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"unknown command {params.command!r}")
        arguments = command_arguments(handler, params.arguments or (), self._converter)
        work_done_token.set(params.work_done_token)
        result = handler(*arguments)
        return await result if inspect.isawaitable(result) else result
