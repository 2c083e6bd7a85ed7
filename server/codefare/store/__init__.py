"""What outlives a session, and what sessions share: paid answers, what was spent, dismissals, the traffic."""

from codefare.store.answer import StoredAnswer, answer_key
from codefare.store.answers import AnswerStore, CacheInfo
from codefare.store.attempts import Entry, Spent
from codefare.store.dismissals import Dismissals
from codefare.store.flights import Flights, Lead
from codefare.store.ledger import UNRECORDED, Ledger
from codefare.store.traffic import Traffic

__all__ = [
    "UNRECORDED",
    "AnswerStore",
    "CacheInfo",
    "Dismissals",
    "Entry",
    "Flights",
    "Lead",
    "Ledger",
    "Spent",
    "StoredAnswer",
    "Traffic",
    "answer_key",
]
