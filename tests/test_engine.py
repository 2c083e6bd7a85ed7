"""The whole path of an action against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.engine import BEST, CODE, DOCSTRING, document, engine, quoted, run
from tests.wire.server import Answer, event_stream
from tests.wire.test_probe import ollama, page
from tests.wire.vendors import anthropic_stream, ollama_stream, openai_stream

from codefare import tokens
from codefare.assembly import assemble
from codefare.errand import Errand, action_named, wish_of
from codefare.errors import NoModel, OverBudget, TargetError, WrongUse
from codefare.presentation import notice
from codefare.quoting import Server, Wish
from codefare.source.file import read_document
from codefare.source.target import Complexity
from codefare.tasks.outcome import Edit, NewFile, Report


async def test_a_quote_sends_nothing(wire, configure, monkeypatch, tmp_path) -> None:
    """Prices are known without a single request to the provider."""
    async with engine(wire, configure, monkeypatch) as made:
        doc = document(tmp_path)
        quotes = await made.quotes(
            made.quoter.asks(doc, doc.target(doc.span_of_lines(1, 1))), wish=BEST
        )
    assert [q.action.id for q in quotes] == [
        "explain",
        "refactor",
        "tests",
        "document",
        "review",
        "optimise",
    ]
    assert all(
        q.server is Server.MODEL and q.cost and q.cost.ceiling > q.cost.likely > 0 for q in quotes
    )
    assert wire.requests == []


async def test_an_answer_becomes_an_edit_and_a_bill(wire, configure, monkeypatch, tmp_path) -> None:
    """25 fresh tokens at $1 and 12 at $5 a million cost 0.0085 cents, under the quoted ceiling."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "document")
    assert isinstance(result.outcome, Edit)
    assert result.outcome.new == '    """Add two numbers."""\n'
    assert result.cost_usd == Decimal("0.000085")
    assert (result.model, result.provider) == ("claude-haiku-4.5", "anthropic")
    assert not result.above_ceiling


async def test_the_second_time_the_answer_comes_from_the_cache(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """The same action on the same code, in a later session, is quoted as cached, costs nothing and sends nothing."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        first = await run(made, document(tmp_path), "document")
    async with engine(wire, configure, monkeypatch) as made:
        quote = await quoted(made, document(tmp_path), "document")
        again = await made.run(quote)
    assert quote.cached
    assert quote.cost is not None
    assert quote.cost.ceiling == 0
    assert again.cached
    assert again.cost_usd == 0
    assert again.outcome == first.outcome
    assert len(wire.requests) == 1


async def test_what_was_quoted_as_free_is_not_paid_for(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """If the answer is gone from the cache since the quote, nothing is sent, and the next quote has a price."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        await run(made, document(tmp_path), "document")
        quote = await quoted(made, document(tmp_path), "document")
        assert quote.cached
        await made.answers.clear()
        with pytest.raises(OverBudget, match="no longer in the cache"):
            await made.run(quote)
        assert not (await quoted(made, document(tmp_path), "document")).cached
        assert (await made.ledger.today()).reserved_usd == 0
    assert len(wire.requests) == 1


async def test_other_code_is_another_answer(wire, configure, monkeypatch, tmp_path) -> None:
    """A changed body is not answered with the old answer."""
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch) as made:
        await run(made, document(tmp_path), "document")
        other = await quoted(made, document(tmp_path, CODE.replace("a + b", "b + a")), "document")
    assert not other.cached


async def test_a_cache_that_is_off_is_not_used(wire, configure, monkeypatch, tmp_path) -> None:
    """With `enabled = false` the same action is asked and paid again."""
    wire.sse(*anthropic_stream(DOCSTRING))
    wire.sse(*anthropic_stream(DOCSTRING))
    async with engine(wire, configure, monkeypatch, "[cache]\nenabled = false") as made:
        await run(made, document(tmp_path), "document")
        again = await run(made, document(tmp_path), "document")
    assert not again.cached
    assert len(wire.requests) == 2


