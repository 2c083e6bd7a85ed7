"""How many requests one action of a user may make, counted where they arrive."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from tests.engine import BEST, DOCSTRING, document, quoted
from tests.wire.hurry import HurryingServer, hurrying, in_a_hurry
from tests.wire.server import Answer, Recorded, Step, event_stream, refusal
from tests.wire.vendors import anthropic_stream, openai_stream, sse

from codefare.assembly import assemble
from codefare.engine import Engine
from codefare.errors import ProviderError
from codefare.providers.endpoints import Endpoints
from codefare.providers.http import Limits, Transport
from codefare.quoting import Quote, Wish

_ERROR = sse({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
_SOME = {
    "/v1/messages": anthropic_stream(DOCSTRING)[:4],
    "/v1/chat/completions": openai_stream(DOCSTRING)[:2],
}
# Failures, and how many requests each may cause at one offering, and whether another one is asked then.
FAILURES: dict[str, tuple[Answer, int, bool]] = {
    "529": (refusal(529), 3, True),
    "429": (refusal(429), 3, True),
    "429 with a short wait": (refusal(429, None, **{"retry-after": "2"}), 3, True),
    "429 with a long wait": (refusal(429, None, **{"retry-after": "60"}), 1, True),
    "no credit": (refusal(402), 1, True),
    "a bad key": (refusal(401), 1, True),
    "no such model": (refusal(404), 1, True),
    "refused": (refusal(400), 1, False),
    "a redirect": (refusal(307, None, location="/elsewhere"), 1, False),
    "cut before the headers": (Answer((Step.CUT,), framing="raw"), 3, True),
    "cut before the text": (event_stream(Step.CUT), 3, True),
    "an error inside the 200": (event_stream(_ERROR), 3, True),
    "silence": (event_stream(Step.HANG), 2, True),
    "keep-alives alone": (event_stream(Step.COMMENTS), 2, True),
}
AFTER_TEXT: dict[str, bytes | Step] = {
    "cut": Step.CUT,
    "reset": Step.RESET,
    "silence": Step.HANG,
    "an error": _ERROR,
    "what is not JSON": sse("{oops"),
}


class Failing(HurryingServer):
    """A server that answers each request the same way, and counts them by model and by what they are about."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.fail: Callable[[Recorded], Answer] = lambda _: refusal(500)
        self.tally: Counter[tuple[str, str]] = Counter()

    async def _reply(
        self, writer: asyncio.StreamWriter, _answer: Answer, request: Recorded
    ) -> bool:
        about = "second" if b"def second" in request.body else "first"
        self.tally[request.json["model"], about] += 1
        return await super()._reply(writer, self.fail(request), request)


@dataclass
class Agreeable:
    """A user who agrees to every price."""

    async def confirm(self, _quote: Quote) -> bool:
        """Yes."""
        return True

    async def instead(self, _quote: Quote, _failure: str) -> bool:
        """Yes."""
        return True


@dataclass
class There:
    """An engine with two providers that are one failing server."""

    made: Engine
    server: Failing
    sleeping: list[float] = field(default_factory=list)
    go_on: asyncio.Event | None = None

    async def sleep(self, seconds: float) -> None:
        """Lets the time pass, once it may."""
        self.sleeping.append(seconds)
        if self.go_on is not None:
            await self.go_on.wait()
        await hurrying().pass_by(seconds)

    async def act(self, quote: Quote) -> None:
        """Runs an action that will fail."""
        with contextlib.suppress(ProviderError):
            await self.made.run(quote, consent=Agreeable())

    async def settled(self) -> int:
        """How many attempts the ledger holds, none of them open."""
        spent = await self.made.ledger.today()
        assert spent.open_attempts == 0
        return spent.attempts


@asynccontextmanager
async def failing(configure, monkeypatch) -> AsyncIterator[There]:
    """The engine, in a loop that hurries."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-0123456789-a")
    monkeypatch.setenv("OPENAI_API_KEY", "k-0123456789-o")
    limits = Limits()
    async with Failing(limits).running() as server:
        configure(
            f"""
