"""What outlives a session: the answers that were paid for, the ledger of what was spent, and the dismissals."""

from codefare.store.answer import StoredAnswer, answer_key
from codefare.store.answers import AnswerStore, CacheInfo
from codefare.store.attempts import Entry, Spent
from codefare.store.dismissals import Dismissals
from codefare.store.ledger import UNRECORDED, Ledger

__all__ = [
    "UNRECORDED",
    "AnswerStore",
    "CacheInfo",
    "Dismissals",
    "Entry",
    "Ledger",
    "Spent",
    "StoredAnswer",
    "answer_key",
]
