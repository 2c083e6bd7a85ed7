# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from codefare.errors import StoreError
from codefare.store.answers import AnswerStore, StoredAnswer
from codefare_catalog import Usage

MEGABYTE = 2**20
DAY = 24 * 60 * 60

# A program that keeps some answers of its own, once told to begin.
KEEP = """
import asyncio, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from codefare.store.answers import AnswerStore, StoredAnswer
from codefare_catalog import Usage

async def main(folder, name, count):
    store = AnswerStore(Path(folder), 2**28, 86400)
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(int(count)):
        answer = StoredAnswer(f"{name} {n}", "m", "p", Usage(), Decimal(0), datetime.now(UTC), "t")
        await store.put(f"{name}-{n}", answer)
    print(store.health, flush=True)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


def answer(text: str = "an answer", *, age: timedelta = timedelta()) -> StoredAnswer:
    """An answer that was paid for a while ago."""
    return StoredAnswer(
        text, "m", "p", Usage(input=5, output=7), Decimal("0.01"), datetime.now(UTC) - age, "t"
    )


Stores = Callable[..., AnswerStore]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the cache is; not there yet."""
    return tmp_path / "cache" / "answers"


@pytest.fixture
async def stores(folder: Path) -> AsyncIterator[Stores]:
    """Makes stores over the folder, each a session of its own, and closes them."""
    made: list[AnswerStore] = []

    def make(at: Path = folder, size: int = 256 * MEGABYTE, age: float = 30 * DAY) -> AnswerStore:
        made.append(AnswerStore(at, size, age))
        return made[-1]

    yield make
    for store in made:
        await store.close()


async def test_an_answer_is_found_in_a_later_session(stores: Stores) -> None:
    """What was paid for once is answered from disk, after a restart too."""
    first = stores()
    paid = answer("text with \ud800 and\r\nlines")
    await first.put("key", paid)
    assert await first.get("key") == paid
    await first.close()
    assert await stores().get("key") == paid


async def test_what_was_never_kept_is_not_found(stores: Stores) -> None:
    """A new cache is empty and says nothing of it."""
    store = stores()
    assert await store.get("key") is None
    assert await store.has(["key"]) == frozenset()
    assert store.health is None


async def test_has_tells_for_several_keys_at_once(stores: Stores) -> None:
    """Hover asks for all its actions in one go."""
    store = stores()
    await store.put("a", answer())
    await store.put("c", answer())
    assert await store.has(["a", "b", "c"]) == {"a", "c"}
    assert await store.has([]) == frozenset()


async def test_an_answer_past_its_age_is_neither_shown_nor_given(stores: Stores) -> None:
    """`has` never promises for free what `get` would not give: the limit may have been lowered since."""
    old = stores()
    await old.put("key", answer(age=timedelta(days=8)))
    assert await old.has(["key"]) == {"key"}
    strict = stores(age=7 * DAY)
    assert await strict.has(["key"]) == frozenset()
    assert await strict.get("key") is None
    assert (await strict.info()).entries == 0


async def test_an_answer_expires(stores: Stores) -> None:
    """An answer that is too old already is not kept at all."""
    store = stores(age=60)
    await store.put("key", answer(age=timedelta(seconds=61)))
    assert await store.get("key") is None


async def test_the_size_limit_holds(stores: Stores, folder: Path) -> None:
    """The newest answers stay, the oldest go, and the file does not outgrow its limit."""
    store = stores(size=MEGABYTE)
    for n in range(80):
        await store.put(str(n), answer(os.urandom(15_000).hex()))
        assert (folder / "cache.db").stat().st_size <= MEGABYTE + 64 * 1024
    assert await store.has(["79"]) == {"79"}
    assert await store.has(["0"]) == frozenset()
    assert (await store.info()).entries > 15


async def test_a_lowered_size_limit_holds_at_once(stores: Stores, folder: Path) -> None:
    """Who gives the cache less room gets the room back with the next answer."""
    roomy = stores()
    for n in range(80):
        await roomy.put(str(n), answer(os.urandom(15_000).hex()))
    await roomy.close()
    assert (folder / "cache.db").stat().st_size > 2 * MEGABYTE
    tight = stores(size=MEGABYTE)
    await tight.put("new", answer())
    await tight.close()
    assert (folder / "cache.db").stat().st_size <= MEGABYTE


async def test_an_answer_in_use_outlives_one_that_is_not(stores: Stores) -> None:
    """What is evicted first is what was not asked for."""
    store = stores(size=MEGABYTE)
    await store.put("used", answer("x"))
    await store.put("unused", answer("y"))
    for n in range(60):
        await store.put(str(n), answer(os.urandom(15_000).hex()))
        assert await store.get("used") is not None
    assert await store.get("unused") is None


