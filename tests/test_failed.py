"""What the command line says when it fails, in words and as data."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import click
import pytest

from codefare import failed
from codefare.errors import CodefareError, KeyRefused, NoModel, OverBudget, TargetError
from codefare.meter import Progress
from codefare.session import Interrupted


def over(spent_usd: Decimal | None) -> OverBudget:
    """A budget that did not hold after attempts that took something."""
    error = OverBudget("Too dear.", remedy="Raise it.")
    error.spent_usd = spent_usd
    return error


@pytest.mark.parametrize(
    ("error", "kind", "spent"),
    [
        (NoModel("Refactor needs a model.", remedy="Set a key."), "no_model", "0"),
        (TargetError("There is no line 9."), "target_error", "0"),
        (KeyRefused("Refused.", remedy="Check it."), "key_refused", "0"),
        (over(Decimal("0.00120")), "over_budget", "0.0012"),
        (over(None), "over_budget", None),
    ],
)
def test_a_failure_is_told_in_words_and_as_data(
    error: CodefareError,
    kind: str,
    spent: str | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The words are for people and stand on stderr either way; data comes only where it was asked for."""
    monkeypatch.setattr(sys, "argv", ["codefare", "run", "refactor", "a.py", "--json"])
    failed.told(error)
    shown = capsys.readouterr()
    assert shown.err == f"codefare: {error.text}\n"
    assert json.loads(shown.out) == {
        "error": {"kind": kind, "message": str(error), "remedy": error.remedy, "spent_usd": spent}
    }
    monkeypatch.setattr(sys, "argv", ["codefare", "run", "refactor", "a.py"])
    failed.told(error)
    assert capsys.readouterr().out == ""


def test_words_that_are_no_command_are_told_as_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelt option is wrong use, and the remedy names the help of the command that was meant."""
    monkeypatch.setattr(sys, "argv", ["codefare", "run", "--jsn", "--json"])
    context = click.Context(click.Command("run"), info_name="codefare run")
    failed.misspelt(click.UsageError("No such option '--jsn'.", context))
    shown = capsys.readouterr()
    told = json.loads(shown.out)["error"]
    assert (told["kind"], told["remedy"]) == ("wrong_use", "See `codefare run --help`.")
    assert "--jsn" in shown.err


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (Decimal("0.002"), "Interrupted. ≈0.2¢ spent.\n"),
        (Decimal(0), "Interrupted. Nothing spent.\n"),
        (None, "Interrupted. Price unknown.\n"),
    ],
)
def test_what_was_interrupted_says_what_it_took(
    cost: Decimal | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a request that was under way; what had sent nothing has nothing to say of money."""
    end = Interrupted(2)
    assert end.exit_code == 130
    failed.interrupted(end)
    assert capsys.readouterr().err == "Interrupted.\n"
    end.made = Progress(1.0, 12, cost, settled=True)
    failed.interrupted(end)
    assert capsys.readouterr().err == said
