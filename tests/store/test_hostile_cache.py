"""A cache that was damaged, or that somebody put something into."""

# Nothing else runs on a test's loop that files could hold up.
# ruff: noqa: ASYNC240

from __future__ import annotations

import logging
import os
import pickle
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import diskcache
import pytest

from codefare.store import database, text_disk
from codefare.store.answers import AnswerStore, StoredAnswer
from codefare_catalog import Usage

ANSWER = StoredAnswer("an answer", "m", "p", Usage(), Decimal(0), datetime.now(UTC), "t")


class Payload:
    """Unpickled, it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._trace),)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """What a payload makes when it runs."""
    return tmp_path / "it-ran"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AnswerStore]:
    """A cache with one good answer under `good`."""
    made = AnswerStore(tmp_path / "answers", 2**28, 86_400)
    await made.put("good", ANSWER)
    yield made
    await made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The cache's database."""
    return tmp_path / "answers" / "cache.db"


def plant(file: Path, **columns: object) -> None:
    """Put a row into the database past everything."""
    row = {"key": "planted", "raw": 1, "store_time": 0.0, "expire_time": 1e12, "access_time": 0.0}
    row |= {"access_count": 0, "tag": None, "size": 0, "mode": 1, "filename": None, "value": ""}
    row |= columns
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            f"INSERT INTO Cache ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - names from above
            list(row.values()),
        )


async def test_a_planted_pickle_does_not_run(store: AnswerStore, file: Path, trace: Path) -> None:
    """A row of mode 4 runs code in diskcache's own `get`; here it is a miss that a new answer replaces."""
    plant(file, mode=4, value=pickle.dumps(Payload(trace)))
    assert await store.has(["planted", "good"]) == {"good"}
    assert await store.get("planted") is None
    with (
        closing(text_disk.open_cache(file.parent, 2**28, 1)) as cache,
        pytest.raises(text_disk.ForeignRowError),
    ):
        cache.get("planted")
    assert not trace.exists()
    with closing(diskcache.Cache(str(file.parent))) as unsafe:
        unsafe.get("planted")
    assert trace.exists(), "the payload does nothing, so that this test would prove nothing"
    await store.put("planted", ANSWER)
    assert await store.get("planted") == ANSWER


async def test_a_planted_pickle_file_does_not_run(
    store: AnswerStore, file: Path, trace: Path
) -> None:
    """A pickle in a file beside the database is not opened either."""
    (file.parent / "evil.val").write_bytes(pickle.dumps(Payload(trace)))
    plant(file, mode=4, filename="evil.val", value=None)
    assert await store.get("planted") is None
    assert not trace.exists()


async def test_a_planted_key_does_not_run(store: AnswerStore, file: Path, trace: Path) -> None:
    """A key with raw = 0 runs code when diskcache iterates; here nothing iterates, and if it did, it would refuse."""
    plant(file, key=pickle.dumps(Payload(trace)), raw=0)
    assert (await store.info()).entries == 1
    with (
        closing(text_disk.open_cache(file.parent, 2**28, 1)) as cache,
        pytest.raises(text_disk.ForeignRowError),
    ):
        list(cache)
    assert await store.clear() == 2
    assert not trace.exists()


async def test_what_is_culled_and_expires_does_not_run(tmp_path: Path, trace: Path) -> None:
    """A full cache lets rows go, the oldest first, and those whose time is up: unread, whatever they hold."""
    store = AnswerStore(tmp_path / "answers", 2**17, 86_400)
    await store.put("first", ANSWER)
    file = tmp_path / "answers" / "cache.db"
    payload = pickle.dumps(Payload(trace))
    (file.parent / "evil.val").write_bytes(payload)
    rows: tuple[dict[str, object], ...] = (
        {"mode": 4, "value": payload},
        {"mode": 4, "filename": "evil.val", "value": None},
        {"key": payload, "raw": 0},
        {"tag": payload, "expire_time": 1.0},
        {"mode": 4, "value": payload, "expire_time": 1.0},
    )
    for number, columns in enumerate(rows):
        plant(file, **{"key": f"planted-{number}", "size": 2**16, "store_time": 1.0} | columns)
    for number in range(40):
        await store.put(f"new-{number}", ANSWER)
    assert await store.get("new-39") == ANSWER
    with closing(sqlite3.connect(file)) as connection:
        left = connection.execute("SELECT count(*) FROM Cache WHERE store_time = 1.0").fetchone()
    assert left == (0,)
    assert (await store.info()).entries > 0
    await store.close()
    assert (file.parent / "evil.val").exists()
    assert not trace.exists()


@pytest.mark.parametrize("mode", [2, 3])
async def test_a_file_named_in_the_database_is_neither_read_nor_deleted(
    store: AnswerStore, file: Path, tmp_path: Path, mode: int
) -> None:
    """A planted file name does not lead out of the cache: not in get, not when replaced, not in clear."""
    victim = tmp_path / "victim.txt"
    victim.write_text("mine")
    plant(file, mode=mode, filename="../victim.txt", value=None)
    plant(file, key="other", mode=mode, filename=str(victim), value=None)
    assert await store.get("planted") is None
    await store.put("planted", ANSWER)
    await store.clear()
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("value", [b"bytes", 5, 1.5, None, "{}", '{"schema": 1}'])
async def test_a_foreign_value_is_a_miss(store: AnswerStore, file: Path, value: object) -> None:
    """Whatever else stands in a row is not an answer."""
    plant(file, value=value)
    assert await store.has(["planted"]) == frozenset()
    assert await store.get("planted") is None
    assert store.health is None


