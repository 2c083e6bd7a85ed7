"""A disk that is full, or gets full while an answer comes: budgets hold, what was paid for is shown, and it is told."""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.full_disk import NO_DISK
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

PROGRAM = Path(__file__).with_name("full_disk.py")
CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
ANSWER = anthropic_stream('```python\n"""Add two numbers."""\n```')

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts and limits of Linux")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two functions; what codefare writes goes to a folder for a disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    for kind in ("CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(disk / kind.lower()))
    file = tmp_path / "sums.py"
    file.write_text(CODE, "utf-8")
    return file


async def on_a_full_disk(kind: str, source: Path, *words: str) -> tuple[int | None, str, str]:
    """Runs the program; its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROGRAM), kind, str(source.parent / "disk"), *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, said = await process.communicate()
    return process.returncode, printed.decode(), said.decode()


async def test_a_full_disk(vendor: WireServer, configure, source: Path) -> None:
    """With a budget nothing is sent, since it could not be kept; without one the answer is shown, and the loss told."""
    words = ("run", "run", "document", f"{source}:1")
    vendor.sse(*ANSWER)
    kind, why = "mounted", "the disk is full"
    code, printed, said = await on_a_full_disk(kind, source, *words)
    if code == NO_DISK:
        kind, why = "limited", "cannot be read or written"
        code, printed, said = await on_a_full_disk(kind, source, *words)
    assert code == 0, said
    assert '+    """Add two numbers."""' in printed
    assert "What is spent is not being recorded" in said
    assert "Answers are not being kept" in said
    assert why in said
    assert len(vendor.requests) == 1
    configure(f'[budget]\nper_day_usd = "1"\n[providers.anthropic]\nbase_url = "{vendor.url}"\n')
    code, printed, said = await on_a_full_disk(kind, source, *words)
    assert (code, printed) == (1, "")
    assert "The budget cannot be kept" in said
    assert why in said
    assert "Traceback" not in said
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("kind", ["mounted", "limited"])
async def test_a_disk_that_gets_full(
    vendor: WireServer, configure, source: Path, kind: str
) -> None:
    """The answer that was under way is shown; its bill is written as soon as there is room; the first one is kept."""
    configure(f'[budget]\nper_day_usd = "1"\n[providers.anthropic]\nbase_url = "{vendor.url}"\n')
    for _ in range(2):
        vendor.sse(*ANSWER)
    code, printed, said = await on_a_full_disk(kind, source, "pay", str(source))
    if code == NO_DISK:
        pytest.skip("no disk can be mounted here")
    assert code == 0, said
    told = json.loads(printed)
    assert told["outcome"] == "Edit"
    assert "not being recorded" in told["ledger"]
    assert "not being kept" in told["answers"]
    assert sum(map(Decimal, told["costs"])) == Decimal(told["spent"]) > 0
    assert (told["open"], told["after"], told["first_cached"]) == (0, None, True)
