"""Quotes: who serves, for how much, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.built_in import TASKS

from codefare.errors import OverBudget
from codefare.presentation import hover, offer, title
from codefare.project.limits import Limit
from codefare.quotation import cost_json, quote_json
from codefare.quoting import (
    Promise,
    Quote,
    Server,
    Terms,
    Wish,
    draft_quote,
    every_provider,
)
from codefare.routing import Usable
from codefare.source.document import Document
from codefare.source.target import Complexity, Scope, Span
from codefare.tasks import Subject
from codefare_catalog import Catalog, Model, Offering, load_catalog

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CODE = "def add(a, b):\n    return a + b\n"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The packaged catalog."""
    return load_catalog()


def no_key(_: Model, offering: Offering) -> str | None:
    """As on a new user's machine."""
    return f"no key: set {offering.provider.upper()}_API_KEY"


def draft(
    catalog: Catalog,
    action: str = "document",
    *,
    wish: Wish | None = None,
    terms: Terms | None = None,
    usable: Usable | None = None,
    whole_file: bool = False,
) -> Quote:
    """A quote for a small function, with every provider usable if nothing else is said."""
    document = Document("file:///sums.py", Path("/sums.py"), "python", CODE)
    target = document.target(Span(0, 0), whole_file=whole_file)
    return draft_quote(
        catalog,
        TASKS[action],
        Subject(document, target),
        wish=wish or Wish(),
        terms=terms or Terms(NOON),
        usable=usable or every_provider(catalog, private=False),
    )


def test_the_measured_complexity_decides_and_is_shown(catalog: Catalog) -> None:
    """A function of two lines is of low complexity, and the reason says so."""
    quote = draft(catalog)
    assert quote.measure.complexity is Complexity.LOW
    assert quote.reason == "low complexity: the cheapest of 3 (2 lines, 0 branches)"


def test_the_users_complexity_beats_the_measured_one(catalog: Catalog) -> None:
    """`--complexity high` takes the first candidate."""
    quote = draft(catalog, wish=Wish(complexity=Complexity.HIGH))
    assert quote.choice is not None
    assert quote.choice.model.id == "claude-haiku-4.5"
    assert quote.reason == "high complexity: the best of 3 (set by you)"


def test_budget_mode_is_said(catalog: Catalog) -> None:
    """The reason names budget mode, not the complexity that it overrides."""
    quote = draft(catalog, wish=Wish(complexity=Complexity.HIGH, budget=True))
    assert quote.budget
    assert quote.reason.startswith("budget mode: the cheapest of 3")


def test_a_whole_file_is_another_task_type(catalog: Catalog) -> None:
    """Explain is documentation for one symbol and research for a file."""
    assert draft(catalog, "explain").task_type.id == "documentation"
    whole = draft(catalog, "explain", whole_file=True)
    assert whole.target.scope is Scope.FILE
    assert whole.task_type.id == "research"


def test_the_offline_engine_serves_where_it_can_and_names_what_a_model_needs(
    catalog: Catalog,
) -> None:
    """Free now; the recommendation has its own price and the variable to set."""
    quote = draft(catalog, terms=Terms(NOON, offline=True), usable=no_key)
    assert quote.server is Server.OFFLINE
    assert quote.cost is not None
    assert quote.cost.ceiling == 0
    assert quote.recommended is not None
    assert quote.estimate is quote.recommended.estimate
    assert quote.reason.startswith("offline engine, no model asked; for ")
    assert "_API_KEY" in quote.missing
    data = quote_json(quote)
    assert data["price_source"] == "the offline engine is free"
    assert data["recommended"]["price_source"] == quote.estimate.price_source


def test_where_nobody_serves_there_is_no_cost_but_a_recommendation(catalog: Catalog) -> None:
    """An action that cannot run costs nothing known; what it would cost stands with the recommendation."""
    quote = draft(catalog, "refactor", usable=no_key)
    assert quote.server is Server.NOBODY
    assert quote.choice is None
    assert quote.cost is None
    assert quote.reason.startswith("no model can be used; for ")
    data = quote_json(quote)
    assert (data["model"], data["provider"], data["cost_usd"]) == (None, None, None)
    assert data["recommended"]["model"] == quote.recommended.model.id  # type: ignore[union-attr]  # it is there
    assert Decimal(data["recommended"]["cost_usd"]["likely"]) > 0


