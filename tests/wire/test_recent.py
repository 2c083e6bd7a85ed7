"""Prompts that a provider should keep: which, from when on, and how the request says so."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.conftest import Clock
from tests.wire.test_endpoints import OPUS, catalog
from tests.wire.vendors import ANTHROPIC, OPENAI, anthropic_stream, at, openai_stream

from codefare.estimate import Output, Workload, estimate
from codefare.providers.base import Request
from codefare.providers.endpoints import Endpoints
from codefare.providers.recent import KEPT_SECONDS, Recent
from codefare.settings import Settings
from codefare.source.document import Document
from codefare.source.target import Span
from codefare.tasks import Subject, tasks_of
from codefare.tasks.brief import Brief
from codefare.tasks.surroundings import Surroundings
from codefare_catalog import Offering, Usage, cost, load_catalog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.wire.server import WireServer

    from codefare.providers.http import Transport

KEEPS = replace(OPUS, cache_minimum=512)
CODE = "def work(a, b):\n    return a + b\n\n\n" * 80
EPHEMERAL = {"type": "ephemeral"}


def prompted(action: str, brief: Brief | None = None, offering: Offering = KEEPS) -> Request:
    """What an action asks of a whole file."""
    tasks = tasks_of(load_catalog(), Path("nowhere"), Surroundings(Settings()))
    document = Document("file:///work.py", Path("/work.py"), "python", CODE)
    target = document.target(Span(0, 0), whole_file=True)
    prompt = tasks[action].prompt(Subject(document, target, brief or Brief()))
    return Request(
        offering, prompt.system, prompt.user, 1000, input_tokens=2_400, borders=prompt.borders
    )


@pytest.fixture
async def sender(
    server: WireServer, transport: Transport, clock: Clock
) -> AsyncIterator[Endpoints]:
    """Endpoints at the test's server, with the test's clock."""
    rows = catalog(at(ANTHROPIC, server.url), at(OPENAI, server.url))
    made = Endpoints(
        rows,
        {},
        environ={"ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"},
        transport=transport,
        recent=Recent(clock),
    )
    yield made
    await made.aclose()


async def send(sender: Endpoints, server: WireServer, request: Request) -> dict[str, Any]:
    """Sends it, and returns the body that arrived."""
    stream = anthropic_stream if request.offering.provider == "anthropic" else openai_stream
    server.sse(*stream("x"))
    async with aclosing(sender.stream(request)) as events:
        async for _ in events:
            pass
    body: dict[str, Any] = server.requests[-1].json
    return body


def marks(body: dict[str, Any]) -> list[str]:
    """The texts after which the provider is asked to keep what came."""
    blocks = [*body.get("system", ())]
    content = body["messages"][0]["content"]
    blocks += content if isinstance(content, list) else []
    return [block["text"] for block in blocks if block.get("cache_control") == EPHEMERAL]


async def test_the_same_again_with_other_words(server: WireServer, sender: Endpoints) -> None:
    """A file that is explained once is sent plainly; asked about again within five minutes, it is kept."""
    first = await send(sender, server, prompted("explain"))
    assert marks(first) == []
    assert isinstance(first["messages"][0]["content"], str)
    second = await send(sender, server, prompted("explain", Brief(instruction="And the errors?")))
    (kept,) = marks(second)
    assert kept.endswith("```")
    assert CODE in kept
    third = await send(sender, server, prompted("explain", Brief(failure="it was no Markdown")))
    assert marks(third) == [kept]
    # What is kept is found again only if the blocks up to there are the same.
    upto = len(second["messages"][0]["content"]) - 1
    assert third["messages"][0]["content"][:upto] == second["messages"][0]["content"][:upto]
    assert third["system"] == second["system"]


async def test_the_text_is_the_same_in_blocks(server: WireServer, sender: Endpoints) -> None:
    """Blocks change nothing in what the model reads."""
    asked = prompted("explain", Brief(instruction="Why?"))
    await send(sender, server, asked)
    body = await send(sender, server, asked)
    assert "".join(block["text"] for block in body["messages"][0]["content"]) == asked.user
    assert all(block["text"].strip() for block in body["messages"][0]["content"])


@pytest.mark.parametrize(
    ("passed", "kept"), [(KEPT_SECONDS - 1, True), (KEPT_SECONDS, False), (KEPT_SECONDS * 9, False)]
)
async def test_five_minutes(
    server: WireServer, sender: Endpoints, clock: Clock, passed: float, *, kept: bool
) -> None:
    """What was sent longer ago would have been thrown away by the provider."""
    await send(sender, server, prompted("explain"))
    clock.now += passed
    body = await send(sender, server, prompted("explain"))
    assert bool(marks(body)) is kept


async def test_other_actions_share_no_beginning(server: WireServer, sender: Endpoints) -> None:
    """To explain a file and then review it sends two beginnings: nothing is kept, nothing costs more."""
    for action in ("explain", "review", "architecture"):
        assert marks(await send(sender, server, prompted(action))) == []


async def test_other_models_keep_nothing_of_it(server: WireServer, sender: Endpoints) -> None:
    """A beginning is kept for one model at one provider."""
    await send(sender, server, prompted("explain"))
    other = replace(KEEPS, wire_id="claude-other")
    assert marks(await send(sender, server, prompted("explain", offering=other))) == []


async def test_short_beginnings(server: WireServer, sender: Endpoints) -> None:
    """What is shorter than the provider keeps is not marked."""
    short = replace(KEEPS, cache_minimum=4096)
    for _ in range(2):
        assert marks(await send(sender, server, prompted("explain", offering=short))) == []


async def test_openai_needs_no_mark(server: WireServer, sender: Endpoints) -> None:
    """OpenAI's dialect keeps beginnings by itself: its body is the same each time."""
    offering = replace(KEEPS, provider="openai", model="old")
    bodies = [await send(sender, server, prompted("explain", offering=offering)) for _ in range(2)]
    assert bodies[0] == bodies[1]


async def test_a_kept_answer_is_found_all_the_same(server: WireServer, sender: Endpoints) -> None:
    """The name of an answer in the cache does not depend on what was sent lately; what is shown does."""
    asked = prompted("explain")
    before = sender.fingerprint(asked)
    await send(sender, server, asked)
    assert sender.fingerprint(asked) == before
    assert b"cache_control" in sender.body(asked)


def test_the_memory_is_bounded() -> None:
    """Hundreds of prompts are forgotten in their order."""
    recent = Recent(Clock())
    base = prompted("explain")
    for number in range(600):
        recent.note(replace(base, system=f"{number}"))
    assert len(recent._sent) == 512
    assert recent.prefix(replace(base, system="599")) is not None
    assert recent.prefix(replace(base, system="0")) is None


@pytest.mark.parametrize("model", ["claude-opus-4.6", "claude-haiku-4.5", "claude-sonnet-5.5"])
def test_the_ceiling_holds_if_all_is_written(model: str) -> None:
    """However much of a prompt the provider writes to its cache, the bill stays within the quote's ceiling."""
    rows = load_catalog()
    at_noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    offering = next(o for o in rows.models[model].offerings if o.provider == "anthropic")
    work = Workload.of_tokens(9_000, Output(100, 200, 300, 400))
    quoted = estimate(rows, rows.models[model], offering, work, at=at_noon)
    assert quoted.cost is not None
    assert quoted.price is not None
    for written in (0, 5_000, 9_000):
        usage = Usage(9_000 - written, quoted.output.max, cache_write=written)
        assert cost(quoted.price, usage, at_noon).high <= quoted.cost.ceiling
