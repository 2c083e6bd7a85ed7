"""`[network]` and `[providers.ID.network]` of config.toml, and where keys may come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codefare.errors import ConfigError
from codefare.providers.network import (
    ClientCertificate,
    Network,
    Proxy,
    Seconds,
    SecretSource,
)
from codefare.providers.system_keyring import KeyringEntry
from codefare.settings import Settings, load_settings

Configure = Callable[[str], Path]

EVERYTHING = """
[network]
proxy = "http://proxy.example.com:3128/"
proxy_user = "me"
proxy_password_env = "PROXY_WORD"
no_proxy = ["*.corp.example", "10.0.0.0/8"]
trust = "bundled"
ca_bundle = "/etc/corp.pem"
client_certificate = "/keys/me.pem"
client_key = "/keys/me.key"
client_key_password_command = ["pass", "show", "key"]
connect_seconds = 5
first_seconds = 120.5
idle_seconds = 30
total_seconds = 600
"""
COMMON = Network(
    Proxy("http://proxy.example.com:3128", "me", SecretSource("PROXY_WORD")),
    ("*.corp.example", "10.0.0.0/8"),
    "bundled",
    Path("/etc/corp.pem"),
    ClientCertificate(
        Path("/keys/me.pem"), Path("/keys/me.key"), SecretSource(None, ("pass", "show", "key"))
    ),
    Seconds(5.0, 120.5, 30.0, 600.0),
)


def test_every_key_is_read(configure: Configure) -> None:
    """All that `[network]` may say arrives, for all providers."""
    configure(EVERYTHING)
    settings = load_settings()
    assert settings.network == COMMON
    assert settings.providers == {}


def test_nothing_said_is_the_environments(configure: Configure) -> None:
    """Without the table all is as the environment says."""
    configure("[providers.openai]\napi_key_env = 'X'")
    settings = load_settings()
    assert settings.network == Network() == Settings().network
    assert settings.providers["openai"].network is None


def test_a_providers_own_goes_over_the_common(configure: Configure) -> None:
    """A provider's table replaces key by key; another proxy never gets the common one's login."""
    configure(
        EVERYTHING
        + """
