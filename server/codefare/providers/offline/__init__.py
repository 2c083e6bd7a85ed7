"""The engine that asks no model: it answers from the syntax tree alone, at no cost."""

from codefare.providers.offline.engine import ENGINE_VERSION, SERVES, answer, serves

__all__ = ["ENGINE_VERSION", "SERVES", "answer", "serves"]
