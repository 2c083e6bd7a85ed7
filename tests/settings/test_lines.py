"""On which line of config.toml something wrong stands."""

from __future__ import annotations

import pytest

from codefare.errors import ConfigError
from codefare.settings import load_settings
from codefare.settings.lines import line_of

TEXT = """\
prices = "current"
[budget]
# per_day_usd = "9"
per_day_usd = "2.00"
models.use = []

[providers."local"]
base_url = "http://localhost:8080/v1" # = ours
[providers.openai.network]
proxy = "none"
[checkers]
python.command = [
  "ruff",
]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("prices", 1),
        ("budget", 2),
        ("budget.per_day_usd", 4),
        ("budget.models.use", 5),
        ("budget.per_action_usd", 2),
        ("providers.local.base_url", 8),
        ("providers.openai.network.proxy", 10),
        ("providers.openai.network.trust", 9),
        ("checkers.python.command", 12),
        ("checkers.python.timeout_seconds", 11),
        ("privacy.paths", None),
    ],
)
def test_the_line_of_a_key(path: str, line: int | None) -> None:
    """Headers and keys may be dotted and quoted; of what is not there the nearest table's or key's line is told."""
    assert line_of(TEXT, path.split(".")) == line


def test_only_line_ends_of_toml_count() -> None:
    """No line ends at U+2028 or U+0085, which a comment may hold."""
    assert line_of("# a\u2028b \x85 c\r\n[cache]\r\nenabled = 1\r\n", ("cache", "enabled")) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hover = true\nprices = 'cheap'\n", "config.toml: line 2: `prices` must be 'current' or"),
        ("[budget]\n\nper_day = 1\n", "line 3: `budget.per_day` is not a setting: did you mean"),
        ("[models]\nuse = ['a', 1]\n", "line 2: `models.use[2]` must be a text in quotes"),
        (
            "hover = 1\n[cache]\nenabled = 1\n",
            "line 1: `hover` must be true or false; line 3: `cache",
        ),
        ("\n[providers.opnai]\n", "line 2: [providers.opnai] is not a provider: did you mean"),
        ("hover = treu\n", "line 1, column 9"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(configure, text: str, said: str) -> None:
    """Whoever opens the file goes there at once."""
    with pytest.raises(ConfigError) as caught:
        load_settings(configure(text))
    assert said in str(caught.value)
