"""The command line: for people, scripts and CI. Thin: it parses words, calls the engine and prints."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from codefare import __version__, environment, failed, session, streams
from codefare.cache import cache
from codefare.doctor.command import doctor
from codefare.errors import CodefareError, WrongUse
from codefare.options import COMPLEXITY, budget_option, errand_options, json_option, print_json
from codefare.usage import usage

if TYPE_CHECKING:
    from collections.abc import Callable

DONE, FAILED, WRONG_USE = 0, 1, 2


def exit_code(error: BaseException) -> int:
    """0 done, 1 the work failed, 2 wrong use."""
    return WRONG_USE if isinstance(error, WrongUse) else FAILED


def main() -> None:
    """The console script."""
    streams.prepare()
    environment.leave_no_core()
    code = DONE
    try:
        code, tell = _called()
        if tell is not None:
            tell()
        sys.stdout.flush()
    except OSError as error:
        # What failed has failed, whether anybody reads of it or not.
        if not streams.give_up(error):
            code = code or FAILED
    sys.exit(code)


def _called() -> tuple[int, Callable[[], None] | None]:
    """The exit code of what the words on the command line asked for, and what tells of a failure.

    Raises:
        OSError: The output cannot be written.
    """
    output = sys.stdout
    try:
        cli.main(prog_name="codefare", standalone_mode=False)
    except click.exceptions.Abort:
        end = session.Interrupted(signal.SIGINT)
        return end.exit_code, partial(failed.interrupted, end)
    except click.ClickException as error:
        return WRONG_USE, partial(failed.misspelt, error)
    except CodefareError as error:
        return exit_code(error), partial(failed.told, error)
    except session.Interrupted as end:
        return end.exit_code, partial(failed.interrupted, end)
    except SystemExit as end:
        # click, which then wraps the stream, and rich end with 1 when the reader of our output has gone.
        if sys.stdout is not output or isinstance(end.__context__, BrokenPipeError):
            raise BrokenPipeError from None
        return (end.code if isinstance(end.code, int) else DONE), None
    return DONE, None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="codefare %(version)s")
def cli() -> None:
    """AI code actions in every editor, priced before they run."""


@cli.command()
@click.option("--tcp", metavar="HOST:PORT", help="Listen on loopback instead of stdio.")
@click.option(
    "--token-file",
    metavar="FILE",
    help="The token that a client on --tcp must know; else CODEFARE_TOKEN, else a fresh one is printed.",
)
@click.option("--stdio", is_flag=True, hidden=True)  # some editors add it to every server's command
def serve(tcp: str | None, token_file: str | None, stdio: bool) -> None:  # noqa: ARG001  stdio is the default
    """Run the language server; editors start it themselves."""
    from codefare.lsp.serve import serve_stdio, serve_tcp
    from codefare.lsp.server import CodefareServer
    from codefare.lsp.token import find_token
    from codefare.wordless import keep_quiet

    keep_quiet()
    if tcp is None:
        if token_file:
            raise WrongUse("--token-file is for --tcp.", remedy="Leave it out, or add --tcp.")
        sys.exit(serve_stdio(CodefareServer()))
    host, _, port = tcp.rpartition(":")
    if not host or not port.isdecimal():
        raise WrongUse(
            f"--tcp takes HOST:PORT, not {tcp!r}.", remedy="For example: 127.0.0.1:2087."
        )
    token = find_token(token_file)
    sys.exit(serve_tcp(CodefareServer(), host.strip("[]"), int(port), token))


@cli.command()
@click.argument("action")
@click.argument("place", metavar="FILE[:LINE[-LINE]]")
@errand_options
@click.option("--apply", "write", is_flag=True, help="Write the result to disk.")
@click.option("--yes", is_flag=True, help="Agree to any price within the budgets beforehand.")
@json_option
def run(action: str, place: str, write: bool, yes: bool, as_json: bool, **told: Any) -> None:
    """Run ACTION and print a diff or a report. `codefare actions` lists them."""
    from codefare import screen, terminal
    from codefare.asking import AtTerminal
    from codefare.errand import Errand, run_errand

    errand = Errand(action, place, write=write, **told)
    shown, consent = screen.Spinner(quiet=as_json), AtTerminal(yes)
    try:
        done = session.with_engine(lambda engine: run_errand(engine, errand, shown, consent))
    except session.Interrupted as end:
        end.made = shown.made
        raise
    finally:
        screen.wipe()
    if as_json:
        print_json(done.data)
    else:
        terminal.print_errand(done)
    sys.exit(DONE if done.succeeded else FAILED)


@cli.command()
@click.argument("place", metavar="FILE[:LINE[-LINE]]")
@click.option("--action", metavar="A", help="Only this action.")
@errand_options
@json_option
def quote(place: str, action: str | None, as_json: bool, **told: Any) -> None:
    """Say what each action would cost here. Nothing is sent."""
    from codefare import terminal
    from codefare.errand import Errand, quote_errand
    from codefare.quotation import quote_json

    errand = Errand(action, place, **told)
    target, quotes = session.with_engine(lambda engine: quote_errand(engine, errand))
    if as_json:
        print_json([quote_json(one) for one in quotes])
    else:
        terminal.print_quotes(target, quotes)


@cli.command()
@click.argument("action")
@click.argument("place", metavar="FILE[:LINE[-LINE]]")
@errand_options
@click.option("--raw", is_flag=True, help="Print the body of the request alone, byte for byte.")
@json_option
def preview(action: str, place: str, raw: bool, as_json: bool, **told: Any) -> None:
    """Show what ACTION would send, part by part with tokens and price. Nothing is sent."""
    from codefare import terminal
    from codefare.errand import Errand, preview_errand
    from codefare.sending import sending_json

    errand = Errand(action, place, **told)
    sent = session.with_engine(lambda engine: preview_errand(engine, errand))
    if raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(sent.body)
    elif as_json:
        print_json(sending_json(sent))
    else:
        terminal.print_sending(sent)


@cli.command()
@json_option
def actions(as_json: bool) -> None:
    """List the actions, yours too, with the task type of each."""
    from codefare import listing, terminal
    from codefare.assembly import user_actions

    rows = [listing.action_json(row) for row in user_actions()]
    if as_json:
        print_json(rows)
    else:
        terminal.print_actions(rows)


@cli.command()
@click.argument("task_type")
@click.option("--complexity", type=COMPLEXITY, default="medium", show_default=True)
@budget_option
@click.option(
    "--tokens", type=click.IntRange(1), default=1000, show_default=True, help="Of the prompt."
)
@click.option("--private", is_flag=True, help="Self-hosted models only.")
@click.option("--all", "everything", is_flag=True, help="As if every provider could be used.")
@click.option(
    "--at", metavar="DATE", help="The day for lifecycles and prices (YYYY-MM-DD); now if not given."
)
@json_option
def route(
    task_type: str,
    complexity: str,
    budget: bool,
    tokens: int,
    private: bool,
    everything: bool,
    at: str | None,
    as_json: bool,
) -> None:
    """Show which model a task type goes to, and why."""
    from codefare import listing, terminal

    when = _instant(at)
    question = listing.Question(task_type, complexity, budget, tokens, private, everything, when)

    async def ask(engine: Any) -> Any:
        return listing.answer(engine.quoter, question), engine.catalog

    found, catalog = session.with_engine(ask)
    if as_json:
        print_json(listing.route_json(found, complexity, budget=budget, at=when))
    else:
        terminal.print_route(found, catalog)
    if found.chosen is None:
        sys.exit(FAILED)


@cli.command()
@json_option
def models(as_json: bool) -> None:
    """List every model with its prices, listed and current."""
    from codefare import listing, terminal
    from codefare.user import user_catalog

    catalog, now = user_catalog(), datetime.now(UTC)
    if as_json:
        print_json([listing.model_json(catalog, one, now) for one in catalog.models.values()])
    else:
        terminal.print_models(catalog, now)


for command in (usage, doctor, cache):
    cli.add_command(command)


def _instant(day: str | None) -> datetime:
    """A day at noon UTC, outside of every provider's peak hours; now if none is given."""
    if day is None:
        return datetime.now(UTC)
    try:
        return datetime.combine(date.fromisoformat(day), time(12), UTC)
    except ValueError:
        raise WrongUse(f"--at takes a day such as 2026-11-30, not {day!r}.") from None
