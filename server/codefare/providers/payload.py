"""JSON payloads: what all request bodies share, and careful reading of what servers send."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from codefare.errors import StreamBroken

_BYTES_PER_TOKEN = 4
_MOST_TOKENS = 10**12  # far beyond any bill; the ledger's numbers end at 2^63


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """The layers in one new dict of plain JSON values.

    A later layer wins; objects are merged key by key.
    """
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            old = result.get(key)
            if isinstance(value, Mapping) and isinstance(old, Mapping):
                result[key] = merged(old, value)
            else:
                result[key] = _plain(value)
    return result


def without(fields: Iterable[str], body: Mapping[str, Any]) -> dict[str, Any]:
    """The body without these of its fields."""
    left_out = frozenset(fields)
    return {name: value for name, value in body.items() if name not in left_out}


def encoded(body: Mapping[str, Any]) -> bytes:
    """A body as it is sent, byte for byte."""
    return json.dumps(body).encode()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


# Decimal, so that a price in a message is the exact figure; NaN and Infinity are not JSON.
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


def decoded(text: str | bytes, *, alone: bool = True) -> Any:
    """The value of a JSON text; a fraction in it is a Decimal. Unless it is to be `alone`, more may follow it.

    Raises:
        ValueError: It is not JSON, or not UTF-8. The error may hold the text: it must not reach a log.
    """
    text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return _DECODER.decode(text) if alone else _DECODER.raw_decode(text.lstrip())[0]
    except (ArithmeticError, RecursionError) as failure:
        raise ValueError("too deep, or a number too large") from failure


def _plain(value: Any) -> Any:
    """The value as `json` writes it: catalog files are read with Decimal."""
    if isinstance(value, Mapping):
        return merged(value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def object_at(message: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object at `key`; an empty one if it is absent or null.

    Raises:
        StreamBroken: Something else stands there.
    """
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise StreamBroken(f"The server sent `{key}` in a shape that its protocol does not have.")
    return value


def text_at(message: Mapping[str, Any], key: str) -> str:
    """The string at `key`; an empty one if it is absent or null.

    Raises:
        StreamBroken: Something else stands there.
    """
    value = message.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise StreamBroken(f"The server sent `{key}` in a shape that its protocol does not have.")
    return value


def count_at(message: Mapping[str, Any], key: str) -> int | None:
    """The whole number of tokens at `key`, or None.

    A malformed count is as good as none: it must not cost the user an answer that is already paid.
    """
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    # Gateways in languages that know one kind of number write 25.0.
    return int(value) if 0 <= value <= _MOST_TOKENS and value == int(value) else None


def at_path(message: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path ("choices.0.usage"; numbers index lists), or None."""
    value: Any = message
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def thinking_tokens(text: str) -> int:
    """About how many tokens a piece of thinking is: it is for progress only, never for a bill."""
    return max(1, len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)


class TextJoiner:
    """Puts characters together that a server split between two messages.

    JSON may write an emoji as two surrogate escapes; each alone is no character. Of a text that holds half a one only
    what stands before it is given: `close` tells, once its bill has come.
    """

    def __init__(self) -> None:
        self._held = ""
        self._halved = False

    def feed(self, text: str) -> str:
        """The whole characters so far; half a character at the end waits for the next piece."""
        if self._halved:
            return ""
        text = self._held + text
        self._held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            self._held, text = text[-1], text[:-1]
        try:
            text.encode()
        except UnicodeEncodeError:
            return self._joined(text)
        return text

    def close(self) -> None:
        """The text ends here.

        Raises:
            StreamBroken: It holds half a character, or ends with one.
        """
        if self._halved or self._held:
            verb = "holds" if self._halved else "ends with"
            raise StreamBroken(f"The answer {verb} half a character.")

    def _joined(self, text: str) -> str:
        units = text.encode("utf-16-le", "surrogatepass")
        try:
            return units.decode("utf-16-le")
        except UnicodeDecodeError as error:
            self._halved, self._held = True, ""
            return units[: error.start].decode("utf-16-le")
