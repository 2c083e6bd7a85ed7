"""Tokens and cost of a workload on an offering."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.effort import calls

from codefare.estimate import Output, Workload, estimate, fits
from codefare.tasks.prompt import Part, Prompt
from codefare.tokens import YARDSTICK, count, count_request, units
from codefare_catalog import Catalog, Offering, Price, Rate, ThinkingTokens, load_catalog

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 0, 50, tzinfo=UTC)  # DeepSeek's peak begins at 01:00
SAMPLE = """async fn naïveté_wert<T>(x: &[u8]) -> Result<T> { // größer 漢字 🙂
		let Δ = 3.14159e-10; x.iter()
}"""
FROZEN = {
    "cl100k_base": 46,
    "o200k_base": 43,
    "deepseek_v3": 47,
    "qwen3": 49,
    "glm4": 46,
    "kimi_k2": 49,
}
OUTPUT = Output(low=100, likely=200, high=400, max=1000)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """The packaged catalog."""
    return load_catalog()


def offering(catalog: Catalog, model: str, provider: str) -> Offering:
    """A model at a provider."""
    return next(o for o in catalog.models[model].offerings if o.provider == provider)


def test_an_exact_vocabulary_gives_one_number(catalog: Catalog) -> None:
    """GPT-4o counts with a public vocabulary: its bound is its likely number."""
    counted = count_request(catalog.vocabularies["o200k"], ("def f():", "    return 1\n"))
    assert counted.exact
    assert counted.low == counted.likely == counted.high == counted.bound


def test_a_vocabulary_that_is_not_public_gives_a_band(catalog: Catalog) -> None:
    """Claude's count is 1.25 x o200k within a band, and the ceiling counts 1.6 x or more."""
    text = "def f(value):\n    return value * 2\n" * 20
    inside = count("o200k_base", text)
    counted = count_request(catalog.vocabularies["claude"], (text,))
    assert not counted.exact
    assert counted.low < counted.likely < counted.high < counted.bound
    assert counted.bound >= Decimal("1.6") * inside


def test_a_ceiling_counts_o200k_where_another_encoding_counts_less(catalog: Catalog) -> None:
    """A vocabulary that is only likened to a public one is bounded by its multiple of o200k, also in Chinese."""
    text = "# 计算所有订单的总金额并且按照客户的等级给予折扣\n" * 20
    for id_ in ("qwen_next", "deepseek_next", "glm_next", "kimi_next"):
        vocabulary = catalog.vocabularies[id_]
        assert count(vocabulary.encoding, text) < count("o200k_base", text)
        bound = count_request(vocabulary, (text,)).bound
        assert bound >= Decimal("1.6") * count("o200k_base", text)


def test_lone_surrogates_and_composed_letters_are_counted_as_they_are_sent() -> None:
    """Half an emoji counts as the replacement character; Qwen's text is normalised first."""
    assert count("o200k_base", "a\ud83d") == count("o200k_base", "a\ufffd")
    assert count("qwen3", "e\u0301", nfc=True) == count("qwen3", "\u00e9")


@pytest.mark.parametrize(
    "encoding", ["cl100k_base", "o200k_base", "deepseek_v3", "qwen3", "glm4", "kimi_k2"]
)
def test_counts_add_up_over_units(encoding: str) -> None:
    """Counting line by line gives what counting the whole text gives, blank lines and slashes included."""
    import splintr

    text = "def f():\n\n\n    # a  \n//x\n/y\n\t\n  return '\u2028'\r\n\r\n/z\r\nend"
    whole = len(splintr.Tokenizer.from_pretrained(encoding).encode_ordinary(text))
    assert count(encoding, text) == whole


def test_units_are_lines_with_the_blank_ones_and_slashes_after_them() -> None:
    """Whatever a text is made of, its pieces are what a loop over its lines would find, and nothing is lost."""
    chance = random.Random(6)  # noqa: S311  the same texts each time
    letters = "ab/ \t\n\n\n\r\x0b\x1c\x85\u2028\u3000é"
    for _ in range(3000):
        text = "".join(chance.choices(letters, k=chance.randrange(16)))
        pieces: list[str] = []
        for line in text.split("\n"):
            line += "\n"  # noqa: PLW2901  as it stands in the text, but for the last one
            if pieces and (line.isspace() or line[0] == "/"):
                pieces[-1] += line
            else:
                pieces.append(line)
        expected = [piece for piece in [*pieces[:-1], pieces[-1][:-1]] if piece]
        assert units(text) == expected, text


