"""Where keys come from, and what is not taken for one."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from codefare.errors import KeyMissing
from codefare.providers.access import ProviderSettings
from codefare.providers.keys import KeyRing
from codefare_catalog import Provider

if TYPE_CHECKING:
    from pathlib import Path

HOSTED = Provider("hosted", "Hosted", "https://example.com", "openai", key_env="HOSTED_KEY")
OPEN = Provider("local", "Local server", "http://localhost", "openai", self_hosted=True)


def python(program: str, *arguments: str) -> tuple[str, ...]:
    """A command that runs this program."""
    return (sys.executable, "-c", program, *arguments)


def ring(
    *, environ: dict[str, str] | None = None, seconds: float = 30.0, **settings: object
) -> KeyRing:
    """A ring with these settings for the hosted provider."""
    own = ProviderSettings(**settings)  # type: ignore[arg-type] # the tests name the fields
    return KeyRing({"hosted": own}, environ or {}, seconds=seconds)


async def revealed(keys: KeyRing, provider: Provider = HOSTED) -> str | None:
    """The key in clear."""
    key = await keys.key(provider)
    return key.reveal() if key else None


async def test_key_from_the_catalogs_variable() -> None:
    """The catalog's variable holds the key where nothing else is configured."""
    keys = ring(environ={"HOSTED_KEY": "k-1"})
    assert keys.missing(HOSTED) is None
    assert await revealed(keys) == "k-1"


async def test_users_variable_replaces_the_catalogs() -> None:
    """A variable that the user names replaces the catalog's, even if only the latter is set."""
    keys = ring(environ={"HOSTED_KEY": "k-1", "MINE": "k-2"}, api_key_env="MINE")
    assert await revealed(keys) == "k-2"
    bare = ring(environ={"HOSTED_KEY": "k-1"}, api_key_env="MINE")
    assert bare.missing(HOSTED) == "no key: set MINE"


async def test_command_comes_before_the_catalogs_variable() -> None:
    """A command that the user configured is meant more than a variable that any program may use."""
    keys = ring(environ={"HOSTED_KEY": "k-1"}, api_key_command=python("print('k-3')"))
    assert await revealed(keys) == "k-3"


async def test_users_variable_comes_before_the_command() -> None:
    """With both configured, the variable wins where it is set, and the command serves where it is not."""
    command = python("print('k-3')")
    both = ring(environ={"MINE": "k-2"}, api_key_env="MINE", api_key_command=command)
    assert await revealed(both) == "k-2"
    assert await revealed(ring(api_key_env="MINE", api_key_command=command)) == "k-3"


async def test_no_key_is_needed() -> None:
    """A provider without a key variable needs none."""
    keys = KeyRing({}, {})
    assert keys.missing(OPEN) is None
    assert await revealed(keys, OPEN) is None


@pytest.mark.parametrize("environ", [{}, {"HOSTED_KEY": ""}])
async def test_missing_key(environ: dict[str, str]) -> None:
    """Without a key, the error names the variable and the setting."""
    keys = KeyRing({}, environ)
    assert keys.missing(HOSTED) is not None
    with pytest.raises(KeyMissing) as caught:
        await keys.key(HOSTED)
    assert "HOSTED_KEY" in caught.value.text
    assert "[providers.hosted]" in caught.value.remedy


@pytest.mark.parametrize(
    "key", ["k-1\n", "k-1\r\nx: y", "k 1", "k\t1", "k\x001", "clé", "k\x7f", "“k”"]
)
async def test_what_cannot_be_a_key(key: str) -> None:
    """Line ends, spaces, control characters and non-ASCII are refused before they reach a header."""
    keys = KeyRing({}, {"HOSTED_KEY": key})
    assert keys.missing(HOSTED) is not None
    with pytest.raises(KeyMissing, match="HOSTED_KEY") as caught:
        await keys.key(HOSTED)
    assert key not in caught.value.text
    assert keys.ready(HOSTED) is None


async def test_command_is_not_run_to_look(tmp_path: Path) -> None:
    """Whether there is a key is told without running the command."""
    mark = tmp_path / "ran"
    program = "import pathlib, sys; pathlib.Path(sys.argv[1]).touch(); print('k')"
    keys = ring(api_key_command=python(program, str(mark)))
    assert keys.missing(HOSTED) is None
    assert keys.ready(HOSTED) is None
    assert not mark.exists()
    assert await revealed(keys) == "k"
    assert mark.exists()


async def test_command_runs_once(tmp_path: Path) -> None:
    """Requests at the same time share one run, later ones its result; a refused key is asked for anew."""
    log = tmp_path / "runs"
    program = "import sys; open(sys.argv[1], 'a').write('x'); print('k')"
    keys = ring(api_key_command=python(program, str(log)))
    assert await asyncio.gather(*(revealed(keys) for _ in range(5))) == ["k"] * 5
    await revealed(keys)
    assert log.read_text() == "x"
    keys.forget(HOSTED)
    await revealed(keys)
    assert log.read_text() == "xx"


