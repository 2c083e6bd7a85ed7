"""What a terminal shows: text in which nothing is obeyed, and one line of how far a request is, wiped in the end."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.text import Text

from codefare.folding import folded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import ConsoleOptions, RenderableType

    from codefare.meter import Progress

WIDE = 200
"""Columns where nobody looks at a terminal: a table in a pipe is not folded."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed


class Screen(Console):
    """Prints what anybody may have written: of the control sequences a terminal gets only rich's own."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments, with what a terminal would obey written out."""
        for segment in super().render(renderable, options):
            if segment.control or not self.is_terminal:
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)


# Lines of code and of data are left to the terminal to wrap: cut or folded ones could not be copied.
out = Screen(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDE)
err = Screen(stderr=True, highlight=False, soft_wrap=True)


def harmless(text: str) -> str:
    """`text` without what a terminal would obey: a model's answer or a file may hold any control sequence."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\r\n", "\n"))


def say(text: str, *, first: str = "", later: str = "", style: str = "") -> None:
    """Prints words on stdout: on a terminal folded between them, with `first` and `later` before the lines."""
    for line in folded(text, out.width if out.is_terminal else None, first, later):
        out.print(Text(line, style=style))


def wipe() -> None:
    """Makes the line free on which a terminal's stderr showed how far a request is."""
    if sys.stderr.isatty():
        err.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))


class Spinner:
    """Shows how far a request is, on a terminal's stderr, until that line is wiped. `made` is what it came to last."""

    def __init__(self, *, quiet: bool) -> None:
        self.made: Progress | None = None
        self._quiet = quiet or not sys.stderr.isatty()

    def __call__(self, made: Progress) -> None:
        """Shows it."""
        self.made = made
        if not self._quiet:
            from codefare import (
                presentation,  # with all of the tasks, which pages need not wait for
            )

            wipe()
            err.print(f"{presentation.reached(made)} ", end="", style="dim")


@contextmanager
def waiting(*, quiet: bool) -> Iterator[Callable[[Sequence[str]], None]]:
    """Shows what is waited for, on a terminal's stderr; gone at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    with err.status("looking …", spinner="dots") as status:

        def show(names: Sequence[str]) -> None:
            status.update(f"waiting for {', '.join(names)} …" if names else "looking …")

        yield show