@pytest.mark.parametrize("line", ["\n", "/\n", "x = 1\n"])
def test_many_lines_are_counted_in_one_sweep(line: str) -> None:
    """A file of nothing but blank lines takes no longer than others, and none is counted again that was before."""
    text = line * 50_000
    assert calls(lambda: units(text)) < 10
    count(YARDSTICK, text)
    assert calls(lambda: count(YARDSTICK, text + "")) < 20


def test_frozen_counts_have_not_moved() -> None:
    """A new release of the tokenizer that counts otherwise would falsify every quote."""
    text = SAMPLE
    names = ["cl100k_base", "o200k_base", "deepseek_v3", "qwen3", "glm4", "kimi_k2"]
    assert {name: count(name, text) for name in names} == FROZEN


def test_likely_cost_and_ceiling_by_hand(catalog: Catalog) -> None:
    """GPT-4o, 1,000 in, 200 likely and 1,000 at most out: 0.45 and 1.25 cents."""
    model = catalog.models["gpt-4o"]
    made = estimate(
        catalog,
        model,
        offering(catalog, "gpt-4o", "openai"),
        Workload.of_tokens(1000, OUTPUT),
        at=NOON,
    )
    assert made.cost is not None
    assert made.cost.likely == Decimal("0.0045")
    assert made.cost.ceiling == Decimal("0.0125")
    assert made.cost.low == Decimal("0.0035")
    assert made.cost.high == Decimal("0.0065")
    assert made.price_source.endswith("checked 2026-11-23")


def test_the_ceiling_holds_for_a_peak_that_begins_soon(catalog: Catalog) -> None:
    """Ten minutes before DeepSeek's peak the likely cost is off-peak and the ceiling at peak."""
    model = catalog.models["deepseek-flash"]
    here = offering(catalog, "deepseek-flash", "deepseek")
    night = estimate(catalog, model, here, Workload.of_tokens(1000, OUTPUT), at=NIGHT)
    noon = estimate(catalog, model, here, Workload.of_tokens(1000, OUTPUT), at=NOON)
    assert night.cost is not None
    assert noon.cost is not None
    assert night.cost.likely == noon.cost.likely
    assert night.cost.ceiling == 2 * noon.cost.ceiling


def test_the_ceiling_counts_cache_writes_where_a_prompt_is_long_enough(catalog: Catalog) -> None:
    """Opus caches prompts from 4,096 tokens on, and a write costs 6.25 instead of 5."""
    model = catalog.models["claude-opus-4.6"]
    here = offering(catalog, "claude-opus-4.6", "anthropic")
    short = estimate(catalog, model, here, Workload.of_tokens(4095, OUTPUT), at=NOON)
    long = estimate(catalog, model, here, Workload.of_tokens(4096, OUTPUT), at=NOON)
    assert short.cost is not None
    assert long.cost is not None
    answer = Decimal(short.output.max) * 25 / 1_000_000
    assert short.cost.ceiling == Decimal(4095) * 5 / 1_000_000 + answer
    assert long.cost.ceiling == Decimal(4096) * Decimal("6.25") / 1_000_000 + answer


def test_listed_prices_are_used_where_the_document_has_them(catalog: Catalog) -> None:
    """Opus at 15 and 75; a successor, which the document does not know, at its current price."""
    opus = estimate(
        catalog,
        catalog.models["claude-opus-4.6"],
        offering(catalog, "claude-opus-4.6", "anthropic"),
        Workload.of_tokens(1_000_000, Output(0, 0, 0, 0)),
        at=NOON,
        prices="listed",
    )
    luna = estimate(
        catalog,
        catalog.models["gpt-6-luna"],
        offering(catalog, "gpt-6-luna", "openai"),
        Workload.of_tokens(100_000, Output(0, 0, 0, 0)),
        at=NOON,
        prices="listed",
    )
    assert opus.cost is not None
    assert opus.cost.likely == 15
    assert "2026-02-07" in opus.price_source
    assert luna.cost is not None
    assert luna.cost.likely == Decimal("0.01")


