"""Who serves models, and what codefare asks of them."""

from codefare_catalog import Catalog, UsageFields


def test_providers(catalog: Catalog) -> None:
    """Eight providers: where they are, how they speak, and the variable that holds the key."""
    providers = {p.id: (p.base_url, p.dialect, p.key_env) for p in catalog.providers.values()}
    assert providers == {
        "anthropic": ("https://api.anthropic.com", "anthropic", "ANTHROPIC_API_KEY"),
        "openai": ("https://api.openai.com/v1", "openai", "OPENAI_API_KEY"),
        "deepseek": ("https://api.deepseek.com", "openai", "DEEPSEEK_API_KEY"),
        "dashscope": (
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            "openai",
            "DASHSCOPE_API_KEY",
        ),
        "zai": ("https://api.z.ai/api/paas/v4", "openai", "ZAI_API_KEY"),
        "moonshot": ("https://api.moonshot.ai/v1", "openai", "MOONSHOT_API_KEY"),
        "openrouter": ("https://openrouter.ai/api/v1", "openai", "OPENROUTER_API_KEY"),
        "local": ("http://localhost:11434/v1", "openai", None),
    }
    assert [p.id for p in catalog.providers.values() if p.self_hosted] == ["local"]


def test_quirks(catalog: Catalog) -> None:
    """What differs between those who speak a dialect is data: ends, counters, charges, and words for errors."""
    rows = catalog.providers
    assert {p.id: dict(p.finish_reasons) for p in rows.values() if p.finish_reasons} == {
        "deepseek": {"insufficient_system_resource": "failed"},
        "zai": {
            "sensitive": "filtered",
            "network_error": "failed",
            "model_context_window_exceeded": "context",
        },
        "openrouter": {"error": "failed"},
    }
    assert [p.id for p in rows.values() if p.ends_without_marker] == ["local"]
    standard = UsageFields()
    assert {p.id: p.usage for p in rows.values() if p.usage != standard} == {
        "deepseek": UsageFields(
            cached=("prompt_cache_hit_tokens", "prompt_tokens_details.cached_tokens"),
            uncached="prompt_cache_miss_tokens",
        ),
        "moonshot": UsageFields(
            report=("choices.0.usage", "usage"),
            cached=("prompt_tokens_details.cached_tokens", "cached_tokens"),
        ),
        "openrouter": UsageFields(cost_usd="cost", no_cost="is_byok"),
    }
    told = {word: p.id for p in rows.values() for word in p.errors.no_credit}
    assert told["1113"] == "zai"
    assert told["arrearage"] == "dashscope"
    assert told["exceeded_current_quota_error"] == "moonshot"
    assert told["enforced_spend_limit_reached"] == "anthropic"


def test_actions(catalog: Catalog) -> None:
    """Every task type has an action; explaining a whole file is research."""
    rows = catalog.actions.values()
    assert {a.id: (a.kind, a.task_type, a.file_task_type) for a in rows} == {
        "explain": ("codefare.explain", "documentation", "research"),
        "refactor": ("refactor.rewrite.codefare", "refactoring", "refactoring"),
        "optimise": ("refactor.rewrite.optimize.codefare", "optimization", "optimization"),
        "tests": ("refactor.rewrite.test.codefare", "testing", "testing"),
        "document": ("refactor.rewrite.document.codefare", "documentation", "documentation"),
        "review": ("refactor.rewrite.review.codefare", "code_review", "code_review"),
        "fix": ("quickfix.codefare", "debugging", "debugging"),
        "generate": ("refactor.rewrite.generate.codefare", "code_generation", "code_generation"),
        "boilerplate": ("refactor.rewrite.boilerplate.codefare", "boilerplate", "boilerplate"),
        "research": ("codefare.research", "research", "research"),
        "architecture": ("codefare.architecture", "architecture", "architecture"),
    }
    assert {a.task_type for a in rows} == set(catalog.task_types)
    explain = catalog.actions["explain"].output
    assert (explain.base, explain.per_input) == ((200, 450, 900), ("0.05", "0.20", "0.35"))
    assert all(a.output.max_base >= a.output.base[2] for a in rows)
    assert all("not yet calibrated" in a.output.basis for a in rows)
