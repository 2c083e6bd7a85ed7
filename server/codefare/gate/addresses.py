"""Secrets in addresses and in headers: passwords, signatures, tokens, cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codefare.gate.finds import finds
from codefare.gate.values import is_example, is_random

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = re.compile(r"[^\s/:@\"'`<>\\]{0,100}:(?P<password>[^\s/@\"'`<>\\]{3,200})@")
_TOKEN_USER = re.compile(r"(?P<value>[A-Za-z0-9_~.-]{20,200})@")
_HEADER = re.compile(
    r"(?:Bearer|Basic|Token|token|bearer|SSWS)[ ]+(?P<value>[A-Za-z0-9._~+/=-]{16,2000})"
)
# How an address says that the one who has it may do something.
_QUERY = re.compile(
    r"[?&;](?:amp;)?(?:sig|key|code|sign|signature|auth|X-(?:Amz|Goog)-Signature|AWSAccessKeyId|st|secret)"
    r"=(?P<value>[A-Za-z0-9%_~.+/-]{16,500})"
)
_QUERY_ENDS = ("sig=", "key=", "ode=", "sign=", "ature=", "auth=")
_COOKIE = re.compile(r"ookies?[\"']?\s{0,4}(?:[:,=(]\s{0,4}){1,2}[\"']?")
_COOKIE_PAIR = re.compile(
    r"[ ]?[\w.-]{1,80}+=(?P<value>[A-Za-z0-9%_~.+/=:-]{1,2000}+)(?:;|(?=[\s\"'`]|\Z))"
)
_SHORTEST = 16
_MOST_COOKIES = 50


def in_addresses(text: str) -> Iterator[tuple[int, int, str]]:
    """Where addresses hold a password, a token in the place of a user's name, or a signature."""
    for at in finds(text, "://"):
        found = _USER.match(text, at + 3)
        if found is not None:
            if not is_example(found["password"]) and "," not in found["password"]:
                yield *found.span("password"), "password"
            continue
        found = _TOKEN_USER.match(text, at + 3)
        if found is not None and is_random(found["value"]) and not is_example(found["value"]):
            yield *found.span("value"), "key or token"
    for at in finds(text, *_QUERY_ENDS):
        first = max(text.rfind(sign, max(0, at - 20), at) for sign in "?&;")
        found = _QUERY.match(text, first) if first >= 0 else None
        if found is not None and at < found.start("value"):
            value = found["value"]
            if not is_example(value) and is_random(value):
                yield *found.span("value"), "key or token"


def in_headers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where an `Authorization` or a cookie stands."""
    for at in finds(text, "earer ", "asic ", "oken ", "SWS "):
        found = _HEADER.match(text, at - 1) if at else None
        if found is not None and not is_example(found["value"]) and is_random(found["value"]):
            yield *found.span("value"), "key or token"
    for at in finds(text, "ookie"):
        head = _COOKIE.match(text, at)
        yield from _cookies(text, head.end()) if head else ()


def _cookies(text: str, at: int) -> Iterator[tuple[int, int, str]]:
    for _ in range(_MOST_COOKIES):
        found = _COOKIE_PAIR.match(text, at)
        if found is None:
            return
        value = found["value"]
        if len(value) >= _SHORTEST and is_random(value) and not is_example(value):
            yield *found.span("value"), "key or token"
        at = found.end()
