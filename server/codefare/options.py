"""The options that several commands take, and the data that they print for `--json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

COMPLEXITY = click.Choice(["low", "medium", "high"])
json_option = click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")
budget_option = click.option(
    "--budget", is_flag=True, help="Take the cheapest model that can serve."
)
# What an action can be told, in the order in which the help lists it.
_ERRAND = (
    click.option(
        "--instruction",
        default="",
        metavar="WORDS",
        help="What you want of it, or the question of a research.",
    ),
    click.option(
        "--diagnostic", default="", metavar="WORDS", help="What a tool says is wrong there."
    ),
    click.option(
        "--variant", default="", metavar="V", help="Which boilerplate: constructor, equality, …"
    ),
    click.option(
        "--complexity", type=COMPLEXITY, help="Your own judgement, in place of the measured one."
    ),
    budget_option,
    click.option("--model", metavar="ID", help="This model, in place of the router's choice."),
)


def errand_options(command: Callable[..., None]) -> Callable[..., None]:
    """All that an action can be told, as options of `command`."""
    for option in reversed(_ERRAND):
        command = option(command)
    return command


def print_json(data: object) -> None:
    """`data` on standard output, as what `--json` asked for."""
    click.echo(json.dumps(data, indent=2))  # ASCII: the same in every encoding
