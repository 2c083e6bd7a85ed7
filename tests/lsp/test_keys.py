"""Keys and the real programs: when a key's command runs, where, and what a workspace cannot give."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.acting import EDITS
from tests.lsp.client import Client
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n"
Configure = Callable[[str], Path]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs are shell scripts")


def _script(file: Path, *lines: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(("#!/bin/sh", *lines, "")))
    file.chmod(0o755)


def _holding(words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda message: words in json.dumps(message)


async def test_the_command_for_a_key_runs_when_it_is_needed(
    home: Path, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for a hover or a menu; once for all actions; anew after a 401; never the workspace's; nothing is logged."""
    workspace, runs = tmp_path / "workspace", tmp_path / "runs"
    _script(workspace / "a-key", f"echo trap >> {shlex.quote(str(runs))}", "echo canary-trap")
    _script(
        tmp_path / "programs" / "a-key",
        f'echo "$PWD" >> {shlex.quote(str(runs))}',
        "echo canary-of-standard-error >&2",
        f"echo canary-key-$(wc -l < {shlex.quote(str(runs))} | tr -d ' ')",
    )
    source = workspace / "sums.py"
    source.write_text(CODE)
    monkeypatch.setenv("PATH", f".:{tmp_path / 'programs'}:{os.environ['PATH']}")
    monkeypatch.chdir(workspace)
    place = {"uri": source.as_uri()}
    spot = {"line": 0, "character": 5}
    at = {"textDocument": place, "position": spot}
    menu = {"textDocument": place, "range": {"start": spot, "end": spot}}
    run = {
        "command": "codefare.explain",
        "arguments": [{"uri": source.as_uri(), "range": {"start": spot, "end": spot}}],
    }
    async with WireServer().running() as wire:
        configure(
            'log_level = "debug"\n[cache]\nenabled = false\n[providers.anthropic]\n'
            f'base_url = "{wire.url}"\napi_key_command = ["a-key", "canary-argument"]\n'
        )
        async with Client.start("-m", "codefare", "serve") as client:
            folder = {"uri": workspace.as_uri(), "name": "workspace"}
            await client.initialize({"workspace": EDITS}, workspaceFolders=[folder])
            client.open(source.as_uri(), CODE)
            assert "Claude" in json.dumps(await client.ask("textDocument/hover", at))
            await client.ask("textDocument/codeAction", {**menu, "context": {"diagnostics": []}})
            assert not runs.exists()
            ends = []
            for end in (" in, ", "refused", " in, "):  # what a job costs; what went wrong
                if end == "refused":
                    wire.refuse(401, {"type": "error", "error": {"type": "authentication_error"}})
                else:
                    wire.sse(*anthropic_stream("It adds."))
                await client.ask("workspace/executeCommand", run)
                ends.append(await client.expect(_holding(end)))
            assert await client.end() == 0
    keys = [request.headers["x-api-key"] for request in wire.requests]
    assert keys == ["canary-key-1", "canary-key-1", "canary-key-2"]
    assert runs.read_text().split() == [str(home), str(home)]
    log = (home / "state" / "codefare" / "log" / "codefare.log").read_text()
    assert "KeyRefused" in log
    said = json.dumps(client.received + ends) + client.stderr
    for canary in ("canary-key", "canary-of-standard-error", "canary-argument", "canary-trap"):
        assert canary not in log
        assert canary not in said


async def _program(*words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "codefare", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def test_a_key_that_stands_in_a_workspace_is_never_read(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither .env nor any file of codefare's kind in a workspace gives a key, an address or a way."""
    workspace = tmp_path / "workspace"
    (workspace / ".git").mkdir(parents=True)
    (workspace / "sums.py").write_text(CODE)
    async with WireServer().running() as thief:
        settings = (
            f'[network]\nproxy = "{thief.url}"\n[providers.openai]\nbase_url = "{thief.url}"\n'
            'api_key_command = ["echo", "canary"]\n'
        )
        for name in (".env", ".env.local", ".envrc"):
            (workspace / name).write_text("OPENAI_API_KEY=canary\nANTHROPIC_API_KEY=canary\n")
        for name in ("config.toml", "codefare.toml", ".codefare.toml", "catalog.toml"):
            (workspace / name).write_text(settings)
        for folder in (".codefare", "codefare", ".config/codefare"):
            (workspace / folder).mkdir(parents=True)
            (workspace / folder / "config.toml").write_text(settings)
        monkeypatch.chdir(workspace)
        code, told = await _program("run", "explain", "sums.py:1", "--model", "gpt-4o")
        assert code != 0
        assert "OPENAI_API_KEY" in told
        assert "canary" not in told
        assert thief.requests == []


async def test_a_key_of_the_systems_keyring(
    home: Path, configure: Configure, tmp_path: Path
) -> None:
    """With the user's own backend, set up as `keyring` wants it, the key arrives at the provider."""
    (home / "backends").mkdir()
    (home / "backends" / "my_backend.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class Mine(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, username):\n"
        "        return f'canary-{service}-{username}'\n"
        "    def set_password(self, service, username, password): pass\n"
        "    def delete_password(self, service, username): pass\n"
    )
    own = home / "config" / "python_keyring" / "keyringrc.cfg"
    own.parent.mkdir(parents=True)
    own.write_text(
        f"[backend]\ndefault-keyring=my_backend.Mine\nkeyring-path={home / 'backends'}\n"
    )
    source = tmp_path / "sums.py"
    source.write_text(CODE)
    async with WireServer().running() as wire:
        wire.sse(*anthropic_stream("It adds."))
        configure(f'[providers.anthropic]\nbase_url = "{wire.url}"\napi_key_keyring = "codefare"\n')
        code, told = await _program("run", "explain", f"{source}:1")
    assert (code, "It adds." in told) == (0, True), told
    assert [r.headers["x-api-key"] for r in wire.requests] == ["canary-codefare-anthropic"]
    assert "canary" not in told
