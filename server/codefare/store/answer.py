"""An answer that was paid for: what is kept of it, and the key under which it is found again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from codefare_catalog import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

# Part of the key and of each row: raise it when either changes its meaning; old rows are not met
# then.
_SCHEMA = 1


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A complete answer.

    `model` and `provider` are those that answered; `usage` is what they billed and `cost_usd` what
    was paid (None: the price is not known). `created` carries a zone. `template` names the prompt
    it answers.
    """

    text: str
    model: str
    provider: str
    usage: Usage
    cost_usd: Decimal | None
    created: datetime
    template: str


def answer_key(fingerprint: Mapping[str, Any], template: str) -> str:
    """The key of the answer to a request: another one whenever anything sent would differ.

    Args:
        fingerprint: The dialect, the URL and the request's body: values that JSON has.
        template: The prompt template's name with the hash of its text.

    Returns:
        A SHA-256 in hexadecimal.

    Raises:
        TypeError: The fingerprint holds something that JSON has not.
        ValueError: It holds a number that JSON has not (not a number, infinity).
    """
    # Escaping all but ASCII keeps lone surrogates, which editors do send, apart and encodable.
    canonical = json.dumps(
        {"request": dict(fingerprint), "schema": _SCHEMA, "template": template},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def encode(answer: StoredAnswer) -> str:
    """The answer as JSON, in ASCII."""
    row = {
        "schema": _SCHEMA,
        "text": answer.text,
        "text_sha256": _digest(answer.text),
        "model": answer.model,
        "provider": answer.provider,
        "usage": asdict(answer.usage),
        "cost_usd": None if answer.cost_usd is None else str(answer.cost_usd),
        "created": answer.created.isoformat(),
        "template": answer.template,
    }
    return json.dumps(row, separators=(",", ":"))


def decode(row: object) -> StoredAnswer | None:
    """The answer of a row; None for what `encode` would not have written, or what changed since."""
    if not isinstance(row, str):
        return None
    try:
        found = json.loads(row)
        if found["schema"] != _SCHEMA or found["text_sha256"] != _digest(found["text"]):
            return None
        usage, paid = found["usage"], found["cost_usd"]
        answer = StoredAnswer(
            text=found["text"],
            model=_text(found["model"]),
            provider=_text(found["provider"]),
            usage=Usage(**{name: _count(tokens) for name, tokens in usage.items()}),
            cost_usd=None if paid is None else Decimal(_text(paid)),
            created=datetime.fromisoformat(_text(found["created"])),
            template=_text(found["template"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation, RecursionError):
        return None
    if answer.created.tzinfo is None or not (
        answer.cost_usd is None or answer.cost_usd.is_finite()
    ):
        return None
    return answer


def _digest(text: str) -> str:
    """SQLite has no checksums, and a flipped bit must not get into a user's file."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("not a number of tokens")
    return value
