"""Customs of naming, as tables."""

from __future__ import annotations

from codefare.providers.offline.words import word_set

BY_NAME = {
    "__init__": "initialize {it}",
    "__post_init__": "finish the initialization",
    "__new__": "create {a}",
    "__str__": "return {it} as text",
    "__repr__": "return a representation of {it} for debugging",
    "__len__": "return the length",
    "__bool__": "return whether {it} counts as true",
    "__iter__": "iterate over {it}",
    "__next__": "return the next item",
    "__call__": "call {it}",
    "__enter__": "enter the context",
    "__exit__": "leave the context",
    "__aenter__": "enter the context",
    "__aexit__": "leave the context",
    "__hash__": "return the hash",
    "__eq__": "return whether the two are equal",
    "__lt__": "return whether {it} is less than the other",
    "__contains__": "return whether {it} contains {first}",
    "__getitem__": "return the item at {first}",
    "__setitem__": "set the item at {first}",
    "__delitem__": "delete the item at {first}",
    "__getattr__": "return an attribute that {it} does not have itself",
    "__del__": "release {it}",
    "__destruct": "release {it}",
    "__toString": "return {it} as text",
    "__getstate__": "return the state to pickle",
    "__setstate__": "restore the state",
    "toString": "return {it} as text",
    "ToString": "return {it} as text",
    "String": "return {it} as text",
    "to_s": "return {it} as text",
    "inspect": "return a representation of {it} for debugging",
    "fmt": "format {it}",
    "hashCode": "return the hash",
    "GetHashCode": "return the hash",
    "equals": "return whether {it} equals {first}",
    "Equals": "return whether {it} equals {first}",
    "eq": "return whether {it} equals {first}",
    "compareTo": "compare {it} with {first}",
    "cmp": "compare {it} with {first}",
    "[Symbol.iterator]": "iterate over {it}",
    "default": "create {a} with default values",
    "drop": "release {it}",
    "each": "iterate over {it}",
    "Error": "return the error's message",
}
"""Names whose meaning is fixed, with {it}, {a} and {first} left open."""

ASKS = {"is": "is", "are": "are", "was": "was", "has": "has", "have": "has", "can": "can"} | {
    "should": "should",
    "must": "must",
    "will": "will",
    "needs": "needs",
    "supports": "supports",
    "contains": "contains",
    "exists": "exists",
    "includes": "includes",
    "starts": "starts",
    "ends": "ends",
    "matches": "matches",
    "equals": "equals",
    "does": "does",
}
"""First words that ask a question, and the verb they ask with."""

TYPE_WORDS = word_set(
    "string number integer int float boolean bool list array dict map object function file directory"
    " folder path email URL URI UUID node class method module symbol date error address name"
    " letter digit word key ID user admin member child parent root leaf command token comment"
    " palindrome subset superset match duplicate prefix suffix test keyword identifier"
)
"""Nouns that take an article after "is"."""

MOST_CASES = 6
"""How many cases of an enum a sentence lists."""

TOWARDS = frozenset({"add", "append", "push", "insert", "write", "put", "attach", "send"})
"""Verbs that go to their object."""

AWAY = frozenset({"get", "read", "pop", "remove", "take", "receive", "fetch", "detach"})
"""Verbs that come from it."""

CONTEXTS = frozenset({"ctx", "context", "cancellationToken", "t", "self"})
"""Parameters that no verb acts on."""

NOUN_FIRST = word_set(
    "sign label index count sum hash digest name length rank score sample diff version"
)
"""Verbs that are nouns where a function gives a value."""
