"""A key or a password, kept out of everything that is printed."""

from __future__ import annotations


class Secret:
    """A text that does not show itself in a repr, a format or a log."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")

    def reveal(self) -> str:
        """The text itself, for a request's header or a login."""
        return self._value
