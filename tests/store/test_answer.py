from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from codefare.store.answer import StoredAnswer, answer_key, decode, encode
from codefare_catalog import Usage

REQUEST: dict[str, Any] = {
    "dialect": "anthropic",
    "url": "https://api.example.com/v1/messages",
    "body": {
        "model": "m-1",
        "max_tokens": 800,
        "messages": [{"role": "user", "content": "def é(): pass"}],
    },
}
ANSWER = StoredAnswer(
    text="a\r\nb \U0001f600 \ud800",
    model="claude-haiku-4.5",
    provider="anthropic",
    usage=Usage(input=1, output=2, cache_write=3, cache_read=4),
    cost_usd=Decimal("0.000012345678901234567890"),
    created=datetime(2026, 11, 23, 10, 30, tzinfo=UTC),
    template="document.md@abc",
)


def test_a_key_is_the_same_for_the_same_request() -> None:
    """The order in which a request was put together does not make another key."""
    shuffled = {name: REQUEST[name] for name in reversed(REQUEST)}
    shuffled["body"] = {name: REQUEST["body"][name] for name in reversed(REQUEST["body"])}
    assert answer_key(shuffled, "t") == answer_key(REQUEST, "t")
    assert len(answer_key(REQUEST, "t")) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"dialect": "openai"},
        {"url": "https://api.example.com/v2/messages"},
        {"body": REQUEST["body"] | {"model": "m-2"}},
        {"body": REQUEST["body"] | {"max_tokens": 801}},
        {"body": REQUEST["body"] | {"temperature": 0}},
        {"body": REQUEST["body"] | {"messages": []}},
        {"body": REQUEST["body"] | {"messages": [{"role": "user", "content": "\ud800"}]}},
    ],
)
def test_a_key_changes_with_whatever_is_sent(change: dict[str, Any]) -> None:
    """The dialect, the address, each field of the body and the template are in the key."""
    assert answer_key(REQUEST | change, "t") != answer_key(REQUEST, "t")


def test_a_key_changes_with_the_template() -> None:
    """A changed prompt template never meets an old answer."""
    assert answer_key(REQUEST, "document.md@1") != answer_key(REQUEST, "document.md@2")


def test_lone_surrogates_make_keys_of_their_own() -> None:
    """Text that is not valid Unicode has a key, and not the key of another such text."""
    keys = {answer_key({"body": text}, "t") for text in ("\ud800", "\ud801", "?", "\\ud800")}
    assert len(keys) == 4


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal(1), {1, 2}])
def test_a_request_that_json_cannot_say_has_no_key(value: object) -> None:
    """What cannot be sent raises at once, instead of getting a key that changes or is shared."""
    with pytest.raises((TypeError, ValueError)):
        answer_key({"body": value}, "t")


def test_an_answer_survives_the_way_through_text() -> None:
    """Every field comes back as it was: surrogates, line ends, each digit of the cost, the zone."""
    row = encode(ANSWER)
    assert row.isascii()
    assert decode(row) == ANSWER


def test_an_unknown_price_stays_unknown() -> None:
    """No price is not a price of nothing."""
    answer = StoredAnswer("t", "m", "p", Usage(), None, ANSWER.created, "t")
    found = decode(encode(answer))
    assert found is not None
    assert found.cost_usd is None


def _without(name: str) -> str:
    row = json.loads(encode(ANSWER))
    del row[name]
    return json.dumps(row)


def _with(name: str, value: object) -> str:
    return json.dumps(json.loads(encode(ANSWER)) | {name: value})


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        b"{}",
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        *(_without(name) for name in json.loads(encode(ANSWER))),
        _with("schema", 0),
        _with("schema", 2),
        _with("text", "another text than was paid for"),
        _with("text", 5),
        _with("model", None),
        _with("usage", [1]),
        _with("usage", {"input": -1}),
        _with("usage", {"input": True}),
        _with("usage", {"input": 1.5}),
        _with("usage", {"tokens": 1}),
        _with("cost_usd", 0.5),
        _with("cost_usd", "a lot"),
        _with("cost_usd", "NaN"),
        _with("created", "2026-11-23T10:30:00"),
        _with("created", "yesterday"),
    ],
)
def test_a_row_that_was_not_written_so_is_no_answer(row: object) -> None:
    """Anything that is not exactly what was stored is a miss, never an error and never a wrong answer."""
    assert decode(row) is None
