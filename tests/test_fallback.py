"""What happens when an offering fails: the next one down the ranking, at a price that the user agreed to."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from tests.engine import DOCSTRING, document, quoted
from tests.two import CHEAPEST, Asked, two
from tests.wire.hurry import HurryingServer, in_a_hurry
from tests.wire.server import Step
from tests.wire.vendors import anthropic_stream, openai_stream

from codefare.errors import (
    Declined,
    KeyRefused,
    OutOfCredit,
    OverBudget,
    Overloaded,
    ProviderError,
    RequestRefused,
    Unreachable,
)
from codefare.presentation import notice, receipt
from codefare.providers.http import Limits
from codefare.quoting import Quote, Wish, draft_quote
from codefare.tasks.outcome import Edit, Refused

CLAUDE = '[models]\nuse = ["claude-haiku-4.5", "claude-haiku-5.5", "claude-opus-4.6"]'


async def test_the_next_one_serves_what_the_first_could_not(
    configure, monkeypatch, tmp_path
) -> None:
    """After three answers of 529 the second model's answer is used, and the user is told of both."""
    async with two(configure, monkeypatch) as there:
        for _ in range(3):
            there.anthropic.refuse(529)
        there.openai.sse(*openai_stream(DOCSTRING))
        result = await there.run(document(tmp_path))
        spent = await there.made.ledger.today()
    assert isinstance(result.outcome, Edit)
    assert result.model == "gpt-6-luna"
    assert (len(there.anthropic.requests), len(there.openai.requests)) == (3, 1)
    assert (spent.attempts, spent.open_attempts) == (4, 0)
    told = notice(result)
    assert told is not None
    assert "Claude Haiku 4.5: Anthropic cannot serve now (529)." in told
    assert "GPT-6 Luna" in told


async def test_the_next_quote_is_made_beside_the_loop(configure, monkeypatch, tmp_path) -> None:
    """What it takes to count a large file, or to read what is no longer in memory, holds nobody up."""
    threads: list[bool] = []

    def draft(*given: Any, **more: Any) -> Quote:
        threads.append(threading.current_thread() is threading.main_thread())
        return draft_quote(*given, **more)

    async with two(configure, monkeypatch) as there:
        quote = await quoted(there.made, document(tmp_path), "document")
        monkeypatch.setattr("codefare.quoter.draft_quote", draft)
        there.anthropic.refuse(402)
        there.openai.sse(*openai_stream(DOCSTRING))
        assert (await there.made.run(quote)).model == "gpt-6-luna"
    assert threads
    assert not any(threads)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {}),
        (402, {}),
        (403, {}),
        (404, {}),
        (400, {"error": {"message": "Invalid model name passed in model=x", "code": "400"}}),
        (413, {}),
        (429, {"error": {"type": "rate_limit_error"}}),
        (429, {"error": {"type": "enforced_spend_limit_reached"}}),
    ],
)
async def test_what_another_can_serve_goes_on(
    configure, monkeypatch, tmp_path, status, body
) -> None:
    """A key, an account, a model that is gone, a limit with a long wait: each is one provider's trouble."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(status, body, retry_after="3600")
        there.openai.sse(*openai_stream(DOCSTRING))
        result = await there.run(document(tmp_path))
    assert result.model == "gpt-6-luna"
    assert len(there.anthropic.requests) == 1


@pytest.mark.parametrize("status", [400, 422])
async def test_a_request_that_is_wrong_is_not_sent_elsewhere(
    configure, monkeypatch, tmp_path, status
) -> None:
    """What one provider will not take for its form, no other one is paid to look at."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(status)
        with pytest.raises(RequestRefused):
            await there.run(document(tmp_path))
    assert there.openai.requests == []


async def test_a_dearer_one_is_asked_only_with_consent(configure, monkeypatch, tmp_path) -> None:
    """The cheapest fails, the next may cost more than was quoted: the user is asked, with the failure."""
    user = Asked()
    async with two(configure, monkeypatch) as there:
        there.openai.refuse(402)
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        result = await there.run(document(tmp_path), CHEAPEST, user)
    assert result.model == "claude-haiku-4.5"
    ((model, failure),) = user.questions
    assert model == "claude-haiku-4.5"
    assert failure.startswith("GPT-6 Luna: The OpenAI account has no credit")


