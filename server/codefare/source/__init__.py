"""Source text: documents, positions, symbols, complexity, and what counts as a comment."""
