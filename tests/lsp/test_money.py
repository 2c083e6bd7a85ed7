"""Real servers that share a budget, are killed, or find their ledger held: nothing is lost, and no limit is passed."""

# A test may wait for files.

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.engine import DOCSTRING, engine
from tests.lsp.acting import User, acting, started
from tests.lsp.client import LIMIT
from tests.wire.server import Step, WireServer, event_stream
from tests.wire.vendors import anthropic_stream

from codefare.engine import Engine
from codefare.errors import OverBudget, StoreError
from codefare.source.document import Document
from codefare.source.file import read_document
from codefare.store import connection
from codefare.store.ledger import Ledger
from codefare.tasks.outcome import Edit

MESSAGES = "/v1/messages"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
BEGINNING = anthropic_stream(DOCSTRING)[:-3]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and permission bits of POSIX")


def functions(prefix: str, count: int) -> str:
    """A module of so many functions of three lines and a gap."""
    one = "def {0}_{1:03}(a, b):\n    c = a + b\n    return c * {1:03}\n\n\n"
    return "".join(one.format(prefix, number + 100) for number in range(count))


def document_all(user: User, lines: Iterable[int], version: int = 1) -> None:
    """Asks for the comments of the functions that begin on these lines, all at once."""
    for line in lines:
        at = {"line": line, "character": 4}
        place = {"uri": user.uri, "range": {"start": at, "end": at}, "version": version}
        user.client.request(
            "workspace/executeCommand", {"command": "codefare.document", "arguments": [place]}
        )


def beginnings(text: str) -> list[int]:
    """The lines on which functions begin."""
    return [at for at, line in enumerate(text.split("\n")) if line.startswith("def ")]


async def arrived(wire: WireServer, count: int) -> None:
    """Waits until so many requests have come."""
    async with asyncio.timeout(LIMIT):
        while len(wire.requests) < count:
            wire.asked.clear()
            await wire.asked.wait()


def _later(heard: asyncio.Event) -> None:
    asyncio.get_running_loop().call_soon(heard.set)


def said(user: User) -> list[str]:
    """Everything that the user was shown or asked."""
    received = user.client.received
    shown = [m["params"]["message"] for m in received if m.get("method") == "window/showMessage"]
    return shown + [title for title, _ in user.asked]


