"""Secrets handed over without a name: to commands as short options, to functions as arguments in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codefare.gate.finds import finds
from codefare.gate.values import is_example, is_identifier, is_random, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_BARE = r"(?P<value>[^\s\"'`\\;|&()<>]{6,200})"
_WORD = rf"[\"']?{_BARE}"


@dataclass(frozen=True, slots=True)
class _Option:
    """An option that takes a password: one of `words` is in a text that has it, `whole` is it, with the password."""

    words: tuple[str, ...]
    whole: re.Pattern[str]


_OPTIONS = (
    _Option(
        ("-u ", "--user "),
        re.compile(rf"-{{1,2}}u(?:ser)?[ =]+[\"']?[\w.@+-]{{1,60}}:{_BARE}"),
    ),
    _Option(
        ("mysql", "mariadb"),
        re.compile(rf"(?:mysql|mariadb)\w{{0,10}}[ ][^\n]{{0,200}}? -p{_WORD}"),
    ),
    _Option(("sshpass ",), re.compile(rf"sshpass[ ]+-p[ ]?{_WORD}")),
    _Option((" login ",), re.compile(rf" login [^\n]{{0,200}}?-p[ =]{_WORD}")),
    _Option(("redis-cli ",), re.compile(rf"redis-cli[ ][^\n]{{0,200}}? -a[ ]{_WORD}")),
    _Option(("-passin ", "-passout "), re.compile(rf"-pass(?:in|out)[ ]+[\"']?pass:{_WORD}")),
    _Option(("storepass ", "keypass "), re.compile(rf"(?:store|key)pass[ ]+{_WORD}")),
    _Option(
        ("ConvertTo-SecureString ",),
        re.compile(rf"ConvertTo-SecureString[ ]+(?:-String[ ]+)?{_WORD}"),
    ),
)


@dataclass(frozen=True, slots=True)
class _Call:
    """A function and which of its arguments is a secret, counted from 0; a password or a key."""

    names: tuple[str, ...]
    place: int
    password: bool = True


_CALLS = (
    _Call(
        ("auth=(", "basic_auth(", "BasicAuth(", "SetBasicAuth(", "UsernamePasswordCredentials("), 1
    ),
    _Call(("HTTPBasicAuth(", "HTTPDigestAuth(", "NetworkCredential(", ".login("), 1),
    _Call(("PasswordAuthentication(", "Credentials.basic(", "createProxyAuthentication("), 1),
    _Call(("getConnection(", "mysqli(", "mysqli_connect(", "PDO("), 2),
    _Call(("algoliasearch(", "StaticCredentials(", "BasicAWSCredentials("), 1, password=False),
    _Call(("AES.new(", "Fernet(", "HMAC.new(", "hmac.new(", "SecretKeySpec("), 0, password=False),
    _Call(("createHmac(",), 1, password=False),
)
_KEY_OF_HEX = re.compile(
    r"(?:key|secret|seed)\w{0,20}[\"']?\s{0,4}[:=]\s{0,4}[\w.]{0,40}\Z", re.IGNORECASE
)
_HEX_CALLS = ("fromhex(", "unhexlify(", "a2b_hex(", "hex.decode(", "HexDecodeString(")
_EQUALS = re.compile(
    r"""(["'])(?P<value>[^\s"'\\]{6,200})\1\.equals\((?P<name>\w{0,40}(?:[Pp]ass(?:w|W)or|[Pp]wd|[Ss]ecret|[Tt]oken)\w{0,10})\)"""
)
_ARGUMENT = re.compile(
    r"""\s{0,60}+(?:[bBrRuU@$]{0,2}(["'])(?P<value>(?:\\[^\n]|(?!\1)[^\\\n]){0,200}+)\1|[^,()"'\n]{0,80}+(?:\(\))?)\s{0,60}+(?P<after>[,)])"""
)
_SHORTEST_KEY = 16


def handed(text: str) -> Iterator[tuple[int, int, str]]:
    """Where such secrets stand: start, end and kind."""
    for option in _OPTIONS:
        for at in finds(text, *option.words):
            found = option.whole.match(text, at)
            if found is not None and _is_password(found["value"]):
                yield *found.span("value"), "password"
    for call in _CALLS:
        for at in finds(text, *call.names):
            yield from _argument(text, text.index("(", at) + 1, call)
    for at in finds(text, *_HEX_CALLS):
        if _KEY_OF_HEX.search(text, max(0, at - 80), at):
            yield from _argument(text, text.index("(", at) + 1, _Call((), 0, password=False))
    for at in finds(text, ".equals("):
        quote = text[at - 1 : at]
        begin = text.rfind(quote, max(0, at - 202), at - 1) if quote in {'"', "'"} else -1
        found = _EQUALS.match(text, begin) if begin >= 0 else None
        if found is not None and is_secret(found["value"], password=True):
            yield *found.span("value"), "password"


def _argument(text: str, at: int, call: _Call) -> Iterator[tuple[int, int, str]]:
    for place in range(call.place + 1):
        found = _ARGUMENT.match(text, at)
        if found is None:
            return
        if place == call.place and found["value"] is not None:
            value = found["value"]
            if call.password:
                secret = is_secret(value, password=True)
            else:
                secret = len(value) >= _SHORTEST_KEY and is_random(value) and not is_example(value)
            if secret:
                yield *found.span("value"), "password" if call.password else "key or token"
        if found["after"] == ")":
            return
        at = found.end()


def _is_password(value: str) -> bool:
    if value.replace(":", "").isdigit() or (is_identifier(value) and value[:1] in {"$", "%"}):
        return False
    return is_secret(value, password=True)