async def test_private_files_do_not_go_to_a_hosted_model(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """With keys and a private path only the offline engine is left, and it says why."""
    async with engine(wire, configure, monkeypatch, '[privacy]\npaths = ["*.py"]') as made:
        quote = await quoted(made, document(tmp_path), "document")
        with pytest.raises(NoModel):
            await run(made, document(tmp_path), "refactor")
    assert quote.server is Server.OFFLINE
    assert any("private" in drop.reason for drop in quote.route.dropped)
    assert wire.requests == []


async def test_files_on_the_never_list_are_left_alone(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Not even a quote is made for them."""
    async with engine(wire, configure, monkeypatch, '[privacy]\nnever = ["sums.py"]') as made:
        with pytest.raises(TargetError, match="no action works on"):
            await quoted(made, document(tmp_path), "explain")


async def test_a_provider_that_is_down_is_replaced_only_if_the_user_said_so(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """`offline_fallback` lets the offline engine serve; the user is told that, and why."""
    wire.refuse(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}})
    async with engine(wire, configure, monkeypatch, "offline_fallback = true") as made:
        result = await run(made, document(tmp_path), "explain")
    assert result.offline
    assert isinstance(result.outcome, Report)
    assert "no model was asked" in result.outcome.markdown
    assert (notice(result) or "").endswith("Served instead by offline engine · free.")


async def test_the_offline_answer_of_a_fallback_is_not_the_models(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """Once the provider is back the model is asked, not the cache."""
    wire.refuse(400, {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}})
    async with engine(wire, configure, monkeypatch, "offline_fallback = true") as made:
        await run(made, document(tmp_path), "explain")
        assert not (await quoted(made, document(tmp_path), "explain")).cached


async def test_an_openai_model_answers_in_its_own_dialect(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """GPT-6 Luna at $0.10 and $0.50: 25 and 12 tokens cost 0.00085 cents, and the code is in the request."""
    monkeypatch.setenv("OPENAI_API_KEY", "test-key-of-openai")
    wire.sse(*openai_stream("```python\ndef add(a, b):\n    total = a + b\n    return total\n```"))
    async with engine(wire, configure, monkeypatch) as made:
        wish = wish_of(made.catalog, Errand(None, "", "high", "gpt-6-luna"))
        result = await run(made, document(tmp_path), "refactor", wish)
    assert isinstance(result.outcome, Edit)
    assert result.outcome.new == "def add(a, b):\n    total = a + b\n    return total"
    assert result.cost_usd == Decimal("0.0000085")
    assert "def add(a, b)" in str(wire.requests[0].json)


async def test_tests_are_a_new_file_in_the_projects_folder(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """The path is computed here, and never one that exists: what cannot be added to stays as it is."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_sums.py").write_text("def broken(")
    wire.sse(*anthropic_stream("```python\ndef test_add():\n    assert True\n```"))
    async with engine(wire, configure, monkeypatch) as made:
        result = await run(made, document(tmp_path), "tests")
    assert isinstance(result.outcome, NewFile)
    assert result.outcome.path == tmp_path / "tests" / "test_sums_add.py"


async def test_without_a_key_the_quote_says_what_a_model_would_cost(home, tmp_path) -> None:
    """The offline engine serves for nothing; the recommendation has its price and the variable to set."""
    made = assemble()
    await made.open()
    doc = document(tmp_path)
    quote = await quoted(made, doc, "document")
    refactor = await quoted(made, doc, "refactor")
    result = await made.run(quote)
    with pytest.raises(NoModel, match="needs a model"):
        await made.run(refactor)
    await made.close()
    assert quote.server is Server.OFFLINE
    assert quote.recommended is not None
    assert quote.recommended.model.id == "claude-haiku-4.5"
    assert quote.missing == "no key: set ANTHROPIC_API_KEY"
    assert refactor.server is Server.NOBODY
    assert isinstance(result.outcome, Edit)
    assert result.offline


@pytest.mark.parametrize(
    ("name", "first", "last", "served"),
    [
        ("sums.py", 1, 1, {"explain", "tests", "document"}),
        ("sums.py", 1, 3, {"explain"}),
        ("sums.sh", 1, 1, {"explain"}),
        ("sums.sh", 1, 3, {"explain"}),
    ],
)
async def test_the_offline_engine_is_offered_only_for_what_it_can_do(
    home, tmp_path, name: str, first: int, last: int, served: set[str]
) -> None:
    """Without a grammar or a definition it can only explain: for the rest a model is named, as for refactor."""
    path = tmp_path / name
    path.write_text(f"{CODE}x = 1\ny = 2\n", "utf-8")
    doc = read_document(path)
    made = assemble()
    await made.open()
    quotes = await made.quotes(made.quoter.asks(doc, doc.target(doc.span_of_lines(first, last))))
    results = [await made.run(quote) for quote in quotes if quote.server is Server.OFFLINE]
    await made.close()
    assert {result.quote.action.id for result in results} == served
    assert {q.server for q in quotes if q.action.id not in served} == {Server.NOBODY}


@pytest.mark.parametrize("name", ["tests", "write-tests", "write_tests", "Write tests"])
async def test_an_action_goes_by_its_id_and_by_its_title(home, name) -> None:
    """What the menu calls an action is understood on the command line, however its words are joined."""
    made = assemble()
    assert action_named(made.catalog, name) == "tests"
    await made.close()


async def test_unknown_words_are_answered_with_the_nearest_right_ones(home) -> None:
    """A slip in an action or a model names what was probably meant."""
    made = assemble()
    with pytest.raises(WrongUse) as action:
        action_named(made.catalog, "documnt")
    with pytest.raises(WrongUse) as model:
        wish_of(made.catalog, Errand(None, "", model="claude-haiku-4.6"))
    await made.close()
    assert "Did you mean document?" in action.value.text
    assert "Did you mean claude-haiku-4.5?" in model.value.text


async def test_a_model_that_was_named_has_no_stand_in(home, tmp_path) -> None:
    """Whoever asks for a model that cannot be used is told what to set, and gets nobody else's answer."""
    made = assemble()
    doc = document(tmp_path)
    quote = await quoted(made, doc, "document", Wish(model=made.catalog.find("claude-opus-5.5")))
    with pytest.raises(NoModel) as refused:
        await made.run(quote)
    await made.close()
    assert quote.server is Server.NOBODY
    assert refused.value.text == (
        "Document needs a model. For Claude Opus 5.5: set ANTHROPIC_API_KEY."
    )


async def test_the_users_own_words_beat_the_settings(
    wire, configure, monkeypatch, tmp_path
) -> None:
    """`complexity` in config.toml holds until the user says otherwise for one action."""
    async with engine(wire, configure, monkeypatch, 'complexity = "high"') as made:
        doc = document(tmp_path)
        settled = await quoted(made, doc, "refactor", Wish())
        asked = await quoted(made, doc, "refactor", replace(BEST, complexity=Complexity.LOW))
    assert settled.measure.complexity is Complexity.HIGH
    assert asked.measure.complexity is Complexity.LOW


@pytest.mark.parametrize("native", [True, False], ids=["ollama", "openai-like"])
async def test_a_local_model_that_the_catalog_does_not_know_serves(
    wire, configure, tmp_path, native
) -> None:
    """Whoever runs one small model of their own is quoted it, free, for an action, and it answers."""
    configure(f'[providers.local]\nbase_url = "{wire.url}/v1"')
    if native:
        ollama(wire, "tiny-coder:1b")
        wire.paths["/api/chat"] = Answer(
            tuple(ollama_stream(DOCSTRING)), headers={"content-type": "application/x-ndjson"}
        )
    else:
        wire.paths["/v1/models"] = page({"data": [{"id": "tiny-coder"}]})
        wire.paths["/v1/chat/completions"] = event_stream(*openai_stream(DOCSTRING))
    made = assemble()
    await made.open()
    try:
        quote = await quoted(made, document(tmp_path), "document")
        result = await made.run(quote)
    finally:
        await made.close()
    assert quote.cost is not None
    assert quote.cost.ceiling == 0
    assert result.model == ("local/tiny-coder:1b" if native else "local/tiny-coder")
    assert isinstance(result.outcome, Edit)


async def test_the_first_quotes_load_no_vocabulary(wire, configure, monkeypatch, tmp_path) -> None:
    """They would hold up an editor's other requests for it: what can be used is loaded before, in a thread."""
    tokens._encoding.cache_clear()
    async with engine(wire, configure, monkeypatch) as made:
        await asyncio.to_thread(made.quoter.warm_up)
        loaded = tokens._encoding.cache_info().misses
        doc = document(tmp_path)
        asks = made.quoter.asks(doc, doc.target(doc.span_of_lines(1, 1)))
        await made.quotes(asks)
        for ask in asks:
            await made.siblings(ask)
    assert tokens._encoding.cache_info().misses == loaded > 0
