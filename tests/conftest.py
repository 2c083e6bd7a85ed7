"""A user of one's own for each test: no key, no configuration, no server."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.wire.server import WireServer


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have to tell: texts (`told`), and counts that several of them add to (`counted`)."""
    counts: dict[str, Counter[str]] = {}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "told":
                terminalreporter.write_line(str(value))
            elif name == "counted" and isinstance(value, list):
                title, ways = value
                counts.setdefault(title, Counter()).update(ways)
    for title, counted in counts.items():
        ways = ", ".join(f"{way} {times:,}" for way, times in counted.most_common())
        terminalreporter.write_line(f"{counted.total():,} {title}: {ways}")


@pytest.fixture(autouse=True)
def _own_umask() -> Iterator[None]:
    """A test that leaves another umask behind fails: those after it would not test what they say."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    left = os.umask(before)
    assert left == before, f"the umask is {left:03o} after the test"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new user's home folder, with nothing in the environment that reaches beyond it."""
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    for kind in ("CONFIG", "CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    before = os.umask(0o022)
    yield folder
    os.umask(before)


@pytest.fixture
def configure(home: Path):
    """Writes the user's config.toml."""

    def write(text: str) -> Path:
        file = home / "config" / "codefare" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    return write


@pytest.fixture
async def wire(home: Path) -> AsyncIterator[WireServer]:
    """A scripted provider, for a user of one's own."""
    from tests.wire.server import (
        WireServer,  # tests without a server need not load the vendors' types
    )

    assert home
    async with WireServer().running() as running:
        yield running


@pytest.fixture
def vendor(
    wire: WireServer, configure: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> WireServer:
    """A scripted Anthropic that the user has configured, with a key."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
    configure(f'[providers.anthropic]\nbase_url = "{wire.url}"\n')
    return wire


@pytest.fixture
def heeded() -> Iterator[None]:
    """Signals reach what a test starts, even if the tests themselves run in the background or under `nohup`."""
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
