"""The gate that all outgoing text passes: which models may see a file, and no secret in what they see."""

from codefare.gate.answers import checked
from codefare.gate.cleared import Cleared, Removal
from codefare.gate.paths import Limit, Paths

__all__ = ["Cleared", "Limit", "Paths", "Removal", "checked"]
