"""The comparison document's task lists, tiers, context classes and strategies stand in the catalog."""

import ast
import re
from pathlib import Path

from codefare_catalog import Catalog

TEXT = (Path(__file__).parents[1] / "data" / "model-comparison.md").read_text(encoding="utf-8")
TASK_TYPES = (
    "architecture",
    "code_generation",
    "refactoring",
    "testing",
    "code_review",
    "documentation",
    "debugging",
    "optimization",
    "boilerplate",
    "research",
)


def parts(title: str) -> list[tuple[str, str]]:
    """The level-three parts of a level-two chapter: heading and text."""
    chapter = re.split(
        r"^## ", TEXT.split(f"\n## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE
    )[0]
    found = [part.split("\n", 1) for part in chapter.split("### ")[1:]]
    return [(heading, text) for heading, text in found]


def mapping() -> dict[str, list[str]]:
    """The document's own `task_model_mapping`."""
    found = re.search(r"task_model_mapping = (\{.*?\n\})", TEXT, re.DOTALL)
    assert found is not None
    value = ast.literal_eval(found[1])
    assert isinstance(value, dict)
    return value


def test_task_types_are_the_recommendations(catalog: Catalog) -> None:
    """Ten task types: name, models in order with the word for each, and rationale."""
    said = []
    for heading, text in parts("Task-Specific Model Recommendations"):
        name = heading.split(". ", 1)[1]
        models = re.findall(r"^- (.+?) \((.+)\)$", text, re.MULTILINE)
        rationale = re.search(r"^\*\*Rationale\*\*: (.+)$", text, re.MULTILINE)
        assert rationale is not None
        said.append((name, models, rationale[1]))
    assert tuple(catalog.task_types) == TASK_TYPES
    assert said == [
        (
            task_type.name,
            [(catalog.models[c.model].name, c.role) for c in task_type.candidates],
            task_type.rationale,
        )
        for task_type in catalog.task_types.values()
    ]


def test_candidates_are_the_example_mappings(catalog: Catalog) -> None:
    """Ids and order equal the example mapping; only architecture has one more, from the list above it."""
    ids = {key: [c.model for c in row.candidates] for key, row in catalog.task_types.items()}
    assert ids.pop("architecture") == [*mapping()["architecture"], "claude-sonnet-4.5"]
    assert ids == {key: models for key, models in mapping().items() if key != "architecture"}


def test_tiers_are_the_recommended_pool(catalog: Catalog) -> None:
    """Four tiers: rank, name, models with their roles, and the share of tasks each should see."""
    said = []
    for heading, text in parts("Recommended Model Pool for Optimizer"):
        rank, name = re.fullmatch(r"Tier (\d): (.+)", heading).groups()  # type: ignore[union-attr]  # another heading fails the test
        members = re.findall(r"^- \*\*(.+?)\*\*: (.+)$", text, re.MULTILINE)
        usage = dict(members).pop("Usage")
        said.append((int(rank), name, members[:-1], usage))
    assert said == [
        (
            tier.rank,
            tier.name,
            [(catalog.models[member.model].name, member.role) for member in tier.models],
            "As needed" if tier.usage is None else f"{tier.usage[0]}-{tier.usage[1]}% of tasks",
        )
        for tier in catalog.tiers.values()
    ]
    assert list(catalog.tiers) == ["premium", "workhorse", "budget", "specialised"]


def test_models_know_the_tier_that_lists_them(catalog: Catalog) -> None:
    """A model's tier is the one whose list it stands in; the two the document leaves out have none."""
    tiers = {model.id: model.tier for model in catalog.models.values() if model.listed}
    listed = {member.model: tier.id for tier in catalog.tiers.values() for member in tier.models}
    assert {id_: tier for id_, tier in tiers.items() if tier} == listed
    assert {id_ for id_, tier in tiers.items() if not tier} == {
        "gpt-3.5-turbo",
        "qwen-2.5-coder-7b",
    }


def test_context_classes_are_the_strategies_for_windows(catalog: Catalog) -> None:
    """Three classes: name, models in the document's words, and uses; the limits are its figures."""
    said = []
    for heading, text in parts("Context Window Strategies"):
        models = re.search(r"^\*\*Models\*\*: (.+)$", text, re.MULTILINE)
        assert models is not None
        said.append((heading, models[1], re.findall(r"^- (.+)$", text, re.MULTILINE)))
    classes = catalog.context_classes
    assert list(reversed(said)) == [
        (row.name, row.models_text, list(row.use_cases)) for row in classes.values()
    ]
    limits = [(row.id, row.min_tokens, row.max_tokens) for row in classes.values()]
    assert limits == [
        ("short", 0, 16_000),
        ("medium", 32_000, 64_000),
        ("long", 100_000, None),
    ]


def test_context_classes_name_the_models_that_their_words_name(catalog: Catalog) -> None:
    """Three from "Claude Sonnet/Opus/Haiku" and so on, in the document's order."""
    models = {row.id: row.models for row in catalog.context_classes.values()}
    assert models == {
        "short": ("gpt-3.5-turbo",),
        "medium": ("qwen-2.5-coder-32b", "qwen-2.5-coder-7b"),
        "long": (
            "claude-sonnet-4.5",
            "claude-opus-4.6",
            "claude-haiku-4.5",
            "kimi-k2",
            "deepseek-v3",
            "gpt-4-turbo",
        ),
    }


def test_strategies_are_the_documents(catalog: Catalog) -> None:
    """Five ways to save money in its words, each with what codefare does about it."""
    said = []
    for heading, text in parts("Cost Optimization Strategies"):
        name = heading.split(". ", 1)[1]
        said.append((name, re.findall(r"^(?:- )?(\w.*)$", text.replace("```", ""), re.MULTILINE)))
    rows = catalog.strategies.values()
    assert said == [(row.name, list(row.points)) for row in rows]
    begins = {row.id: row.in_codefare.split(".")[0].split(":")[0] for row in rows}
    assert begins == {
        "routing": "Yes",
        "caching": "Yes",
        "pairing": "In part",
        "self_hosted": "Yes",
        "batch": "Not offered yet",
    }
