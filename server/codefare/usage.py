"""`codefare usage`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click


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
@click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")
def usage(by: str, since: str | None, as_json: bool) -> None:
    """Show what was spent, on what, and what is left of today's budget."""
    from codefare import accounts, terminal
    from codefare.user import user_statement

    when = accounts.since_when(since, datetime.now(UTC))
    statement = user_statement(accounts.Question(accounts.GroupBy(by), when))
    if as_json:
        click.echo(json.dumps(accounts.statement_json(statement), indent=2))
    else:
        terminal.print_statement(statement)
