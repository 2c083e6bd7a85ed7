"""What the command line says when it fails: words on stderr, and on stdout data, if that was asked for.

`--json` prints an object whose only key is `error`: `kind`, `message`, `remedy` (what to do, "" if nothing) and
`spent_usd`, what was paid all the same as decimal text, null if nobody knows.
"""

from __future__ import annotations

import re
import shutil
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from codefare.folding import folded
from codefare.legible import visible
from codefare.options import print_json

if TYPE_CHECKING:
    from codefare.errors import CodefareError
    from codefare.session import Interrupted

_NOTHING = Decimal(0)


def told(error: CodefareError) -> None:
    """Says what went wrong and what to do about it."""
    _say(f"codefare: {visible(error.text)}")
    # `KeyRefused` is `key_refused`: the names of the errors are as lasting as the data.
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
    _as_data(kind, str(error), error.remedy, getattr(error, "spent_usd", _NOTHING))


def misspelt(error: click.ClickException) -> None:
    """Says which words of the command line are wrong, and where the right ones are listed."""
    error.show()
    command = (
        error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "codefare"
    )
    _as_data("wrong_use", error.format_message(), f"See `{command} --help`.", _NOTHING)


def interrupted(end: Interrupted) -> None:
    """Says that a signal ended the command, and what its request took."""
    from codefare.presentation import spent

    made = end.made
    took = f" {spent(made)[:1].upper()}{spent(made)[1:]}." if made else ""
    click.echo(f"Interrupted.{took}", err=True)
    _as_data("interrupted", "Interrupted.", "", made.cost_usd if made else _NOTHING)


def _say(text: str) -> None:
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    for line in folded(text, width):
        click.echo(line, err=True)


def _as_data(kind: str, message: str, remedy: str, spent_usd: Decimal | None) -> None:
    if "--json" not in sys.argv[1:]:
        return
    paid = None if spent_usd is None else format(spent_usd.normalize(), "f")
    print_json({"error": {"kind": kind, "message": message, "remedy": remedy, "spent_usd": paid}})
