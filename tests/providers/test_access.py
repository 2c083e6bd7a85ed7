"""Addresses that users configure."""

from __future__ import annotations

import pytest

from codefare.errors import ConfigError
from codefare.providers.access import checked_base_url, is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("10.0.0.1", False),
        ("example.com", False),
    ],
)
def test_loopback(host: str, *, here: bool) -> None:
    """Only this machine's own names and addresses are this machine."""
    assert is_loopback(host) is here


def test_slash_at_the_end() -> None:
    """A slash at the end makes no difference."""
    url = checked_base_url("https://example.com/v1/", provider="openai", self_hosted=False)
    assert url == "https://example.com/v1"


def test_clear_text_is_for_ones_own_network() -> None:
    """Plain HTTP to another machine is for self-hosted servers only."""
    url = "http://192.168.1.5:8000/v1"
    assert checked_base_url(url, provider="local", self_hosted=True) == url
    with pytest.raises(ConfigError, match="clear text"):
        checked_base_url(url, provider="openai", self_hosted=False)
