"""What the server offers, by name: known before anything heavy is imported."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types as lsp  # noqa: TC002  the converter reads the annotations at run time

# Each action has a command of its own, since one editor drops a command's arguments when its menu stays open for long:
# the name alone then says what was picked. The user's own actions share one.
ACTIONS = (
    "explain",
    "refactor",
    "optimise",
    "tests",
    "document",
    "review",
    "fix",
    "generate",
    "boilerplate",
    "research",
    "architecture",
)
COMMANDS = {f"codefare.{action}": action for action in ACTIONS}
RUN = "codefare.run"
CANCEL = "codefare.cancel"
KEPT = "codefare.kept"
CHOOSE = "codefare.choose"
PREVIEW = "codefare.preview"
FINDING = "codefare.finding"
USAGE = "codefare.usage"
DOCTOR = "codefare.doctor"
CANCEL_KIND = "codefare.cancel"
KEPT_KIND = "codefare.kept"
CHOOSE_KIND = "codefare.choose"
EXPLAIN_DIAGNOSTIC_KIND = "quickfix.explain.codefare"
# Never `source.*`, which some editors run on save.
KINDS = (
    "quickfix.codefare",
    EXPLAIN_DIAGNOSTIC_KIND,
    "refactor.rewrite.codefare",
    "refactor.rewrite.optimize.codefare",
    "refactor.rewrite.document.codefare",
    "refactor.rewrite.test.codefare",
    "refactor.rewrite.generate.codefare",
    "refactor.rewrite.boilerplate.codefare",
    "refactor.rewrite.review.codefare",
    "codefare.explain",
    "codefare.architecture",
    "codefare.research",
    CHOOSE_KIND,
    KEPT_KIND,
    CANCEL_KIND,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A diagnostic in a command's argument. `start` and `end` are code points of the document's text at its version."""

    message: str
    severity: int = 1
    source: str = ""
    code: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """A command's argument: where, what for, and what the menu said; `ceiling_usd` is decimal text.

    `version` is the document's when the menu was made; None where nobody knows. Flat, since clients in Lua drop what is
    null and make an empty object an array. Without model and ceiling, as from a key binding, nothing was said: the
    action runs at the price of the moment. `action` is for `codefare.run`; `choice` is a model that the user chose in
    place of the router; `ask` tells to ask him for words first; `scope` is "folder" or "diff" where the action is about
    the folder of `uri`, or its uncommitted changes, and `digest` then names the text that was quoted.
    """

    uri: str
    range: lsp.Range | None = None
    version: int | None = None
    model: str | None = None
    ceiling_usd: str | None = None
    action: str = ""
    instruction: str = ""
    variant: str = ""
    diagnostic: Told | None = None
    failure: str = ""
    choice: str = ""
    scope: str = ""
    digest: str = ""
    ask: bool = False
