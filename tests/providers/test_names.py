"""Which names mean the same model."""

from __future__ import annotations

import pytest

from codefare.providers.names import plain_name


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5-coder:7b",
        "qwen2.5-coder:7b-instruct",
        "qwen2.5-coder:7b-instruct-q4_K_M",
        "qwen2.5-coder:7b-instruct-fp16",
        "qwen2.5-coder-7b-instruct",
        "Qwen/Qwen2.5-Coder-7B-Instruct",
        "Qwen/Qwen2.5-Coder-7B-Instruct-AWQ",
        "Qwen/Qwen2.5-Coder-7B-Instruct-GPTQ-Int4",
        "mlx-community/Qwen2.5-Coder-7B-Instruct-4bit",
        "hf.co/bartowski/Qwen2.5-Coder-7B-Instruct-GGUF:Q6_K_L",
        "/models/qwen2.5-coder-7b-instruct-q4_k_m.gguf",
        "C:\\models\\Qwen2.5-Coder-7B-Instruct-IQ3_XXS.gguf",
        "C:/models/qwen2.5-coder-7b.gguf",
    ],
)
def test_one_model(name: str) -> None:
    """Publisher, packing and quantisation do not make another model."""
    assert plain_name(name) == "qwen2.5-coder-7b"


@pytest.mark.parametrize(
    "name",
    [
        "qwen2.5-coder:32b",
        "qwen2.5-coder:7b-base",
        "qwen2.5-coder:latest",
        "someone/qwen2.5-coder:7b",
        "Qwen/Qwen2.5-Coder-7B",
        "qwen2.5-coder-7b-abliterated-q4_0",
        "qwen2.5:7b",
    ],
)
def test_other_models(name: str) -> None:
    """Another size, another training, a base model or someone's own version is another model."""
    assert plain_name(name) != "qwen2.5-coder-7b"
