"""Secrets in files of tools, whose place says what they are: Kubernetes, Docker, npm, pgpass, hashes of passwords."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from codefare.gate.finds import finds
from codefare.gate.values import is_example

if TYPE_CHECKING:
    from collections.abc import Iterator

_KIND = re.compile(r"kind[\"']?:[ ]{0,4}[\"']?Secret[\"']?[ \t]*,?\r?(?:\n|\Z)")
_DATA = re.compile(r"^[ ]{0,20}(?:data|stringData):[ \t]*\r?\n", re.MULTILINE)
_ENTRY = re.compile(
    r"[ ]{1,40}+[\w.-]{1,200}+:[ ]{1,4}[\"']?(?P<value>[^\s\"'#]{4,20000}+)[\"']?[ \t]*(?:\r?\n|\Z)"
)
_MOST_ENTRIES = 300
_LONGEST_MANIFEST = 50_000
_PGPASS = re.compile(
    r"[\w.*-]{1,200}:(?:\d{2,5}|\*):[^\s:]{1,100}:[^\s:]{1,100}:(?P<value>[^\s:]{6,200})[ \t]*(?:\r?\n|\Z)"
)
# The same word as in Docker's and npm's files: a user's name and password, in base64.
_AUTH = re.compile(
    r"auth[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?(?P<value>[A-Za-z0-9+/]{8,2000}={0,2})(?=[\s\"',]|\Z)"
)
_HASHES = re.compile(
    r"\$(?:2[abxy]?\$\d\d\$(?P<bcrypt>[A-Za-z0-9./]{53})|(?:apr1|1)\$[A-Za-z0-9./]{1,8}\$(?P<md5>[A-Za-z0-9./]{22})"
    r"|[56y7]\$(?:rounds=\d{1,9}\$)?[A-Za-z0-9./]{1,40}\$(?:[A-Za-z0-9./]{1,40}\$)?(?P<sha>[A-Za-z0-9./]{43,86})"
    r"|argon2id?\$[\w=,$]{1,60}\$[A-Za-z0-9+/]{10,100}\$(?P<argon>[A-Za-z0-9+/]{20,100}))"
)
_SSHA = re.compile(r"\{(?:SSHA\d{0,3}|SHA|SMD5|MD5)\}(?P<ssha>[A-Za-z0-9+/]{20,120}={0,2})")


def in_tool_files(text: str) -> Iterator[tuple[int, int, str]]:
    """Where such secrets stand: start, end and kind."""
    yield from _manifests(text)
    for at in finds(text, ":5432:", ":*:"):
        found = _PGPASS.match(text, max(text.rfind("\n", max(0, at - 200), at) + 1, at - 200, 0))
        if found is not None and not is_example(found["value"]):
            yield *found.span("value"), "password"
    for at in finds(text, "auth"):
        found = _AUTH.match(text, at)
        if found is not None and _is_login(found["value"]):
            yield *found.span("value"), "password"
    for form in (_HASHES, _SSHA):
        for found in form.finditer(text):
            yield *found.span(found.lastgroup or 0), "hash of a password"


def _manifests(text: str) -> Iterator[tuple[int, int, str]]:
    """The values of Kubernetes' secrets, whatever they are called."""
    done = 0
    for at in finds(text, "kind"):
        if at < done or not _KIND.match(text, at):
            continue
        begin = max(
            text.rfind("\n---", max(0, at - _LONGEST_MANIFEST), at), at - _LONGEST_MANIFEST, done, 0
        )
        end = text.find("\n---", at, at + _LONGEST_MANIFEST)
        end = min(len(text), at + _LONGEST_MANIFEST) if end < 0 else end
        done = end
        for data in _DATA.finditer(text, begin, end):
            place = data.end()
            for _ in range(_MOST_ENTRIES):
                entry = _ENTRY.match(text, place, end)
                if entry is None:
                    break
                if not is_example(entry["value"]):
                    yield *entry.span("value"), "key or token"
                place = entry.end()


def _is_login(value: str) -> bool:
    """Whether it is `name:password` in base64."""
    try:
        name, colon, password = (
            base64.b64decode(value, validate=True).decode("ascii").partition(":")
        )
    except (binascii.Error, ValueError):
        return False
    return bool(colon and name and password) and (name + password).isprintable()
