"""Work that outlives its request: each job an owned task, shown to the user, cancellable.

A command answers at once with its job's id, since some editors wait for the answer with a frozen
screen and others give up on it. What the job has to say goes through progress and messages.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from codefare.errors import CodefareError
from codefare.lsp.errors import loggable, severity
from codefare.lsp.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from codefare.lsp.base import Server

log = logging.getLogger(__name__)

ALL = "all"
"""Given to `Jobs.cancel` instead of an id: every job."""


class Job:
    """One piece of work. Given to its coroutine, which reports through it.

    `receipt` is what it took so far, in the words for the user: said at its end if it is cancelled. `task`, `progress`
    and `ending` belong to `Jobs`.
    """

    def __init__(self, number: int, title: str, key: Hashable, progress: Progress) -> None:
        self.id = str(number)
        self.title = title
        self.key = key
        self.receipt = ""
        self.ending = "cancelled"
        self.request_id: int | str | None = None
        self.progress = progress
        self.task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the work has not ended yet."""
        return self.task is not None and not self.task.done()

    @property
    def cancelling(self) -> bool:
        """Whether the job was cancelled, though it may still settle what it owes."""
        return self.task is not None and self.task.cancelling() > 0

    def report(self, text: str, percentage: int | None = None) -> None:
        """Says how far the work is. At most ten a second reach the client, the latest always."""
        self.progress.report(text, percentage)

    def cancel(self) -> None:
        """Asks the work to stop; it may take the time to settle what it owes."""
        if self.task is not None:
            self.task.cancel()

    async def wait(self) -> None:
        """Returns when the job has ended, however it did."""
        if self.task is not None:
            await asyncio.wait({self.task})

    def has_token(self, token: lsp.ProgressToken) -> bool:
        """Whether the client knows this job by `token`."""
        return self.progress.has_token(token)


class Jobs:
    """All jobs of a session."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._running: dict[str, Job] = {}
        self._closing = False

    def start(
        self,
        title: str,
        work: Callable[[Job], Awaitable[None]],
        *,
        token: lsp.ProgressToken | None = None,
        key: Hashable = None,
        replaces: Callable[[Job], bool] = lambda _: False,
    ) -> Job:
        """Starts `work(job)` and returns at once.

        With a `key` under which a job already runs, that job is returned and `work` is not started:
        the same action on the same code is paid for once. Those that it `replaces` are cancelled: of
        two that rewrite the same code, the last that was asked for is wanted. `token` is the `workDoneToken` of the
        command, if it had one. What `work` raises is shown to the user: the text of a
        CodefareError, else a general one with the traceback in the log.
        """
        for job in self._running.values():
            if key is not None and job.key == key and not job.cancelling:
                return job
        for other in filter(replaces, self.running()):
            other.ending = f"cancelled for {title}"
            other.cancel()
        job = Job(next(self._numbers), title, key, Progress(self._server, title, token))
        job.request_id = self._server.protocol.msg_id
        self._running[job.id] = job
        job.task = asyncio.create_task(_run(job, work), name=f"codefare job {job.id}")
        job.task.add_done_callback(partial(self._ended, job))
        # Beside the work: a client that is slow to accept a display delays nothing.
        job.progress.open()
        return job

    def running(self) -> list[Job]:
        """The jobs that run, oldest first."""
        return list(self._running.values())

    def cancel(self, which: str) -> int:
        """Cancels the job with the id `which`, or all of them (`ALL`); returns how many."""
        return self._cancel(lambda job: which in (job.id, ALL))

    def cancel_token(self, token: lsp.ProgressToken) -> int:
        """Cancels the job whose progress the client cancelled."""
        return self._cancel(lambda job: job.has_token(token))

    def cancel_request(self, request_id: int | str) -> int:
        """Cancels the job that was started by a request which the client cancelled."""
        return self._cancel(lambda job: job.request_id == request_id)

    async def cancel_all(self, *, limit: float) -> None:
        """Cancels all jobs and gives them `limit` seconds to settle."""
        self._closing = True
        tasks = {job.task for job in self._running.values() if job.task}
        self.cancel(ALL)
        if tasks:
            await asyncio.wait(tasks, timeout=limit)

    def _cancel(self, chosen: Callable[[Job], bool]) -> int:
        jobs = [job for job in self._running.values() if chosen(job)]
        for job in jobs:
            job.cancel()
        return len(jobs)

    def _ended(self, job: Job, task: asyncio.Task[None]) -> None:
        """Runs even if the job was cancelled before its first step."""
        del self._running[job.id]
        if task.cancelled():
            ending = f"{job.ending} · {job.receipt}" if job.receipt else job.ending
            job.progress.close(ending)
            if not self._closing:  # not every client shows the end of a progress
                self._server.show(f"{job.title}: {ending}")
            return
        error = task.exception()
        if error is None:
            job.progress.close("done")
            return
        job.progress.close("failed")
        if isinstance(error, CodefareError):
            log.warning("job %s: %s", job.id, loggable(error))
            self._server.show(error.text, severity(error))
        else:
            log.error("job %s failed", job.id, exc_info=error)
            text = f"{job.title}: an internal error; see the codefare log"
            self._server.show(text, lsp.MessageType.Error)


async def _run(job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
    await work(job)