@pytest.mark.parametrize("user", [None, Asked(yes=False)])
async def test_a_dearer_one_is_not_asked_without_consent(
    configure, monkeypatch, tmp_path, user
) -> None:
    """Who says no, or cannot be asked, gets the failure, and which model could serve."""
    async with two(configure, monkeypatch) as there:
        there.openai.refuse(402)
        with pytest.raises(OutOfCredit) as raised:
            await there.run(document(tmp_path), CHEAPEST, user)
    assert "Claude Haiku 4.5 could serve, for more than you agreed to (~" in raised.value.text
    assert "choose it if you want that." in raised.value.text
    assert there.anthropic.requests == []


async def test_a_model_that_was_named_has_no_stand_in(configure, monkeypatch, tmp_path) -> None:
    """Who asked for Haiku gets Haiku or the reason why not."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(401)
        haiku = there.made.catalog.find("claude-haiku-4.5")
        with pytest.raises(KeyRefused):
            await there.run(document(tmp_path), Wish(model=haiku))
    assert there.openai.requests == []


async def test_all_failures_are_told(configure, monkeypatch, tmp_path) -> None:
    """If nothing serves, the error names each that was asked, and no server was asked more often than allowed."""
    async with two(configure, monkeypatch) as there:
        for _ in range(9):
            there.anthropic.refuse(529)
            there.openai.refuse(503)
        with pytest.raises(Overloaded) as raised:
            await there.run(document(tmp_path))
    assert "Claude Haiku 4.5: " in raised.value.text
    assert "GPT-6 Luna: " in raised.value.text
    assert (len(there.anthropic.requests), len(there.openai.requests)) == (3, 3)


@pytest.mark.parametrize("status", [401, 402])
async def test_an_account_that_is_refused_is_not_asked_for_its_other_models(
    configure, monkeypatch, tmp_path, status
) -> None:
    """No credit for Haiku is none for Sonnet: nobody else at that provider is asked, even if nothing else is left."""
    async with two(configure, monkeypatch, CLAUDE) as there:
        for _ in range(3):
            there.anthropic.refuse(status)
        with pytest.raises(ProviderError):
            await there.run(document(tmp_path), consent=Asked())
    assert len(there.anthropic.requests) == 1


async def test_a_model_that_the_key_may_not_use_says_nothing_of_the_others(
    configure, monkeypatch, tmp_path
) -> None:
    """Permission is missing for one model: the provider's next one serves, and is still usable afterwards."""
    async with two(configure, monkeypatch, CLAUDE) as there:
        there.anthropic.refuse(403, {"error": {"type": "permission_error", "message": "no"}})
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        result = await there.run(document(tmp_path), consent=Asked())
    assert isinstance(result.outcome, Edit)
    first, second = (request.json["model"] for request in there.anthropic.requests)
    assert first != second


async def test_a_failure_that_several_models_had_is_told_once(
    configure, monkeypatch, tmp_path
) -> None:
    """The models stand before it, and it stands there once."""
    async with two(configure, monkeypatch, CLAUDE) as there:
        for _ in range(9):
            there.anthropic.refuse(529)
        with pytest.raises(Overloaded) as raised:
            await there.run(document(tmp_path), consent=Asked())
    assert raised.value.text.count("Anthropic cannot serve now") == 1
    assert raised.value.text.startswith("Claude Haiku 4.5, Claude ")


async def test_what_to_do_is_said_for_each_failure(configure, monkeypatch, tmp_path) -> None:
    """Two refused keys are two keys to look at."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.refuse(401)
        there.openai.refuse(401)
        with pytest.raises(KeyRefused) as raised:
            await there.run(document(tmp_path))
    assert "ANTHROPIC_API_KEY" in raised.value.remedy
    assert "OPENAI_API_KEY" in raised.value.remedy


def test_one_deadline_holds_for_the_whole_way(configure, monkeypatch, tmp_path) -> None:
    """If the first offering took all the time there is, no other one is asked."""

    async def story() -> None:
        limits = Limits(total=24)
        server = partial(HurryingServer, limits)
        network = f"[network]\ntotal_seconds = {limits.total}"
        async with two(configure, monkeypatch, network, server) as there:
            there.anthropic.sse(Step.HANG)
            with pytest.raises(Unreachable, match="in time"):
                await there.run(document(tmp_path))
        assert (len(there.anthropic.requests), len(there.openai.requests)) == (1, 0)

    in_a_hurry(story)


async def test_an_answer_that_broke_off_is_not_asked_for_elsewhere(
    configure, monkeypatch, tmp_path
) -> None:
    """Once text has come it was paid for: it is shown as partial, and nobody else is paid."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING)[:4], Step.CUT)
        result = await there.run(document(tmp_path))
    assert isinstance(result.outcome, Refused)
    assert there.openai.requests == []