async def test_an_answer_larger_than_half_the_cache_is_not_kept(stores: Stores) -> None:
    """One huge answer does not drive out all others."""
    store = stores(size=MEGABYTE)
    await store.put("small", answer())
    await store.put("huge", answer("x" * MEGABYTE))
    assert await store.has(["small", "huge"]) == {"small"}


async def test_a_limit_of_nothing_turns_the_cache_off(stores: Stores, folder: Path) -> None:
    """Who wants no cache gets no file either."""
    store = stores(size=0)
    await store.open()
    await store.put("key", answer())
    assert await store.get("key") is None
    assert await store.has(["key"]) == frozenset()
    assert not folder.exists()


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
@pytest.mark.parametrize("umask", [0o000, 0o777])
async def test_only_the_owner_can_read_whatever_the_umask(
    stores: Stores, folder: Path, mode: Callable[[Path], int], umask: int
) -> None:
    """Folders are 0700 and files 0600, those that SQLite makes as well."""
    before = os.umask(umask)
    try:
        await stores().put("key", answer())
        files = {file.name: mode(file) for file in folder.iterdir()}
    finally:
        os.umask(before)
    assert mode(folder) == mode(folder.parent) == 0o700
    assert files == dict.fromkeys(("cache.db", "cache.db-shm", "cache.db-wal"), 0o600)