def test_self_hosted_is_free_whatever_the_prices(catalog: Catalog) -> None:
    """The document's price is a host's; one's own machine bills nothing."""
    here = offering(catalog, "qwen-2.5-coder-7b", "local")
    model = catalog.models["qwen-2.5-coder-7b"]
    made = estimate(
        catalog, model, here, Workload.of_tokens(1000, OUTPUT), at=NOON, prices="listed"
    )
    assert made.cost is not None
    assert made.cost.ceiling == 0


def test_a_range_is_bounded_by_its_high_end(catalog: Catalog) -> None:
    """Qwen is listed at 0.20 to 0.60: the likely cost takes the middle, the ceiling the high end."""
    here = offering(catalog, "qwen-2.5-coder-32b", "dashscope")
    made = estimate(
        catalog,
        catalog.models["qwen-2.5-coder-32b"],
        here,
        Workload.of_tokens(10_000, Output(0, 0, 0, 0)),
        at=NOON,
        prices="listed",
    )
    assert made.cost is not None
    assert (made.cost.low, made.cost.likely, made.cost.ceiling) == (
        Decimal("0.002"),
        Decimal("0.004"),
        Decimal("0.006"),
    )


def test_without_a_current_price_the_listed_one_is_used(catalog: Catalog) -> None:
    """An offering that nobody priced falls back on the document, and says so."""
    here = replace(offering(catalog, "gpt-4o", "openai"), prices=())
    made = estimate(
        catalog, catalog.models["gpt-4o"], here, Workload.of_tokens(1000, OUTPUT), at=NOON
    )
    assert made.cost is not None
    assert made.cost.likely == Decimal("0.0045")
    assert "2026-02-07" in made.price_source


def test_no_price_at_all_is_unknown(catalog: Catalog) -> None:
    """Neither a current nor a listed price: the cost is not known, and certainly not zero."""
    here = replace(offering(catalog, "gpt-6-luna", "openai"), prices=())
    made = estimate(
        catalog, catalog.models["gpt-6-luna"], here, Workload.of_tokens(1000, OUTPUT), at=NOON
    )
    assert made.cost is None
    assert made.price_source == "no price known"


def test_unavoidable_thinking_is_part_of_the_answer(catalog: Catalog) -> None:
    """A model that cannot be kept from thinking needs room and money for it."""
    plain = offering(catalog, "gpt-4o", "openai")
    thinks = replace(plain, thinking=ThinkingTokens(50, 100, 300, 3000))
    model = catalog.models["gpt-4o"]
    work = Workload.of_tokens(1000, OUTPUT)
    made = estimate(catalog, model, thinks, work, at=NOON)
    assert made.output == Output(150, 300, 700, 4000)
    small = replace(thinks, max_output=600)
    misfit = fits(
        small, estimate(catalog, model, small, work, at=NOON), work, catalog.vocabularies["o200k"]
    )
    assert misfit == "the answer may need 700 tokens, it writes at most 600"


def test_each_vocabulary_counts_a_prompt_once(catalog: Catalog) -> None:
    """Two models with one vocabulary share a count, two vocabularies do not."""
    prompt = Prompt("explain", "t", "You explain.", (Part("code", "def f(): pass"),), 1, 2, 3, 4)
    work = Workload.of_prompt(prompt)
    claude = catalog.vocabularies["claude"]
    assert work.input(claude) is work.input(claude)
    assert work.input(claude) != work.input(catalog.vocabularies["o200k"])
    assert work.output == Output(1, 2, 3, 4)


def test_a_price_without_a_write_rate_has_no_dearer_way(catalog: Catalog) -> None:
    """The ceiling is fresh input and the longest answer."""
    flat = Price(
        Rate(Decimal(1), Decimal(1)), Rate(Decimal(2), Decimal(2)), "a test", date(2026, 11, 23)
    )
    here = replace(offering(catalog, "gpt-4o", "openai"), prices=(flat,), cache_minimum=None)
    made = estimate(
        catalog, catalog.models["gpt-4o"], here, Workload.of_tokens(1000, OUTPUT), at=NOON
    )
    assert made.cost is not None
    assert made.cost.ceiling == Decimal("0.003")
