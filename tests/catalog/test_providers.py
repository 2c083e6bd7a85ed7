"""Who serves models, and what codefare asks of them."""

from codefare_catalog import Catalog


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
    reasons = {p.id: p.complete_reasons for p in catalog.providers.values()}
    assert reasons.pop("anthropic") == ("end_turn", "stop_sequence")
    assert set(reasons.values()) == {("stop",)}
    assert catalog.providers["moonshot"].usage_path == "choices.0.usage"


def test_actions(catalog: Catalog) -> None:
    """Four actions, each mapped to a task type; explaining a whole file is research."""
    rows = catalog.actions.values()
    assert {a.id: (a.kind, a.task_type, a.file_task_type) for a in rows} == {
        "explain": ("codefare.explain", "documentation", "research"),
        "refactor": ("refactor.rewrite.codefare", "refactoring", "refactoring"),
        "tests": ("refactor.rewrite.test.codefare", "testing", "testing"),
        "document": ("refactor.rewrite.document.codefare", "documentation", "documentation"),
    }
    assert {
        a.id: (a.output.base, a.output.per_input, a.output.max_base, a.output.max_per_input)
        for a in rows
    } == {
        "explain": ((200, 450, 900), ("0.05", "0.20", "0.35"), 2000, "0.35"),
        "refactor": ((20, 60, 250), ("0.70", "1.05", "1.50"), 400, "2"),
        "tests": ((120, 250, 800), ("0.80", "1.60", "3.00"), 1500, "4"),
        "document": ((40, 120, 400), ("0.02", "0.15", "0.30"), 1500, "0.30"),
    }
    assert all("not yet calibrated" in a.output.basis for a in rows)