@pytest.mark.skipif(os.name != "posix", reason="permission bits")
async def test_a_cache_that_others_could_read_is_closed_to_them(
    stores: Stores, folder: Path, mode: Callable[[Path], int]
) -> None:
    """A folder and a file that exist are made private before anything is written."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    names = ("cache.db", "cache.db-shm", "cache.db-wal")
    for name in names:
        (folder / name).touch()
        (folder / name).chmod(0o666)
    await stores().put("key", answer())
    assert mode(folder) == 0o700
    assert {name: mode(folder / name) for name in names} == dict.fromkeys(names, 0o600)


async def test_info_and_clear(stores: Stores, folder: Path) -> None:
    """A user sees what is there and can delete it; what was deleted does not stay in a log file."""
    store = stores()
    early = answer("the earliest", age=timedelta(days=3))
    await store.put("a", early)
    await store.put("b", answer("secret-text-of-an-answer"))
    info = await store.info()
    assert (info.folder, info.entries, info.oldest) == (folder, 2, early.created)
    assert (info.size_limit_bytes, info.max_age_seconds) == (256 * MEGABYTE, 30 * DAY)
    assert info.size_bytes > 0
    assert info.health is None
    assert await store.clear() == 2
    assert await store.has(["a", "b"]) == frozenset()
    assert (await store.info()).entries == 0
    assert (await store.info()).oldest is None
    assert not any(b"secret-text" in file.read_bytes() for file in folder.iterdir())


async def test_an_answer_is_kept_though_the_user_cancels(
    stores: Stores, gate: threading.Event
) -> None:
    """A cancel that comes while a complete answer is being stored does not lose it."""
    store = stores()
    store._worker.submit(gate.wait)
    task = asyncio.create_task(store.put("key", answer()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert await store.get("key") is not None


async def test_a_menu_does_not_wait_for_a_slow_disk(stores: Stores, gate: threading.Event) -> None:
    """`has` does without the cache soon, and what it had asked for is dropped, not queued up."""
    store = stores()
    await store.put("key", answer())
    store._worker.submit(gate.wait)
    assert await asyncio.gather(*(store.has(["key"]) for _ in range(50))) == [frozenset()] * 50
    assert store._worker._thread._work_queue.qsize() == 50
    gate.set()
    assert await store.has(["key"]) == {"key"}


async def test_a_question_that_is_withdrawn_is_dropped(
    stores: Stores, gate: threading.Event
) -> None:
    """A hover that the editor cancels leaves nothing to do behind."""
    store = stores()
    await store.open()
    store._worker.submit(gate.wait)
    ran = threading.Event()
    job = store._worker.run_within(60, ran.set, None)
    task = asyncio.create_task(job)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    assert (await store.info()).entries == 0
    assert not ran.is_set()


async def test_opening_ahead_never_fails(stores: Stores, tmp_path: Path, folder: Path) -> None:
    """A server warms the cache up when it starts, wherever the cache is."""
    await stores().open()
    assert (folder / "cache.db").exists()
    (tmp_path / "file").touch()
    broken = stores(tmp_path / "file")
    await broken.open()
    assert broken.health is not None


async def test_a_cache_that_could_not_be_opened_is_tried_again(
    stores: Stores, tmp_path: Path
) -> None:
    """A hover does not try each time; an answer that was paid for always does, and may mend it."""
    (tmp_path / "later").touch()
    store = stores(tmp_path / "later")
    await store.put("key", answer())
    (tmp_path / "later").unlink()
    assert await store.has(["key"]) == frozenset()
    assert not (tmp_path / "later").exists()
    await store.put("key", answer())
    assert store.health is None
    assert await store.has(["key"]) == {"key"}


async def test_a_closed_store_finds_nothing(stores: Stores) -> None:
    """A late request during shutdown gets a miss, not an error; closing twice is fine."""
    store = stores()
    await store.put("key", answer())
    await store.close()
    await store.close()
    await store.put("key", answer())
    assert await store.get("key") is None
    assert await store.has(["key"]) == frozenset()


async def test_a_cache_that_is_deleted_in_use_begins_anew(stores: Stores, folder: Path) -> None:
    """Who deletes the cache folder under a running server loses what was in it, and nothing after."""
    store = stores()
    await store.put("before", answer())
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert await store.get("before") is None
    await store.put("after", answer())
    await store.close()
    assert await stores().has(["before", "after"]) == {"after"}


async def test_several_processes_keep_answers_at_once(
    stores: Stores, folder: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """Editors that start together on a new machine all keep their answers."""
    programs = [start(KEEP, folder, name, 25) for name in "abcd"]
    await _all_at_once(programs)
    store = stores()
    for name in "abcd":
        keys = [f"{name}-{n}" for n in range(25)]
        assert await store.has(keys) == set(keys)
        last = await store.get(keys[-1])
        assert last is not None
        assert last.text == f"{name} 24"


async def test_reading_does_not_wait_for_another_process_that_writes(
    stores: Stores, folder: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """While another process holds the lock, hits stay hits and `health` says why nothing new is kept."""
    store = stores()
    await store.put("key", answer())
    holder = start(
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.readline()\n",
        folder / "cache.db",
    )
    assert holder.stdout is not None
    assert await asyncio.to_thread(holder.stdout.readline) == "held\n"
    assert await store.has(["key"]) == {"key"}
    assert await store.get("key") is not None
    await store.put("other", answer())
    assert store.health is not None
    assert "held by another program" in store.health
    await asyncio.to_thread(holder.communicate, "\n")
    await store.put("other", answer())
    assert (await store.info()).health is None
    assert await store.has(["key", "other"]) == {"key", "other"}


def test_the_stores_do_not_import_diskcache_before_it_is_needed() -> None:
    """It takes 20 to 35 ms: the first lookup pays for it, not the start."""
    program = "import sys, codefare.store; sys.exit('diskcache' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_without_a_folder_answers_are_merely_not_kept(
    stores: Stores, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A cache that cannot be is said once, in words a user can act on, and costs nothing else."""
    (tmp_path / "file").write_text("not a folder")
    store = stores(tmp_path / "file" / "answers")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await store.put("key", answer())
            assert await store.get("key") is None
            assert await store.has(["key"]) == frozenset()
    assert store.health is not None
    assert "Answers are not being kept" in store.health
    assert "Make its folder writable" in store.health
    assert len(caplog.records) == 1
    assert (await store.info()).health == store.health
    with pytest.raises(StoreError) as raised:
        await store.clear()
    assert raised.value.remedy == store.health


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes")
async def test_a_full_disk_keeps_what_is_there(
    stores: Stores, folder: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """When nothing more can be written, answers that were kept are still found and the server lives."""
    program = start(
        """
import asyncio, resource, sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from codefare.store.answers import AnswerStore, StoredAnswer
from codefare_catalog import Usage

async def main():
    store = AnswerStore(Path(sys.argv[1]), 2**28, 86400)
    def answer(text):
        return StoredAnswer(text, "m", "p", Usage(), Decimal(0), datetime.now(UTC), "t")
    await store.put("first", answer("kept"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    for n in range(40):
        await store.put(str(n), answer("x" * 20_000))
    found = await store.get("first")
    print(found and found.text, store.health is not None, await store.has(["first", "39"]))
    print(store.health)
    await store.close()

asyncio.run(main())
""",
        folder,
    )
    output, errors = await asyncio.to_thread(program.communicate)
    first, health = output.splitlines()
    assert first == "kept True frozenset({'first'})", errors
    assert "Answers are not being kept" in health
    assert program.returncode == 0
    assert await stores().has(["first"]) == {"first"}


async def _all_at_once(programs: list[subprocess.Popen[str]]) -> None:
    """Let programs that wait at their first input go together, and end well."""
    for program in programs:
        assert program.stdout is not None
        assert await asyncio.to_thread(program.stdout.readline) == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    for program in programs:
        output, errors = await asyncio.to_thread(program.communicate)
        assert (output, program.returncode) == ("None\n", 0), errors


async def test_a_damaged_cache_is_replaced_once_by_several_processes(
    stores: Stores, folder: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    """All find it broken at once; one sets it aside, none the new one, and no answer is lost."""
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(os.urandom(50_000))
    await _all_at_once([start(KEEP, folder, name, 10) for name in "abcd"])
    store = stores()
    keys = [f"{name}-{n}" for name in "abcd" for n in range(10)]
    assert await store.has(keys) == set(keys)
    assert len(list(folder.glob("cache.db.broken-*"))) == 1
