"""Prices that are too high, at the command line: the user is asked, or told what to do."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream, openai_stream

CODE = "def add(a, b):\n    return a + b\n"
ANSWER = '```python\n"""Add two numbers."""\n```'

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")


@pytest.fixture
def command(wire: WireServer, configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The words that document a function, under settings of one's own; Haiku is the first choice."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-0123456789-a")
    monkeypatch.setenv("OPENAI_API_KEY", "k-0123456789-o")
    file = tmp_path / "sums.py"
    file.write_text(CODE, "utf-8")

    def words(settings: str, *more: str) -> list[str]:
        configure(
            f"""{settings}
[models]
use = ["claude-haiku-4.5", "gpt-6-luna"]
[providers.anthropic]
base_url = "{wire.url}"
[providers.openai]
base_url = "{wire.url}/v1"
"""
        )
        asked = ("run", "document", f"{file}:1", "--complexity", "high", *more)
        return [sys.executable, "-m", "codefare", *asked]

    return words


async def run(words: list[str]) -> tuple[int | None, str]:
    """Runs the program with nobody at the keyboard: its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    return process.returncode, err.decode()


MARK = '[budget]\nconfirm_above_usd = "0.00001"'


async def test_a_script_must_agree_beforehand(wire: WireServer, command) -> None:
    """Above the mark and with nobody to ask nothing is sent; `--yes` agrees."""
    code, err = await run(command(MARK))
    assert code == 1
    assert "more than confirm_above_usd" in err
    assert "Run it with --yes" in err
    assert "What fits" not in err  # the budget is not what stands in the way
    assert wire.requests == []
    wire.sse(*anthropic_stream(ANSWER))
    code, err = await run(command(MARK, "--yes"))
    assert code == 0, err
    assert len(wire.requests) == 1


@pytest.mark.parametrize(("typed", "code", "sent"), [(b"y\n", 0, 1), (b"\n", 1, 0)])
async def test_at_a_terminal_the_user_is_asked(
    wire: WireServer, command, typed: bytes, code: int, sent: int
) -> None:
    """The question shows the price; anything but yes sends nothing."""
    import pty

    wire.sse(*anthropic_stream(ANSWER))
    ours, its = pty.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *command(MARK), stdin=its, stdout=asyncio.subprocess.DEVNULL, stderr=its
        )
        os.close(its)
        seen = b""
        while b"[y/N]" not in seen:
            seen += await asyncio.to_thread(os.read, ours, 4096)
        os.write(ours, typed)
        ended = await process.wait()
    finally:
        os.close(ours)
    assert b"Document add" in seen
    assert "Claude Haiku 4.5" in seen.decode()
    assert (ended, len(wire.requests)) == (code, sent)


async def test_what_was_typed_before_the_question_is_no_answer(wire: WireServer, command) -> None:
    """A line that waits in the terminal from before does not agree to a price that nobody has read."""
    import pty

    wire.sse(*anthropic_stream(ANSWER))
    ours, its = pty.openpty()
    try:
        os.write(ours, b"y\n")
        process = await asyncio.create_subprocess_exec(
            *command(MARK), stdin=its, stdout=asyncio.subprocess.DEVNULL, stderr=its
        )
        os.close(its)
        seen = b""
        while b"[y/N]" not in seen:
            seen += await asyncio.to_thread(os.read, ours, 4096)
        os.write(ours, b"n\n")
        ended = await process.wait()
    finally:
        os.close(ours)
    assert (ended, wire.requests) == (1, [])


async def test_the_line_that_shows_how_far_it_is_goes_before_anything_is_told(
    wire: WireServer, command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the receipt, or what went wrong, stands on a line of its own."""
    import pty

    monkeypatch.setenv("TERM", "xterm")
    wire.sse(*anthropic_stream(ANSWER))
    ours, its = pty.openpty()
    seen = b""
    try:
        process = await asyncio.create_subprocess_exec(
            *command(""),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=its,
        )
        os.close(its)
        while b"Not written" not in seen:
            seen += await asyncio.to_thread(os.read, ours, 4096)
        await process.wait()
    finally:
        os.close(ours)
    meter, _, after = seen.rpartition(b"\r\x1b[2K")
    assert b" tokens" in meter
    assert b" tokens" not in after.partition(b"Not written")[0]


async def test_over_the_limit_the_models_that_fit_are_named(wire: WireServer, command) -> None:
    """The message names what to write to run it within the limit."""
    code, err = await run(command('[budget]\nper_action_usd = "0.002"'))
    assert code == 1
    assert "your limit for one action is $0.002" in err
    assert "What fits: --model gpt-6-luna (" in err
    assert wire.requests == []


async def test_with_json_a_failure_is_data_too(wire: WireServer, command) -> None:
    """What went wrong, of which kind, what to do, and what failed attempts took: the same as in words."""
    wire.refuse(400, {"error": {"message": "no such field"}})
    words = command("", "--json", "--model", "claude-haiku-4.5")
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 1
    told = json.loads(out)["error"]
    assert (told["kind"], told["spent_usd"]) == ("request_refused", "0")
    assert err.decode() == f"codefare: {told['message']} {told['remedy']}\n"


async def test_who_served_instead_is_said(wire: WireServer, command) -> None:
    """The diff comes from the next model, and stderr says why."""
    wire.refuse(402)
    wire.sse(*openai_stream(ANSWER))
    code, err = await run(command(""))
    assert code == 0
    assert "Claude Haiku 4.5: The Anthropic account has no credit" in err
    assert "Served instead by GPT-6 Luna" in err
