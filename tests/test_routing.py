"""Which model a task goes to: the whole table, and every reason for a drop."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from codefare.estimate import Output, Workload
from codefare.listing import choice_reason
from codefare.quoting import every_provider
from codefare.routing import Need, Route, Usable, Via, route
from codefare.source.target import Complexity
from codefare_catalog import Catalog, Model, Offering, load_catalog

HIGH, MEDIUM, LOW = Complexity.HIGH, Complexity.MEDIUM, Complexity.LOW
FEBRUARY = datetime(2026, 2, 7, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 23, 12, tzinfo=UTC)
OUTPUT = Output(200, 500, 900, 2000)

# Task type: the model for high, medium, and for low and budget. Worked by hand from the ranking and the prices.
ON_THE_DOCUMENTS_DAY = {
    "architecture": ("claude-opus-4.6", "gpt-4-turbo", "claude-sonnet-4.5"),
    "code_generation": ("deepseek-coder-v2.5", "claude-sonnet-4.5", "deepseek-coder-v2.5"),
    "refactoring": ("claude-sonnet-4.5", "deepseek-v3", "deepseek-v3"),
    "testing": ("claude-haiku-4.5", "deepseek-coder-v2.5", "deepseek-coder-v2.5"),
    "code_review": ("claude-opus-4.6", "gpt-4-turbo", "claude-sonnet-4.5"),
    "documentation": ("claude-haiku-4.5", "gpt-3.5-turbo", "deepseek-v3"),
    "debugging": ("claude-sonnet-4.5", "deepseek-coder-v2.5", "deepseek-coder-v2.5"),
    "optimization": ("claude-opus-4.6", "deepseek-v3", "deepseek-v3"),
    "boilerplate": ("claude-haiku-4.5", "gpt-3.5-turbo", "qwen-2.5-coder-7b"),
    "research": ("claude-opus-4.6", "claude-sonnet-4.5", "claude-sonnet-4.5"),
}
IN_NOVEMBER = {
    "architecture": ("claude-opus-4.6", "gpt-5.6-sol", "claude-sonnet-4.5"),
    "code_generation": ("deepseek-flash", "claude-sonnet-4.5", "deepseek-flash"),
    "refactoring": ("claude-sonnet-4.5", "deepseek-flash", "deepseek-flash"),
    "testing": ("claude-haiku-4.5", "deepseek-flash", "deepseek-flash"),
    "code_review": ("claude-opus-4.6", "gpt-5.6-sol", "claude-sonnet-4.5"),
    "documentation": ("claude-haiku-4.5", "gpt-6-luna", "gpt-6-luna"),
    "debugging": ("claude-sonnet-4.5", "deepseek-flash", "deepseek-flash"),
    "optimization": ("claude-opus-4.6", "deepseek-flash", "deepseek-flash"),
    "boilerplate": ("claude-haiku-4.5", "gpt-6-luna", "qwen-2.5-coder-7b"),
    "research": ("claude-opus-4.6", "claude-sonnet-4.5", "claude-sonnet-4.5"),
}
TABLE = [
    (day, task_type, complexity, budget, models[column])
    for day, table in ((FEBRUARY, ON_THE_DOCUMENTS_DAY), (NOVEMBER, IN_NOVEMBER))
    for task_type, models in table.items()
    for complexity, budget, column in (
        (HIGH, False, 0),
        (MEDIUM, False, 1),
        (LOW, False, 2),
        (HIGH, True, 2),
        (MEDIUM, True, 2),
    )
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The packaged catalog."""
    return load_catalog()


def need(catalog: Catalog, task_type: str, tokens: int = 1000, **changes: object) -> Need:
    """A need of medium complexity in November; `changes` are fields of Need."""
    workload = Workload.of_tokens(tokens, OUTPUT)
    plain = Need(catalog.task_types[task_type], workload, MEDIUM, NOVEMBER)
    return replace(plain, **changes)  # type: ignore[arg-type]  # the fields are named by the tests


def keys(catalog: Catalog, *providers: str) -> Usable:
    """As if only these providers had a key."""

    def usable(_: Model, offering: Offering) -> str | None:
        if offering.provider in providers:
            return None
        return f"no key: set {catalog.providers[offering.provider].key_env}"

    return usable


