"""A whole session with a key and a secret in the code: where both are found then, and who can read what we wrote."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tests.lsp.acting import DIALOGS, EDITS, User
from tests.lsp.client import Client
from tests.lsp.editor import Editor
from tests.wire.server import Answer, Step, WireServer, refusal
from tests.wire.vendors import anthropic_stream, openai_stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks at processes in /proc")

KEY = "sk-canaryENVIRONMENTkey0123456789"
PRINTED = "sk-canaryCOMMANDkey0123456789"
SECRET = "canary_secret_in_the_code"  # noqa: S105  a test's own
CODE = f'def add(a, b):\n    {SECRET} = "x"\n    return a + b\n'
BETTER = CODE.replace("return a + b", "total = a + b\n    return total")
FINDING = json.dumps(
    [{"line": 3, "code": "return a + b", "severity": "warning", "message": f"{SECRET} is odd"}]
)
TESTS = "from sums import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
ECHO = {"type": "error", "error": {"type": "x_error", "message": f"{KEY} {PRINTED} {CODE}"}}

GOOD = {
    "Explain add": f"It adds, see `{SECRET}`.",
    "Write tests for add": f"```python\n{TESTS}```",
    "Document add": '```python\n"""Add two numbers."""\n```',
    "Review add": f"```json\n{FINDING}\n```",
    "Optimise add": f"```python\n{BETTER}```",
}
STREAM = {"content-type": "text/event-stream"}
WHOLE = anthropic_stream(f"It is {SECRET}.")
FAILURES = {
    "400": refusal(400, ECHO),
    "401": refusal(401, ECHO),
    "402": refusal(402, ECHO),
    "403": refusal(403, ECHO),
    "404": refusal(404, ECHO),
    "413": refusal(413, ECHO),
    "500": refusal(500, ECHO),
    "422": refusal(422, ECHO),
    "redirect": refusal(302, ECHO, location=f"http://127.0.0.1:9/?{KEY}"),
    "cut": Answer((*WHOLE[:-2], Step.CUT), headers=STREAM),
    "garbage": Answer((*WHOLE[:3], b"event: x\ndata: {" + CODE.encode() + b"\n\n"), headers=STREAM),
    "a page": Answer((CODE.encode(),), headers={"content-type": "text/html"}),
    "an error in the stream": Answer(
        (*WHOLE[:4], b"event: error\ndata: " + json.dumps(ECHO).encode() + b"\n\n"), headers=STREAM
    ),
    "no code": Answer(tuple(WHOLE), headers=STREAM),
    "an unknown reason": Answer(
        tuple(anthropic_stream(SECRET, reason=f"{KEY}\n{SECRET}")), headers=STREAM
    ),
}

LIMIT = refusal(429, ECHO, **{"retry-after": "600"})


def spellings(text: str) -> list[bytes]:
    """How it could be written, whole or in part."""
    raw = text.encode()
    return [raw, base64.b64encode(raw)[:-4], raw.hex().encode(), quote(text, safe="").encode()]


def holders(folder: Path, *texts: str) -> set[str]:
    """The files below a folder that hold one of the texts."""
    wanted = [spelled for text in texts for spelled in spellings(text)]
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in wanted)
    }


def processes() -> Iterator[bytes]:
    """The command lines of all processes of this machine."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            yield (process / "cmdline").read_bytes()


