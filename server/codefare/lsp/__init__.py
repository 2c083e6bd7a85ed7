"""codefare as a language server."""