async def test_command_output_is_stripped() -> None:
    """Line ends around the key, Windows' too, are not part of it."""
    keys = ring(api_key_command=python(r"import sys; sys.stdout.write('\n k-1 \r\n')"))
    assert await revealed(keys) == "k-1"


async def test_command_runs_in_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder, a workspace in most editors, gives the command neither its folder nor its program."""
    home, workspace, programs = (tmp_path / name for name in ("home", "workspace", "programs"))
    for folder, said in ((home, "home"), (workspace, "trap"), (programs, "real")):
        (folder / "bin").mkdir(parents=True)
        for file in (folder / "a-key", folder / "bin" / "a-key"):
            file.write_text(f'#!/bin/sh\necho "{said}:$PWD"\n')
            file.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f":.:bin:{programs}:/bin:/usr/bin")
    monkeypatch.chdir(workspace)
    assert await revealed(ring(api_key_command=("a-key",))) == f"real:{home}"
    assert await revealed(ring(api_key_command=("~/a-key",))) == f"home:{home}"
    (programs / "a-key").unlink()
    for name, says in (("a-key", "is not on the PATH"), ("bin/a-key", "by a relative path")):
        with pytest.raises(KeyMissing, match=says):
            await revealed(ring(api_key_command=(name,)))


async def test_command_has_no_input() -> None:
    """A command that asks for a passphrase finds no input: it must not wait on the editor's."""
    keys = ring(api_key_command=python("import sys; print('got' + sys.stdin.read() + 'nothing')"))
    mine, (read, write) = os.dup(0), os.pipe()
    try:
        os.dup2(read, 0)  # as under an editor: this process has an input that stays open
        async with asyncio.timeout(60):
            assert await revealed(keys) == "gotnothing"
    finally:
        os.dup2(mine, 0)
        for descriptor in (mine, read, write):
            os.close(descriptor)


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys; print('SECRET'); sys.exit(3)", "exit code 3"),
        ("pass", "printed nothing"),
        ("print('SECRET one'); print('two')", "a space, a line end"),
        ("import sys; sys.stdout.buffer.write(b'SECRET\\xff')", "not ASCII"),
        ("print('SECRET' * 100_000)", "too long"),
    ],
)
async def test_command_that_fails(program: str, says: str) -> None:
    """A failed command is named by its program and what happened; its output and arguments are not shown."""
    keys = ring(api_key_command=python(program, "argument-with-a-secret"))
    with pytest.raises(KeyMissing) as caught:
        await keys.key(HOSTED)
    text = caught.value.text
    assert says in text
    assert "python" in text
    assert "SECRET" not in text
    assert "argument-with" not in text
    assert sys.executable not in text


async def test_command_that_is_not_there() -> None:
    """A program that does not exist is told by its name."""
    keys = ring(api_key_command=("/nowhere/such-a-program", "x"))
    with pytest.raises(KeyMissing, match="such-a-program") as caught:
        await keys.key(HOSTED)
    assert "nowhere" not in caught.value.text


async def test_command_that_hangs(tmp_path: Path) -> None:
    """A command that does not finish is ended, with a grandchild that holds its output open, too."""
    pid = tmp_path / "pid"
    program = (
        "import os, pathlib, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], stdin=subprocess.PIPE)\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    keys = ring(api_key_command=python(program, str(pid)), seconds=2.0)
    async with asyncio.timeout(60):
        with pytest.raises(KeyMissing, match="did not finish in 2 s"):
            await keys.key(HOSTED)
    with pytest.raises(ProcessLookupError):
        _signal_nothing(int(pid.read_text()))


def _signal_nothing(pid: int) -> None:
    os.kill(pid, 0)


async def test_cancelled_command_is_ended(tmp_path: Path) -> None:
    """Whoever cancels the action ends the command, and the next request runs it anew."""
    mark = tmp_path / "pid"
    program = (
        "import os, pathlib, sys, time\n"
        "first = not pathlib.Path(sys.argv[1]).exists()\n"
        "pathlib.Path(sys.argv[1] + '.new').write_text(str(os.getpid()))\n"
        "os.replace(sys.argv[1] + '.new', sys.argv[1])\n"
        "time.sleep(600 if first else 0)\n"
        "print('k')"
    )
    keys = ring(api_key_command=python(program, str(mark)))
    task = asyncio.create_task(keys.key(HOSTED))
    async with asyncio.timeout(60):
        await asyncio.to_thread(_wait_for, mark)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(ProcessLookupError):
            _signal_nothing(int(mark.read_text()))
        assert await revealed(keys) == "k"


def _wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)
