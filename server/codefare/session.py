"""One command's work: the engine or the cache opened, used and closed again, also when the user interrupts."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from codefare.engine import Engine
    from codefare.meter import Progress
    from codefare.store.answers import AnswerStore

T = TypeVar("T")

BY_SIGNAL = 128
"""And the signal's number: the shell's convention for the exit code of what was interrupted."""


class Interrupted(SystemExit):
    """A signal ended the command. `made` is what its request took, if one was under way."""

    def __init__(self, number: int) -> None:
        self.exit_code = BY_SIGNAL + number
        super().__init__(self.exit_code)
        self.made: Progress | None = None


# `timeout`, CI and a closed terminal end a program like this; Ctrl-C is asyncio's own business.
_ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def _warn() -> None:
    """Let the user read what codefare's modules warn of, in the words of its other messages."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("codefare: %(message)s"))
    handler.setLevel(logging.WARNING)
    logging.getLogger("codefare").addHandler(handler)


def with_engine(work: Callable[[Engine], Awaitable[T]]) -> T:
    """What `work` makes of the user's engine.

    Raises:
        ConfigError: A configuration file is wrong.
        Interrupted: A signal ended it; what a request had used is settled.
    """
    from codefare.assembly import assemble

    _warn()

    async def session() -> T:
        engine = assemble()
        try:
            await engine.open()
            for warning in engine.settings.warnings:
                click.echo(f"codefare: {warning}", err=True)
            return await work(engine)
        finally:
            await engine.close()

    return run(session)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What `work` comes to, on a loop of its own.

    Raises:
        Interrupted: A signal ended it; it was cancelled, and closed what it had opened.
    """
    ended: list[int] = []

    async def whole() -> T:
        _end_gently(ended)
        return await work()

    try:
        return asyncio.run(whole())
    except KeyboardInterrupt:
        ended.append(signal.SIGINT)
    except asyncio.CancelledError:
        if not ended:
            raise
    raise Interrupted(ended[0])


def with_cache(work: Callable[[AnswerStore], Awaitable[T]]) -> tuple[T, str | None]:
    """What `work` makes of the user's answers, and what is wrong with the cache, which the user was told.

    Raises:
        ConfigError: A configuration file is wrong.
    """
    from codefare.assembly import answer_store
    from codefare.settings import load_settings

    _warn()

    async def session() -> tuple[T, str | None]:
        store = answer_store(load_settings())
        try:
            await store.open()
            return await work(store), store.health
        finally:
            await store.close()

    return asyncio.run(session())


def _end_gently(ended: list[int]) -> None:
    """Let signals cancel the current task, and note which one came."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def end(number: int) -> None:
        ended.append(number)
        if task is not None:
            task.cancel()

    for number in _ENDINGS:
        if signal.getsignal(number) is signal.SIG_IGN:
            continue  # `nohup` wants it so
        with suppress(NotImplementedError):  # Windows' loops handle no signals
            loop.add_signal_handler(number, end, number)
