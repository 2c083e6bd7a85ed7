"""What config.toml says arrives, checked and typed; without one all is at its default."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from codefare.errors import ConfigError
from codefare.providers.access import ProviderSettings
from codefare.settings import (
    Budget,
    CacheLimits,
    Checker,
    ModelChoice,
    Privacy,
    Settings,
    load_settings,
)
from codefare.source.target import Complexity

Configure = Callable[[str], Path]

EVERYTHING = """
prices = "listed"
complexity = "high"
budget_mode = true
offline_fallback = true
hover = false
log_level = "debug"

[privacy]
self_hosted_only = true
paths = ["secrets/", "*.pem"]
never = ["/vendor"]

[models]
use = ["claude-opus-4.6"]
avoid = ["gpt-4-turbo", "gpt-4o"]

[budget]
per_day_usd = 2.10
per_action_usd = "0.25"

[cache]
enabled = false
size_limit_mb = 10
max_age_days = 7

[providers.anthropic]
base_url = "https://gateway.example.com/anthropic/"
api_key_env = "MY_KEY"

[providers.openai]
api_key_command = ["pass", "show", "openai key"]
requests_per_minute = 3
tokens_per_minute = 40_000

[providers.local]
base_url = "http://192.168.1.20:8000/v1"

[checkers.python]
command = ["ruff", "check", "{file}"]
timeout_seconds = 5
"""


def test_without_a_file_all_is_at_its_default(home: Path) -> None:
    """A new user needs no configuration."""
    assert home
    settings = load_settings()
    assert settings == Settings()
    assert (settings.prices, settings.complexity, settings.hover) == ("current", None, True)
    assert (settings.budget_mode, settings.offline_fallback) == (False, False)
    assert settings.cache == CacheLimits(enabled=True, size_limit_mb=256, max_age_days=30)
    assert settings.cache.size_limit_bytes == 268_435_456
    assert settings.cache.max_age_seconds == 2_592_000
    assert settings.budget == Budget(None, None)


def test_an_empty_file_says_nothing(configure: Configure) -> None:
    """An empty config.toml is the same as none, but for its name."""
    assert load_settings() == dataclasses.replace(Settings(), file=None)
    assert load_settings(configure("")).privacy == Privacy()


def test_every_key_is_read(configure: Configure) -> None:
    """All that config.toml may say arrives, checked and typed; amounts are exact."""
    file = configure(EVERYTHING)
    file.chmod(0o600)
    assert load_settings() == Settings(
        prices="listed",
        complexity=Complexity.HIGH,
        budget_mode=True,
        offline_fallback=True,
        hover=False,
        log_level="debug",
        privacy=Privacy(True, ("secrets/", "*.pem"), ("/vendor",)),
        models=ModelChoice(("claude-opus-4.6",), ("gpt-4-turbo", "gpt-4o")),
        budget=Budget(Decimal("2.10"), Decimal("0.25")),
        cache=CacheLimits(False, 10, 7),
        providers={
            "anthropic": ProviderSettings("https://gateway.example.com/anthropic", "MY_KEY"),
            "openai": ProviderSettings(
                api_key_command=("pass", "show", "openai key"),
                requests_per_minute=3,
                tokens_per_minute=40_000,
            ),
            "local": ProviderSettings("http://192.168.1.20:8000/v1"),
        },
        checkers={"python": Checker(("ruff", "check", "{file}"), 5)},
        file=file,
    )


def test_no_cache_is_a_limit_of_nothing() -> None:
    """What `enabled = false` means to the answer store."""
    assert CacheLimits(enabled=False).size_limit_bytes == 0


@pytest.mark.parametrize("written", ["0", "0.0", "3", "0.1", '"0.1"', '"1E-3"', "1e-3"])
def test_an_amount_may_be_a_number_or_a_text(configure: Configure, written: str) -> None:
    """Both ways are exact: 0.1 is one tenth."""
    configure(f"[budget]\nper_day_usd = {written}")
    assert load_settings().budget.per_day_usd == Decimal(written.strip('"'))


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbfhover = false\r\n",
        b"# caf\xc3\xa9\r\nhover = false",
    ],
)
def test_what_windows_editors_write_is_read(configure: Configure, encoded: bytes) -> None:
    """A byte order mark and CRLF are no matter."""
    configure("").write_bytes(encoded)
    assert load_settings().hover is False


def test_another_encoding_is_named(configure: Configure) -> None:
    """UTF-16, which some shells write, is refused with what to do."""
    configure("").write_bytes("hover = false".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8") as raised:
        load_settings()
    assert "Save it" in raised.value.remedy


def test_a_folder_in_the_files_place_is_named(configure: Configure) -> None:
    """A file that cannot be read is an error, not the defaults."""
    file = configure("")
    file.unlink()
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings()


def test_a_home_that_is_no_folder_holds_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services that have no home are often given /dev/null for one: the defaults hold."""
    (tmp_path / "null").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "null"))
    assert load_settings() == Settings()


