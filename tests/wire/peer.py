"""Servers that nobody here wrote: where they are, and how they are started and ended."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.wire.vendors import ANTHROPIC, LOCAL, OPENAI, at
from tests.wire.vendors import request as any_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codefare.providers.base import Request
    from codefare_catalog import Provider

VARIABLE = "CODEFARE_PEER"
AIMOCK = Path(__file__).parent / "aimock" / "node_modules/@copilotkit/aimock/dist/cli.js"
_STARTING_SECONDS = 20.0


@dataclass(frozen=True)
class Peer:
    """A server of one dialect; nothing is known of what its model says."""

    name: str
    dialect: Literal["openai", "anthropic"]
    base_url: str
    model: str

    @property
    def provider(self) -> Provider:
        """The row that reaches it: the vendor's whose dialect it is."""
        return at(ANTHROPIC if self.dialect == "anthropic" else OPENAI, self.base_url)

    def request(self, user: str, *, max_tokens: int = 256) -> Request:
        """What to ask of it."""
        base = any_request()
        return any_request(
            offering=replace(base.offering, wire_id=self.model),
            system="You answer in one short sentence.",
            user=user,
            max_tokens=max_tokens,
        )


@dataclass(frozen=True)
class OwnPeer(Peer):
    """One that whoever runs the tests has started: reached as a local server, which may have the habits of such."""

    @property
    def provider(self) -> Provider:
        """A row of the user's own."""
        return at(LOCAL, self.base_url, dialect=self.dialect)


def own_peers(environ: Mapping[str, str] = os.environ) -> list[Peer]:
    """The servers that `CODEFARE_PEER` names: `openai=http://127.0.0.1:8000/v1`, several with spaces between.

    A model's name may follow after a comma; else the first that the server lists is asked.
    """
    peers: list[Peer] = []
    for entry in environ.get(VARIABLE, "").split():
        dialect, _, rest = entry.partition("=")
        base_url, _, model = rest.partition(",")
        if dialect not in {"openai", "anthropic"} or not base_url.startswith("http"):
            raise pytest.UsageError(
                f"{VARIABLE}: write openai=http://127.0.0.1:8000/v1 or anthropic=http://127.0.0.1:8000; "
                f"it is {entry!r}"
            )
        kind: Literal["openai", "anthropic"] = "openai" if dialect == "openai" else "anthropic"
        peers.append(OwnPeer(entry, kind, base_url, model or _first_model(base_url)))
    return peers


def _first_model(base_url: str) -> str:
    root = base_url.rstrip("/").removesuffix("/v1")
    try:
        with urllib.request.urlopen(f"{root}/v1/models", timeout=60) as answer:  # noqa: S310 - the user's own address
            return str(json.load(answer)["data"][0]["id"])
    except (OSError, ValueError, LookupError, TypeError):
        return "default"


class Aimock:
    """A running aimock; what it answers is set test by test."""

    def __init__(self, url: str) -> None:
        self.url = url

    def script(self, *fixtures: Mapping[str, Any]) -> None:
        """Forget what was there, and answer so; the first fixture that matches is taken."""
        self.tell("/reset", {})
        self.tell("/fixtures", {"fixtures": list(fixtures)})

    def chaos(self, **rates: float) -> None:
        """Break each request in this way from now on, until the next script."""
        self.tell("/chaos", rates)

    def tell(self, path: str, body: Mapping[str, Any]) -> None:
        """One call of its control API."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.url}/__aimock{path}",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            answer.read()

    def journal(self) -> list[dict[str, Any]]:
        """The requests since the last script."""
        with urllib.request.urlopen(f"{self.url}/__aimock/journal", timeout=60) as answer:  # noqa: S310 - loopback
            entries = json.load(answer)
        return list(entries["entries"] if isinstance(entries, dict) else entries)


@contextmanager
def aimock(folder: Path) -> Iterator[Aimock]:
    """aimock, started and ended; the test is skipped where it is not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("aimock needs Node, which is not here")
    if not AIMOCK.exists():
        pytest.skip("aimock is not installed: make .venv/.peers")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    fixtures = folder / "fixtures.json"
    fixtures.write_text(
        json.dumps({"fixtures": [{"match": {}, "response": {"content": "Hello."}}]}), "utf-8"
    )
    arguments = ("-h", "127.0.0.1", "-p", str(port), "-f", str(fixtures), "--log-level", "warn")
    with (folder / "aimock.log").open("wb") as log:
        process = subprocess.Popen(
            [node, str(AIMOCK), *arguments, "--strict"],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            _await_port(port, process)
            yield Aimock(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(60)


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "aimock ended at once: see its log"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)  # nothing tells when another program listens
        else:
            return
    raise AssertionError("aimock did not listen in time")
