"""Names of environment variables, told from keys that somebody wrote in their place."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHORTEST_KEY = 16


def is_variable(name: str) -> bool:
    """Whether this can be the name of a variable, and is no key: small letters and numbers in a long name."""
    if not _NAME.fullmatch(name):
        return False
    numbers = sum(map(str.isdigit, name))
    return len(name) < _SHORTEST_KEY or numbers < 2 or not any(map(str.islower, name))  # noqa: PLR2004 - `key_of_gpt4`
