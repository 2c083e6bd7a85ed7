"""`codefare usage`."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from codefare.options import json_option, print_json


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "model", "task", "tier", "project", "provider", "action"]),
    default="model",
    show_default=True,
    help="What to sum up by.",
)
@click.option(
    "--since", metavar="DATE|7d", help="From this day on, or so many days; all if not given."
)
@json_option
def usage(by: str, since: str | None, as_json: bool) -> None:
    """Show what was spent, on what, and what is left of today's budget."""
    # Not by way of `terminal`, with all that quotes take: that is half of the time.
    from rich.text import Text

    from codefare import accounts
    from codefare.screen import out, say
    from codefare.user import user_statement

    when = accounts.since_when(since, datetime.now(UTC))
    statement = user_statement(accounts.Question(accounts.GroupBy(by), when))
    if as_json:
        print_json(accounts.statement_json(statement))
    else:
        for line in accounts.page(statement):
            # Words are folded; a row of a table is left whole.
            if line and "  " not in line:
                say(line, later="  ")
            else:
                out.print(Text(line))
