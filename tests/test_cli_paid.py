"""The command line against a real HTTP server: what was paid for is shown, and what was used is settled."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from tests.wire.server import Step, WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n"
ANSWER = anthropic_stream('```python\n"""Add two numbers."""\n```')

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with one function."""
    file = tmp_path / "sums.py"
    file.write_text(CODE, "utf-8")
    return file


async def start(*words: str) -> asyncio.subprocess.Process:
    """Starts the program."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codefare", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_an_answer_to_a_file_that_changed_is_shown_not_written(
    vendor: WireServer, source: Path
) -> None:
    """The user typed while the model worked: their text stays, the paid answer is printed, the exit code is 1."""
    go = asyncio.Event()
    vendor.sse(ANSWER[0], go, *ANSWER[1:])
    running = await start("run", "document", f"{source}:1", "--apply")
    await vendor.asked.wait()
    source.write_text(f"{CODE}# typed\n", "utf-8")
    go.set()
    out, err = await running.communicate()
    assert running.returncode == 1
    assert b"has changed since it was read" in err
    assert b'+    """Add two numbers."""' in out
    assert source.read_text("utf-8") == f"{CODE}# typed\n"


async def test_a_file_that_cannot_be_written_is_known_before_anything_is_paid(
    vendor: WireServer, source: Path, request: pytest.FixtureRequest
) -> None:
    """`--apply` on a read-only file sends nothing."""
    source.chmod(0o444)
    if os.access(source, os.W_OK):  # root may; what is immutable not even root
        made = await asyncio.create_subprocess_exec("chattr", "+i", source)
        if await made.wait() or os.access(source, os.W_OK):
            pytest.skip("this user may write to any file")
        request.addfinalizer(lambda: subprocess.run(["chattr", "-i", source], check=True))  # noqa: S607  wherever it is
    running = await start("run", "document", f"{source}:1", "--apply")
    _, err = await running.communicate()
    assert running.returncode == 2
    assert b"is read-only; nothing was written. Make the file writable." in err
    assert vendor.requests == []


async def test_json_says_why_nothing_was_written(vendor: WireServer, source: Path) -> None:
    """The result is complete, `applied` is false and `reason` tells why."""
    go = asyncio.Event()
    vendor.sse(ANSWER[0], go, *ANSWER[1:])
    running = await start("run", "document", f"{source}:1", "--apply", "--json")
    await vendor.asked.wait()
    source.write_text("", "utf-8")
    go.set()
    out, _ = await running.communicate()
    told = json.loads(out)
    assert running.returncode == 1
    assert (told["outcome"], told["applied"]) == ("edit", False)
    assert "has changed since" in told["reason"]
    assert "Add two numbers" in told["diff"]


async def test_no_second_run_is_promised_for_free_where_answers_are_not_kept(
    vendor: WireServer, source: Path, configure
) -> None:
    """With the cache turned off, to run again with --apply costs again, and the user is told so."""
    vendor.sse(*ANSWER)
    running = await start("run", "document", f"{source}:1")
    assert b"costs nothing more" in (await running.communicate())[1]
    configure(f'[cache]\nenabled = false\n[providers.anthropic]\nbase_url = "{vendor.url}"\n')
    vendor.sse(*ANSWER)
    running = await start("run", "document", f"{source}:1")
    assert b"to pay again" in (await running.communicate())[1]


@pytest.mark.usefixtures("heeded")
async def test_nohup_is_heeded(vendor: WireServer, source: Path) -> None:
    """A run that was told to outlive its terminal does."""
    go = asyncio.Event()
    vendor.sse(ANSWER[0], go, *ANSWER[1:])
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    running = await start("run", "document", f"{source}:1", "--apply")
    await vendor.asked.wait()
    running.send_signal(signal.SIGHUP)
    go.set()
    await running.communicate()
    assert running.returncode == 0
    assert "Add two numbers" in source.read_text("utf-8")


@pytest.mark.usefixtures("heeded")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_an_interrupted_request_is_settled_at_what_it_used(
    vendor: WireServer, source: Path, home: Path, name: str
) -> None:
    """Ctrl-C, `timeout` and a closed terminal end it alike, and it says what it took: less than the ceiling."""
    vendor.sse(ANSWER[0], Step.HANG)
    running = await start("run", "document", f"{source}:1", "--apply", "--json")
    await vendor.asked.wait()
    running.send_signal(getattr(signal, name))
    out, err = await running.communicate()
    assert running.returncode == 128 + getattr(signal, name)
    assert re.fullmatch(r"Interrupted\. [≈<]\S+¢ spent\.", err.decode().strip())
    with closing(sqlite3.connect(home / "state" / "codefare" / "ledger.db")) as ledger:
        rows = ledger.execute(
            "SELECT ending, cost_usd < ceiling_usd, cost_usd FROM attempt"
        ).fetchall()
    ((ending, below, cost),) = rows
    assert (ending, below) == ("cancelled", 1)
    told = json.loads(out)["error"]
    assert (told["kind"], told["remedy"]) == ("interrupted", "")
    assert Decimal(told["spent_usd"]) == Decimal(cost)
    assert source.read_text("utf-8") == CODE
