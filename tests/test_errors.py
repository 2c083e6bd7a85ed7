"""What a user reads when something fails."""

from __future__ import annotations

import pytest

from codefare.errors import CodefareError


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("It failed.", "It failed. Mend it."),
        (
            "Anthropic refused the key (401): nope",
            "Anthropic refused the key (401): nope. Mend it.",
        ),
        ("did you mean `a`?", "did you mean `a`? Mend it."),
        ("It was cut…", "It was cut… Mend it."),
        ("", "Mend it."),
    ],
)
def test_the_message_ends_before_the_remedy_begins(message: str, text: str) -> None:
    """One full stop between the two, whoever wrote the message."""
    assert CodefareError(message, remedy="Mend it.").text == text


def test_a_message_without_a_remedy_stays_as_it_is() -> None:
    """Nothing is added to it."""
    assert CodefareError("It failed").text == "It failed"