def test_without_any_model_in_the_catalog_the_first_reason_is_given(catalog: Catalog) -> None:
    """A catalog whose models have all retired still gives a quote that says why."""
    gone = {
        m.id: replace(m, retires_at=NOON.date(), successor=None) for m in catalog.models.values()
    }
    empty = replace(catalog, models=gone)
    quote = draft(empty, "refactor", usable=every_provider(empty, private=False))
    assert quote.server is Server.NOBODY
    assert quote.recommended is None
    assert quote.estimate is None
    assert "nothing succeeds it" in quote.missing
    assert "for a model" in quote.reason
    data = quote_json(quote)
    assert data["recommended"] is None
    assert data["input_tokens"] is None
    assert data["output_tokens"] is None
    assert data["price_source"] is None


def test_a_task_type_without_candidates_says_so(catalog: Catalog) -> None:
    """With no candidates, no tiers and no models there is no reason to quote but that."""
    bare = replace(
        catalog,
        models={},
        tiers={},
        task_types={k: replace(t, candidates=()) for k, t in catalog.task_types.items()},
    )
    quote = draft(bare, "refactor", usable=no_key)
    assert quote.missing == "the catalog has no model for it"


def test_what_became_usable_meanwhile_is_not_called_missing(catalog: Catalog) -> None:
    """A local server that answers between two looks is no reason for a wrong remedy."""
    asked = 0

    def counting(_: Model, __: Offering) -> str | None:
        nonlocal asked
        asked += 1
        return "no key"

    draft(catalog, "refactor", usable=counting)
    # The last question is what is missing for the recommendation: by then it can be used.
    quote = draft(catalog, "refactor", usable=_only_then(asked - 1))
    assert quote.missing == "it became usable just now"


def _only_then(calls: int) -> Usable:
    """Unusable for so many questions, usable from then on."""
    left = calls

    def usable(_: Model, __: Offering) -> str | None:
        nonlocal left
        left -= 1
        return "no key" if left >= 0 else None

    return usable


def test_a_quote_holds_as_long_as_it_costs_no_more(catalog: Catalog) -> None:
    """DeepSeek's peak doubles its price: a ceiling from before does not hold in it; one from within holds after it."""
    night = datetime(2026, 12, 7, 0, 30, tzinfo=UTC)
    peak = datetime(2026, 12, 7, 2, tzinfo=UTC)
    flash = Wish(model=catalog.find("deepseek-flash"))
    before = draft(catalog, wish=flash, terms=Terms(night))
    within = before.priced(peak)
    assert before.cost is not None
    assert within.cost is not None
    assert within.cost.ceiling == 2 * before.cost.ceiling
    assert (within.at, within.choice is None) == (peak, False)
    assert (before.holds(night), before.holds(peak)) == (True, False)
    assert (within.holds(night), within.holds(peak)) == (True, True)


def test_where_no_model_serves_a_quote_holds_for_ever(catalog: Catalog) -> None:
    """There is nothing in it that could become dearer."""
    quote = draft(catalog, usable=no_key)
    later = quote.priced(NOON.replace(year=2030))
    assert later.at.year == 2030
    assert later.holds(later.at)
    assert later.choice is None


@pytest.mark.parametrize("named", [False, True])
def test_a_last_resort_says_so(catalog: Catalog, *, named: bool) -> None:
    """What rests and is tried all the same: briefly in the title, with its reason in the quote."""
    haiku = catalog.find("claude-haiku-4.5")
    quote = draft(catalog, wish=Wish(model=haiku) if named else None)
    quote = replace(quote, resting="overloaded, tried again at 12:01")
    assert offer(quote).endswith(" · tried although overloaded")
    why = "since you named it" if named else "since nothing else can serve"
    assert quote.reason.endswith(f"; tried all the same, {why}: overloaded, tried again at 12:01")


def test_a_cached_answer_is_free(catalog: Catalog) -> None:
    """Whatever a model would cost."""
    quote = replace(draft(catalog), cached=True)
    data = quote_json(quote)
    assert data["cached"] is True
    assert data["cost_usd"] == {"low": "0", "likely": "0", "high": "0", "ceiling": "0"}


def test_a_hover_dates_the_prices_that_it_shows(catalog: Catalog) -> None:
    """A model of the user's own is free, and so is what is cached: there is no price to be of a day."""

    def local(_: Model, offering: Offering) -> str | None:
        return None if offering.provider == "local" else "no key"

    priced, free = draft(catalog), draft(catalog, "generate", usable=local)
    assert free.choice is not None
    assert "Prices as of " in hover(priced.target, [free, priced])
    assert "Prices as of " not in hover(free.target, [free, replace(priced, cached=True)])


