"""`codefare doctor`."""

from __future__ import annotations

import logging
import sys

import click

from codefare import session
from codefare.options import json_option, print_json

_WRONG = 1


@click.command()
@click.option("--offline", is_flag=True, help="Ask no provider and no server.")
@json_option
def doctor(offline: bool, as_json: bool) -> None:
    """Look for what is wrong, and say what to do about it.

    Keys, providers, models, prices, files and tools. None of your code is sent, and nothing is paid for. The exit code
    is 1 if something must be done.
    """
    from codefare import screen, terminal
    from codefare.doctor.examine import examine
    from codefare.doctor.finding import State, diagnosis_json

    # What the parts would warn of is among the findings.
    logging.getLogger("codefare").addHandler(logging.NullHandler())
    with screen.waiting(quiet=as_json) as waiting:
        found = session.run(lambda: examine(offline=offline, waiting=waiting))
    if as_json:
        print_json(diagnosis_json(found))
    else:
        terminal.print_diagnosis(found)
    if found.worst is State.PROBLEM:
        sys.exit(_WRONG)
