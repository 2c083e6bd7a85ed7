"""The user is asked before money is spent that he has not agreed to, as his editor can ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from tests.lsp.acting import User, acting
from tests.wire.server import WireServer
from tests.wire.vendors import anthropic_stream, openai_stream

CODE = "def add(a, b):\n    return a + b\n"
ANSWER = '```python\n"""Add two numbers."""\n```'
DOCUMENTED = 'def add(a, b):\n    """Add two numbers."""\n    return a + b\n'
BUTTONS = {
    "window": {"showMessage": {"messageActionItem": {}}, "workDoneProgress": True},
}
MARK = '[budget]\nconfirm_above_usd = "0.00001"'
# Haiku's ceiling for CODE is above it, that of GPT-6 Luna below.
BEST = 'complexity = "high"'
SMALL = '[budget]\nper_action_usd = "0.002"'


@pytest.mark.parametrize("abilities", [None, BUTTONS], ids=["list", "message"])
async def test_above_his_mark_the_user_is_asked(
    wire: WireServer, configure, tmp_path: Path, abilities
) -> None:
    """With a list or with buttons: no sends nothing, yes runs it."""
    path = tmp_path / "sums.py"
    async with acting(wire, configure, path, CODE, capabilities=abilities, settings=MARK) as user:
        user.says(ANSWER)
        user.picks = ["Cancel", "Run"]
        await user.choose("Document add", 0)
        await user.told("its price was not agreed to")
        assert wire.requests == []
        await user.choose("Document add", 0)
        await user.until(lambda: user.text == DOCUMENTED)
    (question, answers), again = user.asked
    assert question.startswith("Document add · Claude Haiku 4.5 · ~")
    assert question.endswith("Run it?")
    assert answers == ["Run", "Cancel"]
    assert again == (question, answers)


async def test_where_nobody_can_be_asked_the_title_is_the_contract(
    wire: WireServer, configure, tmp_path: Path
) -> None:
    """An editor without buttons or lists showed the price in its menu: the action runs."""
    path = tmp_path / "sums.py"
    async with acting(wire, configure, path, CODE, capabilities={}, settings=MARK) as user:
        user.says(ANSWER)
        await user.choose("Document add", 0)
        await user.until(lambda: user.text == DOCUMENTED)
    assert user.asked == []


@asynccontextmanager
async def two_models(
    wire: WireServer,
    configure,
    monkeypatch,
    path: Path,
    settings: str,
    abilities: dict[str, Any] | None = None,
) -> AsyncIterator[User]:
    """A user with Haiku and GPT-6 Luna, both served by the one scripted provider."""
    monkeypatch.setenv("OPENAI_API_KEY", "k-0123456789")
    more = f"""{settings}
[models]
use = ["claude-haiku-4.5", "gpt-6-luna"]
[providers.openai]
base_url = "{wire.url}/v1"
"""
    async with acting(wire, configure, path, CODE, settings=more, capabilities=abilities) as user:
        yield user


async def test_over_the_budget_the_models_that_fit_are_offered(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """The message says what is too dear and lists what is not; the one that is picked runs."""
    path = tmp_path / "sums.py"
    wire.sse(*openai_stream(ANSWER))
    async with two_models(wire, configure, monkeypatch, path, f"{BEST}\n{SMALL}") as user:
        user.picks = ["GPT-6 Luna"]
        await user.choose("Document add · Claude Haiku 4.5", 0)
        await user.until(lambda: user.text == DOCUMENTED)
    ((question, lines),) = user.asked
    assert "your limit for one action is $0.002" in question
    assert [line.split(" · ")[0] for line in lines] == ["GPT-6 Luna", "Cancel"]
    assert [request.path for request in wire.requests] == ["/v1/chat/completions"]


async def test_over_the_budget_who_cannot_be_asked_reads_what_fits(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """An editor that shows no choices shows the message, with the models that fit in it."""
    path = tmp_path / "sums.py"
    async with two_models(wire, configure, monkeypatch, path, f"{BEST}\n{SMALL}", {}) as user:
        await user.choose("Document add · Claude Haiku 4.5", 0)
        told = await user.told("your limit for one action is $0.002")
    assert "What fits: GPT-6 Luna · " in told
    assert wire.requests == []


async def test_who_served_instead_is_told(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """Where the quoted model's account is empty, a cheaper one serves, and the user reads why."""
    path = tmp_path / "sums.py"
    wire.refuse(402)
    wire.sse(*openai_stream(ANSWER))
    async with two_models(wire, configure, monkeypatch, path, BEST) as user:
        await user.choose("Document add · Claude Haiku 4.5", 0)
        told = await user.told("Served instead by GPT-6 Luna")
        await user.until(lambda: user.text == DOCUMENTED)
        await user.menu(0)  # what was said before it has been heard
    assert "Claude Haiku 4.5: The Anthropic account has no credit" in told
    assert user.asked == []
    assert receipts(user) == []


async def test_after_a_detour_a_report_has_the_one_receipt(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """At its end stands what failed and what was paid; no message repeats it."""
    path = tmp_path / "sums.py"
    wire.refuse(402)
    wire.sse(*openai_stream("It adds."))
    async with two_models(wire, configure, monkeypatch, path, BEST) as user:
        await user.choose("Explain add · Claude Haiku 4.5", 0)
        await user.told("Explain add: GPT-6 Luna · ")
        await user.until(lambda: bool(user.shown))
        await user.menu(0)
        report = Path(unquote(urlsplit(user.shown[0]).path))
        page = await asyncio.to_thread(report.read_text, "utf-8")
    assert "Claude Haiku 4.5: The Anthropic account has no credit" in page
    assert "Served instead by GPT-6 Luna · " in page
    assert receipts(user) == []


async def test_after_a_detour_findings_have_the_one_receipt(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """How many there are, what failed and what was paid is one message."""
    path = tmp_path / "sums.py"
    wire.refuse(402)
    wire.sse(*openai_stream('{"findings": []}'))
    async with two_models(wire, configure, monkeypatch, path, BEST) as user:
        await user.choose("Review add · Claude Haiku 4.5", 0)
        told = await user.told("Served instead by GPT-6 Luna")
        await user.told("Review add: GPT-6 Luna · ")
        await user.menu(0)
    assert "nothing found · Claude Haiku 4.5: The Anthropic account has no credit" in told
    assert receipts(user) == []


def receipts(user: User) -> list[str]:
    """The messages, beside those that were waited for, that say what GPT-6 Luna took."""
    return [
        message["params"]["message"]
        for message in user.client.received
        if message.get("method") in {"window/showMessage", "window/logMessage"}
        and "GPT-6 Luna · " in message["params"]["message"]
    ]


async def test_a_dearer_one_serves_instead_if_the_user_wants_that(
    wire: WireServer, configure, monkeypatch, tmp_path: Path
) -> None:
    """The question names the failure, the other model and its price."""
    path = tmp_path / "sums.py"
    wire.refuse(402)
    wire.sse(*anthropic_stream(ANSWER))
    async with two_models(wire, configure, monkeypatch, path, "budget_mode = true") as user:
        user.picks = ["Run"]
        await user.choose("Document add · GPT-6 Luna", 0)
        await user.until(lambda: user.text == DOCUMENTED)
    ((question, _),) = user.asked
    assert question.startswith("GPT-6 Luna: The OpenAI account has no credit")
    assert "Go on with Document add · Claude Haiku 4.5 · ~" in question
