"""What the user has set: `config.toml` in their configuration folder, and what an editor may add."""

from codefare.settings.load import load_settings
from codefare.settings.model import Budget, CacheLimits, Checker, ModelChoice, Privacy, Settings

__all__ = [
    "Budget",
    "CacheLimits",
    "Checker",
    "ModelChoice",
    "Privacy",
    "Settings",
    "load_settings",
]
