"""Which values are secrets: drawn by lot or a password, not an example, a type, a name or a phrase."""

from __future__ import annotations

import re
from itertools import pairwise
from math import log2

TYPES = re.compile(
    r"(?:u?int|[iuf]|float|double|str|string|utf-?|varchar|n?char|text|bytes?|sha|md|base|aes|rsa|[rhep]s|ed|x|v|word"
    r"|oauth|http|urllib|vec|bool)\d+(?:_t|array)?",
    re.IGNORECASE,
)
# What stands where a secret would, in examples, templates and tests.
_EXAMPLE = re.compile(
    r"example|change[-_ ]?(?:me|this|it)\b|\byour[-_ ]?|placeholder|dummy|fake|sample|redacted|insert[-_ ]|replace[-_ ]"
    r"|todo|fixme|\*{3}|x{4}|\.{3}|…|0{8}|1234567890|abcdef123|CODEFARE_SECRET"
    r"|\$\{|\$\(|\{\{|#\{|%\(\w+\)|%[sdr]\b|\{[\w.!:]*\}|<[^>]*>"
    r"|\\[wdsbWDS]|\[\^?\\?\w-\\?\w|\(\?|[a-z]-z[0A]-[9Z]"
    r"|(?-i:\A\$?[A-Z_]+\Z)|\A\$[A-Za-z_]\w*\Z|\A%\w+%\Z|\A[a-z][a-z+]*:(?:[/\w]|$)"
    r"|\A(?:my|the|a|some|new|old|wrong|bad|good|valid|invalid|test|user|db|admin|super|default|not)*[-_ ]?"
    r"(?:pass|passwd|password|passw0rd|pwd|secret|token|key|admin|root|user|guest|foo|bar|baz|foobar|abc|qwerty|test"
    r"|testing|demo|none|null|nil|true|false|undefined|default|empty|localhost|postgres|mysql|redis|string|value)?"
    r"[-_ ]?[\d!]{0,4}\Z",
    re.IGNORECASE,
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_FILLED = re.compile(
    r"EXAMPLE|CODEFARE_SECRET|(?i:x{6}|\*{3}|\.{3}|0{8}|1234567890|abcdef123|your[-_])"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)*[!?]?")
# `rust_openssl.hpke.MLKEM1024P384PrivateKey`, `/v1/messages/count_tokens?beta=true`
_QUALIFIED = re.compile(r"[a-z][a-z_]{1,30}\d{0,5}(?:(?:\.|::)[A-Za-z_]\w*)+")
_ADDRESS = re.compile(r"/?(?:[A-Za-z]\w*/)+[A-Za-z]\w*\?[A-Za-z_]+=[A-Za-z_]+")
_WORDS = re.compile(
    r"[A-Za-z]{1,30}\d{0,3}(?:[-_.:/]+(?:[A-Za-z]{2,}\d{0,3}){1,3}|[-_.:/]\w?\d{0,4}(?![A-Za-z0-9]))+"
)
_HUMPS = re.compile(r"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]+)*\d{0,2}")
_WITHIN = re.compile(r"(?<=[A-Za-z])\d+(?=[A-Za-z])")
_SIGNS = frozenset("!@#$%^&*+=?~|")
_RUNS = ("01234567890123456789", "98765432109876543210")
_SHORTEST_PASSWORD, _SHORTEST_KEY, _LONG_NAME = 6, 10, 16
_LEAST_WORDS, _MOST_WORDS = 4, 30
_ENOUGH = 200  # characters, to tell whether a text is drawn by lot
# Prose about a passphrase, and no passphrase.
_PROSE = frozenset(
    {"a", "an", "and", "enter", "for", "in", "is", "it", "must", "not", "of", "the", "to", "your"}
)


def is_secret(value: str, *, password: bool) -> bool:
    """Whether what a name stands for is a secret: a `password` may be short and weak, a key or token not."""
    value = value[:_ENOUGH]
    if is_example(value) or any(map(str.isspace, value)):
        return False
    if password and len(value) >= _SHORTEST_PASSWORD:
        return _is_password(value)
    return len(value) >= _SHORTEST_KEY and is_random(value)


def is_phrase(value: str) -> bool:
    """Whether a text is a passphrase: small words with spaces between them, and no prose."""
    words = value.split(" ")
    return (
        _LEAST_WORDS <= len(words) <= _MOST_WORDS
        and all(word.isalpha() and word.islower() for word in words)
        and _PROSE.isdisjoint(words)
    )


def is_identifier(value: str) -> bool:
    """Whether a value may as well be the name of a variable, or how one is reached."""
    return _IDENTIFIER.fullmatch(value) is not None


def is_no_name(value: str) -> bool:
    """Whether a value could be a name, but nobody would call a thing so: `Tr0ub4dorFnB`."""
    if TYPES.fullmatch(value) or not is_random(value):
        return False
    if all(_HUMPS.fullmatch(part) or len(part) == 1 for part in re.split(r"\W+|_", value) if part):
        return False
    return len(value) >= _LONG_NAME or len(_WITHIN.findall(TYPES.sub("", value))) > 1


def is_example(value: str) -> bool:
    """Whether a value only stands where a secret would: `changeme`, `${TOKEN}`, `***`."""
    return (_EXAMPLE.search(value) or _CONSTANT.fullmatch(value)) is not None


def is_filled(token: str) -> bool:
    """Whether a key of a known form only shows that form."""
    return _FILLED.search(token) is not None


def is_random(value: str) -> bool:
    """Whether a text looks drawn by lot: no words, many kinds of signs in turn."""
    value = value[:_ENOUGH]
    if _UUID.fullmatch(value):
        return True
    if _is_words(value):
        return False
    kinds = [_class_of(sign) for sign in value]
    turns = sum(one != other for one, other in pairwise(kinds))
    digits = kinds.count("0")
    enough = digits > 1 and digits < len(value) and turns > 2  # noqa: PLR2004 - fewer turns has any name with a number
    return (enough or turns * 3 > len(value)) and _entropy(value) > 2.7  # noqa: PLR2004 - 10 letters of 7 kinds


def _is_password(value: str) -> bool:
    if TYPES.fullmatch(value) or (_WORDS.fullmatch(value.lstrip("./~")) and not _is_joined(value)):
        return False
    if value.isdigit():
        return not any(value in run for run in _RUNS) and len(set(value)) > 1
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    signs = sum(sign in _SIGNS for sign in value)
    return (letters > 1 and digits + signs > 0) or is_random(value)


def _is_joined(value: str) -> bool:
    """Whether words with a number among them are a passphrase: `hunter2-correct-horse`, not `form-password-2`."""
    *words, last = re.split(r"[-_]", value)
    numbered = any(not word.isalpha() and not TYPES.fullmatch(word) for word in words)
    return numbered and len(words) > 1 and last.isalpha() and "/" not in value and ":" not in value


def _is_words(value: str) -> bool:
    """Whether a text is a name, a path or a phrase of words and numbers."""
    bare = value.lstrip("./~_")
    return any(form.fullmatch(bare) is not None for form in (_WORDS, _HUMPS, _QUALIFIED, _ADDRESS))


def _class_of(sign: str) -> str:
    if sign.isdigit():
        return "0"
    if sign.isupper():
        return "A"
    return "a" if sign.isalpha() else "."


def _entropy(value: str) -> float:
    """Bits for each sign (Shannon)."""
    shares = [value.count(sign) / len(value) for sign in set(value)]
    return -sum(share * log2(share) for share in shares)
