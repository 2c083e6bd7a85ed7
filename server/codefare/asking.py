"""The user at a terminal, asked before money is spent that he has not agreed to."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from codefare import presentation, screen
from codefare.errors import Declined

if TYPE_CHECKING:
    from codefare.quoting import Quote

_YES = frozenset({"y", "yes"})


@dataclass(frozen=True, slots=True)
class AtTerminal:
    """Asks on stderr and reads the answer from the keyboard. With `yes` everything is agreed to beforehand."""

    yes: bool = False

    async def confirm(self, quote: Quote) -> bool:
        """Whether to run what may cost more than the user's own mark.

        Raises:
            Declined: Nobody is there to be asked.
        """
        if self.yes:
            return True
        if not _is_attended():
            raise Declined(
                f"{presentation.title(quote)}: that may be more than confirm_above_usd in your config.toml.",
                remedy="Nothing was sent. Run it with --yes, or in a terminal.",
            )
        return await _asked(presentation.price_question(quote))

    async def instead(self, quote: Quote, failure: str) -> bool:
        """Whether to go on with a dearer model after a failure."""
        if self.yes or not _is_attended():
            return self.yes
        return await _asked(presentation.instead_question(quote, failure))


def _is_attended() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


async def _asked(question: str) -> bool:
    screen.wipe()
    _forget_typed()
    click.echo(f"{question} [y/N] ", err=True, nl=False)
    try:
        return (await _line()).strip().lower() in _YES
    except asyncio.CancelledError:
        click.echo(err=True)  # nobody ended the line
        raise


def _forget_typed() -> None:
    """What was typed before a question is no answer to it: nobody had read what it is about."""
    with suppress(ImportError, OSError):  # Windows has none; a terminal may be gone
        import termios

        with suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


async def _line() -> str:
    """A line from the keyboard. Not by a thread, which Ctrl-C could not end."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str] = loop.create_future()

    def ready() -> None:
        if not typed.done():
            typed.set_result(sys.stdin.readline())

    try:
        loop.add_reader(sys.stdin, ready)
    except NotImplementedError:  # Windows
        return await asyncio.to_thread(sys.stdin.readline)
    try:
        return await typed
    finally:
        loop.remove_reader(sys.stdin)
