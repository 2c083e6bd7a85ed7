"""Whom to ask before money is spent that the user has not agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from codefare.quoting import Quote


class Consent(Protocol):
    """The user, as far as he can be asked."""

    async def confirm(self, quote: Quote) -> bool:
        """Whether to run what may cost more than the price above which he wants to be asked."""
        ...

    async def instead(self, quote: Quote, failure: str) -> bool:
        """Whether to go on with `quote`, dearer than what he was told, after a `failure` (a sentence)."""
        ...


class Unasked:
    """A user who cannot be asked: the price that he was told is what he agreed to, and nothing above it."""

    async def confirm(self, quote: Quote) -> bool:
        """Yes: he saw the price."""
        del quote
        return True

    async def instead(self, quote: Quote, failure: str) -> bool:
        """No: he never saw this one."""
        del quote, failure
        return False
