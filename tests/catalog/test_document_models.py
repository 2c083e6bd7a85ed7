"""Every figure that the comparison document gives for a model stands in the catalog, to the digit."""

import re
from pathlib import Path

import pytest

from codefare_catalog import Catalog, Model, Rate

TEXT = (Path(__file__).parents[1] / "data" / "model-comparison.md").read_text(encoding="utf-8")
COMPARED = (
    "claude-opus-4.6",
    "claude-sonnet-4.5",
    "claude-haiku-4.5",
    "gpt-4-turbo",
    "gpt-4o",
    "gpt-3.5-turbo",
    "deepseek-v3",
    "deepseek-coder-v2.5",
    "qwen-2.5-coder-32b",
    "qwen-2.5-coder-7b",
    "glm-4.7",
    "kimi-k2",
)


def chapter(title: str) -> str:
    """The text of a level-two chapter."""
    return re.split(r"^## ", TEXT.split(f"\n## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def table(title: str) -> dict[str, list[str]]:
    """The cells of a chapter's table, by the bold name in the first column."""
    rows = re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", chapter(title), re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in rows}


def section(model: Model) -> str:
    """The text of the model's own section, from its heading on."""
    found = [
        part
        for part in re.split(r"^###? ", TEXT.split("\n## Cost Comparison")[0], flags=re.MULTILINE)
        if re.match(re.escape(model.name) + r"(-Instruct)?( \(.*\))?\n- ", part)
    ]
    assert len(found) == 1
    return found[0]


def entry(model: Model, title: str) -> str | None:
    """What stands behind `- **title**:` in the model's section."""
    found = re.search(rf"^- \*\*{title}\*\*: (.+)$", section(model), re.MULTILINE)
    return found[1] if found else None


def points(model: Model, title: str) -> list[str]:
    """The points below `- **title**:` in the model's section."""
    found = re.search(rf"^- \*\*{title}\*\*:\n((?:  - .+\n)+)", section(model), re.MULTILINE)
    assert found is not None
    return re.findall(r"^  - (.+)$", found[1], re.MULTILINE)


def cell(rate: Rate | None) -> str:
    """A rate as the document's tables write it."""
    if rate is None:
        return "N/A"
    return f"${rate.low}-{rate.high}" if rate.is_range else f"${rate.low}"


def test_names_all_twelve_in_the_documents_words(catalog: Catalog) -> None:
    """The cost table's names, in its order, are the names of the twelve models."""
    names = [catalog.models[id_].name for id_ in COMPARED]
    assert list(table("Cost Comparison Table (per MTok)")) == names
    assert list(table("Coding Benchmarks Summary")) == names


def test_only_the_twelve_carry_the_documents_figures(catalog: Catalog) -> None:
    """Successors have no listed price, benchmarks or rate limits: the document knows none of them."""
    for model in catalog.models.values():
        compared = model.id in COMPARED
        assert (model.listed is not None) == compared
        assert (model.rate_limits is not None) == compared
        assert (model.speed is not None) == compared
        assert (model.cost_rank is not None) == compared
        assert (model.benchmarks.humaneval is not None) == compared
        assert bool(model.strengths) == bool(model.best_for) == compared


@pytest.mark.parametrize("id_", COMPARED)
def test_listed_prices_are_the_cost_tables(catalog: Catalog, id_: str) -> None:
    """Input, output, cache write, cache read and window equal the cost table's cells to the digit."""
    model = catalog.models[id_]
    listed = model.listed
    assert listed is not None
    rates = (listed.input, listed.output, listed.cache_write, listed.cache_read)
    row = [*map(cell, rates), listed.context_window]
    assert table("Cost Comparison Table (per MTok)")[model.name] == row


@pytest.mark.parametrize("id_", COMPARED)
def test_listed_words_are_the_sections(catalog: Catalog, id_: str) -> None:
    """Window and costs also stand in the words of the model's own section."""
    model = catalog.models[id_]
    assert model.listed is not None
    assert model.listed.context_text == entry(model, "Context Window")
    assert list(model.listed.cost_text) == points(model, "Cost")


@pytest.mark.parametrize("id_", COMPARED)
def test_benchmarks_are_the_summarys_and_the_sections(catalog: Catalog, id_: str) -> None:
    """The summary table gives the figures, the section adds its "(estimated)" and what only it has."""
    model = catalog.models[id_]
    marks = model.benchmarks
    own = points(model, "Coding Benchmarks")
    said = dict(line.split(": ", 1) for line in own if re.match(r"(HumanEval|MBPP): ", line))
    if "Estimated HumanEval: ~80%" in own:
        said["HumanEval"] = "~80% (estimated)"
    figures = {"HumanEval": marks.humaneval, "MBPP": marks.mbpp}
    row = [
        *(str(figure).removesuffix(" (estimated)") for figure in figures.values()),
        marks.swe_bench,
        model.speed,
        model.cost_rank,
    ]
    assert table("Coding Benchmarks Summary")[model.name] == row
    assert {name: figures[name] for name in said} == said
    assert list(marks.notes) == [
        line for line in own if "HumanEval" not in line and "MBPP" not in line
    ]


@pytest.mark.parametrize("id_", COMPARED)
def test_describes_the_model_in_the_sections_words(catalog: Catalog, id_: str) -> None:
    """Strengths, uses, release and rate limits are the section's own."""
    model = catalog.models[id_]
    assert list(model.strengths) == points(model, "Strengths")
    assert ", ".join(model.best_for) == entry(model, "Best For")
    assert model.release == entry(model, "Release")
    assert model.rate_limits is not None
    assert model.rate_limits.text == entry(model, "Rate Limits")
    note = entry(model, "Note")
    assert note is None or note in model.notes


def test_knows_the_dated_names(catalog: Catalog) -> None:
    """A name in a section's heading, such as gpt-4-turbo-2024-04-09, finds the model."""
    dated = re.findall(r"^### .+ \(([a-z0-9.-]+)\)$", TEXT, re.MULTILINE)
    assert dated == ["gpt-4-turbo-2024-04-09", "gpt-4o-2024-11-20"]
    found = [catalog.find(name) for name in dated]
    assert [model and model.id for model in found] == ["gpt-4-turbo", "gpt-4o"]


def groups() -> dict[str, list[str]]:
    """The groups of the rate limits comparison: the heading and its lines."""
    parts = chapter("Rate Limits Comparison").split("### ")[1:]
    return {part.split("\n", 1)[0]: re.findall(r"^- (.+)$", part, re.MULTILINE) for part in parts}


def test_rate_limits_are_the_comparisons(catalog: Catalog) -> None:
    """Requests and tokens per minute equal the comparison's, and exist for no other model."""
    short = {
        "Haiku": "claude-haiku-4.5",
        "Sonnet": "claude-sonnet-4.5",
        "Opus": "claude-opus-4.6",
        "GPT-4 Turbo": "gpt-4-turbo",
        "GPT-4o": "gpt-4o",
        "GPT-3.5": "gpt-3.5-turbo",
    }
    said: dict[str, tuple[tuple[int, int] | None, tuple[int, int] | None]] = {}
    for lines in groups().values():
        for line in lines:
            exact = re.fullmatch(r"(.+): ([\d,]+) RPM, (\d+)M TPM", line)
            between = re.fullmatch(r"Typically: ([\d,]+)-([\d,]+) RPM", line)
            if exact:
                requests, tokens = int(exact[2].replace(",", "")), int(exact[3]) * 1_000_000
                said[short[exact[1]]] = ((requests, requests), (tokens, tokens))
            if between:
                low, high = (int(figure.replace(",", "")) for figure in between.groups())
                said |= dict.fromkeys(("deepseek-v3", "deepseek-coder-v2.5"), ((low, high), None))
    limits = {
        model.id: (model.rate_limits.requests_per_minute, model.rate_limits.tokens_per_minute)
        for model in catalog.models.values()
        if model.rate_limits
    }
    assert {id_: pair for id_, pair in limits.items() if pair != (None, None)} == said


def test_a_section_that_names_a_rate_names_the_comparisons(catalog: Catalog) -> None:
    """Where a section says "typically 4,000 RPM", that is the figure."""
    agreeing = 0
    for model in catalog.models.values():
        named = re.search(
            r"typically ([\d,]+) RPM", model.rate_limits.text if model.rate_limits else ""
        )
        if named and model.rate_limits:
            rate = int(named[1].replace(",", ""))
            assert model.rate_limits.requests_per_minute == (rate, rate)
            agreeing += 1
    assert agreeing == 3


def test_providers_keep_the_comparisons_words(catalog: Catalog) -> None:
    """Each group of the comparison stands, heading and all, with the provider it speaks of."""
    said = {}
    for heading, lines in groups().items():
        name, qualifier = re.fullmatch(r"(.+?) \((.+)\)", heading).groups()  # type: ignore[union-attr]  # a heading without brackets fails the test
        said[name] = f"{qualifier}: {'; '.join(lines)}"
    qwen = said.pop("Qwen").removeprefix("Self-Hosted or Provider: ").split("; ")
    limits = {provider.id: provider.rate_limits for provider in catalog.providers.values()}
    assert limits == {
        "anthropic": said["Anthropic"],
        "openai": said["OpenAI"],
        "deepseek": said["DeepSeek"],
        "dashscope": f"Self-Hosted or Provider: {qwen[1]}",
        "zai": said["GLM-4.7"],
        "moonshot": None,
        "openrouter": None,
        "local": f"Self-Hosted or Provider: {qwen[0]}",
    }
