"""What the headers of an answer say of rate limits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codefare.providers.allowance import allowances, duration, pause_after
from codefare.providers.backoff import asked_wait

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360),
        ("1s", 1),
        ("120ms", 0.12),
        ("1h2m3.5s", 3723.5),
        ("1d", 86_400),
        ("2m59.56s", 179.56),
        ("7.66s", 7.66),
        ("17µs", 17e-6),
        ("0s", 0),
        ("30", 30),
        ("0.5", 0.5),
        (None, None),
        ("", None),
        ("soon", None),
        ("6m0", None),
        ("-5s", None),
        ("1s, 2s", None),
        ("inf", None),
        ("nan", None),
        ("9" * 5000 + "s", None),
        ("999999d", None),
        ("1764000000", None),  # an instant, not a duration
    ],
)
def test_durations(text: str | None, seconds: float | None) -> None:
    """OpenAI's durations, and the plain seconds of those who copy it; anything else counts as not said."""
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


def anthropic(limit: int, remaining: int, reset: str) -> dict[str, str]:
    """What Anthropic says of requests, and that there is room for tokens."""
    return {
        "anthropic-ratelimit-requests-limit": str(limit),
        "anthropic-ratelimit-requests-remaining": str(remaining),
        "anthropic-ratelimit-requests-reset": reset,
        "anthropic-ratelimit-tokens-limit": "80000",
        "anthropic-ratelimit-tokens-remaining": "79000",
        "anthropic-ratelimit-tokens-reset": "2026-11-23T12:00:01Z",
    }


def openai(remaining: int, reset: str, tokens: int = 39_000) -> dict[str, str]:
    """What OpenAI says of 3 requests and 40,000 tokens a minute."""
    return {
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-remaining-requests": str(remaining),
        "x-ratelimit-reset-requests": reset,
        "x-ratelimit-limit-tokens": "40000",
        "x-ratelimit-remaining-tokens": str(tokens),
        "x-ratelimit-reset-tokens": "1m0s",
    }


@pytest.mark.parametrize(
    ("headers", "tokens", "seconds"),
    [
        ({}, 5000, 0),
        (anthropic(50, 49, "2026-11-23T12:00:01Z"), 5000, 0),
        (anthropic(50, 0, "2026-11-23T12:01:00Z"), 5000, 60 / 50),
        (anthropic(50, 0, "2026-11-23T11:00:00Z"), 5000, 0),
        (anthropic(50, 0, "soon"), 5000, 0),
        (openai(1, "40s"), 5000, 0),
        (openai(0, "1m0s"), 5000, 20),  # one of three in a minute
        (openai(3, "0s", 0), 5000, 60 * 5000 / 40_000),
        (openai(3, "0s", 4000), 5000, 60 * 1000 / 36_000),
        (openai(3, "0s", 0), 90_000, 60),  # more than there ever is
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9s"}, 1, 9),
        ({"x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "9s"}, 1, 0),
    ],
)
def test_the_pause_after_an_answer(headers: dict[str, str], tokens: int, seconds: float) -> None:
    """As long as it takes until another such request fits: limits fill up evenly."""
    assert pause_after(headers, NOW, tokens) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (openai(0, "6m0s"), 360),
        (openai(1, "6m0s"), None),
        (openai(1, "6m0s", 0), 60),
        (openai(0, "6m0s") | {"retry-after": "7"}, 7),
        (anthropic(50, 0, "2026-11-23T12:01:00Z"), 60),
        (
            anthropic(50, 0, "2026-11-23T12:01:00Z") | {"date": "Mon, 23 Nov 2026 12:00:30 GMT"},
            30,
        ),
    ],
)
def test_the_wait_after_a_refusal(headers: dict[str, str], seconds: float | None) -> None:
    """Until what is used up is there again, by the server's clock, unless it says how long to wait."""
    assert asked_wait(headers, NOW) == seconds


def test_every_limit_is_read() -> None:
    """Of both vendors' names, in either direction of capital letters that the client brings (it lowers them)."""
    headers = anthropic(50, 1, "2026-11-23T12:01:00Z") | openai(2, "1s")
    found = allowances(headers, NOW)
    assert [(a.of_requests, a.limit, a.remaining) for a in found] == [
        (True, 50, 1),
        (False, 80_000, 79_000),
        (True, 3, 2),
        (False, 40_000, 39_000),
    ]
