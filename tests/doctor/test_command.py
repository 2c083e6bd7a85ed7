"""`codefare doctor` as a real process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.doctor.conftest import KEY, Providers, listed, offered
from tests.test_cli import codefare, on_a_terminal
from tests.wire.server import Answer, Step, refusal

if TYPE_CHECKING:
    from pathlib import Path


async def doctor(*words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of the program."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codefare", "doctor", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_nothing_to_be_done_is_0(providers: Providers) -> None:
    """Warnings alone are no failure; the data is whole, and nothing else is printed."""
    await providers.serve("openai", **{"/models": listed(*offered("openai"))})
    code, out, err = await doctor("--json")
    data: dict[str, Any] = json.loads(out)
    assert (code, err) == (0, "")
    assert data["counts"]["problem"] == 0
    assert data["asked"] == ["OpenAI"]
    assert KEY not in out


async def test_something_to_be_done_is_1(providers: Providers) -> None:
    """What it is comes first, with what to do; no line is folded where nobody looks."""
    said = {"error": {"message": f"no such key: {KEY}"}}
    await providers.serve("zai", **{"/models": refusal(401, said)})
    code, out, err = await doctor()
    assert (code, err) == (1, "")
    first = out.split("\n")
    assert first[0].startswith("codefare doctor · 1 problem")
    assert first[2] == "✗ Providers"
    assert first[3].startswith("  ✗ z.ai key: z.ai refused the key (401)")
    assert first[4].startswith("    → Check that ZAI_API_KEY")
    assert KEY not in out


def test_a_damaged_configuration_is_the_first_thing_told(home: Path, configure: Any) -> None:
    """Every other command refuses to run then; this one says what is wrong, on top."""
    configure("prices = \n")
    done = codefare(home, "doctor", "--offline")
    assert done.returncode == 1
    assert "config.toml is not TOML" in done.stdout.split("\n")[3]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudoterminal")
async def test_on_a_terminal(
    home: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded to its width, coloured, and what is waited for is shown and taken away again."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    loop, go = asyncio.get_running_loop(), asyncio.Event()
    await providers.serve("openai", **{"/models": Answer((go,))})

    def seen(written: bytes) -> None:
        if b"waiting for OpenAI" in written:
            loop.call_soon_threadsafe(go.set)

    shown = await asyncio.to_thread(on_a_terminal, home, 60, "doctor", seen=seen)
    assert go.is_set()
    report = shown[shown.index("codefare doctor") :]
    lines = report.split("\n")
    assert "\x1b[32m✓\x1b[0m" in report
    plain = [line for line in lines if "\x1b" not in line and str(home) not in line]
    assert plain
    assert max(map(len, plain)) <= 60


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.usefixtures("heeded")
async def test_it_can_be_interrupted(providers: Providers) -> None:
    """While a provider is silent: with the code of a signal, and no traceback."""
    server = await providers.serve("openai", **{"/models": Answer((Step.HANG,))})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codefare", "doctor"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        await server.asked.wait()
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    assert (out, err) == (b"", b"Interrupted.\n")
