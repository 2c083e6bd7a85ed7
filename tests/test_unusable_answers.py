"""Answers that are cut, empty, or not what was asked for: paid, shown, and neither used nor taken for the next."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.engine import CODE, DOCSTRING, document, engine, quoted, run
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream

from codefare.presentation import receipt
from codefare.quoting import Wish
from codefare.source.target import Complexity
from codefare.tasks.outcome import Edit, Refused


async def test_a_truncated_answer_is_paid_but_never_used(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """`max_tokens` means that the answer was cut: it is shown, not applied and not cached."""
    wire.sse(*anthropic_stream(DOCSTRING, reason="max_tokens"))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
        later = await quoted(made, document(tmp_path), "document")
    assert isinstance(result.outcome, Refused)
    assert "cut off" in result.outcome.reason
    assert result.answer == DOCSTRING
    assert result.cost_usd == Decimal("0.000085")
    assert not later.cached


@pytest.mark.parametrize("action", ["document", "explain"])
async def test_an_answer_of_nothing_is_not_kept(
    wire, configure, monkeypatch, tmp_path, action
) -> None:
    """A model that ends without a word is paid, but the action is asked anew when it is run again."""
    wire.sse(*anthropic_stream(" \n"))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), action)
        later = await quoted(made, document(tmp_path), action)
    assert isinstance(result.outcome, Refused)
    assert "answered nothing" in result.outcome.reason
    assert result.cost_usd
    assert not later.cached


async def test_a_cut_stream_is_settled_at_what_it_used(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Of an answer that ends in the middle what came is shown and owed; it is neither used nor kept."""
    wire.sse(*anthropic_stream(DOCSTRING)[:4], Step.CUT)
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
        spent = await made.ledger.today()
        later = await quoted(made, document(tmp_path), "document")
    assert isinstance(result.outcome, Refused)
    assert "Nothing was changed." in result.outcome.remedy
    assert result.outcome.answer == result.answer
    assert DOCSTRING.startswith(result.answer.strip())
    assert result.answer.strip()
    assert result.cost_usd == spent.cost_usd
    assert "≈25 in, ≈" in receipt(result)
    assert (spent.attempts, spent.open_attempts) == (1, 0)
    assert Decimal("0.000025") < spent.cost_usd < Decimal("0.0002")
    assert not later.cached


async def test_code_in_place_of_a_comment_is_refused_and_kept(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """A model asked for a docstring that sends statements changes nothing; its answer is kept."""
    wire.sse(*anthropic_stream('```python\n"""Add."""\nprint("x")\n```'))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
    assert isinstance(result.outcome, Refused)
    assert "print" in result.answer


async def test_a_rewrite_that_does_not_parse_is_refused(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Half a function is never applied."""
    wire.sse(*anthropic_stream("```python\ndef add(a, b:\n    return\n```"))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "refactor", Wish(Complexity.HIGH))
    assert isinstance(result.outcome, Refused)
    assert "does not parse" in result.outcome.reason


async def test_after_an_unusable_answer_the_model_is_asked_again(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """What the guard refuses is not offered as cached: running the action again gets another answer."""
    wire.sse(*anthropic_stream("```python\ndef add(a, b:\n```"))
    wire.sse(*anthropic_stream("```python\ndef add(a, b):\n    return b + a\n```"))
    async with engine(wire, configure, monkeypatch) as made:
        doc = document(tmp_path)
        assert isinstance((await run(made, doc, "refactor")).outcome, Refused)
        assert not (await quoted(made, doc, "refactor")).cached
        assert isinstance((await run(made, doc, "refactor")).outcome, Edit)
        assert (await quoted(made, doc, "refactor")).cached


async def test_an_answer_that_there_is_nothing_to_do_is_kept(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """A model that would change nothing has answered: asking again is free and brings the same."""
    wire.sse(*anthropic_stream(f"```python\n{CODE}```"))
    async with engine(wire, configure, monkeypatch) as made:
        doc = document(tmp_path)
        assert isinstance((await run(made, doc, "refactor")).outcome, Refused)
        assert (await quoted(made, doc, "refactor")).cached


async def test_a_retried_attempt_owes_what_it_had_used(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """A stream cut after its usage and before its text is billed, and so is the attempt that follows."""
    wire.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
        spent = await made.ledger.today()
    assert result.cost_usd == Decimal("0.000085")
    assert (spent.attempts, spent.open_attempts) == (2, 0)
    assert spent.usage.input == 50
    assert len(wire.requests) == 2
