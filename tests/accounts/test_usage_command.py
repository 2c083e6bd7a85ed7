"""`codefare usage` as a real process: after real requests to a real HTTP server, it tells what they cost."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.engine import DOCSTRING, document, engine, run
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream


def codefare(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs the program."""
    return subprocess.run(
        [sys.executable, "-m", "codefare", *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )


def data(*words: str) -> Any:
    """What the program prints with --json."""
    done = codefare("usage", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def test_what_was_paid_is_told(
    configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A paid answer, the same from the cache, and one that broke off: each is told to the last digit."""
    settings = '[budget]\nper_day_usd = "2.50"\n'
    async with WireServer().running() as wire:
        wire.sse(*anthropic_stream(DOCSTRING))
        wire.sse(*anthropic_stream(DOCSTRING)[:-3], Step.CUT)
        async with engine(wire, configure, monkeypatch, settings) as made:
            paid = await run(made, document(tmp_path), "document")
            await run(made, document(tmp_path), "document")
            other = document(tmp_path, "def sub(a, b):\n    return a - b\n")
            broken = await run(made, other, "explain")
    assert paid.cost_usd is not None
    assert broken.cost_usd is not None
    told = data("--by", "action")
    found = {line["key"]: (Decimal(line["cost_usd"]), line["endings"]) for line in told["lines"]}
    assert found == {
        "document": (paid.cost_usd, {"complete": 1}),
        "explain": (broken.cost_usd, {"broken": 1}),
    }
    spent = paid.cost_usd + broken.cost_usd
    assert Decimal(told["total"]["cost_usd"]) == Decimal(told["today"]["cost_usd"]) == spent
    assert Decimal(told["today"]["left_usd"]) == Decimal("2.50") - spent
    assert told["total"]["estimated"] == 1
    assert (told["cache"]["answers"], Decimal(told["cache"]["saved_usd"])) == (1, paid.cost_usd)
    text = codefare("usage", "--since", "1d").stdout
    assert f"${spent.normalize():f} for 2 actions (2 attempts)." in text
    assert "1 broken, 1 estimated" in text


def test_a_new_user_spent_nothing(home: Path) -> None:
    """It says so, succeeds, and leaves nothing behind; what is misspelt is wrong use."""
    done = codefare("usage")
    assert (done.returncode, "Nothing has been spent" in done.stdout) == (0, True)
    assert not (home / "state").exists()
    assert codefare("usage", "--by", "week").returncode == 2
    assert codefare("usage", "--since", "soon").returncode == 2


def test_sums_wait_for_no_prompt(home: Path) -> None:
    """What actions take (grammars, prompts, the search for secrets) is not loaded to add up what they cost."""
    program = (
        "import sys; from codefare.cli import cli; cli.main(['usage'], standalone_mode=False);"
        "print({'codefare.tasks', 'codefare.gate', 'tree_sitter', 'httpx', 'pygls'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == ["set()"]
    assert not (home / "state").exists()


def test_a_ledger_that_cannot_be_read(home: Path) -> None:
    """The work failed: one line says why and what to do."""
    file = home / "state" / "codefare" / "ledger.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not a database" * 500)
    done = codefare("usage")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"codefare: The ledger {file} is damaged. Move the file away; a new one is made then.\n"
    )