def test_a_provider_of_the_users_catalog_is_known(configure: Configure) -> None:
    """What catalog.toml adds can be configured as the others."""
    configure('[providers.mine]\nbase_url = "http://gpu.lan:8000/v1"')
    settings = load_settings(providers=["mine"])
    assert settings.providers["mine"].base_url == "http://gpu.lan:8000/v1"


@pytest.mark.parametrize(
    ("provider", "url", "fits"),
    [
        ("openai", "https://gateway.example.com/v1", True),
        ("openai", "http://127.0.0.1:8080/v1", True),
        ("openai", "http://localhost:8080", True),
        ("openai", "http://[::1]:8080/v1", True),
        ("openai", "http://192.168.1.5/v1", False),
        ("openai", "http://gateway.example.com/v1", False),
        ("openai", "ftp://gateway.example.com", False),
        ("openai", "gateway.example.com/v1", False),
        ("openai", "https://", False),
        ("openai", "https://example.com:port", False),
        ("local", "http://192.168.1.5:11434/v1", True),
        ("local", "http://10.0.0.7/v1", True),
        ("local", "http://[fd00::1]:8000/v1", True),
        ("local", "http://100.100.5.5:11434", True),
        ("local", "http://gpu:11434/v1", True),
        ("local", "http://gpu.local:11434/v1", True),
        ("local", "http://8.8.8.8:11434/v1", False),
        ("local", "http://models.example.com/v1", False),
        ("local", "https://models.example.com/v1", True),
    ],
)
def test_where_keys_and_code_may_be_sent(
    configure: Configure, provider: str, url: str, *, fits: bool
) -> None:
    """Plain HTTP goes to this machine, and for servers of one's own to one's own network; never further."""
    file = configure(f'[providers.{provider}]\nbase_url = "{url}"')
    if fits:
        assert load_settings().providers[provider].base_url == url
        return
    with pytest.raises(ConfigError) as raised:
        load_settings()
    assert str(file) in str(raised.value)
    assert f"[providers.{provider}] base_url" in str(raised.value)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, False), (0o646, True)])
def test_a_file_that_others_can_change_is_doubted(
    configure: Configure, mode: int, *, warned: bool
) -> None:
    """It names the command that prints a key, so that whoever writes it runs programs as the user."""
    file = configure("")
    file.chmod(mode)
    warnings = load_settings().warnings
    assert bool(warnings) is warned
    assert all("chmod go-w" in warning for warning in warnings)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
def test_a_folder_in_which_others_can_replace_the_file_is_doubted(configure: Configure) -> None:
    """Who can rename files in the folder can put another one in its place."""
    file = configure("")
    file.parent.chmod(0o777)
    (warning,) = load_settings().warnings
    assert str(file.parent) in warning


def test_without_a_file_pydantic_is_not_imported(tmp_path: Path) -> None:
    """Start-up does not pay 90 ms for a file that is not there."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from codefare.settings import load_settings\n"
        f"load_settings(Path({str(tmp_path / 'none.toml')!r}))\n"
        "sys.exit(bool({'pydantic', 'pathspec', 'httpx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
