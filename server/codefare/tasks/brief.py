"""What the user asks for, beyond the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codefare.source.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True)
class Brief:
    """What an action is asked to do with its target.

    `instruction` are the user's own words, or the question of a research. `diagnostic` is what is to be fixed or
    explained. `variant` is the id of one of the action's variants in the catalog (boilerplate's constructor, say).
    `failure` is why the last answer was refused, for the one that asks again.
    """

    instruction: str = ""
    diagnostic: Diagnostic | None = None
    variant: str = ""
    failure: str = ""


NOTHING = Brief()
"""The bare action."""
