"""Dismissed findings stay dismissed: in every session and server, and wherever their code goes."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codefare.source.diagnostic import Severity
from codefare.source.target import Span
from codefare.store import dismissals as module
from codefare.store.dismissals import Dismissals
from codefare.tasks.outcome import Finding

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Start = Callable[..., "subprocess.Popen[str]"]
Stores = Callable[..., Dismissals]
FILE = "stats.py"
FINDING = Finding(
    None,
    Span(40, 68),
    "return sum(values) / len(values)",
    Severity.ERROR,
    "Division by zero when `values` is empty.",
    "Return 0.",
)

# A program that dismisses some findings of its own, each in a call.
DISMISS = """
import asyncio, sys
from pathlib import Path
from codefare.source.diagnostic import Severity
from codefare.source.target import Span
from codefare.store.dismissals import Dismissals
from codefare.tasks.outcome import Finding

async def main(folder, name, times):
    store = Dismissals(Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(times)):
        found = Finding(None, Span(0, 1), f"{name} {number}", Severity.ERROR, "Wrong.")
        await store.dismiss([found], "a.py")
    await store.close()
    print(store.health, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the dismissals are; not there yet."""
    return tmp_path / "state"


@pytest.fixture
def file(folder: Path) -> Path:
    """Their database."""
    return folder / "dismissals.db"


@pytest.fixture
async def stores(folder: Path) -> AsyncIterator[Stores]:
    """Makes stores over the folder, as sessions have them, and closes them."""
    made: list[Dismissals] = []

    def make(at: Path = folder, *, clock: Callable[[], datetime] = lambda: NOON) -> Dismissals:
        made.append(Dismissals(at, clock=clock))
        return made[-1]

    yield make
    for store in made:
        await store.close()


async def is_dismissed(store: Dismissals, finding: Finding, file: str = FILE) -> bool:
    """Whether a finding is held back."""
    return await store.without_dismissed([finding], file) == ()


async def test_a_dismissal_outlives_the_session(stores: Stores) -> None:
    """What was dismissed in one session is held back in the next, and nothing else is."""
    first = stores()
    other = replace(FINDING, message="The sum may overflow.")
    assert await first.without_dismissed([FINDING, other], FILE) == (FINDING, other)
    await first.dismiss([FINDING], FILE)
    assert await first.without_dismissed([FINDING, other], FILE) == (other,)
    await first.close()
    assert await stores().without_dismissed([other, FINDING], FILE) == (other,)


async def test_servers_share_the_dismissals(stores: Stores) -> None:
    """What is dismissed in one server is held back in those that run beside it."""
    one, two = stores(), stores()
    assert not await is_dismissed(two, FINDING)
    await one.dismiss([FINDING], FILE)
    assert await is_dismissed(two, FINDING)


@pytest.mark.parametrize(
    "again",
    [
        replace(FINDING, span=Span(4_000, 4_028)),
        replace(FINDING, path=Path("/elsewhere/stats.py")),
        replace(FINDING, code="\treturn  sum(values) / len(values)\r\n"),
        replace(FINDING, severity=Severity.WARNING, advice="Raise an error."),
        replace(FINDING, message="Raises ZeroDivisionError when `values` is empty"),
        replace(FINDING, message="When `values` is empty, division by zero occurs."),
    ],
)
async def test_the_same_finding_is_known_again(stores: Stores, again: Finding) -> None:
    """It may have moved, be indented anew, be graded otherwise, and be said in other words."""
    store = stores()
    await store.dismiss([FINDING], FILE)
    assert await is_dismissed(store, again)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, code="return sum(values) / count"),
        replace(FINDING, message="`len` is called though `values` may be a generator."),
        replace(FINDING, message="The result of a sum of floats is not exact."),
        replace(FINDING, message="?"),
    ],
)
async def test_another_finding_is_shown(stores: Stores, other: Finding) -> None:
    """Another problem of the same line is none that was dismissed; nor is the same on changed code."""
    store = stores()
    await store.dismiss([FINDING], FILE)
    assert not await is_dismissed(store, other)


async def test_a_dismissal_holds_for_one_file(stores: Stores) -> None:
    """The same code in a file of another name has to be looked at on its own."""
    store = stores()
    await store.dismiss([FINDING], FILE)
    assert not await is_dismissed(store, FINDING, "other.py")


async def test_nothing_of_the_code_can_be_read_from_the_file(
    stores: Stores, folder: Path, mode: Callable[[Path], int]
) -> None:
    """The file holds no word of code, message or name, is the owner's alone, and hashes differ between users."""
    hashes = []
    for place in (folder, folder.with_name("another")):
        store = stores(place)
        before = os.umask(0)
        try:
            await store.dismiss([FINDING], FILE)
        finally:
            os.umask(before)
        files = [found for found in place.iterdir() if found.is_file()]
        assert {mode(found) for found in files} == {0o600}
        data = b"".join(found.read_bytes() for found in files).lower()
        for word in (b"values", b"division", b"return", b"stats", b"empty"):
            assert word not in data
        with closing(sqlite3.connect(place / "dismissals.db")) as database:
            hashes.append(database.execute("SELECT code, words FROM dismissal").fetchone())
    assert mode(folder) == 0o700
    assert hashes[0][0] != hashes[1][0]
    assert not set(module._split(hashes[0][1])) & set(module._split(hashes[1][1]))


async def test_the_file_is_bounded(
    stores: Stores, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the limit the oldest go; one that is dismissed anew is young again."""
    monkeypatch.setattr(module, "MOST", 3)
    moments = iter(range(100))
    store = stores(clock=lambda: NOON + timedelta(seconds=next(moments)))
    findings = [replace(FINDING, code=f"x = {number}") for number in range(4)]
    for finding in [*findings[:3], findings[0], findings[3]]:
        await store.dismiss([finding], FILE)
    left = await store.without_dismissed(findings, FILE)
    assert left == (findings[1],)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM dismissal").fetchone() == (3,)


async def test_servers_that_begin_and_write_at_once(start: Start, stores: Stores, folder: Path):
    """Four servers that start on no file at all lose none of their dismissals."""
    servers = [start(DISMISS, folder, name, 25) for name in "abcd"]
    for server in servers:
        assert server.stdout
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        assert server.stdin
        server.stdin.write("go\n")
        server.stdin.flush()
    assert [server.communicate()[0] for server in servers] == ["None\n"] * 4
    findings = [
        Finding(None, Span(0, 1), f"{name} {number}", Severity.ERROR, "Wrong.")
        for name in "abcd"
        for number in range(25)
    ]
    assert await stores().without_dismissed(findings, "a.py") == ()


def held(file: Path) -> object:
    """What a file or folder holds; of a database the tables."""
    if not file.is_file():
        return file.exists()
    try:
        with closing(sqlite3.connect(file)) as database:
            return list(database.iterdump())
    except sqlite3.DatabaseError:
        return file.read_bytes()


def _damage(file: Path) -> None:
    file.write_bytes(b"no database at all" * 100)


def _foreign(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE other (x)")


def _tables_gone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE dismissal (x)")
        database.execute("PRAGMA user_version = 1")
        database.commit()


@pytest.mark.parametrize("spoil", [_damage, _foreign, _tables_gone, Path.mkdir])
async def test_a_file_that_cannot_be_used_is_said_and_left_alone(
    stores: Stores, file: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """What is dismissed holds for the session, the file is not touched; once it is away, nothing is lost."""
    file.parent.mkdir()
    spoil(file)
    before = held(file)
    store = stores()
    await store.open()
    assert str(file) in (store.health or "")
    await store.dismiss([FINDING], FILE)
    assert await is_dismissed(store, FINDING)
    assert len(caplog.records) == 1
    assert "values" not in caplog.text
    assert held(file) == before
    file.rename(file.with_name("away"))
    assert await is_dismissed(store, FINDING)
    assert not store.health
    assert await is_dismissed(stores(), FINDING)


@pytest.mark.skipif(os.name != "posix", reason="there are no such rights")
async def test_a_folder_that_cannot_be_made(stores: Stores, folder: Path) -> None:
    """Without a place to write to, dismissals hold for the session."""
    folder.write_text("a file")
    store = stores()
    await store.dismiss([FINDING], FILE)
    assert await is_dismissed(store, FINDING)
    assert store.health
    await store.close()


async def test_a_file_that_is_deleted_is_made_anew(stores: Stores, file: Path) -> None:
    """Whoever deletes the file forgets the dismissals; the server goes on with a new one."""
    store = stores()
    await store.dismiss([FINDING], FILE)
    for found in file.parent.iterdir():
        found.unlink()
    assert not await is_dismissed(store, FINDING)
    await store.dismiss([FINDING], FILE)
    assert await is_dismissed(stores(), FINDING)


async def test_half_characters_do_no_harm(stores: Stores) -> None:
    """An editor may send half a surrogate pair in the code."""
    store = stores()
    half = replace(FINDING, code="x = '\ud83d'")
    await store.dismiss([half], FILE)
    assert await is_dismissed(store, half)
    assert not await is_dismissed(store, replace(half, code="x = '\ud83e'"))


async def test_a_closed_store_holds_nothing_back(stores: Stores) -> None:
    """A call that comes after the end is no error."""
    store = stores()
    await store.close()
    await store.dismiss([FINDING], FILE)
    assert not await is_dismissed(store, FINDING)
