"""An action that is cancelled at any stage ends at once: nothing stays open, and only what was sent is paid."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.lsp.acting import User, acting, started
from tests.lsp.client import LIMIT, NEVER, Error
from tests.wire.listener import Listener
from tests.wire.server import Answer, Step, WireServer
from tests.wire.vendors import anthropic_stream

CODE = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
ADD, SUB = 0, 4  # the lines of the functions
ANSWER = '```python\n"""Add two numbers."""\n```'
SUBTRACTED = '```python\n"""Subtract b from a."""\n```'
BETTER = "```python\ndef add(a, b):\n    total = a + b\n    return total\n```"
SAID = {
    "range": {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 10}},
    "message": "b is not what you think",
    "source": "strict",
}
STREAM = anthropic_stream(ANSWER)
COUNTED = "tokens · "  # in a progress, once text has come
NO_ANSWER = "no answer yet"


class Held(Listener):
    """Whoever connects is kept waiting until it is `open`, or he goes."""

    def __init__(self) -> None:
        self.came, self.gone = asyncio.Event(), asyncio.Event()
        self.open = asyncio.Event()

    @property
    def command(self) -> str:
        """A program that waits here, as it stands in config.toml, and then prints what could be a key."""
        program = f"import socket; socket.create_connection(('127.0.0.1', {self.port})).recv(1); print('key-5')"
        return f'["{sys.executable}", "-c", "{program}"]'

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One who waits."""
        self.came.set()
        ends = [asyncio.ensure_future(self.open.wait()), asyncio.ensure_future(_end_of(reader))]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if ends[1].done():
            self.gone.set()
        for end in ends:
            end.cancel()
        writer.close()


