"""What a server quotes of keys and code is hidden."""

from __future__ import annotations

import pytest

from codefare.providers.mask import Mask

KEY = "sk-ant-api03-AbCdEfGhIjKl"
CODE = 'def charge(card, amount):\n    return gateway.post("/charge", card, amount)\n'


def masked(message: str, key: str | None = KEY, *prompt: str) -> str:
    """The message as a user would see it."""
    return Mask(key, prompt or ("system text of some length", CODE)).apply(message)


@pytest.mark.parametrize(
    "quoted",
    [
        KEY,
        KEY[:14],
        KEY[-10:],
        KEY.replace("-", "_"),
        "sk-oth***9xyz",
        "gsk_12345678",
        CODE,
        repr(CODE),
        'gateway.post(\\"/charge\\", card',
        "return gateway.post",
    ],
)
def test_quotations_are_hidden(quoted: str) -> None:
    """The key, parts of it, keys of others, and code in any escaping."""
    text = masked(f"Wrong: {quoted} here")
    assert text.startswith("Wrong: ")
    for secret in ("api03", "AbCdEf", "gateway", "9xyz", "12345678", "charge"):
        assert secret not in text


def test_plain_words_stay() -> None:
    """A message that quotes nothing is left as it is."""
    message = "The model `claude-opus-4-6` does not exist or you do not have access to it."
    assert masked(message) == message


def test_without_a_key_or_prompt() -> None:
    """Nothing to hide hides nothing."""
    assert masked("plain", None, "") == "plain"


def test_short_prompts_are_hidden_whole() -> None:
    """A prompt shorter than the usual quotation is hidden where it is quoted whole."""
    assert "secretFn" not in masked("cannot parse secretFn()", None, "secretFn()")
