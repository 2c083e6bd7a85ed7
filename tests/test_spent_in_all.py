"""What an action took is told with what every offering took that was asked for it, however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from tests.engine import DOCSTRING, document, quoted
from tests.two import two
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.errors import ProviderError
from codefare.meter import Progress
from codefare.presentation import progress

BILLED = anthropic_stream(DOCSTRING)[:1]  # the prompt, before any text
# Three prompts of 25 tokens, and the one token that was counted out with each, at the price of Haiku 4.5.
THRICE = Decimal("0.00009")


@dataclass
class Display:
    """What is shown of how far a request is; `answers` tells that some of an answer has come."""

    shown: list[Progress] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, made: Progress) -> None:
        """Shows it."""
        self.shown.append(made)
        if made.output_tokens and not made.settled:
            self.answers.set()


async def test_what_is_given_up_says_what_all_took(configure, monkeypatch, tmp_path) -> None:
    """Ctrl-C while the second offering answers: what the first had billed three times over is a part of it."""
    display = Display()
    async with two(configure, monkeypatch) as there:
        for _ in range(3):
            there.anthropic.sse(*BILLED, Step.CUT)
        there.openai.sse(*openai_stream(DOCSTRING)[:3], Step.HANG)
        quote = await quoted(there.made, document(tmp_path), "document")
        running = asyncio.create_task(there.made.run(quote, progress=display))
        answers = asyncio.create_task(display.answers.wait())
        await asyncio.wait({running, answers}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        await asyncio.wait({running})
        spent = await there.made.ledger.today()
    last = display.shown[-1]
    assert running.cancelled()
    assert (last.settled, last.estimated) == (True, True)
    assert last.cost_usd == spent.cost_usd > THRICE
    assert (spent.attempts, spent.open_attempts) == (4, 0)


async def test_who_is_asked_instead_is_named(configure, monkeypatch, tmp_path) -> None:
    """What is shown of a request stands beside the model that answers, not beside the one that could not."""
    display = Display()
    async with two(configure, monkeypatch) as there:
        for _ in range(3):
            there.anthropic.sse(*BILLED, Step.CUT)
        there.openai.sse(*openai_stream(DOCSTRING))
        quote = await quoted(there.made, document(tmp_path), "document")
        await there.made.run(quote, progress=display)
    names = [progress(made, quote).partition(" · ")[0] for made in display.shown]
    assert list(dict.fromkeys(names)) == ["Claude Haiku 4.5", "GPT-6 Luna"]


async def test_what_nobody_could_serve_says_what_all_took(configure, monkeypatch, tmp_path) -> None:
    """The last failure cost nothing, those before it did: the error holds what is owed."""
    async with two(configure, monkeypatch) as there:
        for _ in range(3):
            there.anthropic.sse(*BILLED, Step.CUT)
            there.openai.refuse(503)
        with pytest.raises(ProviderError) as raised:
            await there.run(document(tmp_path))
        spent = await there.made.ledger.today()
    assert raised.value.spent_usd == spent.cost_usd == THRICE