[providers.openai.network]
proxy = "socks5://127.0.0.1:1080"
idle_seconds = 90
[providers.anthropic.network]
proxy = "none"
ca_bundle = ""
client_certificate = ""
no_proxy = []
trust = "system"
[providers.local]
base_url = "http://127.0.0.1:8080"
"""
    )
    settings = load_settings()
    openai, anthropic = (settings.providers[name].network for name in ("openai", "anthropic"))
    assert openai == Network(
        Proxy("socks5://127.0.0.1:1080"),
        COMMON.no_proxy,
        COMMON.trust,
        COMMON.ca_bundle,
        COMMON.certificate,
        Seconds(5.0, 120.5, 90.0, 600.0),
    )
    assert anthropic == Network(Proxy(""), (), "system", None, None, COMMON.seconds)
    assert settings.providers["local"].network is None


def test_files_in_the_home_folder(configure: Configure) -> None:
    """A path may begin with ~."""
    configure('[network]\nca_bundle = "~/corp.pem"')
    assert load_settings().network.ca_bundle == Path("~/corp.pem").expanduser()


@pytest.mark.parametrize("none", ["", "none"])
def test_no_proxy_at_all(configure: Configure, none: str) -> None:
    """`proxy = "none"` goes directly, whatever the environment says."""
    configure(f'[network]\nproxy = "{none}"')
    assert load_settings().network.proxy == Proxy("")


BAD = [
    ('proxy = "proxy.example.com:3128"', '`network.proxy` must be like "http://'),
    ('proxy = "ftp://proxy.example.com"', "`network.proxy` must be like"),
    ('proxy = "http://"', "`network.proxy` must be like"),
    ('proxy = "http://[::1"', "`network.proxy` must be like"),
    ('proxy = "http://p.example:99999"', "`network.proxy` must be like"),
    ('proxy = "http://me:SECRET@p.example"', "proxy_password_env"),
    ('proxy = "http://SECRET@p.example"', "must not hold a user name or password"),
    ('proxy = "http://p.example/pac?x=1"', "must end after the port"),
    ('proxy_user = "me"', "`network` needs `proxy` beside"),
    ('proxy = "http://p.example"\nproxy_user = "me"', "together"),
    ('proxy = "http://p.example"\nproxy_password_env = "W"', "together"),
    ('proxy_password = "SECRET"', "did you mean `network.proxy_password_env`?"),
    ('proxy_password_env = "SECRET word"', "must be the name of an environment variable"),
    ('no_proxy = "example.com"', "must be a list of texts"),
    ('no_proxy = ["10.0.0.0/99"]', "`network.no_proxy[1]` is no network"),
    ('no_proxy = ["a.example,b.example"]', "is not one host"),
    ('trust = "all"', "must be 'system', 'bundled' or 'none'"),
    ('trust = "none"', "[network] says trust"),
    ('ca_bundle = "corp.pem"', "must be a path from the root, or begin with ~"),
    ('client_key = "/k.pem"', "needs `client_certificate`"),
    ("connect_seconds = 0", "must be a number of seconds"),
    ("idle_seconds = true", "must be a number of seconds"),
    ("total_seconds = nan", "must be a number of seconds"),
    ("verify = false", "`network.verify` is not a setting"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
@pytest.mark.parametrize("table", ["network", "providers.openai.network"])
def test_what_is_refused(configure: Configure, table: str, text: str, says: str) -> None:
    """The message names the key and what is allowed, and never a password that stood in its place."""
    file = configure(f"[{table}]\n{text}")
    with pytest.raises(ConfigError) as raised:
        load_settings()
    assert str(file) in str(raised.value)
    assert says.replace("network.", f"{table}.").replace("`network`", f"`{table}`").replace(
        "[network]", f"[{table}]"
    ) in str(raised.value)
    assert "SECRET" not in raised.value.text
    assert raised.value.remedy


def test_a_slip_of_the_pen_in_a_providers_table(configure: Configure) -> None:
    """A wrong key in a table within a table gets its suggestion, too."""
    configure('[providers.openai.network]\nproxi = "x"')
    with pytest.raises(ConfigError, match=r"did you mean `providers\.openai\.network\.proxy`\?"):
        load_settings()


def test_keyring_entries(configure: Configure) -> None:
    """An entry is named by its service, its user being the provider's id, or by both."""
    configure(
        '[providers.openai]\napi_key_keyring = "codefare"\n'
        '[providers.anthropic]\napi_key_keyring = { service = "work", user = "me" }'
    )
    providers = load_settings().providers
    assert providers["openai"].api_key_keyring == KeyringEntry("codefare", "openai")
    assert providers["anthropic"].api_key_keyring == KeyringEntry("work", "me")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("api_key_keyring = true", "must be a service's name"),
        ('api_key_keyring = ""', "must be a service's name"),
        ('api_key_keyring = { user = "me" }', "service` is missing"),
        ('api_key_keyring = "x"\napi_key_command = ["y"]', "leave one of them out"),
        ('api_key_command = ["./key"]', "must begin with a program's name"),
        ('api_key_command = ["bin/key"]', "must begin with a program's name"),
    ],
)
def test_sources_of_keys_that_are_refused(configure: Configure, text: str, says: str) -> None:
    """A program by a relative path could lie in a workspace; two sources leave open which is meant."""
    configure(f"[providers.openai]\n{text}")
    with pytest.raises(ConfigError, match=r"config\.toml") as raised:
        load_settings()
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "options",
    [
        {"network": {"proxy": "http://evil.test:1"}},
        {"network.proxy": "http://evil.test:1"},
        {"network": {"ca_bundle": "/workspace/evil.pem"}},
        {"network": {"trust": "none"}},
        {"providers": {"openai": {"network": {"proxy": "http://evil.test:1"}}}},
        {"providers": {"openai": {"base_url": "https://evil.test"}}},
        {"providers": {"openai": {"api_key_command": ["touch", "x"]}}},
        {"providers": {"openai": {"api_key_keyring": "other"}}},
        {"providers": {"openai": {"api_key_env": "AWS_SECRET_ACCESS_KEY"}}},
    ],
)
def test_an_editor_sets_none_of_it(configure: Configure, options: object) -> None:
    """An editor's settings may come from a workspace: they choose no way, no trust and no key."""
    file = configure("hover = true")
    settings = load_settings()
    merged, refused = settings.with_editor(options)
    assert merged == settings
    assert len(refused) == 1
    assert "a workspace could set it" in refused[0]
    assert str(file) in refused[0]