def chosen(found: Route) -> str | None:
    """The id of the chosen model."""
    return found.chosen.model.id if found.chosen else None


@pytest.mark.parametrize(("day", "task_type", "complexity", "budget", "expected"), TABLE)
def test_each_task_type_goes_to_the_model_that_its_ranking_and_prices_say(
    catalog: Catalog,
    day: datetime,
    task_type: str,
    complexity: Complexity,
    budget: bool,
    expected: str,
) -> None:
    """High takes the first, medium the second, low and budget the cheapest, on any day."""
    wanted = need(catalog, task_type, complexity=complexity, budget=budget, at=day)
    assert chosen(route(catalog, wanted, every_provider(catalog, private=False))) == expected


def test_the_table_has_all_task_types(catalog: Catalog) -> None:
    """No task type escapes the two tables above."""
    assert set(ON_THE_DOCUMENTS_DAY) == set(IN_NOVEMBER) == set(catalog.task_types)


def test_the_cheapest_is_not_the_last_candidate_for_six_of_ten_task_types() -> None:
    """The document's own example would take the last candidate; its words say the cheapest."""
    catalog = load_catalog()
    last = {t.id: t.candidates[-1].model for t in catalog.task_types.values()}
    differ = {t for t, models in ON_THE_DOCUMENTS_DAY.items() if models[2] != last[t]}
    assert differ == {
        "code_generation",
        "refactoring",
        "testing",
        "debugging",
        "optimization",
        "research",
    }


def test_the_cheapest_depends_on_the_hour(catalog: Catalog) -> None:
    """At DeepSeek's peak hours its successor is dearer than a hosted Qwen, and low complexity notices."""
    peak = datetime(2026, 11, 23, 2, tzinfo=UTC)
    usable = every_provider(catalog, private=False)
    at_peak = route(catalog, need(catalog, "code_generation", complexity=LOW, at=peak), usable)
    later = route(catalog, need(catalog, "code_generation", complexity=LOW), usable)
    assert (chosen(at_peak), chosen(later)) == ("qwen-2.5-coder-32b", "deepseek-flash")


def test_a_retired_model_is_replaced_and_the_route_says_so(catalog: Catalog) -> None:
    """The successor takes the retired model's place in the ranking."""
    found = route(catalog, need(catalog, "architecture"), every_provider(catalog, private=False))
    assert found.chosen is not None
    assert found.chosen.replaces is catalog.models["gpt-4-turbo"]
    assert found.chosen.position == 2
    reason = next(d.reason for d in found.dropped if d.model == "gpt-4-turbo")
    assert "2026-10-23" in reason
    assert catalog.models["gpt-5.6-sol"].name in reason


def test_a_model_answers_until_the_day_before_it_retires(catalog: Catalog) -> None:
    """Sonnet 4.5 is taken on 29 November and its successor on the 30th."""
    day = datetime(2026, 11, 29, 23, 59, tzinfo=UTC)
    usable = every_provider(catalog, private=False)
    before = route(catalog, need(catalog, "refactoring", complexity=HIGH, at=day), usable)
    after = route(
        catalog,
        need(catalog, "refactoring", complexity=HIGH, at=day + timedelta(minutes=1)),
        usable,
    )
    assert (chosen(before), chosen(after)) == ("claude-sonnet-4.5", "claude-sonnet-5.5")


def test_a_model_whose_successor_is_ranked_already_is_listed_once(catalog: Catalog) -> None:
    """Two retired models with one successor give one choice."""
    both = replace(
        catalog.task_types["testing"],
        candidates=(
            *catalog.task_types["code_generation"].candidates[:1],
            *(c for c in catalog.task_types["refactoring"].candidates if c.model == "deepseek-v3"),
        ),
    )
    wanted = replace(need(catalog, "testing"), task_type=both)
    found = route(catalog, wanted, every_provider(catalog, private=False))
    assert [c.model.id for c in found.ranked] == ["deepseek-flash"]
    assert found.reason == "medium complexity: the only one that can be used"


