"""Which names mean the same model: Ollama, Hugging Face and vendors each have their own."""

from __future__ import annotations

import re
from functools import lru_cache

# What follows a model's own name without making it another model: its packing, its quantisation,
# and that it is the instruct version, which every catalog row means. A "base" version is another
# model.
_PACKING = re.compile(
    r"[-_:.@](?:gguf|mlx|awq|gptq|bnb|dwq|ud|instruct|it|latest|i?q[2-8](?:_[a-z0-9]+)*"
    r"|f16|f32|bf16|fp16|fp8|int[48]|[48]bit)$"
)
_INSTRUCT = re.compile(r"[-_.](?:instruct|it|chat)(?:[-_:.@]|$)")
_HUGGING_FACE = ("hf.co/", "huggingface.co/")


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """The name without its publisher, packing and quantisation, in lower case.

    `qwen2.5-coder:7b`, `qwen2.5-coder:7b-instruct-q4_K_M`, `Qwen/Qwen2.5-Coder-7B-Instruct` and
    `/models/qwen2.5-coder-7b-instruct-q4_k_m.gguf` all become `qwen2.5-coder-7b`. The name stays
    whole where that would be a guess: a model that a user of Ollama's library published
    (`someone/qwen2.5-coder:7b`), and a published one that does not say that it is the instruct
    version (`Qwen/Qwen2.5-Coder-7B` is the base model).
    """
    whole = name.casefold().strip()
    last = re.split(r"[/\\]", whole)[-1]
    if last != whole and not last.endswith(".gguf"):
        from_ollama = ":" in last and not whole.startswith(_HUGGING_FACE)
        if from_ollama or not _INSTRUCT.search(last):
            return whole
    before = ""
    while before != last:
        before, last = last, _PACKING.sub("", last)
    return last.replace(":", "-")
