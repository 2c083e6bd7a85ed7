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


def test_a_home_that_is_no_folder_holds_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Services that have no home are often given /dev/null for one: the defaults hold."""
    (tmp_path / "null").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "null"))
    assert load_settings() == Settings()


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


def test_a_provider_of_the_users_catalog_is_known(configure: Configure) -> None:
    """What catalog.toml adds can be configured as the others."""
    configure('[providers.mine]\nbase_url = "http://gpu.lan:8000/v1"')
    settings = load_settings(providers=["mine"])
    assert settings.providers["mine"].base_url == "http://gpu.lan:8000/v1"


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


class TestEditor:
    """What an editor, and so a workspace, may set."""

    def test_harmless_keys_are_taken(self) -> None:
        """All that is harmless arrives; what an editor left unset changes nothing."""
        settings, refused = Settings(hover=True).with_editor(
            {
                "prices": "listed",
                "complexity": "low",
                "budget_mode": True,
                "hover": None,
                "privacy": {"self_hosted_only": True, "paths": ["a/"], "never": ["b/"]},
                "models": {"avoid": ["m"]},
            }
        )
        assert refused == []
        assert settings == Settings(
            prices="listed",
            complexity=Complexity.LOW,
            budget_mode=True,
            privacy=Privacy(True, ("a/",), ("b/",)),
            models=ModelChoice((), ("m",)),
        )

    def test_automatic_complexity_takes_the_users_choice_back(self) -> None:
        """`auto` means measured."""
        settings, refused = Settings(complexity=Complexity.HIGH).with_editor({"complexity": "auto"})
        assert (settings.complexity, refused) == (None, [])

    def test_dotted_keys_are_the_same(self) -> None:
        """Some editors send `privacy.paths` as one key."""
        settings, refused = Settings().with_editor({"privacy.paths": ["a/"]})
        assert (settings.privacy.paths, refused) == (("a/",), [])

    def test_lists_are_only_ever_added_to(self) -> None:
        """The user's own patterns and models stay."""
        own = Settings(
            privacy=Privacy(False, ("mine/",), ("never/",)), models=ModelChoice((), ("x",))
        )
        settings, _ = own.with_editor(
            {"privacy": {"paths": [], "never": ["more"]}, "models": {"avoid": ["y"]}}
        )
        assert settings.privacy == Privacy(False, ("mine/",), ("never/", "more"))
        assert settings.models.avoid == ("x", "y")

    def test_privacy_is_only_ever_tightened(self) -> None:
        """A workspace cannot make code leave the machine that the user keeps on it."""
        own = Settings(privacy=Privacy(self_hosted_only=True))
        settings, refused = own.with_editor({"privacy": {"self_hosted_only": False}})
        assert settings == own
        assert len(refused) == 1
        assert "`privacy.self_hosted_only`" in refused[0]
        assert Settings().with_editor({"privacy": {"self_hosted_only": False}})[1] == []

    @pytest.mark.parametrize(
        "key",
        [
            "providers.openai.base_url",
            "providers.openai.api_key_command",
            "providers.local.base_url",
            "providers.openai.requests_per_minute",
            "offline_fallback",
            "log_level",
            "models.use",
            "checkers.python.command",
            "budget.per_day_usd",
            "budget.per_action_usd",
            "cache.enabled",
            "cache.size_limit_mb",
            "roots",
            "file",
            "warnings",
            "privacy",
            "models",
            "anything",
            "privacy.paths.x",
        ],
    )
    def test_everything_else_is_refused_by_name(self, key: str) -> None:
        """Endpoints, keys, budgets and what we do not know: not taken, and said, without the value."""
        nested: object = "SECRET"
        for part in reversed(key.split(".")):
            nested = {part: nested}
        assert isinstance(nested, dict)
        for options in (nested, {key: "SECRET"}):
            settings, refused = Settings().with_editor(options)
            assert settings == Settings()
            (message,) = refused
            assert f"`{key}`" in message or "`privacy.paths`" in message
            assert "SECRET" not in message

    @pytest.mark.parametrize(
        "options",
        [
            {"hover": "yes"},
            {"complexity": "highest"},
            {"complexity": ["low"]},
            {"prices": 5},
            {"privacy": {"paths": "secrets/"}},
            {"privacy": {"paths": [5]}},
            {"privacy": {"paths": ["!secrets/"]}},
            {"privacy": {"never": ["#"]}},
            {"privacy": {"never": ["x" * 201]}},
            {"privacy": {"never": ["x"] * 101}},
            {"privacy": {"never": ["*a*a*a*a*a*b"]}},
            {"privacy": {"self_hosted_only": "no"}},
            {"models": {"avoid": {"a": 1}}},
            {5: 6},
            {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}},
        ],
    )
    def test_a_value_that_does_not_fit_is_refused_never_raised(
        self, options: dict[object, object]
    ) -> None:
        """Whatever an editor sends, the server lives and the user's settings stand."""
        settings, refused = Settings().with_editor(options)
        assert settings == Settings()
        assert len(refused) == 1

    @pytest.mark.parametrize(
        ("options", "right"),
        [
            ({"complexiti": "low"}, "complexity"),
            ({"budget_mod": True}, "budget_mode"),
            ({"privacy": {"self_hosted": True}}, "privacy.self_hosted_only"),
        ],
    )
    def test_a_slip_in_a_key_is_answered_with_the_right_one(
        self, options: dict[str, object], right: str
    ) -> None:
        """What is no key anywhere is not to be set in config.toml either."""
        _, (message,) = Settings().with_editor(options)
        assert message.endswith(f"did you mean `{right}`?")

    @pytest.mark.parametrize("options", [None, [], "text", 5])
    def test_options_that_are_no_table_change_nothing(self, options: object) -> None:
        """No options at all are no matter; others are said."""
        settings, refused = Settings().with_editor(options)
        assert settings == Settings()
        assert len(refused) == (options is not None)

    def test_a_refusal_names_the_users_file(self, configure: Configure) -> None:
        """The user learns where the key belongs."""
        file = configure("")
        _, (message,) = load_settings().with_editor({"budget": {"per_day_usd": 100}})
        assert str(file) in message
