"""Mistakes in config.toml: each is named, with the file, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.errors import ConfigError
from codefare.settings import load_settings

Configure = Callable[[str], Path]


@pytest.fixture
def refusal(configure: Configure) -> Callable[[str], ConfigError]:
    """The error that a config.toml with this text gets; it always names the file."""

    def load(text: str) -> ConfigError:
        file = configure(text)
        with pytest.raises(ConfigError) as raised:
            load_settings()
        assert str(file) in str(raised.value)
        assert raised.value.remedy
        return raised.value

    return load


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("hover = \n", "line 1"),
        ("a = 1\n\n[budget\n", "line 3"),
        ("hover = true\nhover = false\n", "line 2"),
    ],
)
def test_broken_toml_names_the_line(
    refusal: Callable[[str], ConfigError], text: str, line: str
) -> None:
    """A syntax error says where."""
    assert line in str(refusal(text))


@pytest.mark.parametrize("value", ["[" * 5000, "1" * 5000, f"1e{'9' * 20}"])
def test_what_python_cannot_read_is_told_too(
    refusal: Callable[[str], ConfigError], value: str
) -> None:
    """Nesting and numbers beyond Python's limits are a mistake in the file like any other."""
    assert "too large to read" in str(refusal(f"x = {value}"))


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        ("budget_mod = true", "`budget_mod`", "`budget_mode`"),
        ("[privcy]\npaths = []", "`privcy`", "`privacy`"),
        ("[privacy]\npath = []", "`privacy.path`", "`privacy.paths`"),
        ("per_day_usd = 3", "`per_day_usd`", "`budget.per_day_usd`"),
        ("[budget]\nhovr = true", "`budget.hovr`", "`hover`"),
        (
            "[providers.openai]\nbase_ulr = 'x'",
            "`providers.openai.base_ulr`",
            "`providers.openai.base_url`",
        ),
        (
            "[providers.zai]\napi_key_comand = ['k']",
            "`providers.zai.api_key_comand`",
            "`providers.zai.api_key_command`",
        ),
        ("[providers.antropic]\n", "[providers.antropic]", "`anthropic`"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_nearest_right_name(
    refusal: Callable[[str], ConfigError], text: str, key: str, right: str
) -> None:
    """A slip in a name is not silently ignored, at any level."""
    message = refusal(text).text
    assert key in message
    assert f"did you mean {right}? " in message


def test_who_writes_a_key_into_the_file_is_told_where_it_belongs(
    refusal: Callable[[str], ConfigError],
) -> None:
    """Not to another setting that might take it, and without the key."""
    message = refusal("[providers.zai]\napi_key = 'k-0123456789'").text
    assert "a key does not stand in this file" in message
    assert "api_key_command or api_key_keyring" in message
    assert "k-0123456789" not in message


def test_an_unknown_key_like_no_other_lists_what_there_is(
    refusal: Callable[[str], ConfigError],
) -> None:
    """Where nothing is near, all keys of the table are named."""
    assert "`cache.size_limit_mb`" in str(refusal("[cache]\nzzz = 1"))


def test_an_unknown_provider_lists_those_there_are(refusal: Callable[[str], ConfigError]) -> None:
    """And says where others come from."""
    error = refusal("[providers.zzzzzz]")
    assert "moonshot" in error.remedy
    assert "catalog.toml" in error.remedy


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ('hover = "yes"', "`hover`", "true or false"),
        ("hover = 1", "`hover`", "true or false"),
        ('prices = "cheap"', "`prices`", "'current' or 'listed'"),
        ("complexity = 3", "`complexity`", "'auto', 'low', 'medium' or 'high'"),
        ("privacy = true", "`privacy`", "a table"),
        ("providers = []", "`providers`", "a table"),
        ("[providers]\nopenai = 'x'", "`providers.openai`", "a table"),
        ('[privacy]\npaths = "x"', "`privacy.paths`", "a list of texts"),
        ("[privacy]\npaths = ['x', 5]", "`privacy.paths[2]`", "a text in quotes"),
        ("[privacy]\nnever = ['x', '#y']", "`privacy.never[2]`", "begins with #"),
        ("[privacy]\nnever = ['']", "`privacy.never[1]`", "is empty"),
        ("[privacy]\nnever = ['a[']", "`privacy.never[1]`", "not a gitignore pattern"),
        ("[privacy]\nnever = ['!']", "`privacy.never[1]`", "not a gitignore pattern"),
        ('[privacy]\nnever = ["a\\nb"]', "`privacy.never[1]`", "line break"),
        ("[models]\nuse = ['']", "`models.use[1]`", "not be empty"),
        ("[budget]\nper_day_usd = -1", "`budget.per_day_usd`", "US dollars"),
        ("[budget]\nper_day_usd = '$5'", "`budget.per_day_usd`", "US dollars"),
        ("[budget]\nper_day_usd = inf", "`budget.per_day_usd`", "US dollars"),
        ("[budget]\nper_day_usd = nan", "`budget.per_day_usd`", "US dollars"),
        ("[budget]\nper_day_usd = true", "`budget.per_day_usd`", "US dollars"),
        ("[cache]\nsize_limit_mb = 0", "`cache.size_limit_mb`", "at least 1"),
        ("[cache]\nmax_age_days = 1.5", "`cache.max_age_days`", "a whole number"),
        ("[cache]\nmax_age_days = 99999", "`cache.max_age_days`", "at most 36500"),
        (
            "[providers.openai]\nrequests_per_minute = 0",
            "`providers.openai.requests_per_minute`",
            "at least 1",
        ),
        (
            '[providers.openai]\ntokens_per_minute = "30k"',
            "`providers.openai.tokens_per_minute`",
            "a whole number",
        ),
        (
            '[providers.openai]\napi_key_command = "pass openai"',
            "`providers.openai.api_key_command`",
            "a list of texts",
        ),
    ],
)
def test_a_wrong_value_names_what_is_allowed(
    refusal: Callable[[str], ConfigError], text: str, key: str, allowed: str
) -> None:
    """Each wrong type or value says which key it is and what it may be."""
    message = str(refusal(text))
    assert key in message
    assert allowed in message


def test_several_mistakes_are_told_at_once(refusal: Callable[[str], ConfigError]) -> None:
    """Nobody has to mend a file one error at a time."""
    message = str(refusal("hover = 1\nbudget_mod = true\n[cache]\nenabled = 'no'"))
    assert all(key in message for key in ("`hover`", "`budget_mod`", "`cache.enabled`"))


@pytest.mark.parametrize(
    "text",
    [
        '[providers.openai]\napi_key_env = "sk-proj-SECRET"',
        '[providers.openai]\napi_key = "sk-proj-SECRET"',
        '[providers.openai]\napi_key_command = "sk-proj-SECRET"',
        '[providers.openai]\nbase_url = "https://user:sk-proj-SECRET@example.com"',
        '[providers.openai]\nbase_url = "https://example.com/v1?key=sk-proj-SECRET"',
        '[providers.openai]\nbase_url = ["sk-proj-SECRET"]',
        'prices = "sk-proj-SECRET"',
        'api_key = "sk-proj-SECRET" oops',
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(
    refusal: Callable[[str], ConfigError], text: str
) -> None:
    """Errors are logged: what may be a key does not get into one."""
    assert "SECRET" not in refusal(text).text