def test_a_retired_model_without_a_successor_is_dropped(catalog: Catalog) -> None:
    """Nothing is asked of a model that no longer answers."""
    gone = replace(catalog.models["gpt-4-turbo"], successor=None)
    without = replace(catalog, models={**catalog.models, gone.id: gone})
    found = route(without, need(catalog, "architecture"), every_provider(catalog, private=False))
    assert "gpt-4-turbo" not in [c.model.id for c in found.ranked]
    assert any("nothing succeeds it" in d.reason for d in found.dropped)


def test_what_has_no_key_is_dropped_with_the_name_of_the_variable(catalog: Catalog) -> None:
    """Each drop says what to set."""
    found = route(catalog, need(catalog, "refactoring"), keys(catalog, "openai"))
    assert chosen(found) == "gpt-4o"
    assert found.reason == "medium complexity: the only one that can be used"
    reasons = {(d.model, d.provider): d.reason for d in found.dropped}
    assert reasons["claude-sonnet-4.5", "anthropic"] == "no key: set ANTHROPIC_API_KEY"


def test_of_several_providers_the_cheapest_serves_a_model(catalog: Catalog) -> None:
    """The 32B Qwen costs less at its maker's than at a reseller's."""
    usable = keys(catalog, "dashscope", "openrouter")
    wanted = need(catalog, "debugging", model=catalog.models["qwen-2.5-coder-32b"])
    found = route(catalog, wanted, usable)
    assert found.chosen is not None
    assert found.chosen.offering.provider == "dashscope"


def test_private_code_goes_to_self_hosted_models_alone(catalog: Catalog) -> None:
    """Every hosted offering is dropped, whatever keys there are."""
    found = route(
        catalog, need(catalog, "boilerplate", private=True), every_provider(catalog, private=True)
    )
    assert found.chosen is not None
    assert found.chosen.offering.provider == "local"
    assert found.chosen.estimate.cost is not None
    assert found.chosen.estimate.cost.ceiling == 0
    hosted = [d for d in found.dropped if d.provider == "anthropic"]
    assert [d.reason for d in hosted] == ["private code stays on self-hosted models"]


def test_private_code_without_a_server_goes_nowhere(catalog: Catalog) -> None:
    """With keys alone nothing private can be served."""
    found = route(catalog, need(catalog, "research", private=True), keys(catalog, "anthropic"))
    assert found.chosen is None
    assert found.reason == "no model for research & analysis can be used"


def test_what_does_not_fit_a_window_is_dropped_with_the_figures(catalog: Catalog) -> None:
    """GPT-3.5's 16,385 tokens do not hold a prompt of 20,000."""
    wanted = need(catalog, "documentation", tokens=20_000, at=FEBRUARY)
    found = route(catalog, wanted, every_provider(catalog, private=False))
    assert [c.model.id for c in found.ranked] == ["claude-haiku-4.5", "deepseek-v3"]
    drop = next(d for d in found.dropped if d.model == "gpt-3.5-turbo")
    assert drop.too_small
    assert "16,385" in drop.reason


def test_an_answer_longer_than_a_model_writes_drops_it(catalog: Catalog) -> None:
    """GPT-4 Turbo writes 4,096 tokens, and an answer that may need 6,000 is not sent to it."""
    workload = Workload.of_tokens(1000, Output(3000, 4000, 6000, 8000))
    wanted = need(catalog, "architecture", workload=workload, at=FEBRUARY)
    found = route(catalog, wanted, every_provider(catalog, private=False))
    assert "gpt-4-turbo" not in [c.model.id for c in found.ranked]
    assert any("writes at most 4,096" in d.reason for d in found.dropped)


def test_a_prompt_too_long_for_the_candidates_goes_to_the_long_context_models(
    catalog: Catalog,
) -> None:
    """300,000 tokens fit neither Sonnet 4.5 nor the other candidates for debugging in February, but Opus."""
    wanted = need(catalog, "debugging", tokens=300_000, at=FEBRUARY)
    found = route(catalog, wanted, every_provider(catalog, private=False))
    assert chosen(found) == "claude-opus-4.6"
    assert {c.via for c in found.ranked} == {Via.LONG_CONTEXT}
    assert found.reason.startswith("too long for the task's own models")


