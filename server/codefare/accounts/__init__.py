"""What was spent, on what: sums over the ledger's rows, and how people and programs read them."""

from codefare.accounts.account import GroupBy
from codefare.accounts.page import markdown, page
from codefare.accounts.statement import (
    Question,
    Statement,
    make_statement,
    since_when,
    statement_json,
)

__all__ = [
    "GroupBy",
    "Question",
    "Statement",
    "make_statement",
    "markdown",
    "page",
    "since_when",
    "statement_json",
]