async def _end_of(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(ConnectionError):
        while await reader.read(2**16):
            pass


@dataclass
class There:
    """A user with a scripted provider, and what a stage needs beside them."""

    user: User
    wire: WireServer
    configure: Callable[[str], Any]
    state: Path
    held: Held
    left: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    def rows(self) -> list[tuple[str | None, Decimal]]:
        """How each attempt in the ledger ended, and what it cost; None for one that is open."""
        try:
            rows = self._all("ledger.db", "SELECT ending, cost_usd FROM attempt")
        except sqlite3.OperationalError:  # it is being made
            return []
        return [(ending, Decimal(cost or 0)) for ending, cost in rows]

    def _all(self, name: str, query: str) -> list[tuple[Any, ...]]:
        file = f"{(self.state / name).as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(file, uri=True)) as database, database:
            return database.execute(query).fetchall()

    def flights(self) -> list[tuple[Any, ...]]:
        """What is under way, as other processes see it."""
        return self._all("traffic.db", "SELECT * FROM flight")

    def earlier(self, seconds: float) -> None:
        """Makes all that counts for a rate limit so much older."""
        self._all("traffic.db", f"UPDATE passage SET at = at - {seconds}")  # noqa: S608  a test's number

    def forget_failures(self) -> None:
        """What rests need not rest any longer."""
        self._all("traffic.db", "DELETE FROM cooldown")

    async def start(self, title: str = "Document add", line: int = ADD, **context: Any) -> None:
        """Picks a line of the menu."""
        await self.user.choose(title, line, **context)

    async def reported(self, part: str) -> None:
        """Waits until a progress says so."""
        await self.user.client.expect(
            lambda m: (
                m.get("method") == "$/progress" and part in str(m["params"]["value"].get("message"))
            )
        )

    async def asked(self) -> None:
        """Starts the action on the first function, and waits until the provider is asked."""
        self.wire.asked.clear()
        await self.start()
        await asyncio.wait_for(self.wire.asked.wait(), LIMIT)


# -- the stages: each brings the action to where it is to be cancelled ---------------------------------


async def before_it_is_quoted(there: There) -> None:
    """The editor takes the command back in the same breath."""
    client, menu = there.user.client, await there.user.menu(ADD)
    [action] = [one for one in menu if one["title"].startswith("Document add · ")]
    number = client.request("workspace/executeCommand", action["command"])
    client.notify("$/cancelRequest", {"id": number})
    with contextlib.suppress(Error):
        await client.response(number)


async def the_question_is_open(there: There) -> None:
    """Above his mark the user is asked, and has not answered."""
    there.user.client.answers["codefare/pick"] = lambda _: NEVER
    await there.start()
    question = await there.user.client.asked("codefare/pick")

    async def withdrawn() -> None:
        await there.user.client.expect(
            lambda m: m.get("method") == "$/cancelRequest" and m["params"]["id"] == question["id"]
        )

    there.left.append(withdrawn)


async def as_he_says_yes(there: There) -> None:
    """The answer and the end of the action come in one piece."""
    client = there.user.client
    client.answers["codefare/pick"] = lambda _: NEVER
    await there.start()
    question = await client.asked("codefare/pick")
    client.send({"jsonrpc": "2.0", "id": question["id"], "result": {"index": 0}})


async def its_key_is_fetched(there: There) -> None:
    """The user's command for the key takes its time."""
    await there.start()
    await there.held.came.wait()
    there.left.append(there.held.gone.wait)


async def it_waits_for_a_rate_limit(there: There) -> None:
    """The minute is full, of an earlier action."""
    there.user.says(SUBTRACTED)
    await there.start("Document sub", SUB)
    await there.user.until(lambda: "Subtract" in there.user.text)
    there.user.editor.type(there.user.uri, 0, "\n")  # and what follows is another text
    there.earlier(41)
    await there.start("Document add", ADD + 1)
    await there.reported("for its turn")


async def it_waits_between_two_attempts(there: There) -> None:
    """The provider asked for patience."""
    there.wire.refuse(429, retry_after="18")
    await there.asked()
    await _until_rows(there, lambda rows: rows[-1:] == [("failed", Decimal(0))])


async def it_waits_for_a_cooldown(there: There) -> None:
    """The provider asked another action for patience a moment ago."""
    await there.start("Document sub", SUB)
    await there.reported("for its turn")


async def another_process_asks_the_same(there: There) -> None:
    """A second server of the user's waits for the answer that the first one pays for."""
    there.wire.sse(*STREAM[:-3], Step.HANG)
    path = there.user.path
    other = contextlib.AsyncExitStack()
    first = await other.enter_async_context(started(there.wire, there.configure, path, CODE))
    await first.choose("Document add", ADD)
    await first.client.expect(lambda m: COUNTED in str(m.get("params", {}).get("value")))
    await there.start()
    await there.reported("of another editor or terminal")

    async def goes_on() -> None:
        (request,) = there.wire.requests
        assert not request.gone.is_set()
        assert [ending for ending, _ in there.rows()] == [None]
        await first.client.command("codefare.cancel")
        await first.told("Document add: cancelled")
        await other.aclose()

    there.left.append(goes_on)


async def it_connects(there: There) -> None:
    """The server does not take the connection."""
    known = len(there.rows())
    await there.start()
    await _until_rows(there, lambda rows: len(rows) > known)


async def tls_is_set_up(there: There) -> None:
    """The server takes the connection and says nothing."""
    there.held.came.clear()
    await there.start()
    await there.held.came.wait()
    there.left.append(there.held.gone.wait)


async def no_header_has_come(there: There) -> None:
    """The request was sent."""
    there.wire.answer(Answer((Step.HANG,), framing="raw"))
    await there.asked()


async def no_text_has_come(there: There) -> None:
    """The model has read the prompt."""
    there.wire.sse(b"".join(STREAM[:3]), Step.HANG)
    await there.start()
    await there.reported(NO_ANSWER)


async def text_comes(there: There) -> None:
    """Some of the answer is there."""
    there.wire.sse(b"".join(STREAM[:-3]), Step.HANG)
    await there.start()
    await there.reported(COUNTED)


async def all_text_has_come(there: There) -> None:
    """Nothing is missing but the end marker."""
    there.wire.sse(b"".join(STREAM[:-1]), Step.HANG)
    await there.start()
    await there.reported(COUNTED)


async def the_fix_is_checked(there: There) -> None:
    """The user's checker takes its time."""
    there.user.says(BETTER)
    await there.start("Fix “b is not what you think”", 1, diagnostics=[SAID])
    await there.held.came.wait()
    there.left.append(there.held.gone.wait)


async def the_editor_is_silent(there: There) -> None:
    """The edit was sent to the editor, which does not answer."""
    there.user.says(ANSWER)
    there.user.client.answers["workspace/applyEdit"] = lambda _: NEVER
    await there.start()
    await there.user.client.asked("workspace/applyEdit")


async def _until_rows(
    there: There, hold: Callable[[list[tuple[str | None, Decimal]]], bool]
) -> None:
    """Asks the server something again and again, until the ledger's rows are as they should be."""
    async with asyncio.timeout(LIMIT):
        while not hold(there.rows()):
            await there.user.menu(SUB)


# -- the test -----------------------------------------------------------------------------------------

Stage = Callable[[There], Awaitable[None]]
Rows = list[tuple[str, bool]]
OWED, FREE = ("cancelled", True), ("cancelled", False)
PAID, FAILED = ("complete", True), ("failed", False)


@dataclass(frozen=True)
class Case:
    """Stages of one session with the attempts that each adds to the ledger: how they ended, and whether they cost.

    `settings` lead there; in them and in the provider's own lines (`more`) HELD stands for a command that is held.
    `url` is where requests go, if not to the scripted provider.
    """

    stages: dict[Stage, Rows]
    settings: str = ""
    more: str = ""
    url: str = ""


PATIENT = "[network]\nconnect_seconds = 600\n"
CASES = [
    Case(
        {
            before_it_is_quoted: [],
            no_header_has_come: [OWED],
            no_text_has_come: [OWED],
            text_comes: [OWED],
            all_text_has_come: [OWED],
            the_editor_is_silent: [PAID],
        }
    ),
    Case({the_question_is_open: [], as_he_says_yes: []}, '[budget]\nconfirm_above_usd = "0.00001"'),
    Case({its_key_is_fetched: []}, more="api_key_command = HELD"),
    Case({it_waits_for_a_rate_limit: [PAID]}, more="requests_per_minute = 1"),
    Case(
        {it_waits_between_two_attempts: [FAILED], it_waits_for_a_cooldown: []},
        '[models]\nuse = ["claude-haiku-4.5"]',
    ),
    Case({another_process_asks_the_same: [OWED]}),
    Case({it_connects: [FREE]}, PATIENT, url="http://127.0.0.1:FULL"),
    Case({tls_is_set_up: [FREE]}, PATIENT, url="https://127.0.0.1:HELD"),
    Case({the_fix_is_checked: [PAID]}, "[checkers.python]\ncommand = HELD"),
]


@contextlib.contextmanager
def full() -> Iterator[int]:
    """The port of a server that takes no connection: as many as may wait for it do."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@contextlib.asynccontextmanager
async def session(
    case: Case, wire: WireServer, configure: Callable[[str], Any], home: Path
) -> AsyncIterator[There]:
    """A session that ends well; nothing is open afterwards, and each progress that began has ended."""
    path = home.parent / "sums.py"
    async with Held().running() as held:
        with full() as port:
            url = case.url.replace("FULL", str(port)).replace("HELD", str(held.port))

            def adapted(text: str) -> None:
                lines = text.replace(wire.url, url or wire.url).splitlines()
                if "api_key_command" in case.more:
                    lines = [line for line in lines if "api_key_command" not in line]
                configure("\n".join([*lines, case.more]).replace("HELD", held.command))

            async with acting(wire, adapted, path, CODE, settings=case.settings) as user:
                shown: dict[Any, str] = {}

                def hear(message: dict[str, Any]) -> None:
                    if message.get("method") == "$/progress":
                        shown[message["params"]["token"]] = message["params"]["value"]["kind"]

                user.client.listeners.append(hear)
                there = There(user, wire, configure, home / "state" / "codefare", held)
                yield there
            assert set(shown.values()) <= {"end"}
            assert there.flights() == []
            assert None not in [ending for ending, _ in there.rows()]


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: "-".join(stage.__name__ for stage in case.stages)
)
async def test_cancelled_at_any_stage(
    wire: WireServer, configure, home: Path, case: Case, record_property
) -> None:
    """Its connection is closed, nothing is applied, the ledger says what is owed, and the same action works then."""
    rows: Rows = []
    async with session(case, wire, configure, home) as there:
        for stage, added in case.stages.items():
            await stage(there)
            paid = any(cost for _, cost in added) and stage is not it_waits_for_a_rate_limit
            await cancelled(there, stage, owed=paid)
            rows += added
            assert [(ending, cost > 0) for ending, cost in there.rows()] == rows
        if case.url:  # still nobody serves there: it comes as far again
            await stage(there)
            await cancelled(there, stage, owed=False)
        else:
            await works_again(there, stage)
    stages = dict.fromkeys((stage.__name__.replace("_", " ") for stage in case.stages), 1)
    record_property("counted", ["stages at which an action was cancelled", stages])


def _says_cancelled(message: dict[str, Any]) -> bool:
    return ": cancelled" in message.get("params", {}).get("message", "")


async def cancelled(there: There, stage: Stage, *, owed: bool) -> None:
    """Cancels the action; whatever it waited for is let go, and the text stays as it was."""
    user, before = there.user, there.user.text
    if stage is not before_it_is_quoted:
        # An action that was taken back before it was quoted may have begun, and have said that it is cancelled.
        earlier = [one for one in user.client.received if _says_cancelled(one)]
        for one in earlier:
            user.client.received.remove(one)
        assert await user.client.command("codefare.cancel") == 1
        told = await user.told(": cancelled")
        if stage is not another_process_asks_the_same:  # the other one pays
            assert told.endswith("¢ spent") is owed
            for request in there.wire.requests:
                await asyncio.wait_for(request.gone.wait(), LIMIT)
    while there.left:
        await asyncio.wait_for(there.left.pop()(), LIMIT)
    assert not [one for one in await user.menu(SUB) if one["title"].startswith("Cancel: ")]
    assert user.text == before


async def works_again(there: There, stage: Stage) -> None:
    """What was cancelled can be run, and then changes the text; an answer that was paid for is not paid for twice."""
    user, paid = there.user, stage in {the_fix_is_checked, the_editor_is_silent}
    asked, before = len(there.wire.requests), there.user.text
    user.client.answers["workspace/applyEdit"] = user.editor.apply
    user.client.answers["codefare/pick"] = lambda _: {"index": 0}
    there.held.open.set()
    there.earlier(60)
    there.forget_failures()
    there.wire.forget()
    user.says(ANSWER)
    if stage is the_fix_is_checked:
        await there.start("Fix “b is not what you think”", 1, diagnostics=[SAID])
    else:
        await there.start(line=before[: before.index("def add")].count("\n"))
    await user.until(lambda: user.text != before)
    assert len(there.wire.requests) == asked + (not paid)
