"""Who serves models: wire formats, HTTP, keys, local servers, and the engine that needs none of them."""