async def test_what_failed_attempts_took_is_told(configure, monkeypatch, tmp_path) -> None:
    """A prompt that was billed before the stream broke stands in the receipt beside the answer's own cost."""
    async with two(configure, monkeypatch) as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        result = await there.run(document(tmp_path))
        spent = await there.made.ledger.today()
    assert (result.cost_usd, result.lost_usd) == (Decimal("0.000085"), Decimal("0.00003"))
    assert spent.cost_usd == Decimal("0.000115")
    assert "more for attempts that failed" in receipt(result)


async def test_a_limit_for_one_action_counts_every_attempt(
    configure, monkeypatch, tmp_path
) -> None:
    """What a first attempt took leaves less for the second: it is not sent if its ceiling does not fit any more."""
    async with two(configure, monkeypatch) as there:
        quote = await quoted(there.made, document(tmp_path), "document")
    assert quote.cost is not None
    limit = f'[budget]\nper_action_usd = "{quote.cost.ceiling + Decimal("0.00001")}"'
    async with two(configure, monkeypatch, limit) as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING)[:1], Step.CUT)
        with pytest.raises(OverBudget, match="for attempts that failed"):
            await there.run(document(tmp_path))
        assert len(there.anthropic.requests) == 1


async def test_above_his_mark_the_user_is_asked_first(configure, monkeypatch, tmp_path) -> None:
    """`confirm_above_usd` asks before anything is sent, once; who says no pays nothing."""
    mark = '[budget]\nconfirm_above_usd = "0.00001"'
    no, yes = Asked(yes=False), Asked()
    async with two(configure, monkeypatch, mark) as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        with pytest.raises(Declined):
            await there.run(document(tmp_path), consent=no)
        assert there.anthropic.requests == []
        result = await there.run(document(tmp_path), consent=yes)
    assert isinstance(result.outcome, Edit)
    assert no.questions == yes.questions == [("claude-haiku-4.5", "")]


async def test_below_his_mark_and_for_free_nobody_is_asked(
    configure, monkeypatch, tmp_path
) -> None:
    """A cheap action runs at once; so does a cached one, whatever it cost when it was bought."""
    user = Asked()
    async with two(configure, monkeypatch, '[budget]\nconfirm_above_usd = "1"') as there:
        there.anthropic.sse(*anthropic_stream(DOCSTRING))
        await there.run(document(tmp_path), consent=user)
        budget = replace(there.made.settings.budget, confirm_above_usd=Decimal(0))
        there.made.adopt(replace(there.made.settings, budget=budget))
        result = await there.run(document(tmp_path), consent=user)
    assert result.cached
    assert user.questions == []


async def test_what_fits_in_the_budget_is_known(configure, monkeypatch, tmp_path) -> None:
    """For an action that is too dear the models that fit are listed, cheapest first, and none that does not."""
    async with two(configure, monkeypatch) as there:
        doc = document(tmp_path)
        haiku, luna = [
            await quoted(there.made, doc, "document", Wish(model=there.made.catalog.find(id_)))
            for id_ in ("claude-haiku-4.5", "gpt-6-luna")
        ]
    assert haiku.cost is not None
    assert luna.cost is not None
    limit = f'[budget]\nper_day_usd = "{(haiku.cost.ceiling + luna.cost.ceiling) / 2}"'
    async with two(configure, monkeypatch, limit) as there:
        quote = await quoted(there.made, doc, "document")
        with pytest.raises(OverBudget):
            await there.made.run(quote)
        fitting = await there.made.affordable(quote)
        assert there.anthropic.requests == []
    assert "gpt-6-luna" in [q.promise.model for q in fitting]
    assert "claude-haiku-4.5" not in [q.promise.model for q in fitting]
    ceilings = [q.cost.ceiling for q in fitting if q.cost]
    assert ceilings == sorted(ceilings)
