"""Parsing gives back what it took."""

from __future__ import annotations

import gc
import tracemalloc

from codefare.source.syntax import parse

TEXT = b"total = first + second\n" * 2000


def test_a_text_that_is_parsed_again_and_again_is_not_kept() -> None:
    """An hour of typing is thousands of parses: with the last tree or without, none leaves its text behind."""
    tree = parse("python", TEXT)
    tracemalloc.start()
    try:
        for _ in range(20):
            tree = parse("python", TEXT)
            tree = parse("python", TEXT, tree)
        del tree
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < len(TEXT)