@pytest.fixture
def wide(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose folders for our files exist, open to all, and a umask that keeps nothing back."""
    for name in (
        "cache/codefare/reports",
        "cache/codefare/answers",
        "cache/codefare/shadows",
        "state/codefare/log",
    ):
        (home / name).mkdir(parents=True)
    (home / "state/codefare/log/codefare.log").touch()
    for path in home.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    (home / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    before = os.umask(0)
    yield home
    os.umask(before)


async def _work(user: User, wire: WireServer, second: WireServer) -> None:
    """Each action, then each failure, one that another model makes good, and one that is cancelled."""
    for title, answer in GOOD.items():
        user.says(answer)
        await _run(user, title)
    user.says(f"```python\n{BETTER}```")
    at = {"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 10}}
    await _run(user, "Fix", diagnostics=[{"range": at, "message": "odd", "severity": 2}])
    for failure in FAILURES.values():
        before = len(wire.requests)
        wire.answer(failure, failure, failure)
        # By its name: a model that rests after a failure is not quoted otherwise.
        await _run(user, "codefare: other models")
        assert len(wire.requests) > before
        wire._queue.clear()
    wire.answer(LIMIT)
    await _run(user, "Refactor add")
    await _hang(user, second)
    await user.client.command("codefare.cancel")
    await user.told("Refactor add")


def _pick(params: dict[str, Any]) -> dict[str, int] | None:
    """Refactor by Claude, of all that is listed; nothing of what is asked after a failure."""
    wanted = {"codefare: add": "Refactor add", "Refactor add": "Claude"}.get(params["title"])
    if wanted is None:
        return None
    return {"index": next(at for at, item in enumerate(params["items"]) if wanted in item)}


async def _hang(user: User, second: WireServer) -> None:
    """An answer that never ends, at the provider that does not rest."""
    second.paths["/chat/completions"] = Answer(
        (*openai_stream(SECRET)[:2], Step.HANG), headers=STREAM
    )
    before = len(second.requests)
    await user.choose("Refactor add", 0)
    await user.until(lambda: len(second.requests) > before)


async def _run(user: User, title: str, **context: Any) -> None:
    """Runs an action to its end, on the code as it was."""
    user.editor.close(user.uri)
    user.editor.open(user.uri, CODE, "python")
    await user.choose(title, 2 if context else 0, **context)
    ended = lambda m: m.get("method") == "$/progress" and m["params"]["value"]["kind"] == "end"  # noqa: E731
    await user.client.expect(ended)


async def test_canaries_and_modes_of_a_whole_session(
    wide: Path,
    configure: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
    record_property: Any,
) -> None:
    """The key is in headers to the right host, the code in bodies, the cache and what is shown; nobody else reads."""
    home = wide
    command = json.dumps(
        [
            sys.executable,
            "-c",
            "import codecs; print(codecs.decode('fx-pnanelPBZZNAQxrl0123456789', 'rot13'))",
        ]
    )
    workspace = home / "work"
    workspace.mkdir()
    path = workspace / "sums.py"
    path.write_text(CODE)
    seen = home / "config" / "environment"
    checker = f"import os, sys; open({str(seen)!r}, 'a').write(str(os.environ)); sys.exit(0)"
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    # As much as Python tells of itself: each callback of the loop that is slow, each warning.
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "always")
    heard: list[str] = []
    async with WireServer().running() as wire, WireServer().running() as second:
        configure(
            'log_level = "debug"\ncomplexity = "high"\n'
            f'[providers.anthropic]\nbase_url = "{wire.url}"\n'
            f'[providers.openai]\nbase_url = "{second.url}"\napi_key_command = {command}\n'
            f"[checkers.python]\ncommand = {json.dumps([sys.executable, '-c', checker])}\n"
        )
        second.paths["/chat/completions"] = Answer(tuple(openai_stream(SECRET)), headers=STREAM)
        abilities = {
            "workspace": EDITS,
            "textDocument": {
                "codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}
            },
            "window": {"showDocument": {"support": True}, "workDoneProgress": True},
            **DIALOGS,
        }
        async with Client.start("-m", "codefare", "serve") as client:
            client.listeners.append(lambda message: heard.append(json.dumps(message)))
            folder = {"uri": workspace.as_uri(), "name": "work"}
            await client.initialize(abilities, workspaceFolders=[folder])
            user = User(client, Editor(client), wire, path, "anthropic")
            user.editor.open(user.uri, CODE, "python")
            client.answers["codefare/pick"] = _pick
            await _work(user, wire, second)
            assert not [
                line for line in processes() if KEY.encode() in line or PRINTED.encode() in line
            ]
            limits = Path(f"/proc/{client.process.pid}/limits").read_text()  # noqa: ASYNC240  no file
            assert re.search(r"Max core file size +0 ", limits)
            # It dies in the middle of a request.
            await _hang(user, second)
            client.process.send_signal(signal.SIGKILL)
            await client.process.wait()
        requests = wire.requests
        assert len(second.requests) > 2
        assert all(request.headers["x-api-key"] == KEY for request in requests)
        assert not [r for r in requests if KEY in r.path or KEY.encode() in r.body]
        for request in second.requests:  # what served in place of what failed
            assert request.headers["authorization"] == f"Bearer {PRINTED}"
            assert PRINTED.encode() not in request.body
            assert KEY not in str(request.headers)
    assert not [said for said in heard if "canaryENV" in said or "canaryCOMMAND" in said]
    assert not re.search(r"canary", client.stderr, re.IGNORECASE)
    assert "PATH" in seen.read_text()  # the checker ran
    assert "canaryENV" not in seen.read_text()
    _check_content(home)
    ours = _check_modes(home)
    count = len(requests) + len(second.requests)
    record_property(
        "told",
        f"Canaries: {len(GOOD) + 1} actions, {len(FAILURES) + 1} failures, a cancelled job and a crash: the key is in "
        f"{count} headers and nowhere else; {ours} files and folders are the user's alone",
    )


def _check_content(home: Path) -> None:
    assert holders(home, KEY, PRINTED) == set()
    found = {re.sub(r"reports/.*", "reports", name) for name in holders(home, SECRET)}
    kept = {"cache/codefare/answers/cache.db", "cache/codefare/answers/cache.db-wal"}
    assert found - kept == {"work/sums.py", "cache/codefare/reports"}
    assert "job" in (home / "state/codefare/log/codefare.log").read_text()
    assert any("ledger" in name for name in holders(home / "state", "claude"))


def _check_modes(home: Path) -> int:
    """How many files and folders are ours."""
    ours = [
        each
        for kind in ("cache", "state")
        for each in ((home / kind / "codefare"), *(home / kind / "codefare").rglob("*"))
    ]
    others = {each.name: each.stat().st_mode for each in ours if each.stat().st_mode & 0o077}
    assert others == {}
    assert list((home / "tmp").iterdir()) == []
    return len(ours)