[providers.anthropic]
base_url = "{server.url}"
[providers.openai]
base_url = "{server.url}/v1"
"""
        )
        made = assemble()
        await made.endpoints.aclose()
        there = There(made, server)
        made.endpoints = Endpoints(
            made.catalog,
            made.settings.providers,
            transport=Transport(limits, clock=hurrying().time, sleep=there.sleep),
        )
        made.quoter = replace(made.quoter, endpoints=made.endpoints)
        await made.open()
        try:
            yield there
        finally:
            await made.close()


def failing_story(story: Callable[[There], Awaitable[None]], configure, monkeypatch) -> None:
    """Tells the story in a loop that hurries."""

    async def whole() -> None:
        async with failing(configure, monkeypatch) as there:
            await story(there)

    in_a_hurry(whole)


def test_one_offering(configure, monkeypatch, tmp_path, record_property) -> None:
    """With a model that the user named: three requests at most, two where the first was given up, one after text."""
    expected = {name: requests for name, (_, requests, _) in FAILURES.items()}
    expected |= {f"{name} after text": 1 for name in AFTER_TEXT}
    counted: dict[str, int] = {}

    async def story(there: There) -> None:
        wish = Wish(model=there.made.catalog.find("claude-haiku-4.5"))
        quote = await quoted(there.made, document(tmp_path), "document", wish)
        answers = {name: answer for name, (answer, _, _) in FAILURES.items()}
        for name, end in AFTER_TEXT.items():
            answers[f"{name} after text"] = event_stream(*_SOME["/v1/messages"], end)
        for name, answer in answers.items():
            before = len(there.server.requests)
            there.server.fail = lambda _, same=answer: same  # type: ignore[misc] # the answer of this turn
            await there.act(quote)
            counted[name] = len(there.server.requests) - before
        assert await there.settled() == len(there.server.requests)

    failing_story(story, configure, monkeypatch)
    assert counted == expected
    record_property("counted", ["requests of actions that failed", counted])


def test_all_offerings(configure, monkeypatch, tmp_path) -> None:
    """Down the ranking each offering is asked as often as one, three offerings at most, and none after text."""

    async def story(there: There) -> None:
        quote = await quoted(there.made, document(tmp_path), "document", BEST)
        for name, (answer, requests, goes_on) in FAILURES.items():
            there.server.tally.clear()
            there.server.fail = lambda _, same=answer: same  # type: ignore[misc] # the answer of this turn
            await there.act(quote)
            assert set(there.server.tally.values()) == {requests}, name
            assert (1 < len(there.server.tally) <= 3) == goes_on, name
        for name, end in AFTER_TEXT.items():
            there.server.tally.clear()
            there.server.fail = lambda r, last=end: event_stream(*_SOME[r.path], last)  # type: ignore[misc] # same
            await there.act(quote)
            assert list(there.server.tally.values()) == [1], name
        assert await there.settled() == len(there.server.requests)

    failing_story(story, configure, monkeypatch)


def test_other_actions_while_one_backs_off(configure, monkeypatch, tmp_path) -> None:
    """Each action has its own three requests, whatever else is asked meanwhile; an equal one adds none."""

    async def story(there: There) -> None:
        made = there.made
        wish = Wish(model=made.catalog.find("claude-haiku-4.5"))
        first = await quoted(made, document(tmp_path), "document", wish)
        other = document(tmp_path, "def second(a, b):\n    return a + b\n")
        second = await quoted(made, other, "document", wish)
        there.go_on = asyncio.Event()
        acting = [
            asyncio.ensure_future(there.act(quote)) for quote in (first, second, first, second)
        ]
        async with asyncio.timeout(60):
            while len(there.sleeping) < 2:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0)
            there.go_on.set()
            await asyncio.gather(*acting)
        assert sorted(there.server.tally.values()) == [3, 3]
        assert {about for _, about in there.server.tally} == {"first", "second"}
        assert await there.settled() == 6

    failing_story(story, configure, monkeypatch)
