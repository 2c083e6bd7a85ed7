"""What outlives a session, and what sessions share: paid answers, what was spent, dismissals, the traffic."""

from codefare.store.answer import StoredAnswer, answer_key
from codefare.store.answers import AnswerStore, CacheInfo
from codefare.store.dismissals import Dismissals
from codefare.store.entry import Basis, Entry, Reuse, Spent
from codefare.store.flights import Flights, Lead
from codefare.store.ledger import UNRECORDED, Ledger
from codefare.store.traffic import Traffic

__all__ = [
    "UNRECORDED",
    "AnswerStore",
    "Basis",
    "CacheInfo",
    "Dismissals",
    "Entry",
    "Flights",
    "Lead",
    "Ledger",
    "Reuse",
    "Spent",
    "StoredAnswer",
    "Traffic",
    "answer_key",
]