def rows(file: Path) -> list[dict[str, Any]]:
    """What is in the ledger."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute("SELECT * FROM attempt ORDER BY rowid")]


def sound(file: Path) -> bool:
    """Whether SQLite finds nothing wrong with a database."""
    with closing(sqlite3.connect(file)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


async def quote_of(made: Engine, path: Path, number: int = 0) -> Any:
    """The quote of the comment of one function."""
    document: Document = read_document(path)
    return await made.quote(
        made.quoter.ask(
            "document",
            document,
            document.target(document.span_of_lines(5 * number + 1, 5 * number + 1)),
        )
    )


async def test_ten_actions_of_two_servers_with_a_budget_for_three(
    wire: WireServer, configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, record_property
) -> None:
    """At most three requests arrive, the other seven are told why, and what was answered is paid for once."""
    paths = [tmp_path / "one.py", tmp_path / "two.py"]
    for path in paths:
        path.write_text(functions(path.stem, 5), "utf-8")
    async with engine(wire, configure, monkeypatch) as made:
        ceiling = (await quote_of(made, paths[0])).cost.ceiling
    budget = f'[budget]\nper_day_usd = "{ceiling * 3 + ceiling / 2}"\n'
    go = asyncio.Event()
    wire.paths[MESSAGES] = event_stream(*BEGINNING, go, *anthropic_stream(DOCSTRING)[-3:])
    async with (
        acting(wire, configure, paths[0], functions("one", 5), settings=budget) as one,
        acting(wire, configure, paths[1], functions("two", 5), settings=budget) as two,
    ):
        heard = asyncio.Event()
        for user in (one, two):
            # Once the message is answered, too.
            user.client.listeners.append(lambda _: _later(heard))
            document_all(user, beginnings(user.text))

        def refused() -> int:
            return sum("today's budget" in text for user in (one, two) for text in said(user))

        def answered() -> int:
            return sum(user.text.count("Add two numbers.") for user in (one, two))

        async def until(holds: Callable[[], bool]) -> None:
            async with asyncio.timeout(LIMIT):
                while not holds():
                    heard.clear()
                    await heard.wait()

        await until(lambda: refused() == 7)
        await arrived(wire, 3)
        go.set()
        await until(lambda: answered() == 3)
    assert len(wire.requests) == 3
    found = rows(tmp_path / "home" / "state" / "codefare" / "ledger.db")
    assert [row["ending"] for row in found] == ["complete"] * 3
    assert len({row["pid"] for row in found}) <= 2
    told = f"10 actions of two servers, a budget for 3: {len(wire.requests)} requests, {refused()} refusals"
    record_property("told", told)


async def test_a_server_that_is_killed_during_fifty_streams(
    wire: WireServer,
    configure,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    home: Path,
    record_property,
) -> None:
    """Every attempt is settled at its ceiling, the budget holds before and after, and the paid answer is there."""
    path = tmp_path / "sums.py"
    state, cache = home / "state" / "codefare", home / "cache" / "codefare"
    code = functions("sum", 51)
    before = os.umask(0)
    try:
        async with started(wire, configure, path, code) as user:
            user.says(DOCSTRING)
            document_all(user, [0])
            await user.until(lambda: "Add two numbers" in user.text)
            # Not saved: on disk is still what was paid for.
            wire.paths[MESSAGES] = event_stream(*BEGINNING, Step.HANG)
            document_all(user, beginnings(user.text)[1:], version=2)
            await arrived(wire, 51)
            ledger = Ledger(state)
            meanwhile = await ledger.today()
            assert (meanwhile.open_attempts, meanwhile.attempts) == (50, 1)
            os.kill(user.client.process.pid, signal.SIGKILL)
            await user.client.process.wait()
    finally:
        os.umask(before)
    modes = {
        file: file.stat().st_mode & 0o777
        for top in (state, cache)
        for file in (top, *top.rglob("*"))
    }
    assert {mode for file, mode in modes.items() if file.is_dir()} == {0o700}
    assert {mode for file, mode in modes.items() if file.is_file()} == {0o600}
    await ledger.close()

    limit = meanwhile.cost_usd + meanwhile.reserved_usd
    budget = f'[budget]\nper_day_usd = "{limit}"\n'
    async with engine(wire, configure, monkeypatch, budget) as made:
        quote = await quote_of(made, path)
        assert quote.cached
        assert (await made.run(quote)).cached
        with pytest.raises(OverBudget):
            await made.run(await quote_of(made, path, 1))
        after = await made.ledger.today()
    assert (after.open_attempts, after.attempts) == (0, 51)
    assert after.cost_usd == limit
    first, *crashed = rows(state / "ledger.db")
    assert first["ending"] == "complete"
    assert {row["ending"] for row in crashed} == {"crashed"}
    assert all(row["cost_usd"] == row["ceiling_usd"] != "0" for row in crashed)
    assert len(wire.requests) == 51
    assert sound(state / "ledger.db")
    assert sound(cache / "answers" / "cache.db")
    told = f"killed during 50 streams: {len(crashed)} settled at their ceilings, ${after.cost_usd} in all"
    record_property("told", told)


async def test_a_ledger_that_breaks_in_a_session_is_told(
    wire: WireServer, configure, tmp_path: Path, home: Path
) -> None:
    """Without a budget work goes on, and the user learns once, in the editor, that nothing is recorded."""
    path = tmp_path / "sums.py"
    async with acting(wire, configure, path, functions("sum", 2)) as user:
        user.says(DOCSTRING, DOCSTRING)
        document_all(user, [0])
        await user.until(lambda: "Add two numbers" in user.text)
        ledger = home / "state" / "codefare" / "ledger.db"
        broken = ledger.with_name("broken")
        broken.write_bytes(b"not a database" * 1000)
        broken.replace(ledger)
        for beside in ("ledger.db-wal", "ledger.db-shm"):
            ledger.with_name(beside).unlink()
        document_all(user, beginnings(user.text)[1:], version=2)
        await user.until(lambda: user.text.count("Add two numbers") == 2)
        told = [text for text in said(user) if "not being recorded" in text]
    assert len(told) == 1
    assert "is damaged" in told[0]
    assert "Move the file away" in told[0]


@pytest.mark.parametrize("budget", [False, True])
async def test_a_ledger_that_another_program_holds(
    wire: WireServer, configure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: Path, budget
) -> None:
    """For longer than is waited for it: with a budget nothing is sent, without one the answer comes, and it is told."""
    monkeypatch.setattr(connection, "_LOCK_WAIT", 0.05)
    path = tmp_path / "sums.py"
    path.write_text(functions("sum", 1), "utf-8")
    wire.sse(*anthropic_stream(DOCSTRING))
    settings = '[budget]\nper_day_usd = "1"\n' if budget else ""
    async with engine(wire, configure, monkeypatch, settings) as made:
        quote = await quote_of(made, path)
        await made.ledger.open()
        with closing(sqlite3.connect(home / "state" / "codefare" / "ledger.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            if budget:
                with pytest.raises(StoreError, match="held by another program"):
                    await made.run(quote)
            else:
                assert isinstance((await made.run(quote)).outcome, Edit)
            assert "held by another program" in (made.ledger.health or "")
            other.rollback()
        spent = await made.ledger.today()
        assert (spent.attempts, spent.open_attempts, made.ledger.health) == (0, 0, None)
    assert len(wire.requests) == (0 if budget else 1)
