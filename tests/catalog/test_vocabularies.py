"""How each model's tokens are counted."""

from decimal import Decimal

from codefare_catalog import Catalog


def test_vocabularies(catalog: Catalog) -> None:
    """Which vocabulary counts a model's tokens, and whether it is the model's own."""
    counted = {
        model.id: (
            catalog.vocabularies[model.vocabulary].encoding,
            catalog.vocabularies[model.vocabulary].exact,
        )
        for model in catalog.models.values()
        if model.listed
    }
    assert counted == {
        "claude-opus-4.6": ("o200k_base", False),
        "claude-sonnet-4.5": ("o200k_base", False),
        "claude-haiku-4.5": ("o200k_base", False),
        "gpt-4-turbo": ("cl100k_base", True),
        "gpt-4o": ("o200k_base", True),
        "gpt-3.5-turbo": ("cl100k_base", True),
        "deepseek-v3": ("deepseek_v3", True),
        "deepseek-coder-v2.5": ("o200k_base", False),
        "qwen-2.5-coder-32b": ("qwen3", True),
        "qwen-2.5-coder-7b": ("qwen3", True),
        "glm-4.7": ("glm4", False),
        "kimi-k2": ("kimi_k2", True),
    }
    for model in catalog.models.values():
        vocabulary = catalog.vocabularies[model.vocabulary]
        assert model.listed or not vocabulary.exact
        assert vocabulary.normalisation == ("NFC" if vocabulary.encoding == "qwen3" else "none")


def test_factors_and_framing(catalog: Catalog) -> None:
    """How a count is widened where the vocabulary is not public, and what a chat adds to it."""
    rows = catalog.vocabularies.values()
    assert {v.id: (v.framing_fixed, v.framing_per_message) for v in rows} == {
        "cl100k": (3, 4),
        "o200k": (3, 4),
        "gpt_next": (3, 4),
        "claude": (7, 0),
        "claude_5": (7, 0),
        "deepseek_v3": (3, 1),
        "deepseek_next": (3, 1),
        "deepseek_coder": (3, 4),
        "qwen": (3, 5),
        "qwen_next": (3, 5),
        "glm": (8, 2),
        "glm_next": (8, 2),
        "kimi": (3, 4),
        "kimi_next": (3, 4),
        "unknown": (8, 5),
    }
    factors = {v.id: (v.low, v.likely, v.high, v.bound) for v in rows if not v.exact}
    assert {id_: " ".join(map(str, four)) for id_, four in factors.items()} == {
        "gpt_next": "0.95 1 1.25 1.60",
        "claude": "1.05 1.25 1.42 1.60",
        "claude_5": "1.15 1.56 1.92 2.20",
        "deepseek_next": "0.95 1 1.20 1.60",
        "deepseek_coder": "1.13 1.22 1.34 1.60",
        "qwen_next": "0.98 1 1.10 1.60",
        "glm": "0.99 1 1.02 1.60",
        "glm_next": "0.90 1 1.20 1.60",
        "kimi_next": "0.95 1 1.20 1.60",
        "unknown": "0.90 1.15 1.60 2.00",
    }


def test_a_ceiling_counts_an_unknown_vocabulary_high(catalog: Catalog) -> None:
    """Where a vocabulary is not known for certain, a ceiling counts 1.6 times o200k or more."""
    for vocabulary in catalog.vocabularies.values():
        if vocabulary.exact:
            assert vocabulary.bound == vocabulary.likely == 1
        else:
            assert vocabulary.bound >= Decimal("1.6")