async def test_text_that_is_not_unicode_is_a_miss(store: AnswerStore, file: Path) -> None:
    """One row with flipped bits does not cost the others."""
    plant(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE Cache SET value = CAST(X'FFFE' AS TEXT) WHERE key = 'planted'")
    assert await store.get("planted") is None
    assert await store.get("good") == ANSWER


@pytest.mark.parametrize("value", [b"bytes", 5, object()])
def test_nothing_but_text_is_written(tmp_path: Path, value: object) -> None:
    """The other direction: neither keys nor values are ever pickled."""
    with closing(text_disk.open_cache(tmp_path, 2**28, 1)) as cache:
        with pytest.raises(TypeError):
            cache.set("key", value)
        with pytest.raises(TypeError):
            cache.set(value, "value")
        assert len(cache) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("disk_evil", 1), ("_disk", "x"), ("sqlite_no such pragma;", 1), ("cull", 5)],
)
async def test_planted_settings_do_not_stop_the_cache(
    tmp_path: Path, name: str, value: object
) -> None:
    """Settings in the database that are not diskcache's cost at most the old answers."""
    first = AnswerStore(tmp_path / "answers", 2**28, 86_400)
    await first.put("good", ANSWER)
    await first.close()
    with closing(sqlite3.connect(tmp_path / "answers" / "cache.db")) as connection, connection:
        connection.execute("INSERT INTO Settings VALUES (?, ?)", (name, value))
    second = AnswerStore(tmp_path / "answers", 2**28, 86_400)
    await second.put("new", ANSWER)
    assert await second.get("new") == ANSWER
    assert second.health is None
    await second.close()


@pytest.mark.parametrize("damage", ["noise", "cut", "pages", "text"])
async def test_a_damaged_cache_is_set_aside(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the damage, the next session keeps answers again, says so once and keeps the file."""
    folder = tmp_path / "answers"
    file = folder / "cache.db"
    first = AnswerStore(folder, 2**28, 86_400)
    for n in range(60):
        await first.put(f"old-{n}", ANSWER)
    await first.close()
    content = file.read_bytes()
    file.write_bytes(
        {
            "noise": os.urandom(40_000),
            "cut": content[: len(content) // 2],
            "pages": content[:4096] + os.urandom(len(content) - 4096),
            "text": b"this is no database",
        }[damage]
    )
    second = AnswerStore(folder, 2**28, 86_400)
    with caplog.at_level(logging.WARNING):
        for n in range(60):
            await second.get(f"old-{n}")
        await second.put("new", ANSWER)
    assert await second.get("new") == ANSWER
    assert second.health is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert len(list(folder.glob("cache.db.broken-*"))) == 1
    await second.close()


async def test_a_damaged_cache_that_cannot_be_moved_is_said(tmp_path: Path) -> None:
    """Where the broken file has to stay, answers are not kept and the user learns which file it is."""
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "cache.db").write_bytes(os.urandom(20_000))
    (folder / "repair.lock").mkdir()
    store = AnswerStore(folder, 2**28, 86_400)
    await store.put("new", ANSWER)
    assert await store.get("new") is None
    assert store.health is not None
    assert f"{folder / 'cache.db'} is damaged. Move the file away" in store.health
    await store.close()


def test_a_database_is_set_aside_once(tmp_path: Path) -> None:
    """Who finds the same file broken later than others does not take the new one away; one broken file is kept."""
    file = tmp_path / "cache.db"
    file.write_text("broken")
    broken = database.identity(file)
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert database.set_aside(file, broken, noon)
    file.write_text("new")
    assert not database.set_aside(file, broken, noon + timedelta(seconds=1))
    assert file.read_text() == "new"
    assert database.set_aside(file, database.identity(file), noon + timedelta(seconds=2))
    (kept,) = tmp_path.glob("cache.db.broken-*")
    assert kept.read_text() == "new"
    assert not database.set_aside(file, None, noon)


async def test_clearing_removes_what_was_set_aside(tmp_path: Path) -> None:
    """Who clears the cache expects that no answer is left, in no file."""
    folder = tmp_path / "answers"
    for noise in (b"first" * 1000, b"second" * 1000):
        folder.mkdir(exist_ok=True)
        (folder / "cache.db").write_bytes(noise)
        store = AnswerStore(folder, 2**28, 86_400)
        await store.put("new", ANSWER)
        await store.close()
    (kept,) = folder.glob("cache.db.broken-*")
    assert kept.read_bytes().startswith(b"second")
    store = AnswerStore(folder, 2**28, 86_400)
    assert await store.clear() == 1
    await store.close()
    assert not kept.exists()
