"""What the server offers, by name: known before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as lsp  # noqa: TC002  the converter reads the annotations at run time

# Each action has a command of its own, since one editor drops a command's arguments when its menu stays open for long:
# the name alone then says what was picked.
COMMANDS = {f"codefare.{action}": action for action in ("explain", "refactor", "tests", "document")}
CANCEL = "codefare.cancel"
CANCEL_KIND = "codefare.cancel"
# Never `source.*`, which some editors run on save.
KINDS = (
    "refactor.rewrite.codefare",
    "refactor.rewrite.document.codefare",
    "refactor.rewrite.test.codefare",
    "codefare.explain",
    CANCEL_KIND,
)


@dataclass(frozen=True, slots=True)
class Picked:
    """A command's argument: where, and what the menu said; `ceiling_usd` is decimal text.

    `version` is the document's when the menu was made; None where nobody knows. Flat, since clients in Lua drop what is
    null and make an empty object an array. Without model and ceiling, as from a key binding, nothing was said: the
    action runs at the price of the moment.
    """

    uri: str
    range: lsp.Range
    version: int | None = None
    model: str | None = None
    ceiling_usd: str | None = None
