"""Which model answers when: retirements, successors, and names."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from codefare_catalog import Catalog, Model

DOCUMENT = datetime(2026, 2, 7, 12, tzinfo=UTC)
CHECKED = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 14, tzinfo=UTC)


def serving(catalog: Catalog, at: datetime) -> dict[str, str | None]:
    """Which model answers for each of the document's twelve."""
    found = {m.id: catalog.serving(m, at) for m in catalog.models.values() if m.listed}
    return {id_: model.id if model else None for id_, model in found.items()}


def test_all_twelve_answer_on_the_documents_day(catalog: Catalog) -> None:
    """On 2026-02-07 none was retired."""
    assert all(id_ == answers for id_, answers in serving(catalog, DOCUMENT).items())


def test_successors_take_over(catalog: Catalog) -> None:
    """Five are gone on 2026-11-23, seven on 2027-01-14; the others answer themselves."""
    gone = {
        "gpt-4-turbo": "gpt-5.6-sol",
        "gpt-3.5-turbo": "gpt-6-luna",
        "deepseek-coder-v2.5": "deepseek-flash",
        "deepseek-v3": "deepseek-flash",
        "kimi-k2": "kimi-k2.7-code",
    }
    now = serving(catalog, CHECKED)
    assert {id_: answers for id_, answers in now.items() if id_ != answers} == gone
    gone |= {"claude-sonnet-4.5": "claude-sonnet-5.5", "gpt-4o": "gpt-6-luna"}
    then = serving(catalog, LATER)
    assert {id_: answers for id_, answers in then.items() if id_ != answers} == gone


@pytest.mark.parametrize(
    ("id_", "last"),
    [
        ("kimi-k2", date(2026, 5, 24)),
        ("deepseek-v3", date(2026, 7, 23)),
        ("deepseek-coder-v2.5", date(2026, 7, 23)),
        ("gpt-4-turbo", date(2026, 10, 22)),
        ("gpt-3.5-turbo", date(2026, 10, 22)),
        ("claude-sonnet-4.5", date(2026, 11, 29)),
        ("gpt-4o", date(2027, 1, 13)),
    ],
)
def test_a_model_answers_until_its_day_begins(catalog: Catalog, id_: str, last: date) -> None:
    """Retirement is at midnight UTC, wherever the user is."""
    model = catalog.models[id_]
    evening = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)
    assert model.status(evening) == "retiring"
    assert not model.is_retired(evening)
    assert model.status(evening + timedelta(seconds=1)) == "retired"
    # it is tomorrow in Tokyo, and still the last day in UTC
    assert not model.is_retired(evening.astimezone(timezone(timedelta(hours=9))))


def test_newer_models_are_only_named(catalog: Catalog) -> None:
    """A newer model that nobody is forced to take does not take over."""
    newer = {model.id: model.newer for model in catalog.models.values() if model.newer}
    assert newer == {
        "claude-opus-4.6": "claude-opus-5.5",
        "claude-haiku-4.5": "claude-haiku-5.5",
        "qwen-2.5-coder-32b": "qwen3-coder-flash",
        "qwen-2.5-coder-7b": "qwen3-coder-flash",
        "glm-4.7": "glm-5.3-flash",
    }
    for id_ in newer:
        model = catalog.models[id_]
        assert model.status(LATER) == "served"
        assert catalog.serving(model, LATER) is model


def with_models(catalog: Catalog, *models: Model) -> Catalog:
    """The catalog with nothing but these models."""
    return replace(catalog, models={model.id: model for model in models})


def retired(catalog: Catalog, id_: str, successor: str | None) -> Model:
    """A model that was retired long ago."""
    base = catalog.models["gpt-4o"]
    return replace(base, id=id_, retires_at=date(2020, 1, 1), successor=successor)


def test_successors_may_be_retired_too(catalog: Catalog) -> None:
    """The line is followed to the first that still answers."""
    last = replace(catalog.models["gpt-4o"], id="c", retires_at=None, successor=None)
    first = retired(catalog, "a", "b")
    line = with_models(catalog, first, retired(catalog, "b", "c"), last)
    assert line.serving(first, CHECKED) is last


@pytest.mark.parametrize("successor", [None, "unknown", "a"])
def test_nobody_may_be_left(catalog: Catalog, successor: str | None) -> None:
    """No successor, one that is in no catalog, or a circle: nobody answers, and the search ends."""
    only = retired(catalog, "a", successor)
    assert with_models(catalog, only).serving(only, CHECKED) is None


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("claude-opus-4.6", "claude-opus-4.6"),
        ("Claude Opus 4.6", "claude-opus-4.6"),
        ("CLAUDE-OPUS-4-6", "claude-opus-4.6"),
        ("anthropic/claude-opus-4.6", "claude-opus-4.6"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),
        ("qwen2.5-coder:7b", "qwen-2.5-coder-7b"),
        ("qwen2.5-coder:32b", "qwen-2.5-coder-32b"),
        ("kimi-k2-0905-preview", "kimi-k2"),
        ("gpt-5", None),
        ("", None),
    ],
)
def test_finds_a_model_by_any_of_its_names(catalog: Catalog, name: str, id_: str | None) -> None:
    """Id, display name, wire id or alias, in any case; no part of a name is enough."""
    found = catalog.find(name)
    assert (found and found.id) == id_
