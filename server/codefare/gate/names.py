"""Which names mean that a value is a secret: `password`, `apiKey`, `DB_PASS`, `Kennwort`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SURE = ("secret", "token", "credential")
_PASSWORDS = ("identified by", "kennwort", "wachtwoord", "contrasena", "contraseña")
_ANCHORS = (
    *("pass", "pwd", *_SURE, "key", *_PASSWORDS),
    *("pw", "psk", "pin", "senha", "mot_de_passe", "motdepasse", "mnemonic", "phrase"),
)
_PASSWORD = re.compile(r"pass(?:wor[dt]|wd|phrase|code)|pass|pwd")
# These are parts of many other words, or mean other things: they count as the last word of a name.
_WHOLE = re.compile(
    r"(?<![a-z])(?:(?P<phrase>mnemonic|(?:seed|recovery|backup)[_ -]?phrase)"
    r"|psk|pin_?code|senha|mot_?de_?passe|(?:bind|root|db|user|admin|olcroot)?pw)(?![a-z])"
)
_BEFORE_KEY = re.compile(
    r"(?:api|access|private|auth|encryption|signing|account|master|shared|preshared|session|storage|license|crypt|jwt"
    r"|hmac|app|application|subscription|deploy|service|rest|admin|webhook|client|aes|cipher)[_.\- ]?\Z"
)
# What a name ends with whose value says where the secret is, how it is called, or what it is like.
_ABOUT = re.compile(
    r"(?:name|id|ids|url|uri|type|field|label|path|file|filename|dir|folder|header|hash|hashed|length|len|size"
    r"|policy|regex|pattern|message|msg|error|prefix|suffix|env|var|variable|param|parameter|expiry|expires|ttl"
    r"|placeholder|hint|help|endpoint|algorithm|alg|format|count|index|scope|title|description|text|input|ref|arn"
    r"|version|store|provider|source|location|kind|class|prompt|usage|limit|style|selector|attribute|attr|model)\Z"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A word that means a secret: where it stands in the text, and whether that is a password or a phrase of words."""

    start: int
    end: int
    password: bool = False
    phrase: bool = False


def names_in(text: str) -> Iterator[Name]:
    """The words of `text` that mean a secret, one kind of word after the other."""
    low = lowered(text)
    for anchor in _ANCHORS:
        at = low.find(anchor)
        while at >= 0:
            end = at + len(anchor)
            name = _name_at(low, at, anchor)
            if name is not None and _ends_word(text, name.end):
                yield name
                end = name.end
            at = low.find(anchor, end)


def is_about(rest: str) -> bool:
    """Whether what a name ends with says that its value is only about a secret: `password_field`, `tokenUrl`."""
    if _ABOUT.search(lowered(rest)) is None:
        return False
    # A name that ends so within its last word only: `secret_valid` is not about an id.
    tail = re.split(r"[_-]|(?<=[a-z0-9])(?=[A-Z])", rest)[-1]
    return _ABOUT.fullmatch(lowered(tail)) is not None


def lowered(text: str) -> str:
    """In small letters, each in its place: one letter alone has a longer small form."""
    return text.replace("\u0130", "I").lower()


def _name_at(low: str, at: int, anchor: str) -> Name | None:
    end = at + len(anchor)
    if anchor in _SURE or anchor in _PASSWORDS:
        return Name(at, end, password=anchor in _PASSWORDS)
    if anchor == "key":
        named = _BEFORE_KEY.search(low[max(0, at - 16) : at])
        return Name(at, end + len("-data") * low.startswith("-data", end)) if named else None
    return _password_at(low, at) if anchor in {"pass", "pwd"} else _whole_name_at(low, at, end)


def _password_at(low: str, at: int) -> Name | None:
    found = _PASSWORD.match(low, at)
    whole = found is not None and found[0] not in {"pass", "pwd"}
    if found is None or not (whole or at == 0 or not low[at - 1].isalpha()):
        return None
    return Name(at, found.end(), password=True, phrase=found[0] == "passphrase")


def _whole_name_at(low: str, at: int, end: int) -> Name | None:
    found = next(
        (one for one in _WHOLE.finditer(low, max(0, at - 10), end + 20) if one.end() >= end), None
    )
    if found is None or found.start() > at:
        return None
    phrase = found["phrase"] is not None
    return Name(found.start(), found.end(), password=not phrase, phrase=phrase)


def _ends_word(text: str, end: int) -> bool:
    """Whether another word begins there: `tokenValue`, `TOKEN_2`, not `tokenizer`."""
    following = text[end : end + 2]
    if following[:1] in {"s", "S"} and not following[1:].isalpha():
        return True
    first = following[:1]
    return not first.isalpha() or (first.isupper() and text[end - 1].islower())
