"""What the ledger says of an action: which purchase, for which project, at which price, and what its cost rests on."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.engine import DOCSTRING, document, engine, quoted, run
from tests.two import Asked, two
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.booking import project_name
from codefare.presentation import receipt
from codefare.quoting import Wish

MILLION = Decimal(1_000_000)


def rows(home: Path, table: str = "attempt") -> list[dict[str, Any]]:
    """What is in the ledger."""
    file = home / "state" / "codefare" / "ledger.db"
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608  our own tables


async def test_a_bill_can_be_checked_from_its_row_alone(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """The catalog will have other prices: the row holds the rates, their source and the day they were checked."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path / "project"), "document")
        result = await made.run(quote)
    (row,) = rows(home)
    price = json.loads(row["price"])
    used = {"input": row["input_tokens"], "output": row["output_tokens"]}
    assert row["cache_write_tokens"] == row["cache_read_tokens"] == 0
    cost = sum(Decimal(price[name]) * tokens for name, tokens in used.items()) / MILLION
    assert Decimal(row["cost_usd"]) == cost == result.cost_usd
    assert quote.choice is not None
    assert quote.choice.estimate.price is not None
    assert price["source"] == quote.choice.estimate.price.source
    assert datetime.fromisoformat(price["checked"]).replace(tzinfo=UTC) < datetime.now(UTC)
    assert row["wire_id"] == quote.choice.offering.wire_id
    assert row["tier"] == quote.choice.model.tier
    assert (row["project"], row["scope"]) == ("project", "symbol")
    assert (row["number"], row["basis"], len(row["purchase"])) == (1, "usage", 16)
    assert str(tmp_path) not in str(row)


async def test_attempts_of_one_action_share_their_purchase(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """An attempt that failed and the one that followed are one purchase; another action is another one."""
    wire.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
    for _ in range(2):
        wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        await run(made, document(tmp_path), "document")
        await run(made, document(tmp_path, "def sub(a, b):\n    return a - b\n"), "document")
    first, second, other = rows(home)
    assert first["purchase"] == second["purchase"] != other["purchase"]
    assert [row["number"] for row in (first, second, other)] == [1, 2, 1]
    # The prompt of the first was reported before its stream was cut; no more is known of it.
    assert [row["basis"] for row in (first, second, other)] == ["estimate", "usage", "usage"]


async def test_a_detour_is_one_purchase(configure, monkeypatch, tmp_path, home) -> None:
    """An action that another offering served in the end is one purchase, each attempt with its own model and price."""
    async with two(configure, monkeypatch) as both:
        both.anthropic.refuse(402, {"error": {"message": "no credit"}})
        both.openai.sse(*openai_stream(DOCSTRING))
        result = await both.run(document(tmp_path), consent=Asked())
    failed, served = rows(home)
    assert failed["purchase"] == served["purchase"]
    assert [(row["number"], row["provider"]) for row in (failed, served)] == [
        (1, "anthropic"),
        (2, "openai"),
    ]
    assert served["model"] == result.model != failed["model"]
    assert served["price"] != failed["price"]


async def test_the_row_says_on_what_a_cost_rests(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """The amount that a provider names itself, and our own count of an answer that broke off, are told apart."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "test-key-of-openrouter")
    settings = f'[providers.openrouter]\nbase_url = "{wire.url}/v1"\n'
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "cost": 0.00123}
    wire.sse(*openai_stream(DOCSTRING, usage=usage))
    wire.sse(*anthropic_stream(DOCSTRING)[:-3], Step.CUT)
    async with engine(wire, configure, monkeypatch, settings) as made:
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        offered = [
            model
            for model in made.catalog.models.values()
            if any(one.provider == "openrouter" for one in model.offerings)
        ]
        charged = await run(made, document(tmp_path), "document", Wish(model=offered[0]))
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key-of-anthropic")
        monkeypatch.delenv("OPENROUTER_API_KEY")
        broken = await run(
            made, document(tmp_path, "def sub(a, b):\n    return a - b\n"), "document"
        )
    assert (charged.cost_usd, charged.estimated, broken.estimated) == (
        Decimal("0.00123"),
        False,
        True,
    )
    found = [(row["provider"], row["basis"], row["ending"]) for row in rows(home)]
    assert found == [
        ("openrouter", "provider", "complete"),
        ("anthropic", "estimate", "broken"),
    ]


async def test_what_a_cancelled_action_took_is_marked_as_our_count(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """The provider bills what came until then, and tells nobody how much that is."""
    wire.sse(*anthropic_stream(DOCSTRING)[:-3], Step.HANG)
    begun = asyncio.Event()
    async with engine(wire, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
        job = asyncio.create_task(made.run(quote, progress=lambda _: begun.set()))
        await begun.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
    (row,) = rows(home)
    assert (row["ending"], row["basis"], row["above_ceiling"]) == ("cancelled", "estimate", 0)
    assert Decimal(row["cost_usd"]) > 0


async def test_a_bill_above_its_ceiling_is_recorded_and_told(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """A bill of far more tokens than were counted is believed, if a window holds them; it is marked, and told."""
    wire.sse(
        *anthropic_stream(DOCSTRING, usage={"input_tokens": 150_000, "output_tokens": 1}, output=20)
    )
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
        assert (await made.ledger.today()).above_ceiling == 1
    assert rows(home)[0]["above_ceiling"] == 1
    assert "above the ceiling of the quote" in receipt(result)


async def test_an_answer_from_the_cache_is_noted_with_what_it_cost(
    wire, configure, monkeypatch, tmp_path, home
) -> None:
    """What was not paid for again can be told: no attempt, but a note with the first one's bill."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        paid = await run(made, document(tmp_path), "document")
        assert (await run(made, document(tmp_path), "document")).cached
    assert len(rows(home)) == 1
    (note,) = rows(home, "reuse")
    assert Decimal(note["cost_usd"]) == paid.cost_usd
    assert (note["model"], note["action"]) == (paid.model, "document")


def test_a_project_is_the_innermost_repository(tmp_path: Path) -> None:
    """Its folder's name, whatever was opened; else that of the workspace's folder; else nothing; never a path."""
    inner = tmp_path / "outer" / "inner"
    for folder in (inner, inner.parent):
        (folder / ".git").mkdir(parents=True)
    file = inner / "src" / "a.py"
    assert project_name(file, [tmp_path]) == "inner"
    assert project_name(inner, []) == "inner"
    assert project_name(tmp_path / "outer" / "a.py", [inner]) == "outer"
    plain = tmp_path / "plain" / "src" / "a.py"
    assert project_name(plain, [tmp_path / "plain" / "src", tmp_path / "plain"]) == "src"
    assert project_name(plain, [inner]) == ""
    assert project_name(None, [inner]) == ""
