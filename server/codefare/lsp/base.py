"""The server that the features are built on: pygls with its faults mended, its start and its end.

Whatever is imported here is imported before `initialize` is answered, so it is only pygls, asyncio
and light modules of our own. What is heavy is imported by `Server.start`, after `initialized`.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from codefare import __version__, legible
from codefare.errors import CodefareError, ConfigError
from codefare.lsp.client import ClientFeatures
from codefare.lsp.documents import Documents
from codefare.lsp.edits import Editor
from codefare.lsp.errors import severity
from codefare.lsp.jobs import Jobs
from codefare.lsp.protocol import Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from codefare.source.positions import Encoding

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_BUSY = 256 * 1024  # bytes that wait for the client; then reports that can be dropped are
_END = 2.0  # seconds that jobs, and then `stop`, have at the end


class Server(LanguageServer):
    """One session with one client.

    A subclass overrides `start` and `stop` and registers features with `self.feature` and
    `self.command`. Handlers are coroutines: a plain function blocks the loop, and pygls'
    `thread()` is never used. One that needs what `start` sets up awaits `ready` first.
    """

    protocol: Protocol

    def __init__(self, name: str = "codefare", version: str = __version__) -> None:
        # At INFO pygls logs every message that it sends: code and prompts.
        logging.getLogger("pygls").setLevel(logging.WARNING)
        super().__init__(name, version, protocol_cls=Protocol)
        self.client = ClientFeatures()
        self.initialization_options: Any = None
        self.jobs = Jobs(self)
        self.editor = Editor(self)
        self.exit_code = 1
        self.ended = asyncio.Event()
        self._starting: asyncio.Task[None] | None = None
        self._told_of = ""
        self._follow_ups: set[asyncio.Task[object]] = set()
        self._executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="codefare")

    # -- for subclasses -----------------------------------------------------------------------

    async def start(self) -> None:
        """Imports and opens what `initialize` did not wait for: `await self.in_thread(...)`.

        Raises:
            CodefareError: shown to the user once, and the answer to every request that needs it.
        """

    async def stop(self) -> None:
        """Closes what `start` opened. Called once, after the jobs have ended; has two seconds."""

    # -- for features -------------------------------------------------------------------------

    @property
    def documents(self) -> Documents:
        """The open documents. Raises RuntimeError before `initialize`."""
        workspace = self.workspace
        if not isinstance(workspace, Documents):
            raise TypeError(type(workspace).__name__)
        return workspace

    @property
    def encoding(self) -> Encoding:
        """The unit of `character` in positions to and from the client: utf-8, utf-16 or utf-32."""
        return self.client.encoding

    @property
    def congested(self) -> bool:
        """Whether the client reads too slowly: leave out what it can do without."""
        return getattr(self.protocol.writer, "backlog", 0) > _BUSY

    async def ready(self) -> None:
        """Returns once `start` has.

        Raises:
            CodefareError: it failed, and what to do.
        """
        await asyncio.shield(self.begin())

    @property
    def is_ready(self) -> bool:
        """Whether `start` has done its work."""
        starting = self._starting
        if starting is None or not starting.done() or starting.cancelled():
            return False
        return starting.exception() is None

    async def in_thread(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs blocking work in a thread of ours; the loop's default executor is never used."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))

    def follow_up(self, work: Coroutine[Any, Any, object]) -> None:
        """Goes on with what no request waits for, such as a question to the user; its errors are shown to him."""
        task = asyncio.create_task(work, name="codefare follow-up")
        self._follow_ups.add(task)
        task.add_done_callback(self._followed_up)

    def _followed_up(self, task: asyncio.Task[object]) -> None:
        self._follow_ups.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, CodefareError):
            self.show(error.text, severity(error))
        elif error is not None:
            log.error("a follow-up failed", exc_info=error)
            self.show("codefare: an internal error; see the codefare log", lsp.MessageType.Error)

    def show(self, text: str, kind: lsp.MessageType = lsp.MessageType.Info) -> None:
        """Shows one message to the user (`window/showMessage`)."""
        self.window_show_message(lsp.ShowMessageParams(type=kind, message=legible.message(text)))

    def note(self, text: str, kind: lsp.MessageType = lsp.MessageType.Log) -> None:
        """Writes one line to the editor's log of this server (`window/logMessage`)."""
        self.window_log_message(lsp.LogMessageParams(type=kind, message=legible.message(text)))

    # -- the session --------------------------------------------------------------------------

    def begin(self) -> asyncio.Task[None]:
        """Starts `start` if it has not been, as `initialized` does and, for want of it, `ready`.

        One that a wrong configuration file ended is started anew: the message told to correct it.
        """
        if self._starting is None or _may_be_mended(self._starting):
            self._starting = asyncio.create_task(self._start(), name="codefare start")
            self._starting.add_done_callback(self._tell_start)
        return self._starting

    async def finish(self) -> None:
        """Ends the jobs, then what `start` opened. A second call does nothing new."""
        for task in self._follow_ups:
            task.cancel()
        await self.jobs.cancel_all(limit=_END)
        starting, self._starting = self._starting, None
        if starting is None:
            return
        starting.cancel()
        try:
            await asyncio.wait_for(self.stop(), _END)
        except Exception:
            log.exception("the end was not clean")

    def leave(self, exit_code: int) -> None:
        """Ends the session: the client said `exit` (0 after `shutdown`, else 1) or is gone."""
        if not self.ended.is_set():
            self.exit_code = exit_code
            self.ended.set()

    def release(self) -> None:
        """Lets the threads go. A thread that is stuck is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _start(self) -> None:
        try:
            await self.start()
        except CodefareError:
            raise
        except Exception as error:
            log.exception("start-up failed")
            raise CodefareError(
                "codefare could not start: an internal error.", remedy="See the codefare log."
            ) from error

    def _tell_start(self, starting: asyncio.Task[None]) -> None:
        if starting.cancelled():
            return
        error = starting.exception()
        if isinstance(error, CodefareError):
            if error.text != self._told_of:  # it is tried anew at each request
                self.show(error.text, severity(error))
            self._told_of = error.text
        elif error is None:
            self.documents.parse_open()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Logs what pygls would show in a pop-up."""
        log.error("%s: %s", source.__name__, type(error).__name__)


def _may_be_mended(starting: asyncio.Task[None]) -> bool:
    if not starting.done() or starting.cancelled():
        return False
    return isinstance(starting.exception(), ConfigError)