def test_without_a_candidate_a_model_of_the_same_tier_or_the_next_serves(catalog: Catalog) -> None:
    """GLM-4.7 is in no task list, and is reached through its tier."""
    found = route(catalog, need(catalog, "documentation"), keys(catalog, "zai"))
    assert chosen(found) == "glm-4.7"
    assert {c.via for c in found.ranked} == {Via.TIER}
    assert "same tier or the next up" in found.reason
    assert [choice_reason(found, choice) for choice in found.ranked] == ["budget tier"]


@pytest.mark.parametrize("complexity", Complexity)
def test_the_only_model_is_called_neither_best_nor_cheapest(
    catalog: Catalog, complexity: Complexity
) -> None:
    """With one model left there was no choice, and the reason does not pretend that there was."""
    wanted = need(catalog, "refactoring", complexity=complexity)
    found = route(catalog, wanted, keys(catalog, "openai"))
    assert found.reason == f"{complexity.value} complexity: the only one that can be used"


def test_without_a_tier_any_usable_model_serves(catalog: Catalog) -> None:
    """A user with nothing but a small local model gets it for any task, said plainly."""
    found = route(catalog, need(catalog, "architecture"), keys(catalog, "local"))
    assert found.chosen is not None
    assert found.chosen.via is Via.ANY
    assert "any model that can" in found.reason


def test_a_task_type_whose_models_are_in_no_tier_skips_the_tiers(catalog: Catalog) -> None:
    """A user's own task type may name models outside the tiers."""
    own = replace(
        catalog.task_types["boilerplate"],
        candidates=catalog.task_types["boilerplate"].candidates[-1:],
    )
    wanted = replace(need(catalog, "boilerplate"), task_type=own)
    found = route(catalog, wanted, keys(catalog, "anthropic"))
    assert {c.via for c in found.ranked} == {Via.ANY}


def test_nothing_usable_is_said_and_every_drop_kept(catalog: Catalog) -> None:
    """Without any key the route is empty but for its reasons."""
    found = route(catalog, need(catalog, "testing"), keys(catalog))
    assert found.chosen is None
    assert found.ranked == ()
    assert {d.model for d in found.dropped} >= set(catalog.models) - {"gpt-3.5-turbo"}


def test_the_users_own_choice_overrides_the_ranking(catalog: Catalog) -> None:
    """`--model` takes any model that can be used."""
    wanted = need(catalog, "architecture", model=catalog.models["claude-haiku-4.5"])
    found = route(catalog, wanted, keys(catalog, "anthropic"))
    assert chosen(found) == "claude-haiku-4.5"
    assert found.reason == "Claude Haiku 4.5 is your choice"


def test_the_users_own_choice_without_a_key_is_not_replaced_silently(catalog: Catalog) -> None:
    """Nothing else is taken in its place."""
    wanted = need(catalog, "architecture", model=catalog.models["kimi-k2"])
    assert route(catalog, wanted, keys(catalog, "anthropic")).chosen is None


def test_an_unknown_price_is_never_the_cheapest(catalog: Catalog) -> None:
    """A model without any price comes after all that have one."""
    flash = catalog.models["deepseek-flash"]
    unpriced = replace(flash, offerings=tuple(replace(o, prices=()) for o in flash.offerings))
    changed = replace(catalog, models={**catalog.models, flash.id: unpriced})
    found = route(
        changed,
        need(catalog, "testing", complexity=LOW),
        every_provider(catalog, private=False),
    )
    assert chosen(found) != "deepseek-flash"
    assert next(c for c in found.ranked if c.model.id == "deepseek-flash").likely_cost is None


def test_listed_prices_choose_by_the_documents_figures(catalog: Catalog) -> None:
    """With `prices = "listed"` Haiku costs 0.80 and 4.00: 1,000 in and 625 out are 0.33 cents."""
    wanted = need(catalog, "documentation", complexity=HIGH, prices="listed")
    found = route(catalog, wanted, every_provider(catalog, private=False))
    assert found.chosen is not None
    assert found.chosen.likely_cost == (1000 * Decimal("0.80") + 625 * Decimal("4.00")) / 1_000_000
