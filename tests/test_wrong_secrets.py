"""Secrets that stand where none belongs, in the user's own files: what is said of it does not repeat them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.errors import ConfigError
from codefare.providers.command import program_name
from codefare.settings import load_settings
from codefare_catalog import CatalogError, load_catalog

KEY = "canary0Key1hunter2"

SETTINGS = {
    "a key at the top": f'api_key = "{KEY}"',
    "a key of a provider": f'[providers.openai]\napi_key = "{KEY}"',
    "a key for a variable": f'[providers.openai]\napi_key_env = "{KEY}"',
    "a key with a hyphen": f'[providers.openai]\napi_key_env = "sk-{KEY}"',
    "a list of keys": f'[providers.openai]\napi_key_env = ["{KEY}"]',
    "a line for a command": f'[providers.openai]\napi_key_command = "echo {KEY}"',
    "a relative program": f'[providers.openai]\napi_key_command = ["./{KEY}"]',
    "an entry with a password": f'[providers.openai]\napi_key_keyring = {{password = "{KEY}"}}',
    "a password in an address": f'[providers.openai]\nbase_url = "https://jo:{KEY}@example.org/v1"',
    "a user in an address": f'[providers.openai]\nbase_url = "https://{KEY}@example.org/v1"',
    "a key in an address": f'[providers.openai]\nbase_url = "https://example.org/v1?key={KEY}"',
    "a broken address": f'[providers.openai]\nbase_url = "htp://jo:{KEY}@example.org"',
    "a port that is none": f'[providers.openai]\nbase_url = "https://jo:{KEY}@x:999999"',
    "no scheme": f'[providers.openai]\nbase_url = "jo:{KEY}@example.org/v1"',
    "a header": f'[providers.openai.headers]\nauthorization = "Bearer {KEY}"',
    "a password of a proxy": f'[network]\nproxy = "http://jo:{KEY}@proxy.example.org:3128"',
    "a proxy without a scheme": f'[network]\nproxy = "jo:{KEY}@proxy.example.org:3128"',
    "a proxy password": f'[network]\nproxy = "http://jo@x.example:1"\nproxy_password = "{KEY}"',
    "a text that does not end": f'[providers.openai]\napi_key = "{KEY}\n',
    "no quotes": f"[providers.openai]\napi_key_env = {KEY}",
    "twice": f'[providers.openai]\napi_key_env = "A"\napi_key_env = "{KEY}"',
    "an amount": f'[budget]\nper_day_usd = "{KEY}"',
    "a level": f'log_level = "{KEY}"',
}


@pytest.mark.parametrize("mistake", list(SETTINGS))
def test_no_message_about_the_settings_repeats_a_secret(
    configure: Callable[[str], Path], mistake: str
) -> None:
    """It says where the mistake is, and what belongs there."""
    configure(SETTINGS[mistake])
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert "config.toml" in caught.value.text
    assert "canary" not in caught.value.text.lower()


CATALOGS = {
    "a key for a variable": f"key_env = '{KEY}'",
    "a password in an address": f"base_url = 'https://jo:{KEY}@example.org/v1'",
    "a broken address": f"base_url = 'htp://jo:{KEY}@example.org/v1'",
    "a key in an address": f"base_url = 'https://example.org/v1?key={KEY}'",
    "a key": f"api_key = '{KEY}'",
}


@pytest.mark.parametrize("mistake", list(CATALOGS))
def test_no_message_about_the_catalog_repeats_a_secret(tmp_path: Path, mistake: str) -> None:
    """Nor does any quote, which would show the address or tell to set the variable."""
    file = tmp_path / "catalog.toml"
    file.write_text(f"[providers.openai]\n{CATALOGS[mistake]}\n")
    with pytest.raises(CatalogError) as caught:
        load_catalog(file)
    assert "providers.openai" in str(caught.value)
    assert "canary" not in str(caught.value).lower()


def test_a_command_in_one_piece_is_called_by_its_first_word() -> None:
    """Who forgets to part the words has a secret in the program's name."""
    assert program_name((f"/usr/bin/echo {KEY}",)) == "echo"
    assert program_name((" ",)) == ""
