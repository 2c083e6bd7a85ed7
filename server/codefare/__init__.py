"""codefare: AI code actions in every editor, priced before they run."""

__version__ = "0.1.0"