def test_a_quote_as_data_has_every_promised_field(catalog: Catalog) -> None:
    """Money is decimal text, tokens are numbers."""
    data = quote_json(draft(catalog, wish=Wish(complexity=Complexity.HIGH)))
    assert data["action"] == "document"
    assert data["task_type"] == "documentation"
    assert (data["model"], data["provider"]) == ("claude-haiku-4.5", "anthropic")
    assert set(data["output_tokens"]) == {"low", "likely", "high", "max"}
    costs = {name: Decimal(text) for name, text in data["cost_usd"].items()}
    assert costs["low"] < costs["likely"] < costs["high"] < costs["ceiling"]
    assert data["input_tokens"] < data["input_tokens_bound"]
    assert data["price_source"].endswith("checked 2026-11-23")


def test_an_unknown_cost_is_null() -> None:
    """Never "0"."""
    assert cost_json(None) is None


def test_what_the_menu_said_is_held_to(catalog: Catalog) -> None:
    """The model and the ceiling: a cheaper run is fine, and so is one that costs nothing, whoever serves it."""
    quote = draft(catalog)
    assert quote.cost is not None
    assert quote.choice is not None
    name = quote.choice.model.id
    assert quote.promise == Promise(name, quote.cost.ceiling)
    quote.hold_to(quote.promise)
    quote.hold_to(Promise(name, quote.cost.ceiling * 2))
    quote.hold_to(Promise(name, None))
    cached = replace(quote, cached=True)
    assert cached.promise == Promise(None, Decimal(0))
    cached.hold_to(Promise("another", Decimal(1)))
    nobody = draft(catalog, "refactor", usable=no_key)
    assert nobody.promise == Promise(None, Decimal(0))
    nobody.hold_to(quote.promise)
    for broken in (cached.promise, Promise(name, Decimal(0)), Promise("another", Decimal(1))):
        with pytest.raises(OverBudget, match="not what the menu said"):
            quote.hold_to(broken)


def test_a_price_that_became_unknown_breaks_what_was_said(catalog: Catalog) -> None:
    """An unknown price may be any; only where it was unknown before was nothing else agreed to."""
    quote = draft(catalog)
    assert quote.choice is not None
    unpriced = replace(quote.choice, estimate=replace(quote.choice.estimate, cost=None))
    unknown = replace(quote, route=replace(quote.route, chosen=unpriced))
    assert unknown.promise == Promise(unpriced.model.id, None)
    unknown.hold_to(unknown.promise)
    with pytest.raises(OverBudget):
        unknown.hold_to(quote.promise)
    with pytest.raises(OverBudget):
        unknown.hold_to(Promise("another", None))


def test_the_remedy_is_as_short_as_a_menu_wants_it(catalog: Catalog) -> None:
    """What to set, and for which model."""
    quote = draft(catalog, "refactor", usable=no_key)
    assert quote.missing == f"no key: {quote.remedy}"
    assert quote.remedy.startswith("set ")
    assert quote.recommended is not None
    assert quote.wanted == quote.recommended.model.name


def test_a_file_that_no_model_may_see_goes_to_none(catalog: Catalog) -> None:
    """The rule that says so is the reason of the quote, and of every drop."""
    rule = Limit("sums.py is ignored by .codefareignore, line 1: no model may see it", closed=True)
    quote = draft(catalog, terms=Terms(NOON, limit=rule))
    assert quote.server is Server.NOBODY
    assert {drop.reason for drop in quote.route.dropped if drop.provider} == {rule.reason}
    assert rule.reason in quote.reason
    assert title(quote).endswith(" · no model may see it")
    assert hover(quote.target, [quote, quote]).count(rule.reason) == 1


def test_a_file_with_a_limit_says_why_once(catalog: Catalog) -> None:
    """Each line of a menu stays short; the hover has the reason, and what to do, in a line of its own."""
    rule = Limit("sums.py is ignored by .gitignore: `allow` it in config.toml", closed=False)
    terms = Terms(NOON, limit=rule, offline=True)
    quotes = [draft(catalog, action, terms=terms, usable=no_key) for action in ("explain", "tests")]
    assert {offer(quote) for quote in quotes} == {
        "offline engine · free (for self-hosted models only)"
    }
    assert f"\n\n{rule.reason}.\n\n" in hover(quotes[0].target, quotes)


def test_a_file_with_a_limit_stays_on_the_users_own_machines(catalog: Catalog) -> None:
    """Self-hosted models may see it; the others are dropped with the rule."""
    rule = Limit(".env looks like a file with secrets: for self-hosted models only", closed=False)
    quote = draft(
        catalog, terms=Terms(NOON, limit=rule), usable=every_provider(catalog, private=True)
    )
    assert quote.choice is not None
    assert catalog.providers[quote.choice.offering.provider].self_hosted
    hosted = [drop for drop in quote.route.dropped if drop.provider == "anthropic"]
    assert {drop.reason for drop in hosted} == {rule.reason}
