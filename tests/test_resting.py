"""After a failure the next quote goes elsewhere, and says why; where nothing else serves, it is tried all the same."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys

import pytest
from tests.engine import BEST, DOCSTRING, document, engine, quoted
from tests.wire.server import WireServer, refusal
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.engine import Engine
from codefare.errors import Overloaded, RateLimited
from codefare.presentation import hover, title
from codefare.quotation import quote_json
from codefare.quoting import Quote, Wish
from codefare_catalog import Offering

GONE = "overloaded: tried again from "


@pytest.fixture
async def server():
    """The scripted provider."""
    async with WireServer().running() as running:
        yield running


def reasons(quote: Quote, offering: Offering) -> list[str]:
    """Why an offering was dropped."""
    drops = quote.route.dropped
    return [d.reason for d in drops if (d.model, d.provider) == (offering.model, offering.provider)]


async def fails(made: Engine, server: WireServer, quote: Quote) -> None:
    """The provider serves nobody, for as often as it is asked."""
    server.answer(refusal(529, None, retry_after="0"))
    server.answer(*[refusal(529, None, retry_after="0")] * 2)
    with pytest.raises(Overloaded):
        await made.run(quote)


async def test_the_next_quote_goes_elsewhere(server, configure, monkeypatch, tmp_path) -> None:
    """The ranking's next offering, at its own price, with the drop's reason."""
    async with engine(server, configure, monkeypatch) as made:
        place = document(tmp_path)
        first = await quoted(made, place, "document", BEST)
        assert first.choice is not None
        await fails(made, server, first)
        monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-openai")
        again = await quoted(made, place, "document", BEST)
        assert again.choice is not None
        assert again.choice.model is not first.choice.model
        (reason,) = reasons(again, first.choice.offering)
        assert reason.startswith(GONE)
        assert again.key != first.key


async def test_other_processes_see_it(server, configure, monkeypatch, tmp_path) -> None:
    """`codefare route`, in a process of its own, prints the drop with its reason."""
    async with engine(server, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document", BEST)
        assert quote.choice is not None
        await fails(made, server, quote)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "codefare", "route", "documentation", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    drops = {(d["model"], d["provider"]): d["reason"] for d in json.loads(done.stdout)["dropped"]}
    offering = quote.choice.offering
    assert drops[offering.model, offering.provider].startswith(GONE)


async def test_the_only_key_is_tried_again(server, configure, monkeypatch, tmp_path) -> None:
    """Where no other model serves, the user may try again at once."""
    more = '[models]\nuse = ["claude-haiku-4.5"]\n'
    async with engine(server, configure, monkeypatch, more) as made:
        place = document(tmp_path)
        first = await quoted(made, place, "review")
        assert first.choice is not None
        await fails(made, server, first)
        later = await quoted(made, place, "review")
        assert later.choice is not None
        assert later.choice.model is first.choice.model
        assert first.resting == ""
        assert " · tried although overloaded" in hover(later.target, [later])
        assert title(later).endswith(" · tried although overloaded")
        assert "tried all the same, since nothing else can serve: overloaded: " in later.reason
        assert quote_json(later)["resting"] == later.resting


async def test_a_named_model_is_tried_again(server, configure, monkeypatch, tmp_path) -> None:
    """Others could serve, but this is the one that the user wants."""
    async with engine(server, configure, monkeypatch) as made:
        place = document(tmp_path)
        first = await quoted(made, place, "document", BEST)
        assert first.choice is not None
        await fails(made, server, first)
        monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-openai")
        named = Wish(model=first.choice.model)
        assert (await quoted(made, place, "document", BEST)).choice is not None
        quote = await quoted(made, place, "document", named)
        assert quote.choice is not None
        assert quote.choice.model is first.choice.model
        assert "tried all the same, since you named it: overloaded: " in quote.reason
        stream = openai_stream if quote.choice.offering.provider == "openai" else anthropic_stream
        server.sse(*stream(DOCSTRING))
        result = await made.run(quote)
        assert result.usage is not None
        assert made.endpoints.traffic is not None
        await made.endpoints.traffic._shared.read(lambda _: None, late=None)
        normal = await quoted(made, place, "document", BEST)
        assert normal.route.chosen is not None
        assert normal.resting == ""


async def test_a_long_limit_is_told(server, configure, monkeypatch, tmp_path) -> None:
    """The only model, limited for five minutes: that is said at once, and nothing is sent in vain."""
    more = '[models]\nuse = ["claude-haiku-4.5"]\n'
    async with engine(server, configure, monkeypatch, more) as made:
        place = document(tmp_path)
        first = await quoted(made, place, "review")
        assert first.choice is not None
        server.refuse(429, None, retry_after="300")
        with pytest.raises(RateLimited):
            await made.run(first)
        _later(made, 10)
        quote = await quoted(made, place, "review")
        assert quote.choice is None
        (reason,) = reasons(quote, first.choice.offering)
        assert reason.startswith("rate limited until")
        assert len(server.requests) == 1


async def test_a_limit_that_is_waited_for_is_told_in_the_title(
    server, configure, monkeypatch, tmp_path
) -> None:
    """A pause of some seconds, and nobody else: the title says until when, on the user's clock."""
    more = '[models]\nuse = ["claude-haiku-4.5"]\n'
    async with engine(server, configure, monkeypatch, more) as made:
        place = document(tmp_path)
        first = await quoted(made, place, "review")
        server.refuse(429, None, retry_after="300")
        with pytest.raises(RateLimited):
            await made.run(first)
        _later(made, 290)
        quote = await quoted(made, place, "review")
        assert quote.choice is not None
        assert re.search(r" · tried although rate limited until \d\d:\d\d:\d\d", title(quote))


def _later(made: Engine, seconds: float) -> None:
    """Lets the time pass for what is remembered of failures."""
    assert made.endpoints.traffic is not None
    cooldowns = made.endpoints.traffic.cooldowns
    clock = cooldowns._clock
    cooldowns._clock = lambda: clock() + seconds
