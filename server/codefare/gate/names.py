"""Which names mean that a value is a secret, and which values are one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANCHORS = ("pass", "pwd", "secret", "token", "key", "credential")
_PASSWORD = re.compile(r"pass(?:word|wd|phrase|code)|pass|pwd")
_BEFORE_KEY = re.compile(
    r"(?:api|access|private|auth|encryption|signing|account|master|shared|session|storage|license|crypt|jwt|hmac"
    r"|app|application|subscription|deploy|service|rest|admin|webhook|client|aes|cipher)[_.\- ]?\Z"
)
# What a name ends with whose value says where the secret is, how it is called, or what it is like.
_ABOUT = re.compile(
    r"(?:name|id|ids|url|uri|type|field|label|path|file|filename|dir|folder|header|hash|hashed|length|len|size"
    r"|policy|regex|pattern|message|msg|error|prefix|suffix|env|var|variable|param|parameter|expiry|expires|ttl"
    r"|placeholder|hint|help|endpoint|algorithm|alg|format|count|index|scope|title|description|text|input|ref|arn"
    r"|version|store|provider|source|location|kind|class|prompt|usage|limit|style|selector|attribute|attr|model)\Z"
)
_TYPES = re.compile(
    r"(?:u?int|[iuf]|float|double|str|string|utf-?|varchar|n?char|text|bytes?|sha|md|base|aes|rsa|[rhep]s|x|v|word"
    r"|oauth|http|vec|bool)\d+(?:_t|array)?",
    re.IGNORECASE,
)
# What stands where a secret would, in examples, templates and tests.
_EXAMPLE = re.compile(
    r"example|change[-_ ]?(?:me|this|it)\b|\byour[-_ ]?|placeholder|dummy|fake|sample|redacted|insert[-_ ]|replace[-_ ]"
    r"|todo|fixme|\*{3}|x{4}|\.{3}|…|0{8}|1234567890|abcdef123|CODEFARE_SECRET"
    r"|\$\{|\$\(|\{\{|#\{|%\(|%[sdr]\b|\{[\w.!:]*\}|<[^>]*>"
    r"|\\[wdsbWDS]|\[\^?\\?\w-\\?\w|\(\?"
    r"|\A\$?[A-Z_]+\Z|\A\$[A-Za-z_]\w*\Z|\A%\w+%\Z|\A[a-z][a-z+]*:(?:[/\w]|$)"
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
_WORDS = re.compile(
    r"[A-Za-z]{1,30}\d{0,3}(?:[-_.:/]+(?:[A-Za-z]{2,}\d{0,3}){1,3}|[-_.:/]\w?\d{0,4}(?![A-Za-z0-9]))+"
)
_HUMPS = re.compile(r"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*\d{0,2}")
_SIGNS = frozenset("!@#$%^&*+=?~|")

# What one look takes is bounded, and nothing is taken back: a hostile text costs no more than any other.
_QUOTED = re.compile(
    r"""(?P<rest>[\w-]{0,40}+)\\?["'`]?\]?\)?
    (?:
      [ \t]{0,4}+:?+[ \t]{0,2}+(?:&'static[ ])?[^\n=:,"'`();{}\#!]{0,40}+(?:={1,3}|!==?)
      | [ \t]{0,4}+(?:=>|[:,(])
      | [ \t](?:(?:is|was|to)[ \t])?
    )
    [\s(]{0,40}+[rRbBfFuUL@$]{0,2}
    (?P<open>\\?["'`])(?P<value>(?:\\[^\n]|[^\\\n"'`]|(?!(?P=open))["'`]){4,500}?)(?P=open)""",
    re.VERBOSE,
)
_BARE = re.compile(
    r"""(?P<rest>[\w-]{0,40}+)\\?["']?
    (?P<op>[ \t]{0,4}=[ \t]{0,4}|:[ \t]{1,4}|[>]|[ \t]{1,2})
    (?P<value>[^\s"'`;<>\\,(){}\[\]]{6,300}+)
    (?P<end>[ \t]*(?:\r?\n|\Z|[ \t]\#)|[;"'`&<,\\]|[ \t])""",
    re.VERBOSE,
)
_LINE = re.compile(
    r"[ \t+>-]*(?:export[ \t]+|set[ \t]+|ENV[ \t]+|ARG[ \t]+|#[ \t]*|//[ \t]*)?[\w.-]*"
)
_INNER_ENDS = frozenset(";&<\"'`")
_LONGEST_LINE = 200
_SHORTEST_PASSWORD, _SHORTEST_KEY = 6, 10
_LONG_NAME = 16


@dataclass(frozen=True, slots=True)
class _Name:
    """A word that means a secret: where it ends in the text, and whether what it means is a password."""

    start: int
    end: int
    password: bool


def assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the values of names such as `password` or `api_key` stand that are secrets: start, end, kind."""
    for name in _names(text):
        kind = "password" if name.password else "key or token"
        found = _QUOTED.match(text, name.end)
        if found is not None:
            if not _is_loose(text, name, found) and _is_secret(found["value"], name.password):
                yield *found.span("value"), kind
            continue
        found = _BARE.match(text, name.end)
        if found is not None and not _is_about(found["rest"]):
            start, end = found.span("value")
            if _stands_bare(text, name, found):
                yield start, end, kind


def lowered(text: str) -> str:
    """In small letters, each in its place: one letter alone has a longer small form."""
    return text.replace("\u0130", "I").lower()


def _names(text: str) -> Iterator[_Name]:
    low = lowered(text)
    for anchor in _ANCHORS:
        at = low.find(anchor)
        while at >= 0:
            end = at + len(anchor)
            name = _name_at(low, at, end)
            if name is not None and _ends_word(text, name.end):
                yield name
                end = name.end
            at = low.find(anchor, end)


def _name_at(low: str, at: int, end: int) -> _Name | None:
    anchor = low[at:end]
    if anchor == "key":
        before = low[max(0, at - 16) : at]
        return _Name(at, end, password=False) if _BEFORE_KEY.search(before) else None
    if anchor in {"pass", "pwd"}:
        found = _PASSWORD.match(low, at)
        whole = found is not None and found[0] not in {"pass", "pwd"}
        if found is None or not (whole or at == 0 or not low[at - 1].isalpha()):
            return None
        return _Name(at, found.end(), password=True)
    return _Name(at, end, password=False)


def _ends_word(text: str, end: int) -> bool:
    """Whether another word begins there: `tokenValue`, `TOKEN_2`, not `tokenizer`."""
    following = text[end : end + 2]
    if following[:1] in {"s", "S"} and not following[1:].isalpha():
        return True
    first = following[:1]
    return not first.isalpha() or (first.isupper() and text[end - 1].islower())


def _is_loose(text: str, name: _Name, found: re.Match[str]) -> bool:
    """Whether what stands in quotes is not the name's: prose that passes an argument, a list of names."""
    between = text[found.end("rest") : found.start("open")]
    if (
        between.strip("\\\"'`")[:1] == " "
        and text[max(0, name.start - 1) : name.end].lstrip(" (\t\n").lower() == "pass"
    ):
        return True
    return ("," in between and "\n" in between) or _is_about(found["rest"])


def _is_about(rest: str) -> bool:
    """Whether the name says that its value is only about a secret: `password_field`, `tokenUrl`."""
    if _ABOUT.search(lowered(rest)) is None:
        return False
    # A name that ends so within its last word only: `secret_valid` is not about an id.
    tail = re.split(r"[_-]|(?<=[a-z0-9])(?=[A-Z])", rest)[-1]
    return _ABOUT.fullmatch(lowered(tail)) is not None


def _is_secret(value: str, password: bool) -> bool:
    if is_example(value) or any(map(str.isspace, value)):
        return False
    if password and len(value) >= _SHORTEST_PASSWORD:
        return _is_password(value)
    return len(value) >= _SHORTEST_KEY and is_random(value)


def _is_password(value: str) -> bool:
    if _TYPES.fullmatch(value) or (_WORDS.fullmatch(value.lstrip("./~")) and not _is_phrase(value)):
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    signs = sum(sign in _SIGNS for sign in value)
    return (letters > 1 and digits + signs > 0) or is_random(value)


def _is_phrase(value: str) -> bool:
    """Whether words with a number among them are a passphrase: `hunter2-correct-horse`, not `form-password-2`."""
    *words, last = re.split(r"[-_]", value)
    numbered = any(not word.isalpha() and not _TYPES.fullmatch(word) for word in words)
    return numbered and len(words) > 1 and last.isalpha() and "/" not in value and ":" not in value


def is_example(value: str) -> bool:
    """Whether a value only stands where a secret would: `changeme`, `${TOKEN}`, `***`."""
    return (_EXAMPLE.search(value) or _CONSTANT.fullmatch(value)) is not None


def is_filled(token: str) -> bool:
    """Whether a key of a known form only shows that form."""
    return _FILLED.search(token) is not None


def is_random(value: str) -> bool:
    """Whether a text looks drawn by lot: no words, many kinds of signs in turn."""
    if _UUID.fullmatch(value):
        return True
    if _is_words(value):
        return False
    kinds = [_class_of(sign) for sign in value]
    turns = sum(one != other for one, other in pairwise(kinds))
    digits = kinds.count("0")
    enough = digits > 1 and digits < len(value) and turns > 2  # noqa: PLR2004 - fewer turns has any name with a number
    return (enough or turns * 3 > len(value)) and _entropy(value) > 2.7  # noqa: PLR2004 - 10 letters of 7 kinds


def _is_words(value: str) -> bool:
    """Whether a text is a name, a path or a phrase of words and numbers."""
    bare = value.lstrip("./~")
    return (_WORDS.fullmatch(bare) or _HUMPS.fullmatch(bare)) is not None


def _stands_bare(text: str, name: _Name, found: re.Match[str]) -> bool:
    """Whether a value without quotes is a secret: code names its variables in such places, too."""
    value, op, end = found["value"], found["op"], found["end"]
    if is_example(value) or _TYPES.fullmatch(value):
        return False
    furthest = max(0, name.start - _LONGEST_LINE)
    begin = max(furthest, text.rfind("\n", furthest, name.start) + 1)
    flag = text[begin : name.start].rpartition(" ")[2].startswith("--")
    if op == ">" and end != "<":
        return False
    if op.isspace():
        declared = text.startswith(("ENV ", "ARG "), begin)
        return (flag or declared) and _is_secret(value, name.password)
    is_name = _IDENTIFIER.fullmatch(value) is not None
    if is_name and not (len(value) >= _LONG_NAME and is_random(value)):
        tight = "=" in op and op == "=" and text[name.start : name.end].isupper()
        config = _LINE.fullmatch(text, begin, name.start) is not None and not end.strip(" \t\r\n#")
        lenient = config and (tight or ":" in op or "." in text[begin : name.start])
        inside = (
            end in _INNER_ENDS and op in {"=", ">"} and _before_is_text(text, begin, name.start)
        )
        typed = ":" in op and value[:1].isupper()
        if typed or not (lenient or inside or flag):
            return False
    return _is_secret(value, name.password)


def _before_is_text(text: str, begin: int, start: int) -> bool:
    """Whether a connection string, an address or a tag has begun on the line."""
    return any(sign in text[begin:start] for sign in ";?&<")


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
