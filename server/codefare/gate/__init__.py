"""The gate that all outgoing text passes: no secret is in what a model sees, and an answer is put back together."""

from codefare.gate.answers import checked
from codefare.gate.cleared import Cleared, Removal

__all__ = ["Cleared", "Removal", "checked"]
